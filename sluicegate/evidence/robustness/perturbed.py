"""What is left of the candidate's answers when the text is perturbed.

Accuracy kept is the share of right answers among those of the changed rows that were answered rightly before.
Macro-F1 is over the labels that these rows have, before and after: were every label in it that is given somewhere, a
stray answer would change what is averaged.

Source: Wang et al., TextFlint: Unified Multilingual Robustness Evaluation Toolkit for Natural
Language Processing (2021).

Shapes: R rounds, S sampled rows, C changed rows, A answers, L labels.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sluicegate.evidence.finding import Finding
from sluicegate.evidence.predictions import Predictions
from sluicegate.evidence.resampling import Behind, Floats, Resampling
from sluicegate.evidence.robustness.by_kind import Kind, Measures, measure_kinds
from sluicegate.evidence.robustness.perturbed_rows import ChangedRows, PerturbedRows
from sluicegate.evidence.scores import Tally
from sluicegate.evidence.usable import why_improper, why_unusable

MEASURES = ("accuracy_kept", "flip_share", "macro_f1_drop")
"""What is measured for each kind."""


def measure_perturbed(
    perturbed: PerturbedRows, predictions: Predictions, probabilities_AL: Floats, resampling: Resampling, smallest: int
) -> tuple[list[Finding], dict[str, Any]]:
    """`MEASURES` for each kind, the accuracy kept under the worst kind, and all figures as JSON.

    Args:
        perturbed: The sampled rows.
        predictions: The candidate's answers to these, before.
        probabilities_AL: Its answers to what `perturbed` asks.
        resampling: Settings of the bootstrap; its number of rows is replaced by the sample's.
        smallest: A kind that leaves fewer rows is not evaluated.

    Raises:
        ValueError: There are not as many answers as were asked for.
    """
    if len(predictions.actual_N) != len(perturbed.texts_S):
        raise ValueError(f"{len(predictions.actual_N)} answers to {len(perturbed.texts_S)} texts")
    kinds = [_kind(of, predictions, after_CL, smallest) for of, after_CL in perturbed.answered(probabilities_AL)]
    return measure_kinds(Measures(MEASURES, "accuracy_kept", "right_before"), kinds, perturbed, resampling)


def _kind(of: ChangedRows, predictions: Predictions, after_CL: Floats, smallest: int) -> Kind:
    rows_C, labels = of.rows_C, predictions.labels
    actual_C = predictions.actual_N[rows_C]
    before = Predictions(labels, actual_C, predictions.probabilities_NL[rows_C])
    after = Predictions(labels, actual_C, after_CL.reshape(len(rows_C), len(labels)))
    right = int(_right(before).sum())
    status, why = _standing(before, after, right, len(predictions.actual_N), smallest)
    rows, counts_L = Behind((len(rows_C),)), np.bincount(actual_C.astype(np.int64), minlength=len(labels))
    behind = {
        "accuracy_kept": Behind.share(right),
        **dict.fromkeys(("flip_share", "accuracy_before", "accuracy_after"), rows),
        "macro_f1_drop": Behind(counts_L[counts_L > 0].tolist(), least=-1),
    }
    return Kind(of.kind, rows_C, right, status, why, lambda weights_RC: _statistics(weights_RC, before, after), behind)


def _standing(before: Predictions, after: Predictions, right: int, sampled: int, smallest: int) -> tuple[str, str]:
    """Whether a kind's answers say anything, and why not."""
    rows = len(before.actual_N)
    if sampled and not rows:
        return "not_applicable", f"it changes none of {sampled} sampled texts"
    if rows < smallest <= sampled:
        return "not_evaluated", f"it changes {rows} of {sampled} sampled texts, fewer than {smallest}"
    if why := why_unusable(before, smallest) or why_improper(after.probabilities_NL):
        return "not_evaluated", why
    if right < smallest:
        return "not_evaluated", f"{right} rows were answered rightly before, fewer than {smallest}"
    return "measured", ""


def _statistics(weights_RC: Floats, before: Predictions, after: Predictions) -> dict[str, Floats]:
    size = len(before.labels)
    tally_before = Tally.of(weights_RC, before.actual_N, before.given_N, size)
    tally_after = Tally.of(weights_RC, after.actual_N, after.given_N, size)
    flipped_C = (before.given_N != after.given_N).astype(np.float64)
    return {
        "accuracy_kept": _share(weights_RC * _right(before), _right(after)),
        "flip_share": _share(weights_RC, flipped_C),
        "macro_f1_drop": tally_before.macro_f1_of_actual - tally_after.macro_f1_of_actual,
        "accuracy_before": tally_before.accuracy,
        "accuracy_after": tally_after.accuracy,
    }


def _right(predictions: Predictions) -> Floats:
    """1 for each row that is answered rightly, 0 for the others."""
    right: Floats = np.equal(predictions.given_N, predictions.actual_N).astype(np.float64)
    return right


def _share(weights_RC: Floats, flags_C: Floats) -> Floats:
    """Weighted share of the rows that have the flag, shape (R,); NaN without rows."""
    rows_R = weights_RC.sum(1)
    share_R: Floats = np.divide(weights_RC @ flags_C, rows_R, out=np.full(len(rows_R), np.nan), where=rows_R > 0)
    return share_R
