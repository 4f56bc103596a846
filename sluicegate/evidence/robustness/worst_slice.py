"""The part of the test rows in which the fewest answers are right.

The worst of many slices is partly the worst by chance. The interval is therefore made of one for each
slice that hold all together (Bonferroni): from the lowest of their lower ends to the lowest of their
upper ends, between which the lowest accuracy of any slice lies at the level that is told.

Shapes: N rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from sluicegate.evidence.finding import Finding, measured, not_evaluated
from sluicegate.evidence.predictions import Predictions
from sluicegate.evidence.proportions import exact_interval
from sluicegate.evidence.robustness.slices import Slices, slices_of
from sluicegate.evidence.usable import why_unusable

_CHECK = "robustness.slice_accuracy_lowest"


def measure_worst_slice(
    texts_N: Sequence[str],
    groups: Mapping[str, Sequence[str]],
    predictions: Predictions,
    smallest: int,
    confidence: float,
) -> tuple[list[Finding], dict[str, Any]]:
    """Lowest accuracy of any slice of at least `smallest` rows, and the accuracy of each as JSON.

    Args:
        texts_N: The test rows' texts.
        groups: Group column → the group of every row.
        predictions: The candidate's answers to the same rows.
        smallest: A slice of fewer rows is not looked at.
        confidence: Level at which the intervals of all slices hold together.
    """
    if why := why_unusable(predictions, smallest):
        return [not_evaluated(_CHECK, why, n=len(texts_N))], {"slices": [], "worst": None, "why": why}
    slices = slices_of(texts_N, groups)
    large = {name: rows for name, rows in slices.items() if rows.sum() >= smallest}
    small = [
        {"slice": name, "rows": int(rows.sum()), "status": "not_evaluated", "why": f"fewer than {smallest} rows"}
        for name, rows in slices.items()
        if name not in large
    ]
    if not large:
        why = f"no slice has {smallest} rows or more"
        return [not_evaluated(_CHECK, why, n=len(texts_N))], {"slices": small, "worst": None, "why": why}
    measured_slices = _accuracies(large, predictions, confidence)
    worst = min(measured_slices, key=lambda found: float(found["accuracy"]["value"]))
    ends = [found["accuracy"]["interval"] for found in measured_slices]
    finding = measured(
        _CHECK,
        worst["accuracy"]["value"],
        n=worst["rows"],
        interval=(min(low for low, _ in ends), min(high for _, high in ends)),
        confidence=confidence,
    )
    figures = {
        "smallest": smallest,
        "confidence_together": confidence,
        "compared": len(large),
        "slices": [*measured_slices, *small],
        "worst": worst["slice"],
    }
    return [finding], figures


def _accuracies(slices: Slices, predictions: Predictions, confidence: float) -> list[dict[str, Any]]:
    right_N = predictions.given_N == predictions.actual_N
    found = []
    for name, rows_N in slices.items():
        right, rows = int(np.sum(right_N & rows_N)), int(rows_N.sum())
        accuracy = {"value": right / rows, "interval": list(exact_interval(right, rows, confidence, len(slices)))}
        found.append({"slice": name, "rows": rows, "status": "measured", "accuracy": accuracy})
    return found
