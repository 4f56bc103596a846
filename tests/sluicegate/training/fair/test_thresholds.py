"""Thresholds under which groups are selected alike."""

from __future__ import annotations

import json
from dataclasses import asdict
from itertools import product
from typing import Any

import numpy as np
import pytest
from fairlearn.metrics import demographic_parity_difference, equalized_odds_difference
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sklearn.metrics import balanced_accuracy_score

from sluicegate.errors import InputRefused
from sluicegate.training.fair.group_rates import Criterion
from sluicegate.training.fair.thresholds import Thresholds, find_thresholds, margins, selected

FAIRLEARN = {"demographic-parity": demographic_parity_difference, "equalized-odds": equalized_odds_difference}
CRITERIA: tuple[Criterion, ...] = ("demographic-parity", "equalized-odds")


def two_groups(seed: int, rows: int = 800, gap: float = 1.0) -> tuple[Any, Any, list[str]]:
    """Margins that rank well inside each group, with group b's lower by `gap`."""
    draw = np.random.default_rng(seed)
    groups, positives = draw.choice(["a", "b"], rows), draw.random(rows) < 0.5
    scores = draw.normal(size=rows) + 2.0 * positives - 1.0 - gap * (groups == "b")
    return scores, positives, groups.tolist()


def test_known_answer_with_one_threshold() -> None:
    # At 0 three of four a are selected and one of four b. At −2.5 three of four of each are, and all of them rightly.
    scores = np.array([3.0, 2.0, 1.0, -3.0, 4.0, -1.0, -2.0, -4.0])
    positives = np.array([True, True, True, False, True, True, True, False])
    found = find_thresholds(
        scores,
        positives,
        ["a"] * 4 + ["b"] * 4,
        label="x",
        criterion="demographic-parity",
        limit=0.0,
        smallest=1,
    )
    assert (found.disparity_before, found.balanced_accuracy_before) == (0.5, pytest.approx((4 / 6 + 1) / 2))
    assert (found.met, found.threshold, found.disparity, found.balanced_accuracy) == (True, -2.5, 0.0, 1.0)


@pytest.mark.parametrize("criterion", CRITERIA)
@pytest.mark.parametrize("use", ["one", "by-group"])
def test_figures_are_fairlearns_and_scikit_learns(criterion: Criterion, use: Any) -> None:
    scores, positives, groups = two_groups(3)
    found = find_thresholds(scores, positives, groups, label="x", criterion=criterion, limit=0.05, use=use)
    chosen = selected(scores, groups, found)
    disparity = FAIRLEARN[criterion](positives, chosen, sensitive_features=groups)
    assert found.disparity == pytest.approx(disparity)
    assert found.balanced_accuracy == pytest.approx(balanced_accuracy_score(positives, chosen))
    before = FAIRLEARN[criterion](positives, scores >= 0, sensitive_features=groups)
    assert found.disparity_before == pytest.approx(before)
    assert found.balanced_accuracy_before == pytest.approx(balanced_accuracy_score(positives, scores >= 0))


@pytest.mark.parametrize("criterion", CRITERIA)
def test_thresholds_by_group_meet_what_one_cannot_at_no_loss(criterion: Criterion) -> None:
    scores, positives, groups = two_groups(5)
    one = find_thresholds(scores, positives, groups, label="x", criterion=criterion, limit=0.05)
    each = find_thresholds(scores, positives, groups, label="x", criterion=criterion, limit=0.05, use="by-group")
    assert each.met
    assert each.disparity <= 0.05 < each.disparity_before
    assert each.balanced_accuracy > max(0.8, one.balanced_accuracy)
    assert each.by_group["a"] - each.by_group["b"] == pytest.approx(1.0, abs=0.4)
    assert one.by_group == {}


def test_a_limit_that_nothing_keeps_is_said_and_the_nearest_is_taken() -> None:
    scores, positives, groups = two_groups(5, gap=4.0)
    found = find_thresholds(scores, positives, groups, label="x", criterion="equalized-odds", limit=0.0)
    assert not found.met
    assert found.disparity <= found.disparity_before
    # a is separated and b is not: each at its own threshold, no two rates are alike either
    apart = np.where(np.array(groups) == "a", np.where(positives, 1.0, -1.0), np.where(positives, -1.0, 1.0))
    by_group = find_thresholds(
        apart, positives, groups, label="x", criterion="equalized-odds", limit=0.1, use="by-group"
    )
    assert not by_group.met


def test_what_already_holds_is_left_alone() -> None:
    scores = np.array([1.0, -1.0] * 100)
    found = find_thresholds(scores, scores > 0, ["a", "a", "b", "b"] * 50, label="x", criterion=CRITERIA[0], limit=0.1)
    assert (found.met, found.threshold, found.balanced_accuracy) == (True, 0.0, 1.0)


@st.composite
def small_rows(draw: st.DrawFn) -> tuple[Any, Any, list[str]]:
    rows = draw(st.integers(4, 12))
    scores = draw(st.lists(st.integers(-4, 4), min_size=rows, max_size=rows))
    positives = draw(st.lists(st.booleans(), min_size=rows, max_size=rows))
    groups = draw(st.lists(st.sampled_from(["a", "b"]), min_size=rows, max_size=rows))
    return np.array(scores, dtype=float), np.array(positives), groups


def plain_disparity(criterion: Criterion, positives: Any, chosen: Any, is_a: Any) -> float:
    kinds = [np.ones_like(positives)] if criterion == "demographic-parity" else [positives, ~positives]
    return float(max(abs(chosen[kind & is_a].mean() - chosen[kind & ~is_a].mean()) for kind in kinds))


@settings(max_examples=60)
@given(small_rows(), st.sampled_from(CRITERIA), st.sampled_from([0.0, 0.2, 0.5]), st.booleans())
def test_no_thresholds_that_keep_the_limit_are_better(
    rows: tuple[Any, Any, list[str]], criterion: Criterion, limit: float, by_group: bool
) -> None:
    scores, positives, groups = rows
    kinds = {(g, bool(p)) for g, p in zip(groups, positives, strict=True)}
    assume(len(kinds) == 4)
    distinct = np.unique(scores)
    cuts = [0.0, *(distinct[:-1] + distinct[1:]) / 2]
    is_a = np.array(groups) == "a"
    best = 0.5
    for a, b in product(cuts, cuts):
        if by_group or a == b:
            chosen = scores >= np.where(is_a, a, b)
            if plain_disparity(criterion, positives, chosen, is_a) <= limit + 1e-9:
                best = max(best, (chosen[positives].mean() + (~chosen)[~positives].mean()) / 2)
    use: Any = "by-group" if by_group else "one"
    found = find_thresholds(scores, positives, groups, label="x", criterion=criterion, limit=limit, smallest=1, use=use)
    assert found.met == (best > 0.5)
    if found.met:
        assert found.balanced_accuracy == pytest.approx(best)


def test_a_threshold_for_all_goes_into_the_bias_of_the_label() -> None:
    draw = np.random.default_rng(0)
    logits_NL, threshold = draw.normal(size=(500, 3)), 0.37
    shifted_NL = logits_NL - threshold * np.eye(3)[1]
    np.testing.assert_array_equal(margins(logits_NL, 1) >= threshold, shifted_NL.argmax(1) == 1)


def test_small_and_missing_groups_are_not_compared_but_counted() -> None:
    scores, positives, groups = two_groups(7)
    known = find_thresholds(scores, positives, groups, label="x", criterion=CRITERIA[0], limit=0.1, use="by-group")
    more = [*groups, "c", "c", None, ""]
    scores, positives = np.append(scores, [9.0, 9.0, 9.0, 9.0]), np.append(positives, [True, False, True, False])
    found = find_thresholds(scores, positives, more, label="x", criterion=CRITERIA[0], limit=0.1, use="by-group")
    assert found.left_out == {"c": 2}
    assert set(found.by_group) == {"a", "b"}
    assert found.disparity_before == known.disparity_before
    chosen = selected(scores, more, found)
    assert found.balanced_accuracy == pytest.approx(balanced_accuracy_score(positives, chosen))


def test_it_is_json_both_ways() -> None:
    scores, positives, groups = two_groups(1)
    found = find_thresholds(scores, positives, groups, label="x", criterion=CRITERIA[1], limit=0.1, use="by-group")
    assert Thresholds(**json.loads(json.dumps(asdict(found)))) == found


def test_rows_that_cannot_be_compared_are_refused() -> None:
    scores, positives, groups = two_groups(1, rows=100)
    with pytest.raises(InputRefused, match="all or none have 'x'"):
        find_thresholds(scores, np.ones(100, dtype=bool), groups, label="x", criterion=CRITERIA[0], limit=0.1)
    with pytest.raises(InputRefused, match="1 groups have the 30 rows"):
        find_thresholds(scores, positives, ["a"] * 100, label="x", criterion=CRITERIA[0], limit=0.1)
