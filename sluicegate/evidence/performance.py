"""How well the candidate does on the test rows: overall, label by label, and how sure it is of itself."""

from __future__ import annotations

from typing import Any

import numpy as np

from sluicegate.evidence.estimated import estimated
from sluicegate.evidence.finding import Finding
from sluicegate.evidence.predictions import Predictions
from sluicegate.evidence.resampling import Estimate, Floats, Resampling
from sluicegate.evidence.scores import Tally, areas_under_curves, calibration_error, log_loss

_LABEL_MEASURES = ("f1", "precision", "recall")


def measure_performance(predictions: Predictions, resampling: Resampling) -> tuple[list[Finding], dict[str, Any]]:
    """Findings of the area `performance`, and the figures behind them as JSON."""
    labels, rows = predictions.labels, resampling.rows
    estimates = resampling.estimates(lambda weights_RN: _statistics(weights_RN, predictions))
    findings = [
        estimated(f"performance.{name}", estimate, resampling, n=rows, unit="nats" if name == "log_loss" else "share")
        for name, estimate in estimates.items()
    ]
    figures = {
        "rows": rows,
        "estimates": {name: estimate.to_json() for name, estimate in estimates.items()},
        "labels": _by_label(predictions, estimates),
        "confusion": {"labels": list(labels), "actual_by_predicted": confusion(predictions).tolist()},
    }
    return findings, figures


def confusion(predictions: Predictions) -> Floats:
    """Rows by true label (first axis) and predicted label, shape (L, L)."""
    size = len(predictions.labels)
    cells = predictions.actual_N * size + predictions.given_N
    return np.bincount(cells, minlength=size * size).reshape(size, size).astype(np.float64)


def classification_report(predictions: Predictions) -> dict[str, Any]:
    """scikit-learn's classification report as JSON: precision, recall, F1 and support of every label."""
    from sklearn.metrics import classification_report as report

    found: dict[str, Any] = report(
        predictions.actual_N,
        predictions.given_N,
        labels=list(range(len(predictions.labels))),
        target_names=list(predictions.labels),
        output_dict=True,
        zero_division=0.0,
    )
    return found


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
