"""What a file of data is like, as counts: how much is missing, how long texts are, which values a label has."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sluicegate.data import tables
from sluicegate.data.validation.languages import language_of
from sluicegate.data.validation.over_all import quoted, scan
from sluicegate.errors import InputRefused

MOST_VALUES = 50
"""A column with more different values is no label and no group."""
_MOST_DIFFERENT_SHARE = 0.2
"""Nor is one with more different values than this share of its rows, unless it is the label."""


@dataclass(frozen=True)
class Column:
    """One column in counts."""

    present: int
    """Rows with a value."""
    distinct: int
    """Different values."""
    shortest: int
    """Characters of the shortest value."""
    longest: int
    """Characters of the longest."""
    counts: dict[str, int]
    """Rows of each value, from the commonest on; empty for more values than a label has."""


@dataclass(frozen=True)
class Profile:
    """A table in counts."""

    rows: int
    columns: Mapping[str, Column]
    languages: Mapping[str, int]
    """Texts in each language, as far as that can be told."""
    blank: int
    """Texts of white space alone."""
    replaced: int
    """Texts that hold U+FFFD, which stands where bytes did not decode."""


def profile_of(table: Path, names: Sequence[str], scratch: Path) -> Profile:
    """The named columns of a canonical table, counted by DuckDB, which spills to `scratch`."""
    with tables.database(scratch / "spill") as connection:
        columns = {name: _column(connection, scan(table), name) for name in names}
    languages: Counter[str] = Counter()
    blank = replaced = 0
    for batch in tables.chunks(table, columns=["text"]):
        for value in batch.column(0).to_pylist():
            if value is not None:
                languages[language_of(value)] += 1
                blank += not value.strip()
                replaced += "\ufffd" in value
    return Profile(tables.rows_in(table), columns, languages, blank, replaced)


def _column(connection: Any, source: str, name: str) -> Column:
    cell = quoted(name)
    lengths = f"coalesce(min(length({cell})), 0), coalesce(max(length({cell})), 0)"
    row = connection.execute(f"SELECT count({cell}), count(DISTINCT {cell}), {lengths} FROM {source}").fetchone()
    present, distinct, shortest, longest = row
    few = name == "label" or distinct <= max(2, _MOST_DIFFERENT_SHARE * present)
    counts: dict[str, int] = {}
    if name != "text" and distinct <= MOST_VALUES and few:
        sql = f"SELECT {cell} AS v, count(*) AS n FROM {source} WHERE {cell} IS NOT NULL GROUP BY v ORDER BY n DESC, v"
        counts = dict(connection.execute(sql).fetchall())
    return Column(present, distinct, shortest, longest, counts)


def _kind(data: Path) -> str:
    kind = {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet"}.get(data.suffix.lower())
    if kind is None:
        raise InputRefused(data, "", f"ends in {data.suffix or 'nothing'!r}", "give a .csv, .jsonl or .parquet file")
    if not data.is_file():
        raise InputRefused(data, "", "there is no such file")
    return kind


def columns_in(data: Path) -> list[str]:
    """Names of a file's columns, in order; none for a file without rows.

    Raises:
        InputRefused: No such file, of another kind, or it cannot be read.
    """
    _kind(data)
    return next(iter(_rows(data)), ([], []))[0]


def write_canonical(data: Path, table: Path, chosen: Sequence[tuple[str, str]]) -> None:
    """The canonical table of the chosen columns (name in the file, name there), rows numbered from 0."""
    with tables.TableWriter(table, ["id", *(name for _, name in chosen)]) as writer:
        for names, rows in _rows(data):
            places = [names.index(name) for name, _ in chosen]
            cells = {name: [_cell(row[i]) for row in rows] for i, (_, name) in zip(places, chosen, strict=True)}
            writer.write_columns({"id": [str(writer.rows + i) for i in range(len(rows))], **cells})


def _cell(value: Any) -> str | None:
    if value is None or value == "" or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _rows(data: Path) -> Iterator[tuple[list[str], list[Sequence[Any]]]]:
    """Names of the columns and some rows at a time; the names once even if there are no rows."""
    kind = _kind(data)
    try:
        yield from {"csv": _csv_rows, "jsonl": _json_rows, "parquet": _parquet_rows}[kind](data)
    except (ValueError, OSError, KeyError) as error:
        raise InputRefused(data, "", f"cannot be read as {kind}: {type(error).__name__}") from None


def _csv_rows(data: Path) -> Iterator[tuple[list[str], list[Sequence[Any]]]]:
    import pandas as pd

    with pd.read_csv(
        data, dtype=str, keep_default_na=False, na_values=[""], encoding="utf-8-sig", chunksize=tables.CHUNK_ROWS
    ) as chunks:
        for chunk in chunks:
            frame = chunk.astype(object).where(chunk.notna(), None)
            yield [str(c) for c in frame.columns], list(frame.itertuples(index=False, name=None))


def _json_rows(data: Path) -> Iterator[tuple[list[str], list[Sequence[Any]]]]:
    names: list[str] = []
    rows: list[Sequence[Any]] = []
    with data.open(encoding="utf-8-sig") as lines:
        for line in filter(str.strip, lines):
            value = json.loads(line)
            if not isinstance(value, dict):
                raise ValueError("a line is not an object")
            names = names or list(value)
            rows.append([value.get(name) for name in names])
            if len(rows) == tables.CHUNK_ROWS:
                yield names, rows
                rows = []
    if rows:
        yield names, rows


def _parquet_rows(data: Path) -> Iterator[tuple[list[str], list[Sequence[Any]]]]:
    names = list(tables.columns_of(data))
    for batch in tables.chunks(data):
        yield names, list(zip(*(batch.column(i).to_pylist() for i in range(len(names))), strict=True))
