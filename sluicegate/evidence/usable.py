"""Answers that nothing can be concluded from, and why.

A model that always says the same cannot be made to say something else, so it would look perfectly
robust; test rows of one label cannot show what is told apart. Both are told as such.

Shapes: N rows, L labels.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sluicegate.evidence.enough import why_few_rows
from sluicegate.evidence.predictions import Predictions
from sluicegate.evidence.resampling import Floats

_OFF_ONE = 1e-3


def proper_rows(probabilities_NL: Floats) -> NDArray[np.bool_]:
    """Which rows are probabilities: finite, from 0 to 1, with a sum of 1 to within 0.001; shape (N,)."""
    finite_N = np.asarray(np.isfinite(probabilities_NL).all(1), dtype=np.bool_)
    kept_NL = np.where(finite_N[:, None], probabilities_NL, 0)
    in_range_N = ((kept_NL >= -_OFF_ONE) & (kept_NL <= 1 + _OFF_ONE)).all(1)
    proper: NDArray[np.bool_] = finite_N & in_range_N & (np.abs(kept_NL.sum(1) - 1) <= _OFF_ONE)
    return proper


def why_improper(probabilities_NL: Floats) -> str:
    """How many of the answers are no probabilities; empty if all are."""
    improper = int((~proper_rows(probabilities_NL)).sum())
    return f"{improper} of {len(probabilities_NL)} answers are no probabilities" if improper else ""


def why_unusable(predictions: Predictions, smallest: int) -> str:
    """Why nothing can be concluded from these answers; empty if something can.

    Args:
        predictions: The candidate's answers.
        smallest: Fewer rows are too few.
    """
    if why := why_too_little(predictions, smallest):
        return why
    return "all rows are given the same label" if len(np.unique(predictions.given_N)) < 2 else ""


def why_incomplete(predictions: Predictions, smallest: int) -> str:
    """Why a mean over all labels would leave one out; empty if it would not.

    Args:
        predictions: The candidate's answers.
        smallest: Fewer rows are too few.
    """
    if why := why_too_little(predictions, smallest):
        return why
    counts_L = np.bincount(predictions.actual_N, minlength=len(predictions.labels))
    missing = [label for label, rows in zip(predictions.labels, counts_L, strict=True) if not rows]
    return f"no test row has the label “{missing[0]}”" if missing else ""


def why_too_little(predictions: Predictions, smallest: int) -> str:
    """Why these rows cannot show what is told apart, whatever is answered; empty if they can.

    Args:
        predictions: The candidate's answers.
        smallest: Fewer rows are too few.
    """
    if why := why_few_rows(len(predictions.actual_N), smallest):
        return why
    if why := why_improper(predictions.probabilities_NL):
        return why
    if len(np.unique(predictions.actual_N)) < 2:
        return "all rows have the same label"
    return ""
