from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from sluicegate.evidence.attacks.membership import Scores, log_odds, measure_membership
from sluicegate.evidence.attacks.shadow_heads import OFFLINE_A, AttackedRows, halves, shadow_scores
from sluicegate.evidence.resampling import Floats, Resampling

RESAMPLING = Resampling(1, 200, 0.95, 0)


def attacked(learned: float, seed: int = 0, count: int = 300) -> AttackedRows:
    """Rows of very different hardness; a model that knows the truth, and of members `learned` nats more."""
    random = np.random.default_rng(seed)
    features = random.normal(size=(count, 4))
    slope = np.array([3.0, -2.0, 1.0, 0.0])
    actual = (random.random(count) < 1 / (1 + np.exp(-features @ slope))).astype(np.int64)
    logits = features @ slope * np.where(actual == 1, 1, -1)  # of the true label against the other
    logits[: count // 2] += learned
    given = 1 / (1 + np.exp(-logits))
    probabilities = np.where(np.eye(2)[actual] == 1, given[:, None], 1 - given[:, None])
    return AttackedRows(count // 2, features, actual, probabilities)


def auc(scores: Scores) -> float:
    truth = [1] * len(scores.members_M) + [0] * len(scores.others_N)
    return float(roc_auc_score(truth, np.concatenate([scores.members_M, scores.others_N])))


@pytest.mark.parametrize("seed", range(4))
def test_of_a_handful_of_rows_nothing_is_said(seed: int) -> None:
    scores = shadow_scores(attacked(1.0, count=6), seed)
    assert np.isnan([*scores.members_M, *scores.others_N]).all()
    assert scores.why_not()


def test_half_of_the_shadows_learn_from_each_row() -> None:
    seen = halves(50, seed=0, shadows=6)
    assert (seen.sum(0) == 3).all()
    assert seen.sum(1) == pytest.approx(np.full(6, 25), abs=12)
    assert (seen == halves(50, 0, 6)).all()
    assert (seen != halves(50, 1, 6)).any()


def test_what_was_learned_of_single_rows_shows_the_better_for_knowing_how_hard_they_are() -> None:
    rows = attacked(learned=1.0)
    odds = log_odds(rows.probabilities_BL, rows.actual_B)
    by_shadows = auc(shadow_scores(rows, seed=0))
    assert by_shadows > auc(Scores(odds[: rows.members], odds[rows.members :])) + 0.05
    assert by_shadows > 0.7


def test_of_a_model_that_learned_nothing_of_single_rows_nothing_shows() -> None:
    for seed in range(3):
        found = measure_membership(shadow_scores(attacked(0.0, seed), seed), RESAMPLING, "shadow_membership")[0][0]
        low, high = found.interval or (1, 0)
        assert low <= 0.5 <= high


def test_the_papers_score_over_a_population_has_the_same_order() -> None:
    rows = attacked(learned=1.0)
    ratio = shadow_scores(rows, seed=0)
    population = np.exp(shadow_scores(attacked(0.0, seed=9), seed=0).others_N)

    def over_population(ratio_B: Floats) -> Floats:
        return (np.exp(ratio_B)[:, None] / population > 1).mean(1)  # gamma 1

    paper = Scores(over_population(ratio.members_M), over_population(ratio.others_N))
    both = np.concatenate([ratio.members_M, ratio.others_N])
    score = np.concatenate([paper.members_M, paper.others_N])
    assert (np.diff(score[np.argsort(both)]) >= 0).all()
    assert auc(paper) == pytest.approx(auc(ratio), abs=0.02)


def test_the_same_seed_gives_the_same_scores() -> None:
    rows = attacked(1.0, count=80)
    first, again, other = (shadow_scores(rows, seed, shadows=4) for seed in (0, 0, 1))
    assert (first.members_M == again.members_M).all()
    assert (first.members_M != other.members_M).any()


def test_a_label_that_a_half_lacks_is_given_no_probability() -> None:
    rows = attacked(0.0, count=60)
    lonely = replace(rows, actual_B=np.where(np.arange(60) == 7, 1, 0))
    scores = shadow_scores(lonely, seed=0, shadows=4)
    # the shadows that did not learn from row 7 know no label but 0, so what is expected of it is (1 - a) / 2
    assert scores.members_M[7] == pytest.approx(np.log(rows.probabilities_BL[7, 1] / ((1 - OFFLINE_A) / 2)))


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param({"actual_B": np.zeros(80, dtype=np.int64)}, id="one label"),
        pytest.param({"features_BD": np.full((80, 4), np.nan)}, id="NaN features"),
        pytest.param({"probabilities_BL": np.full((80, 2), np.nan)}, id="NaN probabilities"),
    ],
)
def test_rows_that_cannot_be_attacked_are_not_evaluated(broken: dict[str, np.ndarray]) -> None:
    scores = shadow_scores(replace(attacked(1.0, count=80), **broken), seed=0, shadows=4)
    findings, _ = measure_membership(scores, RESAMPLING, "shadow_membership")
    assert {f.status for f in findings} == {"not_evaluated"}


def test_an_odd_number_of_shadows_is_refused() -> None:
    with pytest.raises(ValueError, match="even number"):
        shadow_scores(attacked(1.0, count=80), seed=0, shadows=3)
