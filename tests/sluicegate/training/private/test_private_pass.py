from __future__ import annotations

from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from sluicegate.errors import InputRefused
from sluicegate.training.dropout import replace_dropout
from sluicegate.training.private.private_pass import PrivatePass
from sluicegate.training.private.sampling import PoissonSampling, micro_batches
from tests.sluicegate.training.private import private_models as make

CLIP = 10.0
"""About as long as the middle one of these models' gradients."""


def clipped_sums(model: nn.Module, rows: Any, parts: list[list[int]]) -> tuple[Any, Any]:
    """The pass's sums over micro-batches, and those of a loop over rows of their own length."""
    losses = make.losses_of(model)
    singles = [make.batch_of(rows, i) for i in range(len(rows))]
    private = make.make_pass(model, losses, len(rows), max_grad_norm=CLIP)
    found = make.sums_of(private, model, [make.batch_of(rows, *part) for part in parts])
    return found, make.one_by_one(model, losses, singles, CLIP)


@pytest.mark.parametrize(
    ("model", "tagged"),
    [
        pytest.param(make.tiny_bert, False, id="whole"),
        pytest.param(lambda: make.with_lora(make.tiny_bert()), False, id="LoRA"),
        pytest.param(lambda: make.tiny_bert("BertForTokenClassification"), True, id="tokens"),
        pytest.param(lambda: make.with_lora(make.tiny_bert("BertForTokenClassification")), True, id="tokens with LoRA"),
    ],
)
@pytest.mark.parametrize("parts", [[[0, 1, 2, 3, 4, 5]], [[1, 5], [2, 4, 0], [3]]], ids=["one batch", "three"])
def test_the_clipped_sum_is_that_of_a_loop_over_single_examples(model: Any, tagged: bool, parts: Any) -> None:
    found, expected = clipped_sums(model(), make.texts(tagged=tagged), parts)

    make.assert_equal(found, expected)


def test_some_rows_of_these_tests_are_clipped_and_some_are_not() -> None:
    model = make.tiny_bert()
    rows, losses = make.texts(), make.losses_of(model)
    lengths = [
        torch.cat([g.flatten() for g in make.gradient_of(losses(make.batch_of(rows, i)).sum(), model).values()]).norm()
        for i in range(len(rows))
    ]

    assert min(lengths) < CLIP < max(lengths)


def test_a_head_tied_to_the_word_embeddings_counts_once_with_both_its_parts() -> None:
    model = make.tiny_bert("BertForMaskedLM")
    rows = make.texts(tagged=True)
    found, expected = clipped_sums(model, rows, [[0, 1, 2], [3, 4, 5]])

    assert model.cls.predictions.decoder.weight is model.bert.embeddings.word_embeddings.weight
    make.assert_equal(found, expected)


def test_layers_that_share_their_weights_count_once_with_all_their_uses() -> None:
    from transformers import AlbertConfig, AlbertForSequenceClassification

    torch.manual_seed(4)
    config = AlbertConfig(
        vocab_size=make.WORDS,
        embedding_size=8,
        hidden_size=16,
        num_hidden_layers=3,
        num_attention_heads=2,
        intermediate_size=24,
        max_position_embeddings=16,
        initializer_range=0.3,
        num_labels=make.LABELS,
        classifier_dropout_prob=0.0,
    )
    found, expected = clipped_sums(AlbertForSequenceClassification(config).train(), make.texts(), [[0, 1, 2, 3, 4, 5]])

    make.assert_equal(found, expected)


def test_a_causal_model_with_transposed_linear_layers() -> None:
    from transformers import GPT2Config, GPT2LMHeadModel

    torch.manual_seed(4)
    config = GPT2Config(
        vocab_size=make.WORDS, n_embd=16, n_layer=2, n_head=2, n_positions=16, initializer_range=0.3,
        resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0,
    )  # fmt: skip
    found, expected = clipped_sums(GPT2LMHeadModel(config).train(), make.texts(tagged=True), [[0, 1, 2, 3], [4, 5]])

    make.assert_equal(found, expected)


@dataclass(frozen=True)
class Images:
    pixels_BCHW: torch.Tensor
    labels: torch.Tensor


def images(count: int) -> Images:
    generator = torch.Generator().manual_seed(2)
    return Images(torch.randn(count, 3, 8, 8, generator=generator), torch.arange(count) % make.LABELS)


def image_losses(model: nn.Module) -> Any:
    def losses(batch: Images) -> torch.Tensor:
        given = model(batch.pixels_BCHW)
        return nn.functional.cross_entropy(getattr(given, "logits", given), batch.labels, reduction="none")

    return losses


def test_convolutions_and_group_norms_by_the_samplers_of_opacus() -> None:
    torch.manual_seed(1)
    model = nn.Sequential(
        nn.Conv2d(3, 6, 3), nn.GroupNorm(2, 6), nn.ReLU(), nn.Flatten(), nn.RMSNorm(216), nn.Linear(216, make.LABELS)
    )
    batch, losses = images(5), image_losses(model)
    singles = [
        replace(batch, pixels_BCHW=batch.pixels_BCHW[i : i + 1], labels=batch.labels[i : i + 1]) for i in range(5)
    ]
    found = make.sums_of(make.make_pass(model, losses, 5, max_grad_norm=CLIP), model, [batch])

    make.assert_equal(found, make.one_by_one(model, losses, singles, CLIP))


def test_what_an_image_model_uses_outside_its_layers_is_frozen_and_named() -> None:
    from transformers import ViTConfig, ViTForImageClassification

    config = ViTConfig(
        hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=24, image_size=8, patch_size=4,
        num_labels=make.LABELS, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
    )  # fmt: skip
    model = ViTForImageClassification(config).train()
    batch, losses = images(4), image_losses(model)
    private = make.make_pass(model, losses, 4, max_grad_norm=CLIP)
    singles = [
        replace(batch, pixels_BCHW=batch.pixels_BCHW[i : i + 1], labels=batch.labels[i : i + 1]) for i in range(4)
    ]

    assert private.frozen == ("vit.embeddings.cls_token", "vit.embeddings.position_embeddings")
    make.assert_equal(make.sums_of(private, model, [batch]), make.one_by_one(model, losses, singles, CLIP))


@pytest.mark.parametrize("lora", [False, True], ids=["whole", "LoRA"])
def test_opacus_ghost_clipping_gives_the_same_sum(lora: bool) -> None:
    from opacus.grad_sample import GradSampleModuleFastGradientClipping

    model, rows = make.tiny_bert(), make.texts()
    model = make.with_lora(model) if lora else model
    batch = make.batch_of(rows, 0, 1, 2, 3, 4, 5)
    found = make.sums_of(make.make_pass(model, make.losses_of(model), 6, max_grad_norm=CLIP), model, [batch])

    ghost = GradSampleModuleFastGradientClipping(model, max_grad_norm=CLIP, loss_reduction="sum", strict=False)
    positions = torch.arange(batch.ids_BT.shape[1]).expand(batch.ids_BT.shape).contiguous()
    logits = ghost(input_ids=batch.ids_BT, attention_mask=batch.mask_BT, position_ids=positions).logits
    losses_B = nn.functional.cross_entropy(logits, batch.labels, reduction="none")
    losses_B.sum().backward(retain_graph=True)
    weights_B = ghost.get_clipping_coef()
    ghost.disable_hooks()
    theirs = make.gradient_of((losses_B * weights_B).sum(), model)

    make.assert_equal(found, theirs, within=2e-5)  # they add 1e-6 to every length


def test_with_dropout_the_gradient_clipped_is_the_one_whose_length_was_taken() -> None:
    model, rows = make.tiny_bert(dropout=0.3), make.texts()
    coins, losses = replace_dropout(model), make.losses_of(model)
    batch = make.batch_of(rows, 0, 1, 2, 3, 4, 5)
    coins.start(seed=1, step=1)
    found = make.sums_of(make.make_pass(model, losses, 6, max_grad_norm=CLIP), model, [batch])
    coins.start(seed=1, step=1)
    losses_B = losses(batch)
    each = [make.clipped(make.gradient_of(loss, model, retain_graph=True), CLIP) for loss in losses_B]

    make.assert_equal(found, make.summed(each))


def test_no_row_can_move_the_sum_by_more_than_the_clip_norm_under_bf16() -> None:
    model, rows = make.tiny_bert(), make.texts()
    losses = make.losses_of(model)

    def autocast() -> Any:
        return torch.autocast("cpu", dtype=torch.bfloat16)

    for i in range(len(rows)):
        sampling = PoissonSampling(1, 1.0, seed=1)
        private = PrivatePass(
            model, losses, sampling=sampling, max_grad_norm=0.1, noise_multiplier=1, precision=autocast
        )
        sums = make.sums_of(private, model, [make.batch_of(rows, i)])
        length = torch.cat([total.flatten() for total in sums.values()]).norm().item()
        assert 0.1 * 0.98 < length < 0.1 * 1.003


def test_the_returned_loss_is_the_sum_of_the_rows() -> None:
    model, rows = make.tiny_bert(), make.texts()
    losses, batch = make.losses_of(model), make.batch_of(rows, 0, 1, 2, 3, 4, 5)
    private = make.make_pass(model, losses, 6)
    private.start(1)

    assert private(batch, 1.0) == pytest.approx(losses(batch).sum().item(), rel=1e-6)


def test_finish_adds_the_noise_of_the_step_and_divides_by_the_expected_rows() -> None:
    model, rows = make.tiny_bert(), make.texts()
    losses, batch = make.losses_of(model), make.batch_of(rows, 0, 1, 2, 3, 4, 5)
    quiet = make.make_pass(model, losses, 6, noise=1e-12)
    sums = make.sums_of(quiet, model, [batch])
    quiet.finish()

    make.assert_equal({n: p.grad for n, p in model.named_parameters()}, {n: s / 6 for n, s in sums.items()})

    loud = make.make_pass(model, losses, 6, noise=50.0, max_grad_norm=2.0)
    sums = make.sums_of(loud, model, [batch])
    loud.finish()
    noise = torch.cat([(p.grad * 6 - sums[n]).flatten() for n, p in model.named_parameters()])

    # 5,203 numbers: standard errors of 1% of the deviation, which is 50 times the clip norm, and of 1.4 of the mean
    assert len(noise) == 5203
    assert noise.std().item() == pytest.approx(100, rel=0.04)
    assert abs(noise.mean().item()) < 6


def test_an_empty_step_is_noise_alone_on_every_trainable_parameter() -> None:
    model = make.with_lora(make.tiny_bert())
    sampling = PoissonSampling(6, 1e-9, seed=4)
    private = PrivatePass(model, make.losses_of(model), sampling=sampling, max_grad_norm=1.0, noise_multiplier=1.0)

    assert len(private.start(1)) == 0
    private.finish()
    for parameter in model.parameters():
        assert (parameter.grad is not None) == parameter.requires_grad
        assert parameter.grad is None or bool((parameter.grad != 0).all())


def gradients_after(step: int, seed: int = 11) -> torch.Tensor:
    model, rows = make.tiny_bert(dropout=0.2), make.texts()
    sampling = PoissonSampling(len(rows), 0.6, seed=seed)
    private = PrivatePass(model, make.losses_of(model), sampling=sampling, max_grad_norm=CLIP, noise_multiplier=1.0)
    torch.manual_seed(step)
    for chosen in micro_batches(private.start(step), rows.lengths_N, 2):
        private(make.batch_of(rows, *chosen), 1.0)
    private.finish()
    return torch.cat([p.grad.flatten() for p in model.parameters()])


def test_a_step_repeats_by_seed_and_number_to_the_bit() -> None:
    assert torch.equal(gradients_after(3), gradients_after(3))
    assert not torch.equal(gradients_after(3), gradients_after(4))
    assert not torch.equal(gradients_after(3), gradients_after(3, seed=12))


def test_what_is_not_noised_yet_is_in_no_gradient_and_what_is_there_is_replaced() -> None:
    model, rows = make.tiny_bert(), make.texts()
    losses, batch = make.losses_of(model), make.batch_of(rows, 0, 1, 2, 3, 4, 5)
    private = make.make_pass(model, losses, 6)
    private.start(1)
    private(batch, 1.0)

    assert all(p.grad is None for p in model.parameters())

    private.finish()
    alone = [p.grad.clone() for p in model.parameters()]
    losses(batch).sum().backward()
    private.start(1)
    private(batch, 1.0)
    private.finish()

    assert all(torch.equal(p.grad, g) for p, g in zip(model.parameters(), alone, strict=True))


def test_the_model_trains_and_predicts_as_before_outside_of_the_pass() -> None:
    model, rows = make.tiny_bert(), make.texts()
    losses, batch = make.losses_of(model), make.batch_of(rows, 0, 1, 2)
    before = make.gradient_of(losses(batch).sum(), model)
    make.sums_of(make.make_pass(model, losses, 3), model, [batch])

    make.assert_equal(make.gradient_of(losses(batch).sum(), model), before, within=0)
    assert all(module.training for module in model.modules())


def refusal(of: Any) -> str:
    with pytest.raises(InputRefused) as refused:
        of()
    line = str(refused.value)
    assert line.startswith("training.privacy: ")
    assert "\n" not in line
    return line


def test_noise_after_every_micro_batch_is_refused() -> None:
    model, rows = make.tiny_bert(), make.texts()
    private = make.make_pass(model, make.losses_of(model), 6)
    private.start(1)
    private(make.batch_of(rows, 0, 1, 2), 1.0)

    assert "differ by 3" in refusal(private.finish)

    private(make.batch_of(rows, 3, 4, 5), 1.0)
    private.finish()

    assert "a second time" in refusal(private.finish)
    assert "after the step's noise" in refusal(lambda: private(make.batch_of(rows, 0), 1.0))


def test_rows_that_were_not_drawn_by_poisson_sampling_are_refused() -> None:
    model, rows = make.tiny_bert(), make.texts()
    losses = make.losses_of(model)

    shuffled = np.array([1, 0])
    more = {"max_grad_norm": 1.0, "noise_multiplier": 1.0}
    assert "Poisson" in refusal(lambda: PrivatePass(model, losses, sampling=shuffled, **more))

    private = PrivatePass(model, losses, sampling=PoissonSampling(6, 1e-9, seed=1), **more)
    private.start(1)
    private(make.batch_of(rows, 0, 1), 1.0)
    assert "differ by -2" in refusal(private.finish)


@pytest.mark.parametrize("field", ["max_grad_norm", "noise_multiplier"])
@pytest.mark.parametrize("value", [0.0, -1.0, float("nan"), float("inf")])
def test_a_clip_norm_or_noise_that_is_no_number_above_0_is_refused(field: str, value: float) -> None:
    model = make.tiny_bert()
    numbers = {"max_grad_norm": 1.0, "noise_multiplier": 1.0, field: value}

    assert field in refusal(
        lambda: PrivatePass(model, make.losses_of(model), sampling=PoissonSampling(6, 0.5, seed=1), **numbers)
    )


def test_batch_norm_is_refused_even_frozen() -> None:
    model = nn.Sequential(nn.Conv2d(3, 6, 3), nn.BatchNorm2d(6), nn.Flatten(), nn.Linear(216, 3))
    model[1].requires_grad_(False)

    assert "'1' normalises over the rows" in refusal(lambda: make.make_pass(model, image_losses(model), 5))


def test_a_model_without_gradients_by_row_is_refused() -> None:
    from peft import AdaLoraConfig, get_peft_model

    config = AdaLoraConfig(total_step=10, target_modules=["query"])
    model = get_peft_model(make.tiny_bert(), config)

    assert "no trainable parameters" in refusal(lambda: make.make_pass(model, make.losses_of(model), 6))


class Odd(nn.Module):
    """A layer whose weight is used past it, rows that are given each other's mean, or a layer all rows share."""

    def __init__(self, fault: str) -> None:
        super().__init__()
        self.fault, self.layer, self.places = fault, nn.Linear(192, 3), nn.Embedding(192, 1)

    def forward(self, pixels_BCHW: torch.Tensor) -> torch.Tensor:
        flat_BD = pixels_BCHW.flatten(1)
        if self.fault == "rows meet":
            flat_BD = flat_BD - flat_BD.mean(0)
        if self.fault == "one part for all":
            flat_BD = flat_BD + self.places(torch.arange(192)).view(192)
        logits = self.layer(flat_BD)
        return logits + flat_BD @ self.layer.weight.T if self.fault == "past the layer" else logits


@pytest.mark.parametrize("fault", ["rows meet", "past the layer"])
def test_gradients_that_are_not_those_of_a_row_alone_are_refused(fault: str) -> None:
    model = Odd(fault)
    private = make.make_pass(model, image_losses(model), 4)
    private.start(1)

    assert "layer.weight another gradient" in refusal(lambda: private(images(4), 1.0))


def test_a_layer_that_is_not_given_one_part_a_row_is_refused() -> None:
    model = Odd("one part for all")
    private = make.make_pass(model, image_losses(model), 4)
    private.start(1)

    assert "not one part for each row" in refusal(lambda: private(images(4), 1.0))


def test_a_loss_for_the_whole_batch_is_refused() -> None:
    model = nn.Sequential(nn.Flatten(), nn.Linear(192, 3))
    private = make.make_pass(model, lambda batch: image_losses(model)(batch).mean(), 1)
    private.start(1)

    assert "not one loss for each" in refusal(lambda: private(images(1), 1.0))


@pytest.mark.parametrize("value", ["nan", "inf", "3e38"])
def test_a_gradient_that_is_not_finite_is_refused(value: str) -> None:
    model = nn.Sequential(nn.Flatten(), nn.Linear(192, 3))
    private = make.make_pass(model, image_losses(model), 1)
    private.start(1)
    broken = replace(images(1), pixels_BCHW=torch.full((1, 3, 8, 8), float(value)))

    assert "not finite" in refusal(lambda: private(broken, 1.0))


def test_a_private_step_in_several_processes_is_refused() -> None:
    from torch.testing._internal.distributed.fake_pg import FakeStore

    model = make.tiny_bert()
    torch.distributed.init_process_group("fake", rank=0, world_size=2, store=FakeStore())
    try:
        assert "each of 2 processes" in refusal(lambda: make.make_pass(model, make.losses_of(model), 6))
    finally:
        torch.distributed.destroy_process_group()


class InPlace(nn.Module):
    """What is looked up is added to in place; if `late`, so is what the linear layer was given."""

    def __init__(self, late: bool) -> None:
        super().__init__()
        self.table, self.layer, self.late = nn.Embedding(make.WORDS, 6), nn.Linear(6, make.LABELS), late

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> Any:
        found_BTD = self.table(input_ids)
        found_BTD += 1
        given_BD = (found_BTD * attention_mask.unsqueeze(2)).sum(1)
        logits = self.layer(given_BD)
        if self.late:
            given_BD *= 2
        return SimpleNamespace(logits=logits)


def test_a_layer_may_be_added_to_in_place_but_what_it_was_given_may_not() -> None:
    model = InPlace(late=False)
    found, expected = clipped_sums(model, make.texts(), [[0, 1, 2, 3, 4, 5]])
    make.assert_equal(found, expected)

    late = InPlace(late=True)
    private = make.make_pass(late, make.losses_of(late), 6)
    private.start(1)
    assert "changed in place later" in refusal(lambda: private(make.batch_of(make.texts(), 0, 1), 1.0))
