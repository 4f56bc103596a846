"""The norm balls of rows."""

from __future__ import annotations

import pytest
import torch

from sluicegate.training.robust.ball import direction, project, random_start, row_norms

MASK_BT = torch.tensor([[1, 1, 0], [1, 0, 0]])


def test_directions_by_hand() -> None:
    gradient_BTH = torch.tensor([[[3.0, 0.0], [0.0, 4.0], [9.0, 9.0]], [[0.0, 0.0], [1.0, 1.0], [1.0, 1.0]]])
    expected_BTH = torch.tensor([[[0.6, 0.0], [0.0, 0.8], [0.0, 0.0]], [[0.0, 0.0], [0.0, 0.0], [0.0, 0.0]]])
    torch.testing.assert_close(direction(gradient_BTH, MASK_BT), expected_BTH)


@pytest.mark.parametrize("size", [1e-25, 1.0, 1e25])
def test_a_direction_has_norm_one_whatever_the_gradients_size(size: float) -> None:
    gradient_BTH = size * torch.randn(2, 3, 4, generator=torch.Generator().manual_seed(0))
    assert row_norms(direction(gradient_BTH, MASK_BT)).flatten().tolist() == pytest.approx([1.0, 1.0])


def test_projections_by_hand() -> None:
    delta_BTH = torch.tensor([[[3.0, 4.0]], [[0.3, 0.4]], [[0.0, 0.0]]])
    expected_BTH = torch.tensor([[[0.6, 0.8]], [[0.3, 0.4]], [[0.0, 0.0]]])
    torch.testing.assert_close(project(delta_BTH, 1.0), expected_BTH)
    assert project(delta_BTH, 0.0).abs().max() == 0


def test_random_starts_lie_in_the_ball_and_off_the_padding() -> None:
    mask_BT = torch.ones(50, 7, dtype=torch.int64).tril(3)
    start_BTH = random_start(mask_BT, 6, 0.5)
    assert (row_norms(start_BTH) <= 0.5).all()
    assert (row_norms(start_BTH)[10:] > 0.1).all()
    assert start_BTH[mask_BT == 0].abs().max() == 0
    assert random_start(torch.zeros(1, 2, dtype=torch.int64), 6, 0.5).abs().max() == 0
