"""Parquet: schema, metadata and compression are kept; row groups are written anew.

Categories of a scrubbed column are those of its new texts alone, so that none is left that no row has and nobody
looked at, and they are in no order: that of the old ones says nothing of the new.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from sluicegate.data.column_names import named_twice
from sluicegate.data.scrubbing.files.lines import check_length
from sluicegate.data.scrubbing.files.opening import Write
from sluicegate.data.scrubbing.stream import ROWS, Rows
from sluicegate.errors import DataRejected, InputRefused

_GROUP_ROWS = 50_000
_GROUP_BYTES = 64_000_000


class Parquet:
    """A Parquet file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            with pq.ParquetFile(path) as file:
                self._schema = file.schema_arrow
                groups = file.metadata.num_row_groups
                one = file.metadata.row_group(0).column(0) if groups and file.metadata.num_columns else None
        except pa.ArrowException:
            raise InputRefused(path, "", "is not a Parquet file, or not a whole one") from None
        self._compression = "none" if one is None else str(one.compression).lower()
        self.columns: Sequence[str] = self._schema.names
        if twice := named_twice(self.columns):
            raise InputRefused(path, "", f"names a column twice: {twice}")
        self.text_columns: Sequence[str] = [field.name for field in self._schema if _is_text(field.type)]

    def rows(self, columns: Sequence[str]) -> Iterator[Rows]:
        """The rows."""
        row = 0
        try:
            with pq.ParquetFile(self._path, page_checksum_verification=True) as file:
                for batch in file.iter_batches(batch_size=ROWS):
                    texts = {name: self._texts(batch, name, row) for name in columns}
                    row += batch.num_rows
                    yield Rows(batch, texts)
        except (pa.ArrowException, OSError):
            raise DataRejected(self._path, f"after row {row}", "cannot be read: the file is damaged") from None

    @contextmanager
    def writer(self, stream: BinaryIO, columns: Sequence[str]) -> Iterator[Write]:
        """Writes rows, in groups of 50,000 or of 64 MB."""
        held: list[pa.RecordBatch] = []
        known = ("snappy", "gzip", "brotli", "zstd", "lz4")
        compression = self._compression if self._compression in known else "none"
        schema = _without_order(self._schema, columns)
        with pq.ParquetWriter(stream, schema, compression=compression) as writer:

            def flush() -> None:
                if held:
                    writer.write_table(pa.Table.from_batches(held, schema))
                    held.clear()

            def write(rows: Rows, texts: dict[str, list[str | None]]) -> None:
                held.append(_with(schema, rows.payload, texts))
                if sum(b.num_rows for b in held) >= _GROUP_ROWS or sum(b.nbytes for b in held) >= _GROUP_BYTES:
                    flush()

            yield write
            flush()

    def _texts(self, batch: pa.RecordBatch, name: str, first: int) -> list[str | None]:
        try:
            texts: list[str | None] = batch.column(name).to_pylist()
        except UnicodeDecodeError:
            problem = f"rows {first + 1} to {first + batch.num_rows} hold bytes that are not UTF-8 text"
            raise DataRejected(self._path, name, problem) from None
        for i, text in enumerate(texts):
            if text is not None:
                check_length(self._path, f"row {first + i + 1}, column {name}", text)
        return texts


def _without_order(schema: pa.Schema, names: Sequence[str]) -> pa.Schema:
    """The schema, with the categories of these columns in no order."""
    for i, field in enumerate(schema):
        if field.name in names and pa.types.is_dictionary(field.type):
            unordered = pa.dictionary(field.type.index_type, field.type.value_type)
            schema = schema.set(i, field.with_type(unordered))
    return schema


def _with(schema: pa.Schema, batch: pa.RecordBatch, texts: dict[str, list[str | None]]) -> pa.RecordBatch:
    columns = {field.name: batch.column(i) for i, field in enumerate(schema)}
    columns |= {name: pa.array(column, pa.large_string()).cast(_plain(schema, name)) for name, column in texts.items()}
    arrays = [
        array.dictionary_encode().cast(field.type)
        if pa.types.is_dictionary(field.type) and field.name in texts
        else array
        for field, array in zip(schema, columns.values(), strict=True)
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _plain(schema: pa.Schema, name: str) -> Any:
    kind = schema.field(name).type
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def _is_text(kind: Any) -> bool:
    if pa.types.is_dictionary(kind):
        return _is_text(kind.value_type)
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))
