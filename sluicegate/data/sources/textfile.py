"""Text files line by line: what does not decode is marked and refused with its row, never guessed at."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from sluicegate.errors import InputRefused, SpecRefused

_MARK = "sluicegate.undecoded"


@contextmanager
def open_file(path: Path) -> Iterator[IO[bytes]]:
    """The bytes of a file that the spec names.

    Raises:
        InputRefused: It is missing, a folder, unreadable, or empty; or reading it fails later on.
    """
    try:
        with path.open("rb") as file:
            if not file.peek(1):
                raise InputRefused(path, "", "is empty")
            yield file
    except FileNotFoundError:
        raise InputRefused(path, "", "there is no such file") from None
    except OSError as error:
        raise InputRefused(path, "", f"cannot be read: {error.strerror or type(error).__name__}") from None


def lines(content: IO[bytes], encoding: str, where: str | Path, *, longest: int, newline: str = "\n") -> Iterator[str]:
    r"""The lines of a text with their ends, without a byte order mark.

    Args:
        content: The bytes.
        encoding: Their encoding. A byte that does not decode becomes the lone surrogate U+DC00 + its value,
            which no text holds, so that the row that it is in can be told from the others.
        where: Name of the file for a refusal.
        longest: Of a line that has more characters, the first `longest` + 1 are yielded and the others skipped.
        newline: ``"\n"``: lines end there only; ``""``: also at ``\r`` and ``\r\n``.

    Raises:
        SpecRefused: Python knows no such text encoding.
        InputRefused: The encoding cannot be decoded in pieces.
    """
    codecs.register_error(_MARK, _marked)
    try:
        codec = "utf-8-sig" if codecs.lookup(encoding).name == "utf-8" else encoding
        file = io.TextIOWrapper(content, encoding=codec, errors=_MARK, newline=newline)
    except LookupError:
        raise SpecRefused(where, "data.source.encoding", f"there is no text encoding {encoding!r}") from None
    try:
        while line := file.readline(longest + 1):
            if len(line) > longest:
                _skip(file, line, longest, newline)
            yield line
    except UnicodeError as error:
        problem = f"cannot be read as {encoding} text ({type(error).__name__})"
        raise InputRefused(where, "data.source.encoding", problem, "name the right encoding") from None
    finally:
        if not content.closed:
            file.detach()


def _skip(file: io.TextIOWrapper, piece: str, longest: int, newline: str) -> None:
    """Reads on to the end of a line that is too long."""
    ends = ("\n",) if newline else ("\n", "\r")
    while piece and not piece.endswith(ends):
        piece = file.readline(longest + 1)


def _marked(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "".join(chr(0xDC00 + byte) for byte in error.object[error.start : error.end]), error.end


def printable(text: str) -> str:
    r"""A text in a form that can be written anywhere: an undecoded byte as ``\udcXX``."""
    return text.encode("utf-8", "backslashreplace").decode()
