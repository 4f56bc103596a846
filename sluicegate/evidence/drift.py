"""Whether one set of rows looks like another: Evidently's tests on described columns, and the words or pixels.

Evidently sees lengths, shares, labels and groups, never a text or an image, so its reports hold none.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sluicegate.evidence.drift_rows import why_too_few
from sluicegate.evidence.evidently_report import without_markup, write_report
from sluicegate.evidence.finding import Finding, measured, not_evaluated
from sluicegate.evidence.images import IMAGE_NUMERIC, describe_images, features
from sluicegate.evidence.telling_words import telling_words
from sluicegate.evidence.texts import NUMERIC, describe, distinguishability, told_apart

FIGURES = ("share", "text_auc", "image_auc")
"""Those that are findings, of which rows have the first and one of the others."""
_ALIKE = "all rows are described alike, so no column can differ"
_NOT_TOLD_APART = "the rows are too few or too much the same to learn how they could be told apart"


def measure_drift(
    reference: pd.DataFrame, current: pd.DataFrame, groups: Sequence[str], seed: int, html: Path
) -> dict[str, Any]:
    """How `current` differs from `reference`: figures as JSON, Evidently's report written to `html`.

    Returns:
        ``share`` of columns that drifted, ``text_auc`` (of images ``image_auc``), each None where ``undefined`` says
        why, ``rows`` of both, and ``columns`` with the test, its threshold and outcome for each, and ``words`` that
        tell the texts apart. Where no column can drift, or rows are too few, there is no report.
    """
    if few := why_too_few(len(reference), len(current)):
        columns, apart = [], None
    else:
        columns, apart = _columns(reference, current, groups, html), _apart(reference, current, seed)
    why = {
        "share": "" if columns else few or _ALIKE,
        apart_by(reference): few or _NOT_TOLD_APART if apart is None else "",
    }
    return {
        "share": sum(column["drifted"] for column in columns) / len(columns) if columns else None,
        apart_by(reference): apart,
        "undefined": {figure: reason for figure, reason in why.items() if reason},
        "rows": {"reference": len(reference), "current": len(current)},
        "columns": columns,
        "words": [] if few else _telling(reference, current),
    }


def drift_findings(figures: Mapping[str, Any], rows: int, seed: int, against: str | None = None) -> list[Finding]:
    """The share of columns that drifted, and how well rows can be told from others.

    Args:
        figures: What `measure_drift` gave.
        rows: Those that are looked at for drift.
        seed: The one by which it was learned how rows can be told apart.
        against: The live release whose rows the reference ones are; its checks are those of previous data.
    """
    names = {figure: f"drift.{figure}{'_previous' if against else ''}" for figure in FIGURES if figure in figures}
    return [
        not_evaluated(name, figures["undefined"][figure], n=rows, against=against)
        if figure in figures["undefined"]
        else measured(name, figures[figure], n=rows, seed=None if figure == "share" else seed, against=against)
        for figure, name in names.items()
    ]


def _columns(reference: pd.DataFrame, current: pd.DataFrame, groups: Sequence[str], html: Path) -> list[dict[str, Any]]:
    """Evidently's outcome for each described column that varies; its report is written if there is any."""
    from evidently import DataDefinition, Dataset, Report
    from evidently.presets import DataDriftPreset

    tables = (reference, current)
    labelled = all("label" in table.columns for table in tables)
    described, names = without_markup(_without_constants(*(_describe(table, groups, labelled) for table in tables)))
    if not len(described[0].columns):
        return []
    numeric = [column for column in (*NUMERIC, *IMAGE_NUMERIC) if column in described[0].columns]
    categorical = [column for column in described[0].columns if column not in numeric]
    definition = DataDefinition(numerical_columns=numeric, categorical_columns=categorical)
    before, after = (Dataset.from_pandas(table, data_definition=definition) for table in described)
    # beside the tests Evidently correlates all columns, which a column without variance makes undefined
    with np.errstate(invalid="ignore", divide="ignore"):
        snapshot = Report([DataDriftPreset()]).run(current_data=after, reference_data=before)
    write_report(snapshot, html)
    return [_column(metric, names) for metric in snapshot.dict()["metrics"] if "column" in metric["config"]]


def _telling(reference: pd.DataFrame, current: pd.DataFrame) -> list[dict[str, Any]]:
    return telling_words(reference["text"].tolist(), current["text"].tolist()) if "text" in reference else []


def apart_by(table: pd.DataFrame) -> str:
    """The figure that says how well rows can be told from others."""
    return "text_auc" if "text" in table.columns else "image_auc"


def _describe(table: pd.DataFrame, groups: Sequence[str], labelled: bool) -> pd.DataFrame:
    return describe(table, groups, labelled=labelled) if "text" in table.columns else describe_images(table, groups)


def _apart(reference: pd.DataFrame, current: pd.DataFrame, seed: int) -> float | None:
    """ROC AUC at which a linear model tells the rows apart; None if there is no way to cross-validate one."""
    if "text" in reference.columns:
        auc = distinguishability(reference["text"].tolist(), current["text"].tolist(), seed)
    else:
        images = [*reference["image"], *current["image"]]
        auc = told_apart(features(images), images, len(reference), seed)
    return auc if math.isfinite(auc) else None


def _without_constants(*tables: pd.DataFrame) -> list[pd.DataFrame]:
    """The tables without columns that hold one value throughout: they cannot differ, and must not dilute the share."""
    together = pd.concat(tables)
    varied = [column for column in together.columns if together[column].nunique() > 1]
    return [table[varied] for table in tables]


def _column(metric: dict[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    config, value = metric["config"], round(float(metric["value"]), 9)  # its sums run in the order of a set
    # a p-value is small where the columns differ, a distance large
    drifted = value < config["threshold"] if "p_value" in config["method"] else value >= config["threshold"]
    return {
        "column": names[config["column"]],
        "method": config["method"],
        "value": value,
        "threshold": config["threshold"],
        "drifted": bool(drifted),
    }
