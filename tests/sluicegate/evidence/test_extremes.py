"""Intervals of what is lowest or farthest apart, and of what no row shows otherwise."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest, norm

from sluicegate.evidence.extremes import gap, largest, lowest, together, widest_gap
from sluicegate.evidence.groups import measure_groups
from sluicegate.evidence.performance import measure_performance
from sluicegate.evidence.resampling import Behind, Estimate, Resampled, Resampling
from tests.sluicegate.evidence.made_up import answers

THREE = [Estimate(0.5, (0.4, 0.6)), Estimate(0.55, (0.3, 0.9)), Estimate(0.7, (0.65, 0.8))]


def test_by_hand() -> None:
    assert lowest(THREE) == Estimate(0.5, (0.3, 0.6))  # the second may be the lowest in truth, and none is above 0.6
    assert largest(THREE) == Estimate(0.7, (0.65, 0.9))
    found = gap(THREE)
    assert found.value == pytest.approx(0.2)
    assert found.interval == pytest.approx((0.05, 0.6))  # the third is at least 0.65, the first at most 0.6


def test_what_may_be_equal_may_have_no_gap() -> None:
    assert gap(THREE[:2]).interval == pytest.approx((0, 0.6))


@pytest.mark.parametrize("found", [lowest([]), largest([]), gap([]), gap(THREE[:1]), widest_gap([], 0.95)])
def test_of_nothing_there_is_none(found: Estimate) -> None:
    assert np.isnan(found.value)
    assert found.interval is None


def test_a_part_without_an_interval_leaves_all_without() -> None:
    parts = [*THREE, Estimate(0.8, None)]
    assert (lowest(parts).value, lowest(parts).interval) == (0.5, None)
    assert gap(parts).interval is None


def test_undefined_parts_are_left_out_and_the_others_hold_together() -> None:
    rounds_R = np.arange(10_001.0)
    parts = [Resampled(5000.0, rounds_R), Resampled(np.nan, rounds_R * np.nan), Resampled(5000.0, rounds_R)]
    found = together(parts, 0.95)
    margin = norm.ppf(1 - 0.025 / 2) * rounds_R.std()  # further out than 1.25 % of the rounds
    assert [estimate.interval for estimate in found] == [pytest.approx((5000 - margin, 5000 + margin))] * 2


def test_only_gaps_of_two_parts_are_compared() -> None:
    rounds_R = np.linspace(0.4, 0.6, 1001)
    alone, pair = [Resampled(0.9, rounds_R + 0.4)], [Resampled(0.5, rounds_R), Resampled(0.55, rounds_R + 0.05)]
    assert widest_gap([alone, pair], 0.95).value == pytest.approx(0.05)


def test_a_counted_share_among_several_has_its_exact_interval() -> None:
    part = Resampled(0.9, np.linspace(0.85, 0.95, 100), Behind.share(40))
    exact = binomtest(36, 40).proportion_ci(1 - 0.05 / 4, method="exact")
    assert part.estimate(0.95, 4).interval == pytest.approx((exact.low, exact.high))


def test_an_interval_holds_its_figure() -> None:
    assert Resampled(0.5, np.linspace(0.6, 0.7, 100)).estimate(0.95).interval == pytest.approx((0.5, 0.6975))


def test_rounds_that_are_all_alike_are_as_sure_as_their_rows() -> None:
    same_R = np.ones(100)
    assert Resampled(1.0, same_R).estimate(0.95).interval is None
    assert Resampled(1.0, same_R, Behind((30, 0))).estimate(0.95).interval is None
    exact = binomtest(30, 30).proportion_ci(0.95, method="exact")
    assert Resampled(1.0, same_R, Behind((30,))).estimate(0.95).interval == pytest.approx((exact.low, 1))
    assert Resampled(0.0, same_R * 0, Behind((30,))).estimate(0.95).interval == pytest.approx((0, 1 - exact.low))
    assert Resampled(0.0, same_R * 0, Behind((30,), -1)).estimate(0.95).interval == pytest.approx(
        (exact.low - 1, 1 - exact.low)
    )


def test_a_candidate_without_a_mistake_is_not_sure_of_making_none() -> None:
    predictions = answers([0, 1] * 30, [0, 1] * 30, ("no", "yes"))
    found = {f.check: f for f in measure_performance(predictions, Resampling(60, 200, 0.95, 0), 10)[0]}
    of_30, of_60 = 0.025 ** (1 / 30), 0.025 ** (1 / 60)
    for name in ("recall[no]", "precision[no]", "f1[no]", "macro_f1", "balanced_accuracy", "roc_auc"):
        assert found[f"performance.{name}"].interval == pytest.approx((of_30, 1)), name
    assert found["performance.accuracy"].interval == pytest.approx((of_60, 1))
    assert found["performance.pr_auc"].interval is None


def test_figures_of_a_label_count_its_rows() -> None:
    predictions = answers([0] * 40 + [1] * 20, [0] * 30 + [1] * 30, ("no", "yes"))
    found = {f.check: f.n for f in measure_performance(predictions, Resampling(60, 100, 0.95, 0), 10)[0]}
    assert [found[f"performance.{name}[no]"] for name in ("recall", "f1", "precision")] == [40, 40, 30]
    assert [found[f"performance.{name}[yes]"] for name in ("recall", "f1", "precision")] == [20, 20, 30]
    assert found["performance.accuracy"] == 60


@pytest.mark.parametrize(("groups", "rows"), [(2, 150), (10, 60), (30, 40)])
def test_groups_that_are_equal_in_truth_may_be_so_by_their_intervals(groups: int, rows: int) -> None:
    names = np.repeat([f"g{number:02}" for number in range(groups)], rows)
    held = {"accuracy_gap": 0, "accuracy_lowest": 0}
    for seed in range(20):
        random = np.random.default_rng(seed)
        actual = random.integers(0, 2, groups * rows)
        given = np.where(random.random(groups * rows) < 0.8, actual, 1 - actual)
        predictions = answers(actual.tolist(), given.tolist(), ("no", "yes"))
        resampling = Resampling(groups * rows, 200, 0.95, seed)
        found = {f.check: f for f in measure_groups(predictions, "place", names.tolist(), resampling, 10)[0]}
        for name, truth in (("accuracy_gap", 0.0), ("accuracy_lowest", 0.8)):
            low, high = found[f"group.{name}[place]"].interval or (1, 0)
            assert low <= found[f"group.{name}[place]"].value <= high
            held[name] += low <= truth <= high
    assert min(held.values()) >= 18
