"""Row-wise expectations held on a cluster: a few rows to a worker, counts and row numbers back."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sluicegate.data import tables
from sluicegate.data.cluster.packing import packed, unpacked
from sluicegate.data.validation.by_chunk import Found, chunk_of, found_in

if TYPE_CHECKING:
    from sluicegate.data.cluster.mapping import Cluster

ROWS = 10_000
"""Rows of an item: fewer than a chunk on one machine has, so that an item is small; the counts are the same."""


def found_on(
    cluster: Cluster, table: Path, expectations: Mapping[int, Any], numbers: Sequence[str]
) -> Iterator[tuple[dict[int, Found | None], int]]:
    """What the rows of each item hold, in order, and the first row after it.

    Args:
        cluster: Where they are held.
        table: Parquet file of string columns.
        expectations: Position in the suite → Great Expectations' own object.
        numbers: Columns that are read as numbers.

    Raises:
        Unavailable: The cluster was lost.
    """
    if not expectations:
        return
    for data in cluster.answers(_RowsOfTable(table), _Hold(dict(expectations), tuple(numbers))):
        answer = json.loads(data)
        found = {int(position): _found(each) for position, each in answer["found"].items()}
        yield found, answer["stop"]


@dataclass(frozen=True)
class _RowsOfTable:
    table: Path

    def __call__(self) -> Iterator[bytes]:
        import pyarrow as pa

        start = 0
        for batch in tables.chunks(self.table, rows=ROWS):
            yield packed(batch, {"start": str(start)})
            start += batch.num_rows
        if not start:
            columns = tables.columns_of(self.table)
            yield packed(pa.record_batch({name: pa.array([], pa.large_string()) for name in columns}), {"start": "0"})


@dataclass(frozen=True)
class _Hold:
    expectations: dict[int, Any]
    numbers: tuple[str, ...]

    def __call__(self) -> Callable[[bytes], bytes]:
        from sluicegate.data.validation import measures  # noqa: F401  registers what can be measured

        return self._hold

    def _hold(self, item: bytes) -> bytes:
        rows, about = unpacked(item)
        chunk = chunk_of(int(about["start"]), rows.to_pandas(), self.numbers)
        found = {position: _values(each) for position, each in found_in(chunk, self.expectations).items()}
        return json.dumps({"found": found, "stop": chunk.stop}).encode()


def _values(found: Found | None) -> list[Any] | None:
    return [found.rows, found.missing, found.unexpected, found.breaking_M.tolist()] if found else None


def _found(values: list[Any] | None) -> Found | None:
    if values is None:
        return None
    rows, missing, unexpected, breaking = values
    return Found(rows, missing, unexpected, np.array(breaking, np.int64))
