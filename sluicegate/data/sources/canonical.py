"""The canonical table: what every later step reads.

Columns ``id`` (unique), ``text``, ``label`` (one of the spec's), then the group columns in spec order; all
strings, index 0..n-1. Missing texts, labels and groups stay missing: what to do about them is for the
expectation suite to say.
"""

from __future__ import annotations

import datetime
import decimal
import math
import uuid
from typing import Any

import numpy as np
import pandas as pd

from sluicegate.errors import DataRejected, InputRefused
from sluicegate.spec import Data, Rating

_NAMED_TYPES = (str, int, float, decimal.Decimal, datetime.date, datetime.time, uuid.UUID)


def columns_needed(data: Data) -> list[str]:
    """Columns of the source that the canonical table is made of."""
    label = data.rating.column if data.rating else str(data.label)
    return [data.text, label, *data.groups, *([data.id] if data.id else [])]


def canonical(frame: pd.DataFrame, data: Data, where: str) -> pd.DataFrame:
    """`frame` as the canonical table, after the draw of `data.rows`.

    Args:
        frame: The source's rows as Python objects, in reading order.
        data: What the columns mean.
        where: Name of the source for a refusal.

    Raises:
        InputRefused: A missing column, values of a type that has no name, a text that is not one, a
            rating that is not a finite number, missing or repeated ids, fewer rows than are to be drawn.
        DataRejected: No rows, unknown labels, or fewer than two labels in use.
    """
    if missing := [c for c in columns_needed(data) if c not in frame.columns]:
        have = ", ".join(repr(str(c)) for c in list(frame.columns)[:20])
        raise InputRefused(where, f"column {missing[0]!r}", f"is missing; the columns are {have}")
    if frame.empty:
        raise DataRejected(where, "", "holds no rows")
    table = pd.DataFrame(
        {
            "id": _ids(frame, data, where),
            "text": _texts(frame[data.text], where),
            "label": _labels(frame, data, where),
            **{group: _strings([_name(v, where, group) for v in frame[group]], where, group) for group in data.groups},
        }
    )
    table = _drawn(table, data, where)
    if (used := table["label"].nunique()) < 2:
        problem = f"{used} of the {len(data.labels)} labels is in use in {len(table)} rows; a classifier needs two"
        raise DataRejected(where, "label", problem)
    return table


def _drawn(table: pd.DataFrame, data: Data, where: str) -> pd.DataFrame:
    """`data.rows` rows without replacement, in their original order."""
    if data.rows is None:
        return table
    if data.rows > len(table):
        raise InputRefused(where, "data.rows", f"{data.rows} rows are asked for and {len(table)} are there")
    rows = np.random.default_rng(data.seed).choice(len(table), size=data.rows, replace=False)
    return table.iloc[np.sort(rows)].reset_index(drop=True)


def _ids(frame: pd.DataFrame, data: Data, where: str) -> pd.Series:
    if data.id is None:
        return pd.Series([str(i) for i in range(len(frame))], dtype="str")
    ids = _strings([_name(v, where, data.id) for v in frame[data.id]], where, data.id)
    if missing := int(ids.isna().sum()):
        raise InputRefused(where, f"column {data.id!r}", f"{missing} of {len(ids)} rows have no id")
    if repeated := int(ids.duplicated().sum()):
        remedy = "leave data.id out to have rows numbered"
        raise InputRefused(where, f"column {data.id!r}", f"{repeated} of {len(ids)} ids are there already", remedy)
    return ids


def _texts(column: pd.Series, where: str) -> pd.Series:
    values = [None if _is_missing(v) else v for v in column]
    if wrong := sum(not isinstance(v, str) for v in values if v is not None):
        raise InputRefused(where, f"column {column.name!r}", f"{wrong} of {len(values)} values are not text")
    return _strings(values, where, str(column.name))


def _labels(frame: pd.DataFrame, data: Data, where: str) -> pd.Series:
    if data.rating:
        return _cut(frame[data.rating.column], data.rating, data.labels, where)
    labels = _strings([_name(v, where, str(data.label)) for v in frame[data.label]], where, str(data.label))
    if unknown := int((labels.notna() & ~labels.isin(data.labels)).sum()):
        known = ", ".join(repr(label) for label in data.labels)
        problem = f"{unknown} of {len(labels)} rows hold a label that is not one of {known}"
        remedy = "name every label in data.labels, or mend the data"
        raise DataRejected(where, f"column {data.label!r}", problem, remedy)
    return labels


def _cut(column: pd.Series, rating: Rating, labels: list[str], where: str) -> pd.Series:
    """The label of each rating: as many labels are below it as there are cut points smaller than the rating."""
    given = np.array([not _is_missing(v) for v in column])
    numbers = pd.to_numeric(column.where(given, None), errors="coerce").to_numpy(dtype=float)
    wrong = np.flatnonzero(given & ~np.isfinite(numbers))
    if wrong.size:
        problem = f"{wrong.size} of {len(column)} values are not finite numbers, the first in row {wrong[0] + 1}"
        raise InputRefused(where, f"column {rating.column!r}", problem)
    indices = np.searchsorted(np.array(rating.cut_points), numbers, side="left")
    chosen = [labels[i] if there else None for i, there in zip(indices, given, strict=True)]
    return pd.Series(chosen, dtype="str")


def _name(value: Any, where: str, column: str) -> str | None:
    """A label, group or id as a string: ``true``, ``3`` (also for 3.0), ``2024-05-01``."""
    if _is_missing(value):
        return None
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, _NAMED_TYPES):
        return str(value)
    raise InputRefused(where, f"column {column!r}", f"holds values of type {type(value).__name__}, which have no name")


def _is_missing(value: Any) -> bool:
    return value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and math.isnan(value))


def _strings(values: list[str | None], where: str, column: str) -> pd.Series:
    try:
        for value in values:
            if value is not None:
                value.encode()  # half of a surrogate pair, which JSON can escape, cannot be written anywhere
    except UnicodeEncodeError:
        raise InputRefused(where, f"column {column!r}", "holds half of a surrogate pair, which is not text") from None
    return pd.Series(values, dtype="str")
