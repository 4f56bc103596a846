"""A reference distribution in a file of its own: how often each value is where the model will be used."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

from sluicegate.data.json_objects import MOST_NESTED, KeyTwice, first_unusable, read_json, repeated_key, whole_number
from sluicegate.errors import SpecRefused
from sluicegate.spec import read_text

LONGEST_CELL = 131_072
"""Characters of a cell of a reference in CSV."""


def read_reference(path: Path) -> dict[str, Any]:
    """``{"values": […], "weights": […]}`` from JSON of that form, or from CSV with the columns `value` and `weight`.

    Weights need not add up to 1: counts will do. A byte order mark, as spreadsheets write it, is passed over.

    Raises:
        SpecRefused: No such file, or not a distribution.
    """
    from sluicegate.data.validation.expectations.distribution import checked_reference

    text = read_text(path).removeprefix("\ufeff")  # a byte order mark, which spreadsheets write
    try:
        return checked_reference(_from_csv(text) if path.suffix.lower() == ".csv" else _from_json(text))
    except ValueError as error:
        raise SpecRefused(path, "", str(error)) from None


def _from_json(text: str) -> dict[str, Any]:
    try:
        value = read_json(text, parse_int=whole_number)
    except json.JSONDecodeError as error:
        raise ValueError(f"line {error.lineno} is not JSON: {error.msg}") from None
    except KeyTwice:
        key, line = repeated_key(text)
        raise ValueError(f"line {line}: the key {key[:60]!r} stands twice in one object") from None
    except RecursionError:
        raise ValueError(f"is nested over {MOST_NESTED} levels deep") from None
    if not isinstance(value, dict):
        raise ValueError(f"must hold a JSON object, not {type(value).__name__}")
    if fault := first_unusable(value):
        raise ValueError(f"{': '.join(part for part in fault if part)}")
    return value


def _from_csv(text: str) -> dict[str, Any]:
    rows = _rows(text)
    if not rows or not {"value", "weight"} <= set(rows[0]):
        raise ValueError("must have the columns `value` and `weight`, and rows")
    try:
        weights = [float(row["weight"]) for row in rows]
    except (ValueError, TypeError):
        raise ValueError("column `weight` holds something that is not a number") from None
    return {"values": [row["value"] for row in rows], "weights": weights}


def _rows(text: str) -> list[dict[str, str]]:
    """The rows by column; `csv`'s own limit of a cell is the process's, and others here set it to theirs."""
    reader, rows = csv.DictReader(io.StringIO(text, newline="")), []
    try:
        for row in reader:
            if any(len(cell or "") > LONGEST_CELL for cell in row.values()):
                raise csv.Error
            rows.append(row)
    except csv.Error:  # a quotation mark that is never closed makes a cell of all that follows
        line, most = reader.reader.line_num, min(LONGEST_CELL, csv.field_size_limit())
        raise ValueError(f"line {line}: a cell has more than {most:,} characters, or is no CSV") from None
    return rows
