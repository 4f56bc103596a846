"""The rows of a split, as the evidence reads them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from sluicegate.errors import Unavailable
from sluicegate.spec.spans import Span, parse_spans


def read_part(path: Path) -> pd.DataFrame:
    """One part of a split.

    Raises:
        Unavailable: The file is missing.
    """
    try:
        return pd.read_parquet(path)
    except FileNotFoundError:
        raise Unavailable(f"{path}: there is no such file; run the split again") from None


def spans_in(table: pd.DataFrame) -> list[list[Span]]:
    """The true spans of every row."""
    return [parse_spans(spans, len(text)) for text, spans in zip(table["text"], table["spans"], strict=True)]
