from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch.nn import functional

from sluicegate.errors import InputRefused
from sluicegate.training.objective import Objective, class_weights
from sluicegate.training.tags import NOT_TRAINED

OUTPUTS = ("bad", "fair", "good")


def test_the_loss_of_tokens_is_the_mean_over_those_that_are_taught() -> None:
    logits_BTL = torch.tensor([[[0.0, 0.0], [3.0, 0.0]], [[0.0, 0.0], [0.0, 9.0]]])
    labels_BT = torch.tensor([[1, NOT_TRAINED], [0, NOT_TRAINED]])
    objective = Objective()

    mean = objective.loss_sum(logits_BTL, labels_BT).item() / objective.weight(labels_BT.numpy())

    assert mean == pytest.approx(math.log(2))


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("weights", [None, [0.5, 1.0, 4.0]])
def test_the_parts_of_a_batch_add_up_to_its_mean(smoothing: float, weights: list[float] | None) -> None:
    logits_BL, labels_B = torch.randn(12, 3, generator=torch.Generator().manual_seed(0)), torch.arange(12) % 3
    weights_L = None if weights is None else torch.tensor(weights)
    objective = Objective(weights_L, smoothing)

    total = sum(objective.loss_sum(logits_BL[some], labels_B[some]) for some in (slice(0, 5), slice(5, 12)))

    whole = functional.cross_entropy(logits_BL, labels_B, weight=weights_L, label_smoothing=smoothing)
    assert total / objective.weight(labels_B.numpy()) == pytest.approx(whole.item(), rel=1e-5)


def test_balanced_weights_give_every_label_the_same_share() -> None:
    labels = np.array([0, 0, 0, 0, 1, 1, 1, 2, NOT_TRAINED])

    weights = class_weights("balanced", labels, OUTPUTS)

    assert weights is not None
    assert weights.tolist() == pytest.approx([8 / 12, 8 / 9, 8 / 3])


def test_a_weight_by_label_leaves_the_others_at_one() -> None:
    weights = class_weights({"good": 3.0}, np.array([0, 1, 2]), OUTPUTS)

    assert weights is not None
    assert weights.tolist() == [1, 1, 3]
    assert class_weights(None, np.array([0]), OUTPUTS) is None


@pytest.mark.parametrize(
    ("wanted", "labels", "said"),
    [
        pytest.param({"best": 2.0}, [0, 1, 2], "names 'best', which is none of bad, fair, good", id="unknown label"),
        pytest.param("balanced", [0, 2], "no training row has fair", id="a label without rows"),
    ],
)
def test_weights_that_mean_nothing_are_refused(wanted: object, labels: list[int], said: str) -> None:
    with pytest.raises(InputRefused, match=said):
        class_weights(wanted, np.array(labels), OUTPUTS)  # type: ignore[arg-type]
