"""Rows of a table as bytes: Arrow's stream format, which holds no code."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa


def packed(rows: pa.RecordBatch, about: dict[str, str] | None = None) -> bytes:
    """The rows as bytes, with a few words about them."""
    import pyarrow as pa

    rows = rows.replace_schema_metadata(about or {})
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, rows.schema) as stream:
        stream.write_batch(rows)
    return bytes(sink.getvalue().to_pybytes())


def unpacked(data: bytes) -> tuple[pa.RecordBatch, dict[str, str]]:
    """The rows, and what was said about them."""
    import pyarrow as pa

    with pa.ipc.open_stream(data) as stream:
        rows = stream.read_next_batch()
    about = {key.decode(): value.decode() for key, value in (rows.schema.metadata or {}).items()}
    return rows, about
