from __future__ import annotations

import numpy as np
import pytest

from sluicegate.evidence.paired import differences
from sluicegate.evidence.resampling import Resampling
from tests.sluicegate.evidence.made_up import answers


def test_a_model_is_in_nothing_ahead_of_itself() -> None:
    predictions = answers([0, 1, 2, 0, 1], [0, 1, 1, 2, 1])
    found = differences(predictions, predictions.given_N, Resampling(5, 200, 0.95, 0))
    for figure in ("macro_f1", "accuracy", "disagreement", "regressed", "mended"):
        assert (found[figure].value, found[figure].interval) == (0, (0, 0))


def test_differences_by_hand() -> None:
    # the other model is right on rows 0 and 3, the candidate on 0, 1 and 2
    predictions = answers([0, 0, 1, 1], [0, 0, 1, 0], ("no", "yes"))
    found = differences(predictions, np.array([0, 1, 0, 1]), Resampling(4, 100, 0.95, 0))
    assert found["accuracy"].value == pytest.approx(3 / 4 - 2 / 4)
    assert found["disagreement"].value == pytest.approx(3 / 4)
    assert found["regressed"].value == pytest.approx(1 / 4)
    assert found["mended"].value == pytest.approx(2 / 4)
    # candidate: F1 of no 4/5, of yes 2/3; the other: 1/2 and 1/2
    assert found["macro_f1"].value == pytest.approx((4 / 5 + 2 / 3) / 2 - 1 / 2)


def test_a_gain_can_hide_a_loss_in_a_group() -> None:
    predictions = answers([0, 1, 0, 1, 0, 1], [0, 1, 0, 1, 1, 0], ("no", "yes"))
    other = np.array([1, 0, 1, 0, 0, 1])
    groups = {"a": np.array([True] * 4 + [False] * 2), "b": np.array([False] * 4 + [True] * 2)}
    found = differences(predictions, other, Resampling(6, 100, 0.95, 0), groups)
    assert found["macro_f1"].value > 0
    assert (found["macro_f1[a]"].value, found["macro_f1[b]"].value) == (1, -1)


def test_pairing_makes_the_interval_of_alike_models_narrow() -> None:
    random = np.random.default_rng(0)
    actual = random.integers(0, 2, 400)
    given = np.where(random.random(400) < 0.7, actual, 1 - actual)
    other = given.copy()
    other[:4] = 1 - other[:4]  # the models differ on four rows of 400
    found = differences(answers(actual, given, ("no", "yes")), other, Resampling(400, 500, 0.95, 0))
    low, high = found["accuracy"].interval or (0, 1)
    alone_low, alone_high = found["other_accuracy"].interval or (0, 1)
    assert high - low < (alone_high - alone_low) / 3
