"""Text files as text: whatever does not decode is refused at its byte, never guessed at."""

from __future__ import annotations

import codecs
from pathlib import Path

from sluicegate.errors import InputRefused, SpecRefused


def decode(content: bytes, encoding: str, where: str | Path) -> str:
    """`content` as text, without a byte order mark.

    Raises:
        SpecRefused: Python knows no such encoding.
        InputRefused: A byte does not decode; names its offset and line, both counted from the start.
    """
    try:
        name = codecs.lookup(encoding).name
    except LookupError:
        raise SpecRefused(where, "data.source.encoding", f"there is no encoding {encoding!r}") from None
    try:
        return content.decode("utf-8-sig" if name == "utf-8" else name)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        remedy = "name the right one as data.source.encoding, or mend the file"
        raise InputRefused(where, f"line {line}, byte {error.start}", f"is not {encoding} text", remedy) from None


def read_bytes(path: Path) -> bytes:
    """The bytes of a file that the spec names.

    Raises:
        InputRefused: It is missing, a folder, unreadable, or empty.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise InputRefused(path, "", "there is no such file") from None
    except OSError as error:
        raise InputRefused(path, "", f"cannot be read: {error.strerror}") from None
    if not content.strip():
        raise InputRefused(path, "", "is empty")
    return content
