"""CSV and TSV: the delimiter, the line ends and a byte order mark are kept, and quotes where every field has them."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from types import SimpleNamespace
from typing import BinaryIO

from sluicegate.data.column_names import named_twice
from sluicegate.data.scrubbing.files.lines import bom_of, check_length, lines
from sluicegate.data.scrubbing.files.opening import Write
from sluicegate.data.scrubbing.stream import ROWS, Rows
from sluicegate.errors import DataRejected

_DELIMITERS = ",;\t|"
_RETURNS = "\r\n"


class Delimited:
    """A CSV or TSV file with a header."""

    def __init__(self, path: Path) -> None:
        self._path, self._bom = path, bom_of(path)
        with path.open("rb") as file:
            _, first = next(lines(path, file), (0, ""))
        if not first.strip():
            raise DataRejected(path, "line 1", "holds no header")
        tab = path.suffix.lower() == ".tsv"
        self._delimiter = "\t" if tab else max(_DELIMITERS, key=_unquoted(first).count)
        self._end = "\r\n" if first.endswith("\r\n") else "\n"
        header = next(self._records())[1]
        self._quoting = csv.QUOTE_ALL if _is_quoted(first, len(header), self._delimiter) else csv.QUOTE_MINIMAL
        self.columns: Sequence[str] = header
        self.text_columns: Sequence[str] = header
        if twice := named_twice(header):
            raise DataRejected(path, "line 1", f"names a column twice: {twice}")

    def rows(self, columns: Sequence[str]) -> Iterator[Rows]:
        """The records under the header; empty lines between them have no texts."""
        places = {name: list(self.columns).index(name) for name in columns}
        coming = self._records()
        next(coming)
        while some := list(islice(coming, ROWS)):
            for line, fields in some:
                self._check(line, fields, places)
            texts = {name: [fields[i] if fields else None for _, fields in some] for name, i in places.items()}
            yield Rows([fields for _, fields in some], texts)

    @contextmanager
    def writer(self, stream: BinaryIO, columns: Sequence[str]) -> Iterator[Write]:
        """Writes the header and records."""
        stream.write(self._bom + self._encoded([list(self.columns)]))
        places = {name: i for i, name in enumerate(self.columns)}

        def write(rows: Rows, texts: dict[str, list[str | None]]) -> None:
            records = [list(fields) for fields in rows.payload]
            for name, column in texts.items():
                for record, text in zip(records, column, strict=True):
                    if record and text is not None:
                        record[places[name]] = text
            stream.write(self._encoded(records))

        yield write

    def _encoded(self, records: list[list[str]]) -> bytes:
        written: list[str] = []
        # a field with a carriage return is quoted only by a writer whose own line end has one
        form = {"delimiter": self._delimiter, "lineterminator": _RETURNS, "quoting": self._quoting}
        csv.writer(SimpleNamespace(write=written.append), **form).writerows(records)  # type: ignore[arg-type]
        return "".join([record.removesuffix(_RETURNS) + self._end for record in written]).encode()

    def _records(self) -> Iterator[tuple[int, list[str]]]:
        """Number of the first line, and fields, of each record."""
        csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
        with self._path.open("rb") as file:
            reader = csv.reader((line for _, line in lines(self._path, file)), delimiter=self._delimiter, strict=True)
            begins = 1
            try:
                for fields in reader:
                    yield begins, fields
                    begins = reader.line_num + 1
            except csv.Error as error:
                raise DataRejected(self._path, f"line {begins}", _reason(error, reader.line_num - begins)) from None

    def _check(self, line: int, fields: list[str], places: dict[str, int]) -> None:
        if fields and len(fields) != len(self.columns):
            raise DataRejected(
                self._path, f"line {line}", f"holds {len(fields)} fields, the header {len(self.columns)}"
            )
        for name, place in places.items():
            if fields:
                check_length(self._path, f"line {line}, column {name}", fields[place])


def _unquoted(line: str) -> str:
    return "".join(line.split('"')[::2])


def _is_quoted(line: str, fields: int, delimiter: str) -> bool:
    stripped = line.rstrip("\r\n")
    return len(stripped) > 1 and stripped[0] == stripped[-1] == '"' and stripped.count(f'"{delimiter}"') == fields - 1


def _reason(error: csv.Error, further_lines: int) -> str:
    """What is wrong with a record that goes over so many further lines, without the field that the library quotes."""
    message = str(error)
    over = f"{further_lines:,} line{'s' if further_lines > 1 else ''} later" if further_lines else "in the same line"
    if "unexpected end of data" in message:
        return "a quoted field of this row is not closed before the file ends"
    if "expected after" in message:
        return f"a quoted field of this row goes on after its closing quote, {over}"
    if "new-line character" in message:
        return "holds a carriage return that ends no line (save the file with line ends of Unix or Windows)"
    return "is not CSV"
