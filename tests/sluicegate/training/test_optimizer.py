from __future__ import annotations

from pathlib import Path

import pytest
import torch

from sluicegate.spec import Training
from sluicegate.training.base_model import load_base
from sluicegate.training.optimizer import is_head, make_optimizer, moments, rate_share, restore_moments, set_rate

LABELS = ("bad", "fair", "good")


def test_the_rate_rises_in_a_line_and_falls_in_a_line() -> None:
    # ten steps, a fifth of them warm-up: 1/2, 1, then 8/9 … 1/9
    shares = [rate_share(step, 10, 0.2) for step in range(1, 11)]

    assert shares == pytest.approx([1 / 2, 1, 8 / 9, 7 / 9, 6 / 9, 5 / 9, 4 / 9, 3 / 9, 2 / 9, 1 / 9])


@pytest.mark.parametrize(("total", "warmup"), [(1, 0.0), (1, 0.9), (2, 0.5), (7, 0.0), (100, 0.99)])
def test_every_step_has_a_rate_above_zero_and_at_most_the_peak(total: int, warmup: float) -> None:
    assert all(0 < rate_share(step, total, warmup) <= 1 for step in range(1, total + 1))


def test_the_head_has_its_own_rate_and_biases_do_not_decay(base_model: Path, training: Training) -> None:
    model = load_base(base_model, LABELS).model
    optimizer = make_optimizer(model, training)
    setting = {id(p): (g["peak"], g["weight_decay"]) for g in optimizer.param_groups for p in g["params"]}
    found = {name: setting[id(p)] for name, p in model.named_parameters()}

    assert found["classifier.weight"] == (0.02, 0.01)
    assert found["classifier.bias"] == (0.02, 0.0)
    assert found["bert.embeddings.word_embeddings.weight"] == (0.01, 0.01)
    assert found["bert.encoder.layer.0.output.LayerNorm.weight"] == (0.01, 0.0)
    assert is_head(model, "bert.pooler.dense.weight")


def test_a_share_of_the_rate_is_a_share_of_each_groups_own_peak(base_model: Path, training: Training) -> None:
    optimizer = make_optimizer(load_base(base_model, LABELS).model, training)
    set_rate(optimizer, 0.5)
    set_rate(optimizer, 0.25)  # not a quarter of the half

    assert {g["lr"] for g in optimizer.param_groups} == {0.0025, 0.005}


def test_an_optimizer_with_restored_moments_takes_the_same_step(base_model: Path, training: Training) -> None:
    first, second = load_base(base_model, LABELS).model, load_base(base_model, LABELS).model
    second.load_state_dict(first.state_dict())
    a, b = make_optimizer(first, training), make_optimizer(second, training)

    def step(model: torch.nn.Module, optimizer: torch.optim.Optimizer) -> None:
        for i, parameter in enumerate(model.parameters()):
            parameter.grad = torch.full_like(parameter, 0.1 * (i + 1))
        optimizer.step()

    step(first, a)
    second.load_state_dict(first.state_dict())
    restore_moments(second, b, {name: tensor.clone() for name, tensor in moments(first, a).items()})
    step(first, a)
    step(second, b)

    assert all(torch.equal(p, q) for p, q in zip(first.parameters(), second.parameters(), strict=True))
