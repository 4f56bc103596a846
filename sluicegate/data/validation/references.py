"""A reference distribution in a file of its own: how often each value is where the model will be used."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

from sluicegate.data.json_objects import KeyTwice, read_json, repeated_key
from sluicegate.errors import SpecRefused
from sluicegate.spec import read_text


def read_reference(path: Path) -> dict[str, Any]:
    """``{"values": […], "weights": […]}`` from JSON of that form, or from CSV with the columns `value` and `weight`.

    Weights need not add up to 1: counts will do.

    Raises:
        SpecRefused: No such file, or not a distribution.
    """
    from sluicegate.data.validation.expectations.distribution import checked_reference

    text = read_text(path)
    try:
        return checked_reference(_from_csv(text) if path.suffix.lower() == ".csv" else _from_json(text))
    except ValueError as error:
        raise SpecRefused(path, "", str(error)) from None


def _from_json(text: str) -> dict[str, Any]:
    try:
        value = read_json(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"line {error.lineno} is not JSON: {error.msg}") from None
    except KeyTwice:
        key, line = repeated_key(text)
        raise ValueError(f"line {line}: the key {key[:60]!r} stands twice in one object") from None
    if not isinstance(value, dict):
        raise ValueError(f"must hold a JSON object, not {type(value).__name__}")
    return value


def _from_csv(text: str) -> dict[str, Any]:
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    if not rows or not {"value", "weight"} <= set(rows[0]):
        raise ValueError("must have the columns `value` and `weight`, and rows")
    try:
        weights = [float(row["weight"]) for row in rows]
    except (ValueError, TypeError):
        raise ValueError("column `weight` holds something that is not a number") from None
    return {"values": [row["value"] for row in rows], "weights": weights}
