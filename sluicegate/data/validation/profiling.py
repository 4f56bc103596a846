"""What a file of data is like, as counts: how much is missing, how long texts are, which values a label has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sluicegate.data import tables
from sluicegate.data.validation.languages import language_of
from sluicegate.data.validation.over_all import quoted, scan

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
        sql = f"SELECT {cell} AS v, count(*) AS n FROM {source} WHERE {cell} IS NOT NULL GROUP BY 1 ORDER BY n DESC, v"
        counts = dict(connection.execute(sql).fetchall())
    return Column(present, distinct, shortest, longest, counts)
