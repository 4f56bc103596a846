from __future__ import annotations

import numpy as np
import pytest
import torch

from sluicegate.evidence.explanations.integrated_gradients import integrate
from sluicegate.evidence.white_box import WhiteBox
from tests.sluicegate.evidence.opened import Linear, linear_box, tokenizer

COSINES = {"fine": 0.8, "foul": -0.6, "film": 0.0}
BOX = linear_box(COSINES, mask=(0.1, 0.3))


def test_of_a_linear_model_they_are_weight_times_difference_to_the_baseline() -> None:
    texts = ["fine foul film", "foul", ""]
    one, other, empty = integrate(BOX, BOX.read(texts), np.array([1, 0, 1]))
    # log-odds of label 1 are 2 · the sum of first coordinates; the mask's is 0.1
    assert one.tokens_T == pytest.approx([0, 2 * 0.7, 2 * -0.7, 2 * -0.1, 0], abs=1e-6)
    assert other.tokens_T == pytest.approx([0, 2 * 0.7, 0], abs=1e-6)
    assert one.difference == pytest.approx(2 * (0.8 - 0.6 + 0.0 - 3 * 0.1), abs=1e-6)
    assert empty.tokens_T == pytest.approx([0, 0], abs=1e-6)
    assert max(one.error, other.error, empty.error) < 1e-6


class Squared(Linear):
    """Logits that are squares of sums, whose integral a quadrature meets exactly."""

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> object:
        found = super().forward(input_ids, attention_mask)
        found.logits = found.logits**2 * torch.tensor([0.0, 1.0])
        return found


def test_of_a_square_they_share_the_difference_by_hand() -> None:
    embeddings = [[0.0, 0.0]] * 5 + [[2.0, 0.0], [1.0, 0.0]]
    box = WhiteBox(Squared(embeddings, [(0, 0), (1, 0)]), tokenizer(["two", "one"]), 24, (0, 1))
    (found,) = integrate(box, box.read(["two one"]), np.array([1]))
    # (2 + 1)² = 9, shared as ∂ at t is 2 · 3t, integrated 3: 2 · 3 and 1 · 3
    assert found.tokens_T == pytest.approx([0, 6, 3, 0], abs=1e-5)
    assert found.difference == pytest.approx(9, abs=1e-5)


def test_padding_beside_a_longer_text_changes_nothing() -> None:
    alone = integrate(BOX, BOX.read(["foul"]), np.array([1]))[0]
    beside = integrate(BOX, BOX.read(["foul", "fine " * 12]), np.array([1, 1]))[0]
    assert beside.tokens_T == pytest.approx(alone.tokens_T)
    assert beside.difference == pytest.approx(alone.difference)
