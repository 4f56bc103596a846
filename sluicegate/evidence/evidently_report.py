"""Evidently's reports as HTML files that hold the same bytes for the same figures.

Evidently writes what it is given into a script, where `</script>` in a label would end it and begin another. So it is
never given a < that comes from the data (`without_markup`), and a browser runs only the scripts that the page had when
it was written.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from sluicegate.evidence.predictions import Predictions

_POLICY = "default-src 'none'; script-src {scripts}; style-src 'unsafe-inline'; font-src data:; img-src data: blob:"
"""A browser fetches nothing for the page: it has all in itself."""
_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
_LOOK_ALIKES = str.maketrans("<>", "‹›")
_TAKEN = {"accuracy", "macro avg", "weighted avg", "micro avg", "samples avg"}
"""What scikit-learn, and so Evidently, calls figures over all labels; a label of that name would be taken for them."""
_RANDOM = re.compile(r"metric_[0-9a-f]{32}|[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def write_report(snapshot: Any, path: Path) -> None:
    """Writes an Evidently snapshot, to be shown without a network.

    The random names of its parts are replaced by their order of appearance.

    Args:
        snapshot: Of data that went through `without_markup`.
        path: The file.
    """
    named: dict[str, str] = {}

    def name(found: re.Match[str]) -> str:
        return named.setdefault(found[0], f"metric_{len(named):032x}" if found[0][0] == "m" else _uuid(len(named)))

    html = _RANDOM.sub(name, snapshot.get_html_str(as_iframe=False))
    scripts = " ".join(dict.fromkeys(_hash(script) for script in _SCRIPT.findall(html)))
    alone = f'<meta http-equiv="Content-Security-Policy" content="{_POLICY.format(scripts=scripts)}">'
    head, begins, rest = html.partition("<head>")
    path.write_text(f"{head}{begins}{alone}{rest}", encoding="utf-8")


def without_markup(tables: Sequence[pd.DataFrame]) -> tuple[list[pd.DataFrame], dict[str, str]]:
    """Tables of the same columns with look-alikes in place of < and >, in texts and in the columns' names.

    Returns:
        The tables, and a column's new name → its old one.
    """
    names = look_alikes(tables[0].columns)
    found = [table.rename(columns=names) for table in tables]
    for column in found[0].select_dtypes(exclude="number").columns:
        values = look_alikes(value for table in found for value in table[column].unique())
        found = [table.assign(**{column: table[column].map(values)}) for table in found]
    return found, {new: old for old, new in names.items()}


def look_alikes(texts: Iterable[str]) -> dict[str, str]:
    """Each text → the same with ‹ and › for < and >; different texts stay different."""
    old_of: dict[str, str] = {}
    for text in sorted(set(texts), key=lambda text: ("<" in text or ">" in text, text)):
        new = text.translate(_LOOK_ALIKES)
        while new in old_of:
            new += "′"
        old_of[new] = text
    return {old: new for new, old in old_of.items()}


def write_classification_report(predictions: Predictions, path: Path) -> None:
    """Writes Evidently's report of the answers: quality, confusion matrix, and what a dummy would reach.

    Its heat map by label is left out: the labels there stand in another order in every process.
    """
    from evidently import BinaryClassification, DataDefinition, Dataset, MulticlassClassification, Report
    from evidently.presets import ClassificationDummyQuality, ClassificationQuality

    labels = _shown(predictions.labels)
    table = pd.DataFrame(
        {
            "label": [labels[index] for index in predictions.actual_N],
            "predicted": [labels[index] for index in predictions.given_N],
        }
    )
    columns: dict[str, Any] = {"target": "label", "prediction_labels": "predicted"}
    columns["labels"] = {label: label for label in labels}
    # Where two labels occur, Evidently asks which one is the positive one; the last is, as a rating's highest would be.
    occurring = [label for label in labels if label in {*table["label"], *table["predicted"]}]
    task = (
        BinaryClassification(**columns, pos_label=occurring[-1])
        if len(occurring) == 2
        else MulticlassClassification(**columns)
    )
    definition = DataDefinition(classification=[task], categorical_columns=["label", "predicted"])
    data = Dataset.from_pandas(table, data_definition=definition)
    report = Report([ClassificationQuality(conf_matrix=True), ClassificationDummyQuality()])
    write_report(report.run(current_data=data, reference_data=None), path)


def _shown(labels: Sequence[str]) -> list[str]:
    """The labels' names in the report, in the same order."""
    names = look_alikes(labels)
    for label in sorted(_TAKEN & names.keys()):
        while names[label] in _TAKEN or list(names.values()).count(names[label]) > 1:
            names[label] += "′"
    return [names[label] for label in labels]


def _hash(script: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode('ascii')}'"


def _uuid(number: int) -> str:
    return f"00000000-0000-7000-8000-{number:012x}"
