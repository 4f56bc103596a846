"""Delimited text: a row that does not have its fields has a fault; where no row can be told, the file is refused.

An empty field is a missing value. A word such as ``NA`` or ``null`` is a word. A quoted field may go over
many lines, and a stray quote makes one that swallows rows: where that shows, nothing after it can be trusted,
so the file is refused with the line in which the row began. A row is set aside alone for its quotes only where
they pair up on its first line, and leave as many fields there as the header has: so it ends there.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING

from sluicegate.data.column_names import named_twice
from sluicegate.data.sources.chunk import BOUNDS, Bounds, Chunk, Fault, require
from sluicegate.data.sources.textfile import lines, open_file
from sluicegate.errors import InputRefused, SpecRefused

if TYPE_CHECKING:
    import pyarrow as pa

_TWICE = "put a double quote inside a field twice"
_QUOTES = "put fields that hold the delimiter in double quotes"


def csv_chunks(
    path: Path, wanted: Sequence[str], *, delimiter: str, encoding: str, bounds: Bounds = BOUNDS
) -> Iterator[Chunk]:
    """The rows of a delimited file with a header line; quoted fields may hold delimiters and line breaks.

    Args:
        path: The file.
        wanted: Columns to take from it.
        delimiter: Between fields, one character.
        encoding: Of the file.
        bounds: How much is read at once.

    Raises:
        InputRefused: Missing or empty file, a column that is missing, nameless or there twice, quotes from which
            it cannot be told where a row ends, a line that is too long.
        SpecRefused: A delimiter of several characters, an unknown encoding.
    """
    if len(delimiter) != 1 or delimiter in '\r\n"':
        problem = f"must be one character that is no quote and no line end, not {delimiter!r}"
        raise SpecRefused(path, "data.source.delimiter", problem)
    csv.field_size_limit(bounds.line)  # csv's own limit of 131,072 characters would refuse long documents
    with open_file(path) as content:
        records = _Records(lines(content, encoding, path, longest=bounds.line, newline=""), delimiter, path, bounds)
        header = records.header(encoding)
        require(wanted, header, path)
        yield from _csv_chunks(records, header, wanted, encoding, bounds)


def csv_header(path: Path, *, delimiter: str, encoding: str, bounds: Bounds = BOUNDS) -> list[str]:
    """The names in the header line of a delimited file.

    Raises:
        InputRefused: Missing or empty file, or a header with a column that is nameless or there twice.
    """
    with open_file(path) as content:
        source = lines(content, encoding, path, longest=bounds.line, newline="")
        return _Records(source, delimiter, path, bounds).header(encoding)


class _Records:
    """The records of a CSV file, each with the line that it begins in."""

    def __init__(self, source: Iterator[str], delimiter: str, path: Path, bounds: Bounds) -> None:
        self.begins = 1
        """The line in which the record that was read last begins."""
        self.characters = 0
        """Characters read so far."""
        self.last = ""
        """The line that was read last."""
        self.path, self._source, self._bounds, self._delimiter = path, source, bounds, delimiter
        self._fields = 0
        """Fields of the header; 0 before it is read."""
        self._doubted = 0
        """The line of a row that was set aside, though a quoted field of it might go on after it; 0 if none was."""
        self._quotes = 0
        """Quotes read so far."""
        try:
            self._reader = csv.reader(self._lines(), delimiter=delimiter, strict=True)
        except (TypeError, ValueError):
            raise SpecRefused(path, "data.source.delimiter", "cannot part fields") from None

    def header(self, encoding: str) -> list[str]:
        found = next(self, None)
        if found is None:
            raise InputRefused(self.path, "", "is empty")
        if isinstance(found, Fault):
            raise InputRefused(self.path, f"line {self.begins}", f"the header {found.reason}")
        where = f"line {self.begins}"
        if any("\0" in name for name in found):
            remedy = "save it as UTF-8, or name its encoding, perhaps utf-16, in a spec's data.source.encoding"
            raise InputRefused(self.path, where, "the header holds a NUL character", remedy)
        try:
            "".join(found).encode()
        except UnicodeEncodeError:
            remedy = "save it as UTF-8, or name its encoding in a spec's data.source.encoding"
            raise InputRefused(self.path, where, f"the header is not {encoding} text", remedy) from None
        if twice := named_twice(found):
            raise InputRefused(self.path, "header", f"names a column twice: {twice}")
        self._fields = len(found)
        return found

    def __iter__(self) -> _Records:
        return self

    def __next__(self) -> list[str] | Fault:
        """The fields of the next record that is not a blank line, or why it has none."""
        while True:
            before, quotes = self._reader.line_num, self._quotes
            try:
                if row := next(self._reader):
                    self.begins = before + 1
                    self._refuse_the_rest_of_a_doubted_row(self._quotes - quotes)
                    return row
            except csv.Error as error:
                self.begins = before + 1
                if (ends := self._reader.line_num) > self.begins or not self._ends_here(error):
                    raise InputRefused(self.path, f"line {self.begins}", *_unclosed(error, self.begins, ends)) from None
                return Fault("", "quotes", f"is not delimited text: {error}", _TWICE)

    def _ends_here(self, error: csv.Error) -> bool:
        """Whether the row that has no fields ends with the line that was read last."""
        if not self._fields or "unexpected end" in str(error):  # the header, which is refused; the end of the file
            return True
        line = self.last.rstrip("\r\n")
        if line.count('"') % 2:
            return False
        if _fields_to_last_quotes(line, self._delimiter) == self._fields:
            return True
        self._doubted = self.begins
        return len(next(csv.reader([line], delimiter=self._delimiter))) == self._fields

    def _refuse_the_rest_of_a_doubted_row(self, quotes: int) -> None:
        """Refuses a file in which a row has a quote without another, which may end the field of a row set aside."""
        if self._doubted and quotes % 2:
            problem = (
                f"a quote stands in the middle of text, and the row of line {self.begins} has one without another, so "
                "where the row that begins here ends cannot be told"
            )
            raise InputRefused(self.path, f"line {self._doubted}", problem, _TWICE)

    def _lines(self) -> Iterator[str]:
        for number, line in enumerate(self._source, start=1):
            if len(line) > self._bounds.line:
                problem = f"is longer than {self._bounds.line:,} characters, so where its row ends cannot be told"
                raise InputRefused(self.path, f"line {number}", problem)
            self.characters += len(line)
            self.last, self._quotes = line, self._quotes + line.count('"')
            yield line


def _unclosed(error: csv.Error, begins: int, ends: int) -> tuple[str, str]:
    """Problem and remedy of a quoted field over several lines that does not end as one."""
    if "field larger" in str(error):
        why = f"is longer than {csv.field_size_limit():,} characters"
    elif "unexpected end" in str(error):
        why = "is never closed"
    else:
        why = f"ends in the middle of text, in line {ends}"
    problem = f"a quoted field of the row that begins here {why}, so where rows end after it cannot be told"
    return problem, f"look for a stray double quote in lines {begins} to {ends}" if ends > begins else _TWICE


def _fields_to_last_quotes(line: str, delimiter: str) -> int:
    """Fields of a line where a quote ends a field only before a delimiter or the line's end; 0 if one does not end."""
    part = re.escape(delimiter)
    field = re.compile(rf'(?:"(?:[^"]++|""|"(?!"|{part}|\Z))*+"|(?!")[^{part}]*+)(?:{part}|(\Z))')
    found = position = 0
    while match := field.match(line, position):
        found, position = found + 1, match.end()
        if match[1] is not None:
            return found
    return 0


def _csv_chunks(
    records: _Records, header: list[str], wanted: Sequence[str], encoding: str, bounds: Bounds
) -> Iterator[Chunk]:
    taken = {name: header.index(name) for name in wanted}
    blank, fields = [""] * len(header), len(header)
    where = str(records.path)
    while True:
        rows: list[list[str]] = []
        begins: list[int] = []
        faults: dict[int, Fault] = {}
        raw: dict[int, str] = {}
        until = records.characters + bounds.characters
        for row in records:
            if isinstance(row, Fault):
                faults[len(rows)], raw[len(rows)] = row, records.last.rstrip("\r\n")
                rows.append(blank)
            elif len(row) == fields:
                rows.append(row)
            else:
                faults[len(rows)] = Fault("", "fields", f"has {len(row)} fields where the header has {fields}", _QUOTES)
                raw[len(rows)] = _as_json(row)
                rows.append(blank)
            begins.append(records.begins)
            if len(rows) >= bounds.rows or records.characters >= until:
                break
        if not rows:
            return
        columns = {name: _column(rows, index) for name, index in taken.items()}
        row_of = _row_of(rows, header, raw)
        yield Chunk(where, begins, columns, row_of, faults, unit="line", encoding=encoding)


def plain_chunks(
    content: IO[bytes],
    columns: Sequence[str],
    *,
    delimiter: str,
    encoding: str,
    where: str,
    constant: tuple[str, str] | None = None,
    bounds: Bounds = BOUNDS,
) -> Iterator[Chunk]:
    r"""The rows of delimited text without a header, in which quotes have no meaning.

    Args:
        content: The file. Lines end at ``\n`` or ``\r\n``; blank lines hold no row.
        columns: Names of the first fields of each line; further fields are dropped, a line with fewer has a fault.
        delimiter: Between fields.
        encoding: Of the bytes.
        where: The file's name for a refusal.
        constant: A further column, and its value in every row.
        bounds: How much is read at once.

    Raises:
        SpecRefused: An unknown encoding.
    """
    numbered = enumerate(lines(content, encoding, where, longest=bounds.line), start=1)
    names, blank = [*columns, *(constant[:1] if constant else ())], [""] * len(columns)
    more = [constant[1]] if constant else []
    while True:
        rows: list[list[str]] = []
        begins: list[int] = []
        faults: dict[int, Fault] = {}
        raw: dict[int, str] = {}
        characters = 0
        for number, line in numbered:
            fields = line.removesuffix("\n").removesuffix("\r").split(delimiter)
            if len(line) > bounds.line:
                faults[len(rows)] = Fault("", "line", f"is longer than {bounds.line:,} characters")
            elif len(fields) < len(columns):
                if not line.strip():
                    continue
                problem = f"has {len(fields)} fields where the spec names {len(columns)}"
                faults[len(rows)] = Fault("", "fields", problem)
            if len(rows) in faults:
                raw[len(rows)], fields = line.rstrip("\r\n"), blank
            rows.append([*fields[: len(columns)], *more])
            begins.append(number)
            characters += len(line)
            if len(rows) >= bounds.rows or characters >= bounds.characters:
                break
        if not rows:
            return
        found = {name: _column(rows, index) for index, name in enumerate(names)}
        yield Chunk(where, begins, found, _row_of(rows, names, raw), faults, unit="line", encoding=encoding)


def _column(rows: list[list[str]], index: int) -> pa.Array | list[str | None]:
    """One column; an empty field is missing. A list where a value cannot be written as UTF-8."""
    import pyarrow as pa
    import pyarrow.compute as pc

    values = [row[index] for row in rows]
    try:
        found = pa.array(values, pa.large_string())
    except UnicodeEncodeError:
        return [value or None for value in values]
    return pc.if_else(pc.equal(found, ""), pa.scalar(None, pa.large_string()), found)


def _row_of(rows: list[list[str]], names: Sequence[str], raw: dict[int, str]) -> Callable[[int], str]:
    def row(position: int) -> str:
        return raw[position] if position in raw else _as_json(dict(zip(names, rows[position], strict=True)))

    return row


def _as_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
