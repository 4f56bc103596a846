"""Whether one set of rows looks like another: Evidently's tests on described columns, and the words or pixels.

Evidently sees lengths, shares, labels and groups, never a text or an image, so its reports hold none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sluicegate.evidence.evidently_report import without_markup, write_report
from sluicegate.evidence.images import IMAGE_NUMERIC, describe_images, features
from sluicegate.evidence.telling_words import telling_words
from sluicegate.evidence.texts import NUMERIC, describe, distinguishability, told_apart


def measure_drift(
    reference: pd.DataFrame, current: pd.DataFrame, groups: Sequence[str], seed: int, html: Path
) -> dict[str, Any]:
    """How `current` differs from `reference`: figures as JSON, Evidently's report written to `html`.

    Returns:
        ``share`` of columns that drifted, ``text_auc`` (of images ``image_auc``), ``rows`` of both, and
        ``columns`` with the test, its threshold and outcome for each, and ``words`` that tell the texts apart.
    """
    from evidently import DataDefinition, Dataset, Report
    from evidently.presets import DataDriftPreset

    tables = (reference, current)
    labelled = all("label" in table.columns for table in tables)
    described, names = without_markup(_without_constants(*(_describe(table, groups, labelled) for table in tables)))
    numeric = [column for column in (*NUMERIC, *IMAGE_NUMERIC) if column in described[0].columns]
    categorical = [column for column in described[0].columns if column not in numeric]
    definition = DataDefinition(numerical_columns=numeric, categorical_columns=categorical)
    before, after = (Dataset.from_pandas(table, data_definition=definition) for table in described)
    # beside the tests Evidently correlates all columns, which a column without variance makes undefined
    with np.errstate(invalid="ignore", divide="ignore"):
        snapshot = Report([DataDriftPreset()]).run(current_data=after, reference_data=before)
    write_report(snapshot, html)
    columns = [_column(metric, names) for metric in snapshot.dict()["metrics"] if "column" in metric["config"]]
    return {
        "share": sum(column["drifted"] for column in columns) / len(columns),
        apart_by(reference): _apart(reference, current, seed),
        "rows": {"reference": len(reference), "current": len(current)},
        "columns": columns,
        "words": telling_words(reference["text"].tolist(), current["text"].tolist()) if "text" in reference else [],
    }


def apart_by(table: pd.DataFrame) -> str:
    """The figure that says how well rows can be told from others."""
    return "text_auc" if "text" in table.columns else "image_auc"


def _describe(table: pd.DataFrame, groups: Sequence[str], labelled: bool) -> pd.DataFrame:
    return describe(table, groups, labelled=labelled) if "text" in table.columns else describe_images(table, groups)


def _apart(reference: pd.DataFrame, current: pd.DataFrame, seed: int) -> float:
    if "text" in reference.columns:
        return distinguishability(reference["text"].tolist(), current["text"].tolist(), seed)
    images = [*reference["image"], *current["image"]]
    return told_apart(features(images), images, len(reference), seed)


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
