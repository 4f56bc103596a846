"""Delimited text as a table of strings: every line has its fields, or the file is refused.

An empty field is a missing value. A word such as ``NA`` or ``null`` is a word.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from sluicegate.data.sources.textfile import decode, read_bytes
from sluicegate.errors import InputRefused, SpecRefused

_LONGEST_FIELD = 1 << 24  # csv's own limit of 131,072 characters would refuse long documents


def read_csv(path: Path, *, delimiter: str, encoding: str) -> pd.DataFrame:
    """The table in a delimited file with a header line; quoted fields may hold delimiters and line breaks.

    Returns:
        One string column a header field, in file order; missing values are None.

    Raises:
        InputRefused: Missing, empty or undecodable file, a column name that is empty or used twice, a row
            with more or fewer fields than the header, an unclosed quote.
    """
    if len(delimiter) != 1:
        raise SpecRefused(path, "data.source.delimiter", f"must be one character, not {len(delimiter)}")
    text = decode(read_bytes(path), encoding, path)
    csv.field_size_limit(_LONGEST_FIELD)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[list[str]] = []
    ragged: list[tuple[int, int]] = []
    try:
        header = next(reader)
        _check_header(header, path)
        for row in reader:
            if len(row) == len(header):
                rows.append(row)
            elif row:  # a blank line holds no row
                ragged.append((reader.line_num, len(row)))
    except csv.Error as error:
        raise InputRefused(path, f"line {reader.line_num}", f"is not delimited text: {error}") from None
    if ragged:
        line, fields = ragged[0]
        more = f"; {len(ragged)} such rows in all" if len(ragged) > 1 else ""
        remedy = "put fields that hold the delimiter in double quotes"
        problem = f"the row that ends here has {fields} fields where the header has {len(header)}{more}"
        raise InputRefused(path, f"line {line}", problem, remedy)
    return _table(rows, header)


def read_plain(content: bytes, columns: Sequence[str], *, delimiter: str, encoding: str, where: str) -> pd.DataFrame:
    r"""The table in delimited text without a header, in which quotes have no meaning.

    Args:
        content: The file's bytes. Lines end at ``\n`` or ``\r\n``; blank lines hold no row.
        columns: Names of the first fields of each line; further fields are dropped.
        delimiter: Between fields.
        encoding: Of the bytes.
        where: The file's name for a refusal.

    Raises:
        InputRefused: Undecodable text, or a line with fewer fields than columns.
    """
    rows, short = [], []
    for number, line in enumerate(decode(content, encoding, where).split("\n"), start=1):
        fields = line.removesuffix("\r").split(delimiter)
        if len(fields) >= len(columns):
            rows.append(fields[: len(columns)])
        elif line.strip():
            short.append((number, len(fields)))
    if short:
        number, found = short[0]
        more = f"; {len(short)} such lines in all" if len(short) > 1 else ""
        raise InputRefused(where, f"line {number}", f"has {found} fields where the spec names {len(columns)}{more}")
    return _table(rows, columns)


def _check_header(header: list[str], path: Path) -> None:
    if twice := sorted({name for name in header if header.count(name) > 1}):
        raise InputRefused(path, "header", f"column {twice[0]!r} is there {header.count(twice[0])} times")


def _table(rows: list[list[str]], columns: Sequence[str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=list(columns), dtype=object)
    return frame.where(frame != "", None)
