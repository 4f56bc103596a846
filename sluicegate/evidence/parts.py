"""The rows of a split, as the evidence reads them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from sluicegate.errors import Unavailable
from sluicegate.spec.pixels import bytes_of
from sluicegate.spec.spans import Span, parse_spans
from sluicegate.spelling import spelling


def read_part(path: Path) -> pd.DataFrame:
    """One part of a split.

    Raises:
        Unavailable: The file is missing.
    """
    try:
        return pd.read_parquet(path)
    except FileNotFoundError:
        raise Unavailable(f"{path}: there is no such file; run the split again") from None


def subjects(table: pd.DataFrame) -> list[Any]:
    """What a candidate is asked about each row: its text, or the bytes of its image."""
    if "text" in table.columns:
        return list(table["text"])
    return [bytes_of(image) for image in table["image"]]


def sameness(table: pd.DataFrame) -> pd.Series[str]:
    """What two rows have in common that are the same: their text in its one spelling, or their image."""
    if "text" in table.columns:
        return table["text"].map(spelling)
    return table["image"]


def spans_in(table: pd.DataFrame) -> list[list[Span]]:
    """The true spans of every row."""
    return [parse_spans(spans, len(text)) for text, spans in zip(table["text"], table["spans"], strict=True)]
