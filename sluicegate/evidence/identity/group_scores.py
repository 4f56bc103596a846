"""Rates and areas under curves of each group, one label against the rest, as functions of row weights.

A row may mention several groups, so they overlap; a group's background is every row that does not mention it.

Shapes: R rounds, N rows, T thresholds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sluicegate.evidence.predictions import Predictions
from sluicegate.evidence.resampling import Floats
from sluicegate.evidence.scores import areas_under_curves

RATES = ("selection_rate", "true_positive_rate", "false_positive_rate")
AREAS_UNDER_CURVES = ("subgroup_auc", "bpsn_auc", "bnsp_auc")
MEASURES = (*RATES, *AREAS_UNDER_CURVES)


@dataclass(frozen=True)
class Figure:
    """One measure of one group and one label."""

    measure: str
    group: str
    label: int
    of_N: NDArray[np.bool_]
    """Of a rate, the rows that it is a share of; of an area, the rows that mention the group."""
    units: int
    """The rows of a rate; of an area the pairs of rows, one of each side, that share none."""

    @property
    def key(self) -> str:
        """A name that no other figure has."""
        return key(self.measure, self.group, self.label)

    def compute(self, ranking: Ranking) -> Floats:
        """The figure in every round, shape (R,); NaN where it is undefined."""
        if self.measure == "subgroup_auc":
            return ranking.subgroup_auc(self.of_N)
        if self.measure in AREAS_UNDER_CURVES:
            return ranking.background_auc(self.of_N, positives=self.measure == "bpsn_auc")
        return ranking.rate(self.of_N)


class Ranking:
    """All rows in the order of one label's probability, weighted; what every group's areas are made from.

    A group's rows are set against all rows, and the pairs inside the group are taken off again, so that a group costs
    no more than its own rows.

    Args:
        weights_RN: Row weights.
        actual_N: Whether a row has the label.
        given_N: Whether it is given the label.
        scores_N: The label's probability.
    """

    def __init__(
        self, weights_RN: Floats, actual_N: NDArray[np.bool_], given_N: NDArray[np.bool_], scores_N: Floats
    ) -> None:
        self._weights_RN, self._actual_N, self._given_N, self._scores_N = weights_RN, actual_N, given_N, scores_N
        order = np.argsort(-scores_N, kind="stable")
        starts = np.r_[True, np.diff(scores_N[order]) != 0]  # of each run of equal scores
        self._run_N = np.empty(len(order), dtype=np.intp)
        self._run_N[order] = starts.cumsum() - 1
        drawn_RN = weights_RN[:, order]
        hits_RT = np.add.reduceat(drawn_RN * actual_N[order], np.flatnonzero(starts), axis=1)
        misses_RT = np.add.reduceat(drawn_RN, np.flatnonzero(starts), axis=1) - hits_RT
        self._hits_above_RT = hits_RT.cumsum(1) - hits_RT / 2  # one of equal scores is half above
        self._misses_below_RT = misses_RT.sum(1, keepdims=True) - misses_RT.cumsum(1) + misses_RT / 2
        self._hits_R, self._misses_R = hits_RT.sum(1), misses_RT.sum(1)

    def rate(self, of_N: NDArray[np.bool_]) -> Floats:
        """Share of the rows that are given the label, shape (R,)."""
        drawn = self._weights_RN[:, of_N]
        return _ratio(drawn @ self._given_N[of_N], drawn.sum(1))

    def subgroup_auc(self, in_N: NDArray[np.bool_]) -> Floats:
        """ROC AUC within a group's rows, shape (R,)."""
        return areas_under_curves(self._weights_RN[:, in_N], self._actual_N[in_N], self._scores_N[in_N])[0]

    def background_auc(self, in_N: NDArray[np.bool_], positives: bool) -> Floats:
        """ROC AUC of a group's rows without the label and the others' with it; else the other way round; shape (R,)."""
        hits_R = self._weights_RN[:, in_N & self._actual_N].sum(1)
        misses_R = self._weights_RN[:, in_N & ~self._actual_N].sum(1)
        inside_R = np.nan_to_num(self.subgroup_auc(in_N)) * hits_R * misses_R
        if positives:
            own, against_RT = in_N & ~self._actual_N, self._hits_above_RT
            whole_R = misses_R * (self._hits_R - hits_R)
        else:
            own, against_RT = in_N & self._actual_N, self._misses_below_RT
            whole_R = hits_R * (self._misses_R - misses_R)
        right_R = (self._weights_RN[:, own] * against_RT[:, self._run_N[own]]).sum(1)
        return _ratio(right_R - inside_R, whole_R)


def _ratio(part_R: Floats, whole_R: Floats) -> Floats:
    """`part_R` / `whole_R`, NaN where there is no whole."""
    ratio: Floats = np.divide(part_R, whole_R, out=np.full(len(whole_R), np.nan), where=whole_R > 0)
    return ratio


def key(measure: str, group: str, label: int) -> str:
    """Name of a figure."""
    return f"{measure}|{label}|{group}"


def labels_compared(labels: tuple[str, ...], positive: str | None) -> tuple[int, ...]:
    """Which labels are set against the rest: `positive`; else the second of two, or each of more.

    Raises:
        ValueError: `positive` is no label.
    """
    if positive is not None:
        if positive not in labels:
            raise ValueError(f"{positive!r} is no label")
        return (labels.index(positive),)
    return (1,) if len(labels) == 2 else tuple(range(len(labels)))


def tells(predictions: Predictions, measure: str, label: int) -> bool:
    """Whether a measure can differ between rows.

    No rate of a label does that is given to all rows or to none, and no area of one that has the same probability in
    all.
    """
    if measure in AREAS_UNDER_CURVES:
        return bool(np.ptp(predictions.probabilities_NL[:, label]) > 0)
    return len(set((predictions.given_N == label).tolist())) > 1


def figures_of(
    predictions: Predictions, members: Mapping[str, NDArray[np.bool_]], labels: tuple[int, ...], smallest: int
) -> Iterator[Figure]:
    """Every figure that has `smallest` rows behind each of its sides.

    Sides are the rows of a rate, and both the rows with and without the label of an area under a curve. A label of
    which a measure tells nothing (`tells`) has none.

    Source: Borkan et al., Nuanced Metrics for Measuring Unintended Bias (2019), for the areas under curves.
    """
    for label in labels:
        actual_N = predictions.actual_N == label
        told = {measure for measure in MEASURES if tells(predictions, measure, label)}
        for group, in_N in members.items():
            rows = {
                "selection_rate": in_N,
                "true_positive_rate": in_N & actual_N,
                "false_positive_rate": in_N & ~actual_N,
                "subgroup_auc": in_N,
                "bpsn_auc": in_N ^ actual_N,  # of the background those with the label, of the group those without
                "bnsp_auc": ~(in_N ^ actual_N),
            }
            for measure, of_N in rows.items():
                is_area = measure in AREAS_UNDER_CURVES
                sides = ((of_N & actual_N).sum(), (of_N & ~actual_N).sum()) if is_area else (of_N.sum(),)
                if measure in told and min(sides) >= smallest:
                    yield Figure(measure, group, label, in_N if is_area else of_N, int(min(sides)))
