from __future__ import annotations

import pytest

from sluicegate.training.losses import StepLoss, mean_loss


def test_every_row_counts_the_same_whatever_its_step() -> None:
    assert mean_loss([StepLoss(1.0, 1), StepLoss(2.0, 3), StepLoss(0.0, 0)]) == pytest.approx(7 / 4)


@pytest.mark.parametrize("steps", [[], [StepLoss(0.0, 0)] * 2])
def test_of_no_rows_there_is_no_mean(steps: list[StepLoss]) -> None:
    assert mean_loss(steps) is None
