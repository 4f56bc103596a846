"""Tables larger than memory: Parquet, read and written a chunk at a time.

Every step of the data half reads one Parquet file and writes another, both with the canonical columns as
strings. What needs all rows at once (uniqueness, joins, counts) is asked of DuckDB, which spills to disk.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

CHUNK_ROWS = 50_000
"""Rows that are in memory at once; a row group of what is written."""
MEMORY_LIMIT = "1500MB"
"""What DuckDB may hold before it spills."""


def chunks(path: Path, *, columns: Sequence[str] | None = None, rows: int = CHUNK_ROWS) -> Iterator[pa.RecordBatch]:
    """The rows of a Parquet file in order, at most `rows` at once and never more than a row group holds.

    Args:
        path: The file.
        columns: Columns to read, in this order; None for all.
        rows: Most rows of a batch.
    """
    import pyarrow.parquet as pq

    wanted = list(columns) if columns is not None else None
    with pq.ParquetFile(path) as file:
        for group in range(file.num_row_groups):  # read together, a batch would reach over small ones
            yield from file.iter_batches(batch_size=rows, row_groups=[group], columns=wanted)


def columns_of(path: Path) -> tuple[str, ...]:
    """Names of a Parquet file's columns, in order."""
    import pyarrow.parquet as pq

    return tuple(pq.read_schema(path).names)


def rows_in(path: Path) -> int:
    """How many rows a Parquet file has, without reading them."""
    import pyarrow.parquet as pq

    return int(pq.read_metadata(path).num_rows)


class TableWriter:
    """A Parquet file of string columns that is there whole or not at all.

    Args:
        path: Where it goes.
        columns: Its columns, in order.
    """

    def __init__(self, path: Path, columns: Sequence[str]) -> None:
        self.rows = 0
        """Rows written so far."""
        self._path, self._partial = path, path.with_name(f".{path.name}.partial")
        self._columns = list(columns)

    def __enter__(self) -> TableWriter:
        import pyarrow as pa
        import pyarrow.parquet as pq

        self._schema = pa.schema([(name, pa.large_string()) for name in self._columns])
        self._writer = pq.ParquetWriter(self._partial, self._schema, compression="zstd")
        return self

    def write(self, rows: pa.RecordBatch | pa.Table) -> None:
        """Adds rows; columns are found by name and cast to strings, others are left out."""
        import pyarrow as pa

        table = pa.Table.from_batches([rows]) if isinstance(rows, pa.RecordBatch) else rows
        table = table.select(self._columns).cast(self._schema)
        if table.num_rows:
            self._writer.write_table(table)
            self.rows += table.num_rows

    def write_columns(self, columns: Mapping[str, Sequence[str | None]]) -> None:
        """Adds rows that are given as one sequence for each column."""
        import pyarrow as pa

        self.write(pa.table({name: pa.array(columns[name], pa.large_string()) for name in self._columns}))

    def __exit__(self, kind: type[BaseException] | None, *_: Any) -> None:
        try:
            self._writer.close()
            if kind is None:
                os.replace(self._partial, self._path)
        finally:
            self._partial.unlink(missing_ok=True)


@contextmanager
def database(scratch: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """DuckDB in memory, which spills to the folder `scratch`; it loads no extension and asks no network."""
    import duckdb

    scratch.mkdir(parents=True, exist_ok=True)
    settings: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": MEMORY_LIMIT,
        "temp_directory": str(scratch),
        "threads": os.cpu_count() or 1,
        "preserve_insertion_order": True,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    with duckdb.connect(":memory:", config=settings) as connection:
        yield connection
