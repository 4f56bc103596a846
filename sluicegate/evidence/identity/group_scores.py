"""Rates and areas under curves of each group, one label against the rest, as functions of row weights.

A row may mention several groups, so they overlap; a group's background is every row that does not mention it.

Shapes: R rounds, N rows.
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
    """One measure of one group and one label, and the rows that it can be had from."""

    measure: str
    group: str
    label: int
    of_N: NDArray[np.bool_]
    """The rows that it is about."""
    hits_N: NDArray[np.bool_]
    """Of a rate, the rows that are given the label; of an area, the rows that have it."""
    scores_N: Floats
    """The label's probability."""

    @property
    def key(self) -> str:
        """A name that no other figure has."""
        return key(self.measure, self.group, self.label)

    def compute(self, weights_RN: Floats) -> Floats:
        """The figure in every round, shape (R,); NaN where it is undefined."""
        drawn = weights_RN[:, self.of_N]
        hits = self.hits_N[self.of_N]
        if self.measure in AREAS_UNDER_CURVES:
            return areas_under_curves(drawn, hits, self.scores_N[self.of_N])[0]
        rows_R = drawn.sum(1)
        rate: Floats = np.divide(drawn @ hits, rows_R, out=np.full(len(rows_R), np.nan), where=rows_R > 0)
        return rate


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


def figures_of(
    predictions: Predictions, members: Mapping[str, NDArray[np.bool_]], labels: tuple[int, ...], smallest: int
) -> Iterator[Figure]:
    """Every figure that has `smallest` rows behind each of its sides.

    Sides are the rows of a rate, and both the rows with and without the label of an area under a curve. A label that
    is given to all rows or to none has no rates, and one with the same probability in all rows no areas.

    Source: Borkan et al., Nuanced Metrics for Measuring Unintended Bias (2019), for the areas under curves.
    """
    for label in labels:
        actual_N, given_N = predictions.actual_N == label, predictions.given_N == label
        scores_N = predictions.probabilities_NL[:, label]
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
                tells = np.ptp(scores_N) > 0 if is_area else np.ptp(given_N.astype(int)) > 0
                if tells and min(sides) >= smallest:
                    yield Figure(measure, group, label, of_N, actual_N if is_area else given_N, scores_N)
