"""Evidently's reports as HTML files that hold the same bytes for the same figures."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pandas as pd

from sluicegate.evidence.predictions import Predictions

_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; font-src data:; "
    "img-src data: blob:"
)
"""A browser fetches nothing for the page: it has all in itself."""
_RANDOM = re.compile(r"metric_[0-9a-f]{32}|[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def write_report(snapshot: Any, path: Path) -> None:
    """Writes an Evidently snapshot, to be shown without a network.

    The random names of its parts are replaced by their order of appearance.
    """
    named: dict[str, str] = {}

    def name(found: re.Match[str]) -> str:
        return named.setdefault(found[0], f"metric_{len(named):032x}" if found[0][0] == "m" else _uuid(len(named)))

    html = _RANDOM.sub(name, snapshot.get_html_str(as_iframe=False))
    alone = f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
    head, begins, rest = html.partition("<head>")
    path.write_text(f"{head}{begins}{alone}{rest}", encoding="utf-8")


def write_classification_report(predictions: Predictions, path: Path) -> None:
    """Writes Evidently's report of the answers: quality, confusion matrix, and what a dummy would reach.

    Its heat map by label is left out: the labels there stand in another order in every process.
    """
    from evidently import BinaryClassification, DataDefinition, Dataset, MulticlassClassification, Report
    from evidently.presets import ClassificationDummyQuality, ClassificationQuality

    actual = [predictions.labels[index] for index in predictions.actual_N]
    table = pd.DataFrame({"label": actual, "predicted": predictions.given_labels()})
    columns: dict[str, Any] = {"target": "label", "prediction_labels": "predicted"}
    columns["labels"] = {label: label for label in predictions.labels}
    # Of two labels Evidently asks which one is the positive one; the last is, as a rating's highest would be.
    two = len(predictions.labels) == 2
    task = (
        BinaryClassification(**columns, pos_label=predictions.labels[-1])
        if two
        else MulticlassClassification(**columns)
    )
    definition = DataDefinition(classification=[task], categorical_columns=["label", "predicted"])
    data = Dataset.from_pandas(table, data_definition=definition)
    report = Report([ClassificationQuality(conf_matrix=True), ClassificationDummyQuality()])
    write_report(report.run(current_data=data, reference_data=None), path)


def _uuid(number: int) -> str:
    return f"00000000-0000-7000-8000-{number:012x}"
