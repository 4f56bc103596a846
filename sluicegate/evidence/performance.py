"""How well the candidate does on the test rows: overall, label by label, and how sure it is of itself."""

from __future__ import annotations

from typing import Any

import numpy as np

from sluicegate.evidence.by_chance import down_to_0
from sluicegate.evidence.estimated import estimated
from sluicegate.evidence.finding import Finding, not_evaluated
from sluicegate.evidence.predictions import Predictions
from sluicegate.evidence.resampling import UNDEFINED, Behind, Estimate, Floats, Resampling
from sluicegate.evidence.scores import (
    Tally,
    areas_under_curves,
    calibration_error,
    calibration_error_by_chance,
    log_loss,
)
from sluicegate.evidence.usable import why_improper, why_incomplete, why_too_little

_LABEL_MEASURES = ("f1", "precision", "recall")


def measure_performance(
    predictions: Predictions, resampling: Resampling, smallest: int
) -> tuple[list[Finding], dict[str, Any]]:
    """Findings of the area `performance`, and the figures behind them as JSON.

    Args:
        predictions: The candidate's answers.
        resampling: Settings of the bootstrap over the same rows.
        smallest: Of fewer rows, or fewer of a label, nothing is concluded.
    """
    labels, rows = predictions.labels, resampling.rows
    whys = _whys(predictions, smallest)
    found: dict[str, Estimate] = {}
    if not why_improper(predictions.probabilities_NL):  # of what are no probabilities nothing can be computed
        resampled = resampling.resampled(lambda weights_RN: _statistics(weights_RN, predictions), _behind(predictions))
        found = {name: of.estimate(resampling.confidence) for name, of in resampled.items()}
        chance_R = calibration_error_by_chance(predictions.probabilities_NL, resampling.rounds, resampling.seed)
        found["calibration_error"] = down_to_0(resampled["calibration_error"], chance_R, resampling.confidence)
    estimates = {name: UNDEFINED if why else found[name] for name, why in whys.items()}
    counted = _rows_of_labels(predictions)
    findings = [
        not_evaluated(f"performance.{name}", whys[name], n=counted.get(name, rows), unit=_unit(name))
        if whys[name]
        else estimated(f"performance.{name}", estimate, resampling, n=counted.get(name, rows), unit=_unit(name))
        for name, estimate in estimates.items()
    ]
    figures = {
        "rows": rows,
        "estimates": {name: estimate.to_json() for name, estimate in estimates.items()},
        "labels": _by_label(predictions, estimates),
        "confusion": {"labels": list(labels), "actual_by_predicted": confusion(predictions).tolist()},
    }
    return findings, figures


def _unit(name: str) -> str:
    return "nats" if name == "log_loss" else "share"


def _whys(predictions: Predictions, smallest: int) -> dict[str, str]:
    """Of each figure, why it would mean nothing; empty if it means something."""
    few, incomplete = why_too_little(predictions, smallest), why_incomplete(predictions, smallest)
    by_label = {
        f"{measure}[{label}]": few or _why_scarce(predictions, index, measure, smallest)
        for measure in _LABEL_MEASURES
        for index, label in enumerate(predictions.labels)
    }
    return {
        **{"accuracy": few, "balanced_accuracy": incomplete, "macro_f1": incomplete},
        **by_label,
        **{"roc_auc": incomplete, "pr_auc": incomplete, "log_loss": few, "calibration_error": few},
    }


def _why_scarce(predictions: Predictions, index: int, measure: str, smallest: int) -> str:
    actual, given = (int((rows_N == index).sum()) for rows_N in (predictions.actual_N, predictions.given_N))
    if actual < smallest:
        return f"{actual} rows have the label, fewer than {smallest}"
    if measure == "precision" and given < smallest:
        return f"{given} rows are given the label, fewer than {smallest}"
    return ""


def confusion(predictions: Predictions) -> Floats:
    """Rows by true label (first axis) and predicted label, shape (L, L)."""
    size = len(predictions.labels)
    cells = predictions.actual_N * size + predictions.given_N
    return np.bincount(cells, minlength=size * size).reshape(size, size).astype(np.float64)


def classification_report(predictions: Predictions) -> dict[str, Any]:
    """scikit-learn's classification report as JSON: precision, recall, F1 and support of every label, and over all.

    Returns:
        ``labels``, label → its figures, and beside it the averages by scikit-learn's names.
    """
    from sklearn.metrics import classification_report as report

    found: dict[str, Any] = report(
        predictions.actual_N,
        predictions.given_N,
        labels=list(range(len(predictions.labels))),
        target_names=(places := [str(place) for place in range(len(predictions.labels))]),
        output_dict=True,
        zero_division=0.0,
    )
    by_label = {label: found.pop(place) for label, place in zip(predictions.labels, places, strict=True)}
    return {"labels": by_label, **found}


def _statistics(weights_RN: Floats, predictions: Predictions) -> dict[str, Floats]:
    actual_N, probabilities_NL = predictions.actual_N, predictions.probabilities_NL
    tally = Tally.of(weights_RN, actual_N, predictions.given_N, len(predictions.labels))
    areas = [
        areas_under_curves(weights_RN, actual_N == i, probabilities_NL[:, i]) for i in range(len(predictions.labels))
    ]
    by_label = {
        f"{measure}[{label}]": getattr(tally, measure)[:, index]
        for measure in _LABEL_MEASURES
        for index, label in enumerate(predictions.labels)
    }
    return {
        "accuracy": tally.accuracy,
        "balanced_accuracy": tally.balanced_accuracy,
        "macro_f1": tally.macro_f1,
        **by_label,
        "roc_auc": np.mean([roc for roc, _ in areas], axis=0),
        "pr_auc": np.mean([precision for _, precision in areas], axis=0),
        "log_loss": log_loss(weights_RN, actual_N, probabilities_NL),
        "calibration_error": calibration_error(weights_RN, actual_N, probabilities_NL),
    }


def _rows_of_labels(predictions: Predictions) -> dict[str, int]:
    """The rows that each figure of a label is about: those that have it, of precision those that were given it."""
    size = len(predictions.labels)
    having, given = (np.bincount(of, minlength=size).tolist() for of in (predictions.actual_N, predictions.given_N))
    return {
        f"{measure}[{label}]": (given if measure == "precision" else having)[index]
        for measure in _LABEL_MEASURES
        for index, label in enumerate(predictions.labels)
    }


def _behind(predictions: Predictions) -> dict[str, Behind]:
    """What the figures are shares of, which counts where all answers are right; an area is one of pairs of rows."""
    rows, having = len(predictions.actual_N), np.bincount(predictions.actual_N, minlength=len(predictions.labels))
    return {
        "accuracy": Behind((rows,)),
        **dict.fromkeys(("balanced_accuracy", "macro_f1"), Behind(having[having > 0].tolist())),
        **{name: Behind((of_label,)) for name, of_label in _rows_of_labels(predictions).items()},
        "roc_auc": Behind(np.minimum(having, rows - having).tolist()),
    }


def _by_label(predictions: Predictions, estimates: dict[str, Estimate]) -> list[dict[str, Any]]:
    return [
        {
            "label": label,
            "rows": int((predictions.actual_N == index).sum()),
            "predicted": int((predictions.given_N == index).sum()),
            **{measure: estimates[f"{measure}[{label}]"].to_json() for measure in _LABEL_MEASURES},
        }
        for index, label in enumerate(predictions.labels)
    ]
