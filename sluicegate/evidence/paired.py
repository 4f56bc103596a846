"""Two sets of answers to the same rows, and how far one is ahead of the other."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from sluicegate.evidence.predictions import Predictions
from sluicegate.evidence.resampling import Behind, Estimate, Floats, Resampling
from sluicegate.evidence.scores import Indices, Tally

Members = Mapping[str, NDArray[np.bool_]]
"""Group → which rows are in it, shape (N,)."""


def differences(
    predictions: Predictions, other_N: Indices, resampling: Resampling, groups: Members | None = None
) -> dict[str, Estimate]:
    """The candidate's figures less another model's, resampled together so that the pairing counts.

    Args:
        predictions: The candidate's answers, N rows.
        other_N: Index of the label that the other model gives each row.
        resampling: Settings of the bootstrap.
        groups: Groups in which the difference is wanted as well.

    Returns:
        ``other_macro_f1``, ``other_accuracy``, ``macro_f1``, ``accuracy`` (differences), ``disagreement``,
        ``regressed`` and ``mended`` (shares of rows), ``f1[LABEL]`` and, for each group, ``macro_f1[GROUP]``.
    """
    actual_N, given_N, size = predictions.actual_N, predictions.given_N, len(predictions.labels)
    flags_N3 = np.stack(
        [
            given_N != other_N,
            (given_N != actual_N) & (other_N == actual_N),
            (given_N == actual_N) & (other_N != actual_N),
        ],
        axis=1,
    ).astype(np.float64)

    def statistics(weights_RN: Floats) -> dict[str, Floats]:
        own = Tally.of(weights_RN, actual_N, given_N, size)
        other = Tally.of(weights_RN, actual_N, other_N, size)
        shares = weights_RN @ flags_N3 / weights_RN.sum(1, keepdims=True)
        return {
            "other_macro_f1": other.macro_f1,
            "other_accuracy": other.accuracy,
            "macro_f1": own.macro_f1 - other.macro_f1,
            "accuracy": own.accuracy - other.accuracy,
            **{f"f1[{label}]": own.f1[:, i] - other.f1[:, i] for i, label in enumerate(predictions.labels)},
            "disagreement": shares[:, 0],
            "regressed": shares[:, 1],
            "mended": shares[:, 2],
            **_by_group(weights_RN, predictions, other_N, groups or {}),
        }

    return resampling.estimates(statistics, _behind(predictions, groups or {}))


def _behind(predictions: Predictions, groups: Members) -> dict[str, Behind]:
    """What the figures are shares of, which counts where both models answer alike."""
    size, rows = len(predictions.labels), len(predictions.actual_N)
    of_label = np.bincount(predictions.actual_N, minlength=size)
    by_group = {name: np.bincount(predictions.actual_N[of], minlength=size) for name, of in groups.items()}
    return {
        **{name: Behind((rows,)) for name in ("disagreement", "regressed", "mended", "other_accuracy")},
        "other_macro_f1": Behind(of_label[of_label > 0].tolist()),
        "accuracy": Behind((rows,), least=-1),
        "macro_f1": Behind(of_label[of_label > 0].tolist(), least=-1),
        **{f"f1[{label}]": Behind((int(of_label[i]),), least=-1) for i, label in enumerate(predictions.labels)},
        **{f"macro_f1[{name}]": Behind(found[found > 0].tolist(), least=-1) for name, found in by_group.items()},
    }


def _by_group(weights_RN: Floats, predictions: Predictions, other_N: Indices, groups: Members) -> dict[str, Floats]:
    """The difference in macro-F1 in each group, for both over the labels that its drawn rows have.

    A label that one of the models gives and no row has would be in one mean and not in the other, and a single answer
    would look like a loss of a third.
    """
    size = len(predictions.labels)
    found = {}
    for name, of in groups.items():
        own = Tally.of(weights_RN[:, of], predictions.actual_N[of], predictions.given_N[of], size)
        other = Tally.of(weights_RN[:, of], predictions.actual_N[of], other_N[of], size)
        found[f"macro_f1[{name}]"] = own.macro_f1_of_actual - other.macro_f1_of_actual
    return found
