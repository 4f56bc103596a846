"""Rows that break the contract, set aside in a file that only its owner may read."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from sluicegate.data import tables
from sluicegate.data.validation.rows import BrokenRows

_OWNER_ONLY = 0o600


def part(
    table: Path,
    broken: BrokenRows,
    reasons: Sequence[str],
    *,
    accepted: Path | None,
    quarantined: Path,
    chunk_rows: int,
) -> int:
    """Parts the rows of a table into those that break nothing and those that do; returns how many do.

    Args:
        table: Parquet file of string columns, among them `id`.
        broken: Which rows break which expectation.
        reasons: What to say of a row that breaks an expectation, in suite order.
        accepted: Where the others go, as they are; None: nowhere.
        quarantined: Where those go that break something: `id`, `reasons` (joined by ``; ``), the other columns.
        chunk_rows: Rows that are in memory at once.
    """
    import pyarrow as pa

    columns = list(tables.columns_of(table))
    others = [column for column in columns if column != "id"]
    start = aside = 0
    with _guarded(quarantined, ["id", "reasons", *others]) as quarantine, _perhaps(accepted, columns) as keep:
        for batch in tables.chunks(table, rows=chunk_rows):
            marks = broken.within(start, start + batch.num_rows)
            start += batch.num_rows
            rows_N = np.any(list(marks.values()), axis=0) if marks else np.zeros(batch.num_rows, dtype=np.bool_)
            if keep is not None:
                keep.write(batch.filter(pa.array(~rows_N)))
            if rows_N.any():
                where = np.flatnonzero(rows_N)
                said = ["; ".join(reasons[p] for p, mark in marks.items() if mark[row]) for row in where]
                rows = pa.table(batch.take(pa.array(where)).to_pydict(), schema=batch.schema)
                quarantine.write_table(_cast(rows.append_column("reasons", pa.array(said)), ["id", "reasons", *others]))
                aside += len(where)
    return aside


def _schema(columns: Sequence[str]) -> Any:
    import pyarrow as pa

    return pa.schema([(name, pa.large_string()) for name in columns])


def _cast(rows: Any, columns: Sequence[str]) -> Any:
    return rows.select(list(columns)).cast(_schema(columns))


@contextmanager
def _perhaps(path: Path | None, columns: Sequence[str]) -> Iterator[tables.TableWriter | None]:
    if path is None:
        yield None
    else:
        with tables.TableWriter(path, columns) as writer:
            yield writer


@contextmanager
def _guarded(path: Path, columns: Sequence[str]) -> Iterator[Any]:
    """A Parquet file that is its owner's from its first byte, and there whole or not at all."""
    import pyarrow.parquet as pq

    partial = path.with_name(f".{path.name}.partial")
    partial.unlink(missing_ok=True)
    try:
        with (
            os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY), "wb") as file,
            pq.ParquetWriter(file, _schema(columns), compression="zstd") as writer,
        ):
            yield writer
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
