from __future__ import annotations

import math

import numpy as np
import pytest

from sluicegate.evidence.drift_rows import FEWEST_ROWS
from sluicegate.evidence.prediction_drift import from_release, from_training
from sluicegate.evidence.resampling import Resampling

LABELS = ("no", "yes")
RESAMPLING = Resampling(100, 200, 0.95, 0)


def given(no: int, yes: int) -> np.ndarray:
    return np.array([0] * no + [1] * yes, dtype=np.int64)


def sure(no: int, yes: int) -> np.ndarray:
    return np.eye(2)[given(no, yes)]


def entropy(*shares: float) -> float:
    return -sum(share * math.log2(share) for share in shares if share)


def test_the_distance_of_two_sets_of_shares_by_hand() -> None:
    finding, figures = from_training(sure(50, 50), given(100, 0), LABELS, RESAMPLING)
    expected = math.sqrt(entropy(0.75, 0.25) - (entropy(0.5, 0.5) + entropy(1)) / 2)
    assert finding.value == pytest.approx(expected)  # 0.558
    assert finding.interval is not None
    assert finding.interval[0] < expected < finding.interval[1]
    assert (finding.n, finding.unit) == (200, "distance")
    assert figures["training"] == {"no": 50, "yes": 50}
    assert figures["test"] == {"no": 100, "yes": 0}


def test_nothing_in_common_is_the_most_and_the_same_is_none() -> None:
    assert from_training(sure(40, 0), given(0, 60), LABELS, RESAMPLING)[0].value == pytest.approx(1)
    same, _ = from_training(sure(20, 40), given(10, 20), LABELS, RESAMPLING)
    assert same.value == pytest.approx(0, abs=1e-7)


def test_the_same_labels_as_the_live_release_gives_are_no_distance_as_far_as_rows_tell() -> None:
    finding, figures = from_release(given(30, 70), given(30, 70), LABELS, RESAMPLING, "a1" * 32, "")
    assert finding.value == 0
    # no round shows one; none of 100 rows leaves a share of 1 - 0.025^(1/100) possible, and the distance its root
    assert finding.interval == pytest.approx((0, math.sqrt(1 - 0.025 ** (1 / 100))))
    assert finding.against == figures["against"] == "a1" * 32


def test_other_shares_than_the_live_release_gives() -> None:
    finding, _ = from_release(given(100, 0), given(50, 50), LABELS, RESAMPLING, "a1" * 32, "")
    assert finding.value == pytest.approx(0.5579, abs=1e-4)


@pytest.mark.parametrize(("learned", "asked"), [(FEWEST_ROWS - 1, 100), (100, FEWEST_ROWS - 1)])
def test_few_rows_are_no_evidence(learned: int, asked: int) -> None:
    finding, figures = from_training(sure(learned, 0), given(asked, 0), LABELS, RESAMPLING)
    assert (finding.status, finding.why) == (
        "not_evaluated",
        f"there are {learned} and {asked} rows to compare, and it takes 30 of each",
    )
    assert figures["why"] == finding.why


def test_a_release_of_other_labels_is_not_compared() -> None:
    finding, _ = from_release(given(50, 50), None, LABELS, RESAMPLING, "a1" * 32, "it knows other labels")
    assert (finding.status, finding.why, finding.against) == ("not_evaluated", "it knows other labels", "a1" * 32)


def test_answers_that_are_no_probabilities_are_not_taken_for_the_first_label() -> None:
    answers = sure(50, 50)
    answers[60:63] = np.nan
    finding, figures = from_training(answers, given(50, 50), LABELS, RESAMPLING)
    assert (finding.status, finding.why) == ("not_evaluated", "3 of 100 answers are no probabilities")
    assert figures["why"] == finding.why
