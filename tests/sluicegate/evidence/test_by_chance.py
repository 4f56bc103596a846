"""Intervals of figures that chance takes above 0 hold the truth where that is 0, and where it is not."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sluicegate.evidence.by_chance import calibrated_answers, down_to_0
from sluicegate.evidence.performance import measure_performance
from sluicegate.evidence.prediction_drift import from_release, from_training
from sluicegate.evidence.predictions import Predictions
from sluicegate.evidence.resampling import Resampled, Resampling
from sluicegate.evidence.scores import calibration_error, calibration_error_by_chance

SIMULATED = 60
LABELS = ("a", "b", "c", "d", "e")
EVEN, ODD = np.full(5, 0.2), np.array([0.5, 0.2, 0.1, 0.1, 0.1])


def test_what_chance_often_comes_to_may_be_nothing_and_what_it_seldom_does_is_something() -> None:
    chance = np.linspace(0, 1, 101)
    rounds = np.array([0.8, 0.97])
    assert down_to_0(Resampled(0.9, rounds), chance, 1.0).interval == (0.0, 0.97)
    assert down_to_0(Resampled(0.96, rounds), chance, 0.95).interval == pytest.approx((0.80425, 0.96575))
    assert down_to_0(Resampled(0.5, np.array([np.nan, 0.5])), chance, 0.95).interval is None


def test_what_chance_adds_is_taken_off_twice_and_no_more_than_there_is() -> None:
    # the squares' mean is 0.53 in the rounds and 0.5 of the figure: 0.03 each time
    figure, rounds = math.sqrt(0.5), np.sqrt([0.4, 0.66])
    assert down_to_0(Resampled(figure, rounds), np.zeros(9), 1.0).interval == pytest.approx((0.34**0.5, 0.66**0.5))
    assert down_to_0(Resampled(0.1, np.array([0.1, 0.9])), np.zeros(9), 1.0).interval == pytest.approx((0, 0.9))


def drawn(shares: np.ndarray, rows: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).choice(len(shares), rows, p=shares).astype(np.int64)


def distance(one: np.ndarray, other: np.ndarray) -> float:
    def entropy(shares: np.ndarray) -> float:
        return -float((shares * np.log2(shares)).sum())

    return math.sqrt(entropy((one + other) / 2) - (entropy(one) + entropy(other)) / 2)


@pytest.mark.parametrize("shares", [pytest.param(EVEN, id="none"), pytest.param(ODD, id="some")])
def test_the_interval_of_a_distance_holds_the_true_one(shares: np.ndarray) -> None:
    true, held = distance(EVEN, shares), 0
    for seed in range(SIMULATED):
        learned, asked = drawn(EVEN, 500, 2 * seed), drawn(shares, 200, 2 * seed + 1)
        finding, _ = from_training(np.eye(5)[learned], asked, LABELS, Resampling(200, 300, 0.95, seed))
        assert finding.interval is not None
        held += finding.interval[0] <= true <= finding.interval[1]
    assert held >= 0.85 * SIMULATED


@pytest.mark.parametrize("labels", [10, 20])
def test_the_interval_of_a_distance_over_many_labels_holds_the_true_one(labels: int) -> None:
    even, names = np.full(labels, 1 / labels), [f"l{number}" for number in range(labels)]
    moved = even * np.repeat([1.4, 0.6], labels // 2)
    true, of_training, of_release = distance(even, moved), 0, 0
    for seed in range(SIMULATED):
        learned, asked = drawn(even, 500, 2 * seed), drawn(moved, 300, 2 * seed + 1)
        resampling = Resampling(300, 300, 0.95, seed)
        trained, _ = from_training(np.eye(labels)[learned], asked, names, resampling)
        live, _ = from_release(asked, drawn(even, 300, 2 * seed), names, resampling, "a1" * 32, "")
        assert trained.interval is not None
        assert live.interval is not None
        of_training += trained.interval[0] <= true <= trained.interval[1]
        of_release += live.interval[0] <= true <= live.interval[1]
    assert of_training >= 0.85 * SIMULATED
    assert of_release >= 0.85 * SIMULATED


def test_the_interval_of_a_distance_from_a_release_that_answers_no_other_shares_holds_0() -> None:
    held = 0
    for seed in range(SIMULATED):
        candidate, live = drawn(EVEN, 200, 2 * seed), drawn(EVEN, 200, 2 * seed + 1)
        finding, _ = from_release(candidate, live, LABELS, Resampling(200, 300, 0.95, seed), "a1" * 32, "")
        assert finding.interval is not None
        held += finding.interval[0] == 0
    assert held >= 0.85 * SIMULATED


def answers_that_hold(confident: float, right: float, rows: int, seed: int) -> Predictions:
    """Two labels; answers of one confidence that are right in a share of their own."""
    random = np.random.default_rng(seed)
    given, correct = random.integers(0, 2, rows), random.random(rows) < right
    sure = np.where(np.eye(2)[given] == 1, confident, 1 - confident)
    return Predictions(("no", "yes"), np.where(correct, given, 1 - given), sure)


@pytest.mark.parametrize("right", [pytest.param(0.8, id="calibrated"), pytest.param(0.65, id="too sure")])
def test_the_interval_of_a_calibration_error_holds_the_true_one(right: float) -> None:
    held = 0
    for seed in range(SIMULATED):
        predictions = answers_that_hold(0.8, right, 200, seed)
        findings, _ = measure_performance(predictions, Resampling(200, 300, 0.95, seed), 5)
        [(low, high)] = [f.interval for f in findings if f.check == "performance.calibration_error" and f.interval]
        held += low <= 0.8 - right + 1e-9 and 0.8 - right - 1e-9 <= high
    assert held >= 0.85 * SIMULATED


def test_the_interval_of_a_small_calibration_error_holds_the_true_one() -> None:
    held = 0
    for seed in range(SIMULATED):
        random = np.random.default_rng(seed)
        confident = random.uniform(0.5, 1, 100)
        right = random.random(100) < confident - 0.05
        predictions = Predictions(("no", "yes"), np.where(right, 0, 1), np.c_[confident, 1 - confident])
        findings, _ = measure_performance(predictions, Resampling(100, 300, 0.95, seed), 5)
        [(low, high)] = [f.interval for f in findings if f.check == "performance.calibration_error" and f.interval]
        held += low <= 0.05 <= high
    assert held >= 0.9 * SIMULATED


def test_by_chance_the_figure_is_that_of_answers_drawn_as_they_are_confident() -> None:
    probabilities = np.random.default_rng(5).dirichlet([1, 1, 1], 40)
    [right_RN] = calibrated_answers(probabilities.max(1), 25, 3)
    given, other = probabilities.argmax(1), (probabilities.argmax(1) + 1) % 3
    expected = [calibration_error(np.ones((1, 40)), np.where(r == 1, given, other), probabilities)[0] for r in right_RN]
    assert calibration_error_by_chance(probabilities, 25, 3) == pytest.approx(expected)
