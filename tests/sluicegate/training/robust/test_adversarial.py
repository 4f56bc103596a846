"""Gradients of perturbed embeddings, against autograd by hand."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from typing import Any

import pytest
import torch
from transformers import (
    BertConfig,
    BertForSequenceClassification,
    BertForTokenClassification,
    RobertaConfig,
    RobertaForSequenceClassification,
)

from sluicegate.errors import InputRefused
from sluicegate.training.batches import Batch
from sluicegate.training.dropout import replace_dropout
from sluicegate.training.objective import Objective
from sluicegate.training.robust.adversarial import AdversarialPass, Attack
from sluicegate.training.robust.ball import random_start

SMALL = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}
SMALL |= {"vocab_size": 40, "max_position_embeddings": 32}
STILL = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
ATTACKS = [Attack("fgm"), Attack("pgd", steps=2), Attack("freelb", steps=2)]


def loss_sum(logits: torch.Tensor, labels: torch.Tensor, weights_B: torch.Tensor | None = None) -> torch.Tensor:
    return Objective().loss_sum(logits, labels, weights_B)


def make_model(kind: Any = BertForSequenceClassification, **settings: Any) -> Any:
    with torch.random.fork_rng():
        torch.manual_seed(11)
        return kind(BertConfig(**SMALL, **{**STILL, **settings}, num_labels=3, initializer_range=0.3)).train()


def make_batch(padding: int = 0) -> Batch:
    draw = torch.Generator().manual_seed(3)
    ids_BT, mask_BT = torch.randint(5, 40, (4, 7), generator=draw), torch.ones(4, 7, dtype=torch.int64)
    for row, length in enumerate((7, 4, 2, 6)):
        ids_BT[row, length:], mask_BT[row, length:] = 0, 0
    filler = torch.zeros(4, padding, dtype=torch.int64)
    return Batch(torch.cat([ids_BT, filler], 1), torch.cat([mask_BT, filler], 1), torch.tensor([0, 2, 1, 1]))


def gradients(model: Any) -> dict[str, torch.Tensor]:
    found = {name: p.grad.clone() for name, p in model.named_parameters() if p.grad is not None}
    model.zero_grad()
    return found


def attacked(model: Any, attack: Attack, *, batch: Batch | None = None, scale: float = 1.0, **more: Any) -> Any:
    one = AdversarialPass(model, loss_sum, nullcontext, attack, **more)
    torch.manual_seed(5)
    loss = one(batch or make_batch(), scale)
    one.finish()
    return loss, gradients(model)


def loss_at(model: Any, batch: Batch, delta_BTH: Any) -> torch.Tensor:
    """The reference: embeddings looked up by hand and given to the model as such."""
    embeddings_BTH = model.get_input_embeddings()(batch.ids_BT) + delta_BTH
    return loss_sum(model(inputs_embeds=embeddings_BTH, attention_mask=batch.mask_BT).logits, batch.labels)


def unit(gradient_BTH: torch.Tensor, batch: Batch) -> torch.Tensor:
    real_BTH = gradient_BTH * batch.mask_BT[..., None]
    return torch.stack([row / row.norm() for row in real_BTH])


def stepped(model: Any, batch: Batch, delta_BTH: torch.Tensor, attack: Attack) -> torch.Tensor:
    delta_BTH = delta_BTH.detach().requires_grad_()
    (gradient_BTH,) = torch.autograd.grad(loss_at(model, batch, delta_BTH), delta_BTH)
    moved_BTH = delta_BTH.detach() + attack.step_size * unit(gradient_BTH, batch)
    return torch.stack([row * min(1.0, attack.radius / float(row.norm())) for row in moved_BTH])


def by_hand(model: Any, batch: Batch, attack: Attack) -> tuple[float, dict[str, torch.Tensor]]:
    torch.manual_seed(5)
    if attack.method == "fgm":
        delta_BTH = torch.zeros(*batch.ids_BT.shape, 16)
        delta_BTH = stepped(model, batch, delta_BTH, replace(attack, step_size=attack.radius))
        losses = [loss_at(model, batch, 0.0), loss_at(model, batch, delta_BTH)]
        sum(losses).backward()  # type: ignore[union-attr]
        return losses[0].item(), gradients(model)
    delta_BTH = random_start(batch.mask_BT, 16, attack.radius)
    visited = [delta_BTH]
    for _ in range(attack.steps):
        visited.append(stepped(model, batch, visited[-1], attack))
    if attack.method == "pgd":
        losses = [loss_at(model, batch, 0.0), loss_at(model, batch, visited[-1])]
        sum(losses).backward()  # type: ignore[union-attr]
        return losses[0].item(), gradients(model)
    mean: Any = sum(loss_at(model, batch, delta_BTH) for delta_BTH in visited[:-1]) / attack.steps
    mean.backward()
    return mean.item(), gradients(model)


def assert_same(found: dict[str, torch.Tensor], expected: dict[str, torch.Tensor], **tolerance: float) -> None:
    assert found.keys() == expected.keys()
    for name in found:
        torch.testing.assert_close(found[name], expected[name], **(tolerance or {"rtol": 1e-4, "atol": 1e-5}), msg=name)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.method)
def test_gradients_and_loss_are_those_of_autograd_by_hand(attack: Attack) -> None:
    model = make_model()
    loss, found = attacked(model, attack)
    expected_loss, expected = by_hand(model, make_batch(), attack)
    assert loss == pytest.approx(expected_loss, rel=1e-5)
    assert_same(found, expected)


@pytest.mark.parametrize("attack", [Attack(m, radius=0.7, steps=3) for m in ("fgm", "pgd", "freelb")], ids=str)
def test_perturbations_lie_in_the_ball_and_off_the_padding(attack: Attack) -> None:
    model, batch, seen = make_model(), make_batch(), []
    model.bert.embeddings.LayerNorm.register_forward_pre_hook(lambda _, given: seen.append(given[0].detach().clone()))
    with torch.no_grad():
        model(input_ids=batch.ids_BT, attention_mask=batch.mask_BT)
    clean_BTH = seen.pop()
    attacked(model, attack)
    deltas = [perturbed_BTH - clean_BTH for perturbed_BTH in seen]
    assert len(deltas) == {"fgm": 2, "pgd": 5, "freelb": 3}[attack.method]
    norms = torch.stack([delta_BTH.flatten(1).norm(dim=1) for delta_BTH in deltas])
    assert norms.max() <= 0.7 + 1e-5
    assert norms[-1].min() > 0.3
    assert all(delta_BTH[batch.mask_BT == 0].abs().max() == 0 for delta_BTH in deltas)


def test_freelb_with_one_step_and_no_radius_is_the_plain_gradient() -> None:
    model, batch = make_model(), make_batch()
    loss, found = attacked(model, Attack("freelb", radius=0.0, steps=1))
    plain = loss_sum(model(input_ids=batch.ids_BT, attention_mask=batch.mask_BT).logits, batch.labels)
    plain.backward()
    assert loss == plain.item()
    assert_same(found, gradients(model), rtol=0, atol=0)


def test_a_perturbation_raises_the_loss() -> None:
    model, batch = make_model(), make_batch()
    delta_BTH = stepped(model, batch, torch.zeros(4, 7, 16), Attack(radius=0.2, step_size=0.2))
    assert loss_at(model, batch, delta_BTH) > loss_at(model, batch, 0.0)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.method)
def test_the_same_seed_gives_the_same_gradients_and_another_one_others(attack: Attack) -> None:
    model = make_model(hidden_dropout_prob=0.3)
    first, second = attacked(model, attack), attacked(model, attack)
    assert first[0] == second[0]
    assert_same(first[1], second[1], rtol=0, atol=0)
    torch.manual_seed(6)
    AdversarialPass(model, loss_sum, nullcontext, attack)(make_batch(), 1.0)
    assert not torch.equal(gradients(model)["classifier.weight"], first[1]["classifier.weight"])


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.method)
def test_gradients_grow_with_the_scale_and_add_up_but_the_loss_does_not(attack: Attack) -> None:
    model = make_model()
    loss, once = attacked(model, attack)
    again, scaled = attacked(model, attack, scale=0.25)
    assert again == loss
    assert_same(scaled, {name: 0.25 * gradient for name, gradient in once.items()})


def test_padding_changes_nothing() -> None:
    model = make_model()
    loss, found = attacked(model, Attack("fgm"))
    padded_loss, padded = attacked(model, Attack("fgm"), batch=make_batch(padding=5))
    assert padded_loss == pytest.approx(loss, rel=1e-5)
    assert_same(padded, found)


@pytest.mark.parametrize("quick", [False, True], ids=["torch's dropout", "the quick dropout"])
def test_all_passes_over_a_micro_batch_drop_the_same_units(quick: bool) -> None:
    model, batch = make_model(hidden_dropout_prob=0.4, attention_probs_dropout_prob=0.0), make_batch()
    coins = replace_dropout(model) if quick else None
    if coins:
        coins.start(seed=1, step=2)
    loss, found = attacked(model, Attack("fgm", radius=0.0), coins=coins)
    if coins:
        coins.start(seed=1, step=2)
    torch.manual_seed(5)
    plain = loss_sum(model(input_ids=batch.ids_BT, attention_mask=batch.mask_BT).logits, batch.labels)
    plain.backward()
    assert loss == pytest.approx(plain.item())
    assert_same(found, {name: 2 * gradient for name, gradient in gradients(model).items()})
    if coins:  # and the next micro-batch drops others
        assert attacked(model, Attack("fgm", radius=0.0), coins=coins)[0] != loss


def test_tokens_are_tagged_too_and_positions_of_other_models_kept() -> None:
    model, batch = make_model(BertForTokenClassification), make_batch()
    tags_BT = torch.where(batch.mask_BT == 1, batch.ids_BT % 3, -100)
    _, found = attacked(model, Attack("freelb", steps=2), batch=replace(batch, labels=tags_BT))
    assert found["classifier.weight"].abs().max() > 0
    roberta = RobertaForSequenceClassification(RobertaConfig(**SMALL, **STILL, pad_token_id=0, num_labels=3)).train()
    loss, _ = attacked(roberta, Attack("freelb", radius=0.0, steps=1))
    plain = loss_sum(roberta(input_ids=batch.ids_BT, attention_mask=batch.mask_BT).logits, batch.labels)
    assert loss == plain.item()


def test_a_frozen_body_trains_its_head_on_perturbed_embeddings() -> None:
    model = make_model()
    model.bert.requires_grad_(False)
    for attack in ATTACKS:
        assert set(attacked(model, attack)[1]) == {"classifier.weight", "classifier.bias"}


def test_autocast_is_the_callers() -> None:
    loss, found = attacked(make_model(), ATTACKS[2])
    model = make_model()
    one = AdversarialPass(model, loss_sum, lambda: torch.autocast("cpu", dtype=torch.bfloat16), ATTACKS[2])
    torch.manual_seed(5)
    assert one(make_batch(), 1.0) == pytest.approx(loss, rel=0.05)
    assert gradients(model)["classifier.weight"].dtype == torch.float32


def test_a_model_without_embeddings_is_refused() -> None:
    with pytest.raises(InputRefused, match="Linear has no layer of word embeddings"):
        AdversarialPass(torch.nn.Linear(2, 2), loss_sum, nullcontext, Attack())
