from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from sluicegate.spec import Training
from sluicegate.training.base_model import load_base
from sluicegate.training.methods.body import is_head
from sluicegate.training.optimizer import MasterAdamW, rate_share
from sluicegate.training.row_embedding import replace_embedding

LABELS = ("bad", "fair", "good")
WORDS = "bert.embeddings.word_embeddings.weight"


def test_the_rate_rises_in_a_line_and_falls_in_a_line() -> None:
    # ten steps, a fifth of them warm-up: 1/2, 1, then 8/9 … 1/9
    shares = [rate_share(step, 10, 0.2) for step in range(1, 11)]

    assert shares == pytest.approx([1 / 2, 1, 8 / 9, 7 / 9, 6 / 9, 5 / 9, 4 / 9, 3 / 9, 2 / 9, 1 / 9])


@pytest.mark.parametrize(("total", "warmup"), [(1, 0.0), (1, 0.9), (2, 0.5), (7, 0.0), (100, 0.99)])
def test_every_step_has_a_rate_above_zero_and_at_most_the_peak(total: int, warmup: float) -> None:
    assert all(0 < rate_share(step, total, warmup) <= 1 for step in range(1, total + 1))


def loaded(base_model: Path) -> Any:
    with torch.random.fork_rng():
        torch.manual_seed(1)
        return load_base(base_model, LABELS).model.eval()


def learn(model: Any, ids: list[list[int]]) -> None:
    """Adds the gradients of a made-up batch."""
    nn.functional.cross_entropy(model(torch.tensor(ids)).logits.float(), torch.arange(len(ids)) % 3).backward()


def plain(model: Any, training: Training) -> torch.optim.AdamW:
    """The same by PyTorch alone."""
    groups = [
        {
            "params": [parameter],
            "lr": training.head_learning_rate if is_head(model, name) else training.learning_rate,
            "weight_decay": training.weight_decay if parameter.ndim > 1 else 0.0,
        }
        for name, parameter in model.named_parameters()
    ]
    return torch.optim.AdamW(groups)


@pytest.mark.parametrize("by_row", [False, True])
@pytest.mark.parametrize("clip", [None, 0.05])
def test_steps_that_read_every_word_are_those_of_pytorch(
    base_model: Path, training: Training, by_row: bool, clip: float | None
) -> None:
    ours, theirs = loaded(base_model), loaded(base_model)
    training = training.model_copy(update={"gradient_clip": clip})
    embedding = replace_embedding(ours) if by_row else None
    optimizer, reference = MasterAdamW(ours, training, torch.float32, embedding), plain(theirs, training)
    everything = [list(range(i, i + 12)) for i in (0, 6, 10)]  # all 22 words, but padding teaches nothing

    for _ in range(4):
        learn(ours, everything)
        learn(theirs, everything)
        if clip is not None:
            nn.utils.clip_grad_norm_(theirs.parameters(), clip)
        optimizer.step()
        reference.step()
        reference.zero_grad()

    found = optimizer.weights()
    for name, expected in theirs.state_dict().items():
        if "key.bias" in name:  # its gradient is nought but for rounding, which AdamW blows up to a full step
            continue
        rows = slice(1, 22) if name == WORDS else slice(None)
        torch.testing.assert_close(found[name][rows], expected[rows], rtol=1e-4, atol=2e-5)


def test_a_word_that_no_step_reads_stays_as_it_was(base_model: Path, training: Training) -> None:
    model = loaded(base_model)
    before = model.state_dict()[WORDS].clone()
    optimizer = MasterAdamW(model, training, torch.float32, replace_embedding(model))

    learn(model, [[5, 6, 7], [6, 6, 9]])
    optimizer.step()

    moved = (optimizer.weights()[WORDS] != before).any(1).nonzero().flatten().tolist()
    assert moved == [5, 6, 7, 9]


def test_gradients_of_a_word_add_up_over_places_and_micro_batches(base_model: Path) -> None:
    ours, theirs = loaded(base_model), loaded(base_model)
    embedding = replace_embedding(ours)
    assert embedding is not None

    for ids in ([[5, 6, 6]], [[6, 8, 5]]):
        learn(ours, ids)
        learn(theirs, ids)
    tokens, gradient = embedding.take_gradient()

    assert tokens.tolist() == [5, 6, 8]
    torch.testing.assert_close(gradient, theirs.get_input_embeddings().weight.grad[tokens])
    assert not len(embedding.take_gradient()[0])  # taken once


def test_an_embedding_that_another_layer_shares_keeps_its_dense_gradient() -> None:
    from transformers import BertConfig, BertForMaskedLM

    model = BertForMaskedLM(
        BertConfig(vocab_size=40, hidden_size=8, num_hidden_layers=1, num_attention_heads=1, intermediate_size=16)
    )

    assert replace_embedding(model) is None


@pytest.mark.parametrize("by_row", [False, True])
def test_steps_too_small_for_bf16_are_not_lost(base_model: Path, training: Training, by_row: bool) -> None:
    slow = training.model_copy(update={"learning_rate": 1e-5, "head_learning_rate": 1e-5, "weight_decay": 0.0})
    rough, exact = loaded(base_model), loaded(base_model)
    optimizer = MasterAdamW(rough, slow, torch.bfloat16, replace_embedding(rough) if by_row else None)
    reference = MasterAdamW(exact, slow, torch.float32)
    start = optimizer.weights()["classifier.weight"].clone()

    for _ in range(20):
        for model, by in ((rough, optimizer), (exact, reference)):
            learn(model, [[5, 6, 7], [6, 6, 9]])
            by.step()

    moved, expected = (by.weights()["classifier.weight"] - start for by in (optimizer, reference))
    assert next(rough.parameters()).dtype == torch.bfloat16
    assert moved.norm().item() == pytest.approx(
        expected.norm().item(), rel=0.1
    )  # rounded at each step, hardly anything would move


def test_the_head_has_its_own_rate_and_biases_do_not_decay(base_model: Path, training: Training) -> None:
    model = loaded(base_model)
    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    optimizer = MasterAdamW(model, training.model_copy(update={"weight_decay": 0.5}), torch.float32)
    for parameter in model.parameters():
        parameter.grad = torch.zeros_like(parameter)  # only decay is left
    optimizer.set_rate(0.5)

    optimizer.step()

    shrunk = {name: (p / before[name]).nanmean().item() for name, p in model.named_parameters()}
    assert shrunk["classifier.weight"] == pytest.approx(1 - 0.5 * 0.02 * 0.5)
    assert shrunk["bert.encoder.layer.0.output.dense.weight"] == pytest.approx(1 - 0.5 * 0.01 * 0.5)
    assert torch.equal(model.state_dict()["classifier.bias"], before["classifier.bias"])
    assert is_head(model, "bert.pooler.dense.weight")


@pytest.mark.parametrize("kind", [torch.float32, torch.bfloat16])
def test_an_optimizer_that_was_put_back_takes_the_same_step(
    base_model: Path, training: Training, kind: torch.dtype
) -> None:
    first, second = loaded(base_model), loaded(base_model)
    a = MasterAdamW(first, training, kind, replace_embedding(first))
    b = MasterAdamW(second, training, kind, replace_embedding(second))

    learn(first, [[5, 6, 7], [6, 6, 9]])
    a.step()
    b.load_weights({name: tensor.clone() for name, tensor in a.weights().items()})
    b.load_moments({name: tensor.clone() for name, tensor in a.moments().items()})
    for model, optimizer in ((first, a), (second, b)):
        learn(model, [[8, 6], [6, 4]])
        optimizer.step()

    expected, found = a.weights(), b.weights()
    assert all(torch.equal(found[name], expected[name]) for name in expected)
    assert all(torch.equal(p, q) for p, q in zip(first.parameters(), second.parameters(), strict=True))
