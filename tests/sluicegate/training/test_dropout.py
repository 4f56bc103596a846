from __future__ import annotations

import pytest
import torch
from torch import nn

from sluicegate.training.dropout import CoinSource, Dropout, replace_dropout


def test_kept_elements_are_scaled_and_about_p_are_dropped() -> None:
    coins = CoinSource()
    coins.start(seed=0, step=1)
    dropped = Dropout(0.1, coins)(torch.ones(1000, 200))

    assert dropped.unique().tolist() == [0.0, pytest.approx(1 / 0.9)]
    # 200,000 coins: a standard error of 0.0007
    assert (dropped == 0).float().mean().item() == pytest.approx(0.1, abs=0.003)


def test_the_same_seed_and_step_drop_the_same_elements() -> None:
    coins = CoinSource()
    layer, values = Dropout(0.5, coins), torch.ones(5, 7)

    def at(step: int) -> torch.Tensor:
        coins.start(seed=3, step=step)
        return layer(values)

    assert torch.equal(at(8), at(8))
    assert not torch.equal(at(8), at(9))


def test_two_layers_of_one_step_do_not_share_their_coins() -> None:
    coins = CoinSource()
    coins.start(seed=0, step=1)

    assert not torch.equal(Dropout(0.5, coins)(torch.ones(64)), Dropout(0.5, coins)(torch.ones(64)))


def test_nothing_is_dropped_in_evaluation_mode() -> None:
    values = torch.randn(9)

    assert Dropout(0.9, CoinSource()).eval()(values) is values


def test_the_gradient_flows_through_kept_elements_only() -> None:
    coins = CoinSource()
    coins.start(seed=0, step=1)
    values = torch.ones(100, requires_grad=True)
    dropped = Dropout(0.5, coins)(values)
    dropped.sum().backward()

    assert torch.equal(values.grad, torch.where(dropped == 0, 0.0, 2.0))


def test_every_dropout_of_a_model_is_replaced_and_the_weights_keep_their_names() -> None:
    model = nn.Sequential(nn.Linear(2, 2), nn.Dropout(0.3), nn.Sequential(nn.Dropout(0.2), nn.Linear(2, 1)))
    names = list(model.state_dict())
    replace_dropout(model)

    assert [type(m) for m in model.modules() if "Dropout" in type(m).__name__] == [Dropout, Dropout]
    assert [m.p for m in model.modules() if isinstance(m, Dropout)] == [0.3, 0.2]
    assert list(model.state_dict()) == names
