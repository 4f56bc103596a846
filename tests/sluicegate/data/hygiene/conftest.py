"""Small tables as files, cleaned in a folder of their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from sluicegate.data.hygiene.table import HygieneReport, clean
from sluicegate.data.tables import TableWriter
from sluicegate.spec.hygiene import Hygiene

Row = Mapping[str, str | None]


@dataclass(frozen=True)
class Cleaned:
    """What a cleaning left."""

    report: HygieneReport
    folder: Path

    @property
    def kept(self) -> list[dict[str, Any]]:
        return pq.read_table(self.folder / "clean.parquet").to_pylist()

    @property
    def ids(self) -> list[str]:
        return [row["id"] for row in self.kept]

    @property
    def dropped(self) -> dict[str, tuple[str, str | None]]:
        rows = pq.read_table(self.folder / "dropped.parquet").to_pylist()
        return {row["id"]: (row["reason"], row["kept"]) for row in rows}


def write(path: Path, rows: Sequence[Row], columns: Sequence[str] = ("id", "text", "label")) -> Path:
    """Rows as a canonical table; ids are r0, r1, … and the label is `a` unless a row says otherwise."""
    full = [{"id": f"r{number}", "label": "a", **row} for number, row in enumerate(rows)]
    columns = list(dict.fromkeys([*columns, *(name for row in full for name in row)]))
    with TableWriter(path, columns) as writer:
        writer.write_columns({name: [row.get(name) for row in full] for name in columns})
    return path


Clean = Callable[..., Cleaned]


@pytest.fixture
def written() -> Callable[..., Path]:
    """Writes rows as a canonical table."""
    return write


@pytest.fixture
def cleaned(tmp_path: Path) -> Clean:
    """Cleans rows (texts alone, or mappings) under a section, with more arguments of `clean`."""
    count = 0

    def run(rows: Sequence[str | Row], section: Hygiene | None = None, **more: Any) -> Cleaned:
        nonlocal count
        count += 1
        folder = tmp_path / f"cleaned-{count}"
        folder.mkdir()
        table = write(folder / "table.parquet", [{"text": row} if isinstance(row, str) else row for row in rows])
        more = {"evaluation": {}, **more}
        return Cleaned(clean(table, folder, section or Hygiene(), **more), folder)

    return run
