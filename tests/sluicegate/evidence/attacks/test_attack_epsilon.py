from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq
from scipy.stats import norm

from sluicegate.evidence.attacks.epsilon import epsilon_bound, largest_provable, measure_epsilon, provable_epsilon
from sluicegate.evidence.attacks.membership import Scores
from sluicegate.evidence.resampling import Resampling

RESAMPLING = Resampling(1, 100, 0.95, 1)
PERFECT = Scores(np.arange(1.0, 1001), -np.arange(1.0, 1001))


def claimed(epsilon: float, delta: float = 1e-6) -> dict[str, float]:
    return {"epsilon_rdp": epsilon + 0.5, "epsilon_prv": epsilon, "delta": delta}


def randomised_response(epsilon: float, rows: int, seed: int) -> Scores:
    """The truth about each row's membership with the odds of e^epsilon, else its contrary: exactly epsilon-private."""
    random = np.random.default_rng(seed)
    right = math.exp(epsilon) / (1 + math.exp(epsilon))
    return Scores((random.random(rows) < right).astype(float), (random.random(rows) >= right).astype(float))


def gaussian(shift: float, rows: int, seed: int) -> Scores:
    random = np.random.default_rng(seed)
    return Scores(random.normal(shift, 1, rows), random.normal(0, 1, rows))


def test_the_bound_by_hand() -> None:
    # no mistake on 3 and 3 rows at 90 %: each rate at 95 %, so 0.05^(1/3) = 0.368 found at least, 0.632 wrong at most
    assert provable_epsilon(3, 3, 0, 3, 0.0, 0.9) == 0
    # on 100 and 100: log ((0.05^0.01 - 0.001) / (1 - 0.05^0.01))
    found = 0.05**0.01
    assert provable_epsilon(100, 100, 0, 100, 0.001, 0.9) == pytest.approx(math.log((found - 0.001) / (1 - found)))
    assert largest_provable(100, 100, 0.001, 0.9) == pytest.approx(math.log((found - 0.001) / (1 - found)))
    assert provable_epsilon(0, 100, 0, 100, 0.0, 0.9) == 0


@given(right=st.integers(0, 49), wrong=st.integers(0, 49), delta=st.sampled_from([0.0, 1e-5, 0.01]))
def test_the_bound_rises_with_what_is_right_and_falls_with_what_is_wrong(right: int, wrong: int, delta: float) -> None:
    bound = provable_epsilon(right, 50, wrong, 50, delta, 0.95)
    assert provable_epsilon(right + 1, 50, wrong, 50, delta, 0.95) >= bound
    assert provable_epsilon(right, 50, wrong + 1, 50, delta, 0.95) <= bound
    assert provable_epsilon(right, 50, wrong, 50, delta, 0.99) <= bound
    assert provable_epsilon(right, 50, wrong, 50, delta + 0.01, 0.95) <= bound
    assert bound <= largest_provable(50, 50, delta, 0.95)


@pytest.mark.parametrize("epsilon", [0.0, 0.5, 1.0, 3.0])
def test_the_bound_stays_below_the_truth_as_often_as_it_says(epsilon: float) -> None:
    bounds = [epsilon_bound({"rr": randomised_response(epsilon, 400, s)}, 0.0, 0.95, s).epsilon for s in range(200)]
    assert sum(bound > epsilon for bound in bounds) <= 10


def test_the_bound_of_a_gaussian_mechanism_stays_below_what_its_theory_allows() -> None:
    # a value moved by one standard deviation of the noise; Balle & Wang (2018), theorem 8, at delta 1e-5
    def excess(epsilon: float) -> float:
        return float(norm.cdf(0.5 - epsilon) - math.exp(epsilon) * norm.cdf(-0.5 - epsilon) - 1e-5)

    allowed = brentq(excess, 0, 10)
    assert allowed == pytest.approx(4.377, abs=1e-3)
    bounds = [epsilon_bound({"noise": gaussian(1, 2000, seed)}, 1e-5, 0.95, seed).epsilon for seed in range(40)]
    assert max(bounds) < allowed
    assert min(bounds) > 0.5
    assert np.median(bounds) > 1


@pytest.mark.parametrize("epsilon", [0.5, 1.0, 3.0])
def test_the_bound_comes_near_the_truth_with_many_rows(epsilon: float) -> None:
    bound = epsilon_bound({"rr": randomised_response(epsilon, 100_000, 0)}, 0.0, 0.95, 0)
    assert 0.95 * epsilon < bound.epsilon <= epsilon


def test_a_threshold_chosen_on_the_rows_themselves_would_prove_what_is_not_so() -> None:
    """Why the halves: an attack that guesses, and of its 400 thresholds the luckiest."""

    def chosen_on_the_same(scores: Scores) -> float:
        thresholds = np.concatenate([scores.members_M, scores.others_N])[:, None]
        found, wrong = (scores.members_M >= thresholds).sum(1), (scores.others_N >= thresholds).sum(1)
        ways = [provable_epsilon(found, 200, wrong, 200, 0.0, 0.8)]
        ways.append(provable_epsilon(200 - wrong, 200, 200 - found, 200, 0.0, 0.8))
        return float(np.max(ways))

    guesses = [gaussian(0, 200, seed) for seed in range(100)]
    assert sum(chosen_on_the_same(scores) > 0 for scores in guesses) > 20 * 1.5
    assert sum(epsilon_bound({"guess": s}, 0.0, 0.8, 0).epsilon > 0 for s in guesses) <= 20


def test_the_best_attack_and_direction_are_chosen() -> None:
    # half of the others are known for certain, and nothing else
    sure = Scores(np.full(1000, 1.0), np.repeat([0.0, 1.0], 500))
    bound = epsilon_bound({"blind": gaussian(0, 1000, 0), "sure": sure}, 0.0, 0.95, 0)
    assert (bound.attack, bound.direction, bound.wrong, bound.of_right) == ("sure", "others", 0, 500)
    assert bound.epsilon > 4


def test_a_perfect_attack_contradicts_a_claim() -> None:
    (finding,), figures = measure_epsilon({"loss": PERFECT}, claimed(2), RESAMPLING)
    assert (finding.check, finding.unit, finding.n) == ("privacy.epsilon_excess", "epsilon (delta 1e-06)", 1000)
    assert finding.value is not None
    assert finding.value == pytest.approx(figures["bound"]["epsilon"] - 2)
    assert finding.value > 2
    assert (finding.confidence, finding.seed) == (RESAMPLING.confidence, RESAMPLING.seed)
    assert json.loads(json.dumps(figures)) == figures


def test_a_weak_attack_does_not_contradict_it() -> None:
    (finding,), figures = measure_epsilon({"loss": gaussian(0.2, 500, 0)}, claimed(2), RESAMPLING)
    assert finding.value is not None
    assert -2 <= finding.value < 0
    assert figures["claimed"] == 2


def test_a_claim_that_no_attack_could_reach_on_so_few_rows_is_not_evaluated() -> None:
    (finding,), _ = measure_epsilon({"loss": gaussian(0.2, 100, 0)}, claimed(8), RESAMPLING)
    assert finding.status == "not_evaluated"
    assert "on 100 rows no attack could prove more than" in finding.why
    assert "the claim is 8" in finding.why


def test_without_a_claim_there_is_nothing_to_contradict_but_the_bound_is_told() -> None:
    (finding,), figures = measure_epsilon({"loss": PERFECT}, {}, RESAMPLING)
    assert (finding.status, finding.unit) == ("not_applicable", "epsilon")
    assert figures["bound"]["epsilon"] > 4


@pytest.mark.parametrize(
    ("attacks", "why"),
    [
        pytest.param({}, "no membership attack was run", id="none"),
        pytest.param({"loss": Scores(np.full(50, np.nan), np.arange(50.0))}, "no finite score", id="NaN"),
    ],
)
def test_a_claim_that_was_not_attacked_is_not_evaluated(attacks: dict[str, Scores], why: str) -> None:
    (finding,), _ = measure_epsilon(attacks, claimed(2), RESAMPLING)
    assert finding.status == "not_evaluated"
    assert why in finding.why


def test_attacks_on_other_rows_are_refused() -> None:
    with pytest.raises(ValueError, match="the same rows"):
        epsilon_bound({"a": gaussian(0, 50, 0), "b": gaussian(0, 60, 0)}, 0.0, 0.95, 0)
