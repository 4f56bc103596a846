"""Rows that cannot be read: set aside with their reasons up to the share that the spec allows, or the end of it.

``refused.parquet`` holds the rows themselves, so it is for its owner alone, as is the table.
"""

from __future__ import annotations

from collections import Counter

from sluicegate.data.shares import rows_within
from sluicegate.data.sources.chunk import Chunk, Fault
from sluicegate.data.sources.private import PrivateWriter
from sluicegate.data.sources.textfile import printable
from sluicegate.errors import DataRejected, InputRefused

COLUMNS = ("file", "line", "column", "reason", "row")
"""Of ``refused.parquet``: the file (or other source), line or row number, column, why, and the row as it stands."""
_ROWS_AT_ONCE = 1000
LONGEST_ROW = 1 << 20
"""Characters of a refused row that are kept; the source has them all."""


class Refusals:
    """Counts refused rows and writes them as they come.

    Args:
        writer: For ``refused.parquet``.
        max_share: Share of all rows that may be set aside; for 0 nothing is written, since one row ends it.
    """

    def __init__(self, writer: PrivateWriter, max_share: float) -> None:
        self.rows = 0
        """Rows refused so far."""
        self._writer, self._max_share = writer, max_share
        self._counts: Counter[tuple[str, str]] = Counter()
        self._first: tuple[str, str, int, Fault] | None = None

    def add(self, chunk: Chunk) -> None:
        """Takes the rows of a chunk that have faults."""
        if not chunk.faults:
            return
        positions = sorted(chunk.faults)
        for position in positions:
            fault = chunk.faults[position]
            self.add_one(chunk.where, chunk.unit, chunk.lines[position], fault)
        if self._max_share:
            self.write([(chunk.where, chunk.lines[p], chunk.faults[p], chunk.row(p)) for p in positions])

    def add_one(self, where: str, unit: str, line: int, fault: Fault) -> None:
        """Counts one row."""
        self._first = self._first or (where, unit, line, fault)
        self._counts[fault.column, fault.kind] += 1
        self.rows += 1

    def write(self, refused: list[tuple[str, int, Fault, str]]) -> None:
        """Writes rows: file, line, fault, the row as it stands."""
        for start in range(0, len(refused), _ROWS_AT_ONCE):
            some = refused[start : start + _ROWS_AT_ONCE]
            self._writer.write_columns(
                {
                    "file": [where for where, *_ in some],
                    "line": [str(line) for _, line, *_ in some],
                    "column": [fault.column for _, _, fault, _ in some],
                    "reason": [fault.reason for _, _, fault, _ in some],
                    "row": [printable(row[:LONGEST_ROW])[:LONGEST_ROW] for *_, row in some],
                }
            )

    def by_reason(self) -> list[dict[str, str | int]]:
        """How many rows were refused for what: ``[{"column", "kind", "rows"}, …]``, most first."""
        counts = sorted(self._counts.items(), key=lambda item: (-item[1], item[0]))
        return [{"column": column, "kind": kind, "rows": rows} for (column, kind), rows in counts]

    def check(self, rows: int) -> None:
        """Ends the reading if more rows were refused than may be.

        Args:
            rows: Rows that the source holds.

        Raises:
            DataRejected: The first of them can be read and breaks what the spec says of the data.
            InputRefused: The first of them cannot be read.
        """
        if self._first is None or self.rows <= rows_within(self._max_share, rows):
            return
        where, unit, line, fault = self._first
        place = f"{unit} {line}" + (f", column {fault.column!r}" if fault.column else "")
        problem = f"{fault.reason}; {self.rows} of {rows} rows cannot be used and {self._allowed(rows)}{self._others()}"
        kind = DataRejected if fault.rejected else InputRefused
        raise kind(where, place, problem, fault.remedy or "mend them, or raise data.refused_rows_max_share")

    def _allowed(self, rows: int) -> str:
        return f"{rows_within(self._max_share, rows)} may be set aside" if self._max_share else "none may be set aside"

    def _others(self) -> str:
        if len(self._counts) < 2:
            return ""
        counts = [f"{c['rows']} for {c['column'] or 'the row'} ({c['kind']})" for c in self.by_reason()[:5]]
        return ": " + ", ".join(counts)
