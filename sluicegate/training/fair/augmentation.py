"""The training rows with their counterfactual copies, from one Parquet to another."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sluicegate.errors import InputRefused
from sluicegate.spec.spans import dump_spans, parse_spans
from sluicegate.training.fair.counterfactual import Exchange

COPY_SUFFIX = "~exchanged"
"""Ends the id of a copy."""
_ROWS_AT_ONCE = 10_000


@dataclass(frozen=True)
class Augmented:
    """What became of a file's rows."""

    rows: int
    """Rows of the original."""
    copies: int
    """Rows that were added; a text in which nothing is exchanged has no copy."""


def write_augmented(source: Path, target: Path, exchange: Exchange) -> Augmented:
    """Writes the rows of `source` with their copies, in memory that does not grow with the file.

    A copy keeps all columns but ``text``, ``spans`` (moved) and ``id`` (with `COPY_SUFFIX`). Only training rows may
    go through this: a copy in the validation or test rows would count a text twice.

    Args:
        source: Parquet with a column text, and maybe spans and id.
        target: The Parquet to write; there whole or not at all.
        exchange: What is exchanged.

    Raises:
        InputRefused: The file cannot be read or the copy written, it has no text column, or a text or span is broken.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    partial, rows, copies = target.with_name(f".{target.name}.partial"), 0, 0
    try:
        with pq.ParquetFile(source) as file:
            if "text" not in (schema := file.schema_arrow).names:
                raise InputRefused(source, "text", "there is no such column")
            with pq.ParquetWriter(partial, schema) as writer:
                for batch in file.iter_batches(_ROWS_AT_ONCE):
                    writer.write_batch(batch)
                    copied = _copies(batch, exchange, source, rows)
                    writer.write_batch(copied)
                    rows, copies = rows + batch.num_rows, copies + copied.num_rows
        partial.rename(target)
    except FileNotFoundError:
        raise InputRefused(source, "", "there is no such file") from None
    except (OSError, pa.ArrowInvalid) as error:
        problem = f"cannot be read as Parquet, or its copy not be written ({type(error).__name__})"
        raise InputRefused(source, "", problem) from None
    finally:
        partial.unlink(missing_ok=True)
    return Augmented(rows, copies)


def _copies(batch: Any, exchange: Exchange, source: Path, before: int) -> Any:
    """The rows in which something is exchanged, as a batch of the same schema.

    Args:
        batch: Some of the rows.
        exchange: What is exchanged.
        source: The file that they are from.
        before: How many came before them.
    """
    import pyarrow as pa

    chosen, texts, moved = [], [], []
    all_spans = batch.column("spans").to_pylist() if "spans" in batch.schema.names else [None] * batch.num_rows
    for i, (text, given) in enumerate(zip(batch.column("text").to_pylist(), all_spans, strict=True)):
        found = _swap(text, given, exchange, source, before + i + 1)
        if found is not None:
            chosen.append(i)
            texts.append(found[0])
            moved.append(found[1])
    copied = batch.take(pa.array(chosen, pa.int64()))
    changed = {"text": texts, "spans": moved}
    if "id" in batch.schema.names:
        changed["id"] = [f"{one}{COPY_SUFFIX}" for one in copied.column("id").to_pylist()]
    columns = [
        pa.array(changed[field.name], field.type) if field.name in changed else copied.column(field.name)
        for field in batch.schema
    ]
    return pa.record_batch(columns, schema=batch.schema)


def _swap(
    text: object, given: str | None, exchange: Exchange, source: Path, number: int
) -> tuple[str, str | None] | None:
    """Text and column ``spans`` of a row's copy; None if nothing is exchanged."""
    if not isinstance(text, str):
        raise InputRefused(source, f"text of row {number}", "is missing")
    try:
        spans = parse_spans(given, len(text)) if given is not None else []
    except (ValueError, TypeError) as error:
        raise InputRefused(source, f"spans of row {number}", str(error)) from None
    found = exchange.swap(text, spans)
    if found is None:
        return None
    return found[0], dump_spans(found[1]) if given is not None else None
