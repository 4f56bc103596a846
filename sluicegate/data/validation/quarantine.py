"""Rows that break the contract, set aside; they and the others lie in files that only their owner may read."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

import numpy as np

from sluicegate.data import tables
from sluicegate.data.sources.private import PrivateWriter
from sluicegate.data.validation.rows import BrokenRows


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
    kept = PrivateWriter(accepted, columns) if accepted else nullcontext()
    with PrivateWriter(quarantined, ["id", "reasons", *others]) as quarantine, kept as keep:
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
                quarantine.write(rows.append_column("reasons", pa.array(said)))
                aside += len(where)
    return aside
