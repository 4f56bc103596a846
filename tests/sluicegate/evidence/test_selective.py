from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sluicegate.evidence.predictions import Predictions
from sluicegate.evidence.resampling import Resampling
from sluicegate.evidence.selective import accuracy_at_coverage, measure_selective, risk_coverage_area
from sluicegate.evidence.selective_catalogue import SELECTIVE_CATALOGUE

ROUNDS = {"rounds": 200, "confidence": 0.95, "seed": 0}


def predictions(actual: Sequence[int], yes: Sequence[float]) -> Predictions:
    chance = np.array(yes, dtype=np.float64)
    return Predictions(("no", "yes"), np.array(actual, dtype=np.int64), np.stack([1 - chance, chance], axis=1))


def ones(rows: int) -> np.ndarray:
    return np.ones((1, rows))


def test_area_and_accuracies_by_hand() -> None:
    right, confidence = np.array([True, True, False, True, False]), np.array([0.9, 0.8, 0.7, 0.6, 0.55])
    # risks 0/1, 0/2, 1/3, 1/4, 2/5
    assert risk_coverage_area(ones(5), right, confidence)[0] == pytest.approx((1 / 3 + 1 / 4 + 2 / 5) / 5)
    assert accuracy_at_coverage(ones(5), right, confidence, 0.8)[0] == pytest.approx(3 / 4)
    assert accuracy_at_coverage(ones(5), right, confidence, 0.5)[0] == pytest.approx(2 / 2.5)  # half of a wrong row
    assert accuracy_at_coverage(ones(5), right, confidence, 1.0)[0] == pytest.approx(3 / 5)


def test_equal_confidence_is_one_threshold_whatever_the_order() -> None:
    confidence = np.array([0.9, 0.6, 0.6, 0.6])
    for right in ([True, True, False, False], [True, False, False, True]):
        assert risk_coverage_area(ones(4), np.array(right), confidence)[0] == pytest.approx(3 / 4 * 1 / 2)
        assert accuracy_at_coverage(ones(4), np.array(right), confidence, 0.5)[0] == pytest.approx((1 + 1 / 3) / 2)


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 6), st.integers(0, 3)), min_size=1, max_size=12))
@settings(max_examples=60)
def test_a_weight_counts_like_copies_of_the_row(rows: list[tuple[bool, int, int]]) -> None:
    right = np.array([row[0] for row in rows])
    confidence = np.array([row[1] / 6 for row in rows])
    times = np.array([row[2] for row in rows])
    if times.sum():
        for figure in (risk_coverage_area, lambda w, r, c: accuracy_at_coverage(w, r, c, 0.5)):
            weighted = figure(times[None].astype(float), right, confidence)
            assert weighted == pytest.approx(
                figure(ones(int(times.sum())), np.repeat(right, times), np.repeat(confidence, times))
            )


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 1000)), min_size=2, max_size=30, unique_by=lambda row: row[1]))
@settings(max_examples=60)
def test_without_ties_the_area_is_the_mean_of_the_running_risks(rows: list[tuple[bool, int]]) -> None:
    ordered = [right for right, _ in sorted(rows, key=lambda row: -row[1])]
    running = np.cumsum(np.logical_not(ordered)) / np.arange(1, len(ordered) + 1)
    area = risk_coverage_area(
        ones(len(rows)), np.array([right for right, _ in rows]), np.array([float(sure) for _, sure in rows])
    )
    assert area[0] == pytest.approx(running.mean())


def test_the_findings_are_those_of_the_catalogue_with_intervals() -> None:
    random = np.random.default_rng(0)
    yes = random.random(200)
    actual = (random.random(200) < yes).astype(int)
    findings, figures = measure_selective(predictions(actual, yes), Resampling(200, **ROUNDS), 30)
    assert [finding.check for finding in findings] == [check.name for check in SELECTIVE_CATALOGUE]
    values = {finding.check: finding.value for finding in findings}
    assert values["performance.accuracy_at_50"] > values["performance.accuracy_at_80"]  # a calibrated model
    for finding in findings:
        assert finding.status == "measured"
        assert finding.interval is not None
        assert finding.interval[0] <= finding.value <= finding.interval[1]
        assert finding.seed == 0
    assert [finding.n for finding in findings] == [200, 160, 100]
    at_all = figures["curve"][-1]
    assert at_all["coverage"] == 1
    assert at_all["risk"]["value"] == pytest.approx(float(((yes > 0.5) != actual).mean()))


@pytest.mark.parametrize(
    ("actual", "yes", "why"),
    [
        pytest.param([0, 1], [0.2, 0.9], "2 rows, fewer than 3", id="few rows"),
        pytest.param([1] * 4, [0.2, 0.9, 0.8, 0.3], "all rows have the same label", id="one class"),
        pytest.param([0, 1, 0, 1], [0.6, 0.9, 0.8, 0.7], "all rows are given the same label", id="one answer"),
        pytest.param([0, 1, 0, 1], [0.2, np.nan, 0.8, 0.3], "1 of 4 answers are no probabilities", id="NaN"),
        pytest.param([0, 1, 0, 1], [0.25, 0.75, 0.75, 0.25], "equally sure of every row", id="equal confidence"),
    ],
)
def test_what_cannot_be_measured_says_why(actual: list[int], yes: list[float], why: str) -> None:
    findings, figures = measure_selective(predictions(actual, yes), Resampling(len(actual), **ROUNDS), 3)
    assert {finding.status for finding in findings} == {"not_evaluated"}
    assert all(why in finding.why for finding in findings)
    assert why in figures["why"]


def test_a_share_of_fewer_rows_than_enough_is_not_told() -> None:
    yes = np.random.default_rng(1).random(40)
    findings, _ = measure_selective(predictions((yes > 0.4).astype(int), yes), Resampling(40, **ROUNDS), 30)
    assert [(finding.status, finding.n) for finding in findings] == [
        ("measured", 40),
        ("measured", 32),
        ("not_evaluated", 20),
    ]
    assert findings[2].why == "20 rows are as confident, fewer than 30"


def surest_first(right: np.ndarray, surest: float = 0.99, least: float = 0.55) -> Predictions:
    """Answers to rows of falling confidence, every other one “yes”, of which these are right."""
    confidence, given = np.linspace(surest, least, len(right)), np.arange(len(right)) % 2
    return predictions(np.where(right, given, 1 - given), np.where(given == 1, confidence, 1 - confidence))


@pytest.mark.parametrize("first_wrong", [60, 63, 66, 68, 72, 80])
def test_half_without_a_mistake_is_as_unsure_as_so_many_rows_whatever_lies_beyond(first_wrong: int) -> None:
    right = np.ones(100, dtype=bool)
    right[first_wrong::3] = False
    findings, figures = measure_selective(surest_first(right), Resampling(100, 1000, 0.95, 1), 30)
    half = next(finding for finding in findings if finding.check == "performance.accuracy_at_50")
    assert half.value == 1.0
    assert half.interval == pytest.approx((0.025 ** (1 / 50), 1.0))  # Clopper & Pearson's, of 50 hits of 50: 0.929
    risk = next(point["risk"] for point in figures["curve"] if point["coverage"] == 0.5)
    assert risk["interval"] == pytest.approx([0.0, 1 - 0.025 ** (1 / 50)])


def test_half_without_a_right_answer_is_as_unsure() -> None:
    right = np.zeros(100, dtype=bool)
    right[66::3] = True
    findings, _ = measure_selective(surest_first(right), Resampling(100, 1000, 0.95, 1), 30)
    half = next(finding for finding in findings if finding.check == "performance.accuracy_at_50")
    assert half.value == 0.0
    assert half.interval == pytest.approx((0.0, 1 - 0.025 ** (1 / 50)))


def test_the_interval_holds_the_true_accuracy_as_often_as_it_says() -> None:
    random, held, draws = np.random.default_rng(0), 0, 150
    for draw in range(draws):
        right = random.random(100) < np.where(np.arange(100) < 60, 0.97, 0.75)  # few mistakes for a while beyond half
        findings, _ = measure_selective(surest_first(right), Resampling(100, 200, 0.95, draw), 30)
        low, high = next(f.interval for f in findings if f.check == "performance.accuracy_at_50")
        held += low <= 0.97 <= high
    assert held / draws >= 0.95
