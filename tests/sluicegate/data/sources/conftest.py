"""Sources that are read as a user's would be, from files in a test's own folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd

from sluicegate.data.sources.reading import SourceReport, fingerprint, read
from sluicegate.spec import Data


def data(source: dict[str, Any] | None = None, **changes: Any) -> Data:
    """A section with the columns `text` and `label`, and the labels `bad` and `good`."""
    source = source or {"kind": "csv", "path": "reviews.csv"}
    fields = {"source": source, "label": "label", "labels": ["bad", "good"], "licence": "CC0-1.0"}
    return Data.model_validate(fields | changes)


def reading(section: Data, folder: Path, environ: dict[str, str] | None = None) -> SourceReport:
    """What `read` reports; the table lies in the folder `out`."""
    return read(section, lambda p: folder / p, folder / "inputs", environ or {}, folder=folder / "out")


def table_of(section: Data, folder: Path, environ: dict[str, str] | None = None) -> pd.DataFrame:
    """The canonical table."""
    reading(section, folder, environ)
    return pd.read_parquet(folder / "out" / "table.parquet")


def refused_of(folder: Path) -> list[tuple[str, str, str]]:
    """Line, column and reason of each refused row."""
    frame = pd.read_parquet(folder / "out" / "refused.parquet")
    return list(zip(frame["line"], frame["column"], frame["reason"], strict=True))


def both(section: Data, folder: Path, environ: dict[str, str] | None = None) -> tuple[pd.DataFrame, str]:
    """The canonical table, and the fingerprint of the source."""
    digest = fingerprint(section, lambda p: folder / p, folder / "inputs", environ or {})
    return table_of(section, folder, environ), digest


def json_lines(folder: Path, rows: list[Any]) -> dict[str, Any]:
    """A JSON Lines source of these rows."""
    (folder / "r.jsonl").write_text("\n".join(json.dumps(r) for r in rows), encoding="utf-8")
    return {"kind": "jsonl", "path": "r.jsonl"}


def csv_bytes(folder: Path, content: bytes) -> dict[str, Any]:
    """A CSV source of these bytes."""
    (folder / "reviews.csv").write_bytes(content)
    return {"kind": "csv", "path": "reviews.csv"}
