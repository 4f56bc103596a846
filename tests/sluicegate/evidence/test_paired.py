from __future__ import annotations

import numpy as np
import pytest

from sluicegate.evidence.paired import differences
from sluicegate.evidence.resampling import Resampling
from tests.sluicegate.evidence.made_up import answers


def test_a_model_is_in_nothing_ahead_of_itself() -> None:
    predictions = answers([0, 1, 2, 0, 1], [0, 1, 1, 2, 1])
    found = differences(predictions, predictions.given_N, Resampling(5, 200, 0.95, 0))
    of_1, of_2, of_5 = (1 - 0.025 ** (1 / rows) for rows in (1, 2, 5))  # what none of so many rows leaves possible
    margins = {"macro_f1": (of_2 + of_2 + of_1) / 3, "accuracy": of_5}
    for figure, margin in margins.items():
        assert found[figure].value == 0
        assert found[figure].interval == pytest.approx((-margin, margin))
    for figure in ("disagreement", "regressed", "mended"):
        assert found[figure].interval == pytest.approx((0, of_5))


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


def test_a_label_that_no_row_of_a_group_has_is_in_neither_mean() -> None:
    # 15 negative rows and 15 positive ones; on one negative row the other model says positive, the candidate neutral
    actual = [0] * 15 + [2] * 15
    groups = {"a": np.array([True] * 30 + [False] * 30)}
    elsewhere = [0, 1, 2] * 10
    predictions = answers([*actual, *elsewhere], [1, *actual[1:], *elsewhere])
    other = np.array([2, *actual[1:], *elsewhere])

    change = differences(predictions, other, Resampling(60, 500, 0.95, 0), groups)["macro_f1[a]"]

    # F1 of negative is 28/29 for both; of positive 1 for the candidate, 30/31 for the other
    assert change.value == pytest.approx((1 - 30 / 31) / 2)
    assert change.interval is not None
    assert change.interval[0] == 0  # rounds without the row
    assert change.interval[1] < 0.1


def test_a_round_that_draws_no_row_of_a_label_is_about_the_others() -> None:
    # 29 rows of no, one of yes; the candidate says yes to one row of no, the other model is always right
    actual = [0] * 29 + [1]
    predictions = answers(actual, [1, *actual[1:]], ("no", "yes"))
    everybody = {"a": np.ones(30, dtype=np.bool_)}

    change = differences(predictions, np.array(actual), Resampling(30, 2000, 0.95, 0), everybody)["macro_f1[a]"]

    assert change.value == pytest.approx(((56 / 57 - 1) + (2 / 3 - 1)) / 2)
    assert change.interval is not None
    # the row of yes drawn once, that of the error four times: the worst of 40 rounds is hardly worse
    assert change.interval[0] > ((50 / 54 - 1) + (2 / 6 - 1)) / 2
    # without the row of yes, a round would be worth -1/2 and less, and these are more than a third of them


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
