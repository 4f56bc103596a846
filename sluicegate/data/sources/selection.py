"""What of the rows that could be read goes into the table: one row an id, and the seeded draw."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sluicegate.data.sources.chunk import Fault
from sluicegate.data.sources.refusals import Refusals
from sluicegate.data.tables import chunks, database, rows_in
from sluicegate.errors import InputRefused
from sluicegate.spec import Data

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

FILE, LINE = "sluicegate: file", "sluicegate: line"
"""Columns beside the canonical ones, where ids are the user's: which row an id stands in."""

_REPEATED = """
    WITH rows AS (SELECT id, file_row_number AS position FROM read_parquet(?, file_row_number = true)),
         again AS (SELECT id, min(position) AS first FROM rows GROUP BY id HAVING count(*) > 1)
    SELECT position FROM rows JOIN again USING (id) WHERE position > first ORDER BY position
"""


def refuse_repeated_ids(staged: Path, data: Data, unit: str, refusals: Refusals, scratch: Path) -> NDArray[np.int64]:
    """Refuses every row whose id an earlier row has.

    Args:
        staged: The rows, with `FILE` and `LINE`.
        data: What the columns mean.
        unit: What lines are called: ``line`` or ``row``.
        refusals: Where the rows go.
        scratch: Where DuckDB may spill to.

    Returns:
        Their positions among the rows, rising, shape (R,).
    """
    if data.id is None:
        return np.empty(0, dtype=np.int64)
    with database(scratch / "ids") as connection:
        found = connection.execute(_REPEATED, [str(staged)]).fetchnumpy()["position"]
    positions = np.asarray(found, dtype=np.int64)
    fault = Fault(data.id, "repeated", "holds an id that is there already", "leave data.id out to have rows numbered")
    for batch in _at(staged, positions):
        refused = []
        for row in batch.to_pylist():
            where, line = row.pop(FILE), int(row.pop(LINE))
            refusals.add_one(where, unit, line, fault)
            refused.append((where, line, fault, json.dumps(row, ensure_ascii=False)))
        refusals.write(refused)
    return positions


def draw(staged: Path, without: NDArray[np.int64], data: Data, where: str) -> Iterator[pa.RecordBatch]:
    """`data.rows` of the rows, without replacement, in their order; for null, all of them.

    Args:
        staged: The rows.
        without: Positions that are not to be drawn, rising, shape (R,).
        data: How many, and the seed.
        where: Name of the source for a refusal.

    Raises:
        InputRefused: Fewer rows are there than are to be drawn.
    """
    there = rows_in(staged) - len(without)
    if data.rows is None and not len(without):
        return chunks(staged)
    positions = np.delete(np.arange(rows_in(staged)), without)
    if data.rows is not None:
        if data.rows > there:
            raise InputRefused(where, "data.rows", f"{data.rows} rows are asked for and {there} are there")
        drawn = np.random.default_rng(data.seed).choice(there, size=data.rows, replace=False)
        positions = positions[np.sort(drawn)]
    return _at(staged, positions)


def _at(staged: Path, positions: NDArray[np.int64]) -> Iterator[pa.RecordBatch]:
    """The rows at rising `positions`."""
    import pyarrow as pa

    begin = 0
    for batch in chunks(staged):
        first, last = np.searchsorted(positions, [begin, begin + batch.num_rows])
        if last > first:
            yield batch.take(pa.array(positions[first:last] - begin))
        begin += batch.num_rows
