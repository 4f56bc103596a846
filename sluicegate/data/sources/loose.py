"""A file that no spec describes: which columns it has, and some of them as a canonical table.

It is read as a source of its kind is, so a row that a run would refuse is refused here too, by line and column.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path

from sluicegate.data.sources.chunk import Chunk
from sluicegate.data.sources.columnar import parquet_chunks
from sluicegate.data.sources.delimited import csv_chunks, csv_header
from sluicegate.data.sources.json_lines import json_line_chunks, json_line_keys
from sluicegate.data.sources.values import name as named
from sluicegate.data.sources.values import sound_strings
from sluicegate.data.sources.values import text as as_text
from sluicegate.data.tables import TableWriter, columns_of
from sluicegate.errors import InputRefused
from sluicegate.spec.data import LONGEST_TEXT_CHARACTERS

_KINDS = {".csv": "csv", ".tsv": "tsv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet"}
_DELIMITERS = {"csv": ",", "tsv": "\t"}


def columns_in(file: Path, wanted: Collection[str] = ()) -> list[str]:
    """Names of the file's columns, in order; of JSON Lines, a great many at most, and those that are wanted.

    Raises:
        InputRefused: No such file, one of another kind, or one that cannot be read.
    """
    kind = _kind(file)
    if delimiter := _DELIMITERS.get(kind):
        return csv_header(file, delimiter=delimiter, encoding="utf-8")
    if kind == "jsonl":
        return json_line_keys(file, wanted)
    try:
        return list(columns_of(file))
    except (ValueError, OSError) as error:
        raise InputRefused(file, "", f"is not a whole Parquet file ({type(error).__name__})") from None


def write_table(file: Path, table: Path, chosen: Sequence[tuple[str, str]]) -> None:
    """Writes a canonical table of the chosen columns (name in the file, name there), rows numbered from 0.

    Raises:
        InputRefused: The file cannot be read, lacks a column, or a row cannot be used.
    """
    with TableWriter(table, ["id", *(column for _, column in chosen)]) as writer:
        for chunk in _chunks(file, [name for name, _ in chosen]):
            _require_sound(chunk)
            cells = {column: _strings(chunk, name, as_text if column == "text" else named) for name, column in chosen}
            writer.write_columns({"id": [str(writer.rows + i) for i in range(len(chunk))], **cells})


def _kind(file: Path) -> str:
    kind = _KINDS.get(file.suffix.lower())
    if kind is None:
        endings = ", ".join(_KINDS)
        raise InputRefused(
            file, "", f"ends in {file.suffix or 'nothing'!r}", f"give a file that ends in one of {endings}"
        )
    if not file.is_file():
        raise InputRefused(file, "", "there is no such file")
    return kind


def _chunks(file: Path, wanted: Sequence[str]) -> Iterator[Chunk]:
    kind = _kind(file)
    if delimiter := _DELIMITERS.get(kind):
        return csv_chunks(file, wanted, delimiter=delimiter, encoding="utf-8")
    return json_line_chunks(file, wanted) if kind == "jsonl" else parquet_chunks(file, wanted)


def _require_sound(chunk: Chunk) -> None:
    if chunk.faults:
        first = min(chunk.faults)
        fault = chunk.faults[first]
        raise InputRefused(chunk.where, f"{chunk.unit} {chunk.lines[first]}", fault.reason, fault.remedy)


def _strings(chunk: Chunk, column: str, convert: Callable[[object], str | None]) -> list[str | None]:
    found, faults = sound_strings(chunk.columns[column], convert, chunk.encoding, LONGEST_TEXT_CHARACTERS)
    if faults:
        first = min(faults)
        where = f"{chunk.unit} {chunk.lines[first]}, column {column!r}"
        raise InputRefused(chunk.where, where, faults[first].reason)
    values: list[str | None] = found.to_pylist()
    return values
