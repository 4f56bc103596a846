from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score, roc_curve

from sluicegate.evidence.attacks.membership import (
    Scores,
    log_odds,
    measure_membership,
    rate_interval,
    true_positive_rate,
)
from sluicegate.evidence.attacks.sampling import Stratified
from sluicegate.evidence.resampling import Resampling
from sluicegate.evidence.sampling import sample_rows

RESAMPLING = Resampling(1, 300, 0.95, 5)
SCORES = st.lists(st.integers(-9, 9), min_size=30, max_size=60)


def normal(shift: float, members: int = 400, others: int = 400, seed: int = 0) -> Scores:
    random = np.random.default_rng(seed)
    return Scores(random.normal(shift, 1, members), random.normal(0, 1, others))


def test_rates_by_hand() -> None:
    scores = Scores(np.array([9.0, 8, 7, 3]), np.array([8.0, 6, 5, 4]))
    assert true_positive_rate(scores, 0) == 1 / 4  # only 9 exceeds every other
    assert true_positive_rate(scores, 0.25) == 3 / 4  # the 8 of the others may be taken for a member
    assert true_positive_rate(scores, 0.5) == 3 / 4
    assert true_positive_rate(scores, 0.75) == 3 / 4


@given(members=SCORES, others=SCORES, rate=st.sampled_from([0.05, 0.1, 0.25, 0.5]))
@settings(max_examples=80)
def test_a_rate_is_the_best_point_of_scikit_learns_curve(members: list[int], others: list[int], rate: float) -> None:
    truth, value = [1] * len(members) + [0] * len(others), members + others
    fpr, tpr, _ = roc_curve(truth, value, drop_intermediate=False)
    scores = Scores(np.array(members, dtype=float), np.array(others, dtype=float))
    assert true_positive_rate(scores, rate) == pytest.approx(tpr[fpr <= rate + 1e-12].max())


@given(members=SCORES, others=SCORES, scale=st.floats(0.01, 100), shift=st.floats(-50, 50))
@settings(max_examples=30)
def test_only_the_order_of_the_scores_counts(members: list[int], others: list[int], scale: float, shift: float) -> None:
    scores = Scores(np.array(members, dtype=float), np.array(others, dtype=float))
    mapped = Scores(np.exp(scores.members_M / 9) * scale + shift, np.exp(scores.others_N / 9) * scale + shift)
    found, _ = measure_membership(scores, RESAMPLING)
    assert [f.model_dump() for f in found] == [f.model_dump() for f in measure_membership(mapped, RESAMPLING)[0]]


def test_the_area_is_that_of_scikit_learn_and_its_interval_near_that_of_theory() -> None:
    scores = normal(1.0)
    (auc, *_), figures = measure_membership(scores, RESAMPLING)
    assert auc.value == pytest.approx(
        roc_auc_score([1] * 400 + [0] * 400, np.concatenate([scores.members_M, scores.others_N]))
    )
    assert (auc.n, auc.seed, auc.confidence) == (800, 5, 0.95)
    # Hanley & McNeil (1982): the standard error of an area of 0.76 on 400 and 400 rows is about 0.0167
    low, high = auc.interval or (0, 1)
    assert high - low == pytest.approx(2 * 1.96 * 0.0167, rel=0.2)
    assert json.loads(json.dumps(figures)) == figures


def test_a_perfect_attack_finds_every_row() -> None:
    findings, figures = measure_membership(Scores(np.arange(1.0, 1001), -np.arange(1.0, 1001)), RESAMPLING)
    assert [f.value for f in findings] == [1, 1, 1]
    assert [f.check for f in findings] == [
        "privacy.membership_auc",
        "privacy.membership_tpr_at_0_1_percent",
        "privacy.membership_tpr_at_1_percent",
    ]
    assert findings[1].interval == (
        0,
        1,
    )  # the threshold may lie beyond all of these
    low, high = findings[2].interval or (0, 0)
    assert 0.99 < low < 1  # as Clopper & Pearson have it, though every round of the bootstrap finds all
    assert high == 1
    low, high = findings[0].interval or (0, 0)
    assert 0.99 < low < 1
    assert set(figures["curve"]["tpr"]) == {1.0}


def test_a_blind_attack_is_told_as_one() -> None:
    auc, low_rate, rate = measure_membership(normal(0, 1000, 1000), RESAMPLING, "shadow_membership")[0]
    for finding, guessing in ((auc, 0.5), (low_rate, 0.001), (rate, 0.01)):
        low, high = finding.interval or (1, 0)
        assert low <= guessing <= high
    assert auc.check == "privacy.shadow_membership_auc"


@pytest.mark.parametrize(
    ("shift", "members", "others", "rate", "truth"),
    [
        # members are normal about the shift, others about 0: above the others' 99 % point are 9.24 % of the members
        pytest.param(1, 500, 500, 0.01, 0.0924, id="5 others above the threshold"),
        pytest.param(1.5, 500, 1000, 0.001, 0.0559, id="1 other above it"),
    ],
)
def test_the_interval_of_a_rate_holds_the_truth_as_often_as_it_says(
    shift: float, members: int, others: int, rate: float, truth: float
) -> None:
    ends = [rate_interval(normal(shift, members, others, seed), rate, 0.95) for seed in range(200)]
    assert sum(low <= truth <= high for low, high in ends) >= 188


@given(members=SCORES, others=SCORES, rate=st.sampled_from([0.05, 0.1, 0.25, 0.5]))
@settings(max_examples=80)
def test_the_interval_holds_the_rate_where_many_scores_are_equal(
    members: list[int], others: list[int], rate: float
) -> None:
    scores = Scores(np.array(members, dtype=float) // 4, np.array(others, dtype=float) // 4)
    low, high = rate_interval(scores, rate, 0.95)
    assert 0 <= low <= true_positive_rate(scores, rate) <= high <= 1


def test_a_share_of_less_than_one_row_is_not_evaluated() -> None:
    found = {f.check: f for f in measure_membership(normal(1, 500, 500), RESAMPLING)[0]}
    assert found["privacy.membership_tpr_at_1_percent"].status == "measured"
    low_rate = found["privacy.membership_tpr_at_0_1_percent"]
    assert low_rate.status == "not_evaluated"
    assert "0.1% of 500 rows that were not trained on is less than one row; it takes 1,000" in low_rate.why
    assert measure_membership(normal(1, 40, 1000), RESAMPLING)[0][1].status == "measured"


@pytest.mark.parametrize(
    ("members", "others", "why"),
    [
        pytest.param(np.arange(29.0), np.arange(90.0), "29 members, fewer than 30", id="few members"),
        pytest.param(np.arange(90.0), np.array([]), "0 rows that were not trained on", id="no others"),
        pytest.param(np.full(90, np.nan), np.arange(90.0), "90 of 180 rows no finite score", id="NaN"),
        pytest.param(np.full(90, 0.5), np.full(90, 0.5), "every row the same score", id="all equal"),
    ],
)
def test_nothing_is_concluded_from_too_little(members: np.ndarray, others: np.ndarray, why: str) -> None:
    findings, figures = measure_membership(Scores.of_losses(members, others), RESAMPLING)
    assert {f.status for f in findings} == {"not_evaluated"}
    assert all(why in f.why for f in findings)
    assert why in figures["why"]


def test_log_odds_go_with_the_loss_and_part_rows_whose_probability_rounds_to_one() -> None:
    probabilities = np.array([[1.0, 1e-20], [1.0, 1e-30], [0.3, 0.7], [1.0, 0.0]])
    odds = log_odds(probabilities, np.array([0, 0, 0, 1]))
    assert odds[:3] == pytest.approx([-np.log(1e-20), -np.log(1e-30), np.log(0.3 / 0.7)])
    assert odds[3] < -700
    assert np.isfinite(odds).all()
    assert np.isnan(log_odds(np.array([[np.nan, 0.5]]), np.array([0]))).all()


def test_the_sample_is_seeded_and_draws_each_row_once() -> None:
    drawn = sample_rows(2000, seed=3)
    assert len(set(drawn)) == len(drawn) == 500
    assert (drawn == sample_rows(2000, seed=3)).all()
    assert (drawn != sample_rows(2000, seed=4)).any()
    assert sample_rows(7, seed=3).tolist() == list(range(7))


def test_every_round_draws_each_stratum_in_full() -> None:
    weights = np.concatenate(list(Stratified.like(RESAMPLING, 3, 5).weights_RN()))
    assert weights.shape == (300, 8)
    assert (weights[:, :3].sum(1) == 3).all()
    assert (weights[:, 3:].sum(1) == 5).all()
    assert weights.mean(0) == pytest.approx(np.ones(8), abs=0.2)
