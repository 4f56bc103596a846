"""Lines of a UTF-8 file with their ends, which are kept."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from sluicegate.data.scrubbing.stream import LONGEST_TEXT
from sluicegate.errors import DataRejected, InputRefused

BOM = codecs.BOM_UTF8
LONGEST_LINE = 256_000_000
"""Bytes of a line at most."""
_FOREIGN = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def bom_of(path: Path) -> bytes:
    """The byte order mark at the begin of a file, or nothing.

    Raises:
        InputRefused: It is that of another encoding than UTF-8.
    """
    with path.open("rb") as file:
        start = file.read(4)
    if start.startswith(_FOREIGN):
        raise InputRefused(path, "", "is UTF-16 or UTF-32 text", "convert it to UTF-8")
    return BOM if start.startswith(BOM) else b""


def lines(path: Path, file: BinaryIO) -> Iterator[tuple[int, str]]:
    """Number and text of each line, with its end, without a byte order mark.

    Raises:
        DataRejected: A line is not UTF-8, or has more bytes than any text may have.
    """
    number = 0
    while raw := file.readline(LONGEST_LINE + 1):
        number += 1
        if len(raw) > LONGEST_LINE:
            raise DataRejected(path, f"line {number}", f"is longer than {LONGEST_LINE:,} bytes")
        if number == 1:
            raw = raw.removeprefix(BOM)
        try:
            yield number, raw.decode("utf-8")
        except UnicodeDecodeError as error:
            raise DataRejected(path, f"line {number}", f"byte {error.start + 1} is not UTF-8 text") from None


def without_end(line: str) -> tuple[str, str]:
    """A line and its end."""
    text = line.removesuffix("\n")
    text = text.removesuffix("\r") if text != line else text
    return text, line[len(text) :]


def check_length(path: Path, place: str, text: str) -> None:
    """A text must not be longer than can be scrubbed.

    Raises:
        DataRejected: It is.
    """
    if len(text) > LONGEST_TEXT:
        problem = f"holds {len(text):,} characters, more than {LONGEST_TEXT:,}"
        raise DataRejected(path, place, problem, "cut it into pieces")
