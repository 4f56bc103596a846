"""What is measured of a classifier alone: its labels, against truth, groups, simple models and live releases."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from sluicegate.errors import InputRefused
from sluicegate.evidence.baselines import measure_baseline
from sluicegate.evidence.comparison import compare
from sluicegate.evidence.dossier import write_json
from sluicegate.evidence.evidently_report import write_classification_report
from sluicegate.evidence.groups import measure_groups
from sluicegate.evidence.measurement import Measurement
from sluicegate.evidence.parts import subjects
from sluicegate.evidence.performance import classification_report, measure_performance
from sluicegate.evidence.plots import draw_calibration, draw_confusion, draw_curves, draw_groups
from sluicegate.evidence.predictions import Predictions, arrange, labels_of, predict, write_predictions

Classified = Measurement[Predictions]


def answer(candidate: Path, test: pd.DataFrame, labels: Sequence[str], stage: str) -> Predictions:
    """The candidate's probabilities for the test rows.

    Raises:
        InputRefused: The candidate cannot be loaded, or its answers are no probabilities of the labels.
    """
    place = {label: index for index, label in enumerate(labels)}
    own = labels_of(candidate)
    arranged = arrange(predict(candidate, subjects(test), stage), own, labels)
    if arranged is None:
        raise InputRefused(candidate / "config.json", "id2label", f"names {len(own)} labels that are not the spec's")
    actual_N = np.array([place[label] for label in test["label"]], dtype=np.int64)
    return Predictions(tuple(labels), actual_N, arranged)


def performance(at: Classified) -> None:
    """How well it does."""
    findings, at.figures["performance"] = measure_performance(at.answers, at.resampling)
    at.findings += findings
    draw_confusion(at.answers, at.plot("performance", "confusion"))
    draw_curves(at.answers, at.plot("performance", "roc"), at.plot("performance", "pr"))
    draw_calibration(at.answers, at.plot("performance", "calibration"))
    write_classification_report(at.answers, at.folder / "reports" / "classification.html")


def groups(at: Classified) -> None:
    """How evenly it does across the groups of each column."""
    at.figures["groups"] = []
    for place, column in enumerate(at.groups):
        members = at.parts["test"][column].astype(str).tolist()
        findings, figures = measure_groups(at.answers, column, members, at.resampling, at.settings.minimum_group_size)
        at.findings += findings
        at.figures["groups"].append(figures)
        if any(group["status"] == "measured" for group in figures["groups"]):
            draw_groups(column, figures["groups"], at.plot("group", f"groups-{place}"))


def baselines(at: Classified) -> None:
    """Against simple models."""
    at.figures["baselines"] = []
    for name in at.settings.baselines:
        train, test = at.parts["train"], at.parts["test"]
        findings, figures = measure_baseline(name, train, test, at.answers, at.resampling)
        at.findings += findings
        at.figures["baselines"].append(figures)


def comparison(at: Classified) -> None:
    """Against the releases that are live."""
    at.figures["comparison"] = []
    for release in at.live:
        findings, figures = compare(
            release, at.answers, at.parts["test"], at.groups, at.resampling, at.settings.minimum_group_size
        )
        at.findings += findings
        at.figures["comparison"].append(figures)


def without_labels(at: Classified) -> None:
    """Nothing: every check of the data applies to texts with labels."""


def keep_answers(at: Classified) -> None:
    """Writes predictions.parquet and classification_report.json."""
    write_predictions(at.parts["test"], at.answers, at.groups, at.folder / "predictions.parquet")
    write_json(classification_report(at.answers), at.folder / "classification_report.json")
