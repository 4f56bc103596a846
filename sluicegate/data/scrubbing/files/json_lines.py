"""JSON Lines: one object a line. All but changed texts is written as it was read, to the last digit."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from sluicegate.data.json_objects import KeyTwice, read_json
from sluicegate.data.scrubbing.files.lines import bom_of, check_length, lines
from sluicegate.data.scrubbing.files.opening import Write
from sluicegate.data.scrubbing.stream import ROWS, Rows
from sluicegate.errors import DataRejected

_KINDS = {bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "an object"}


class JsonLines:
    """A JSON Lines file. Its columns are the keys of all objects; text is in those that hold some text or nothing."""

    def __init__(self, path: Path) -> None:
        self._path, self._bom = path, bom_of(path)
        holds_text: dict[str, bool | None] = {}  # None: nothing yet
        for _, value in self._records():
            for name, held in (value or {}).items():
                before = holds_text.setdefault(name, None)
                if held is not None and not before:
                    holds_text[name] = isinstance(held, str)
        self.columns: Sequence[str] = list(holds_text)
        self.text_columns: Sequence[str] = [name for name, text in holds_text.items() if text is not False]

    def rows(self, columns: Sequence[str]) -> Iterator[Rows]:
        """The lines; one that is empty has no texts."""
        numbered = enumerate(self._records(), 1)
        while some := list(islice(numbered, ROWS)):
            texts = {name: [self._text(number, value, name) for number, (_, value) in some] for name in columns}
            yield Rows([record for _, record in some], texts)

    @contextmanager
    def writer(self, stream: BinaryIO, columns: Sequence[str]) -> Iterator[Write]:
        """Writes lines with the spacing, the escapes and the ends that they had."""
        stream.write(self._bom)

        def write(rows: Rows, texts: dict[str, list[str | None]]) -> None:
            written = [
                _line(line, value, {name: column[i] for name, column in texts.items()})
                for i, (line, value) in enumerate(rows.payload)
            ]
            stream.write("".join(written).encode())

        yield write

    def _records(self) -> Iterator[tuple[str, dict[str, Any] | None]]:
        """Each line as it stands, and its object."""
        with self._path.open("rb") as file:
            for number, line in lines(self._path, file):
                yield line, self._object(number, line)

    def _object(self, number: int, line: str) -> dict[str, Any] | None:
        if not line.strip():
            return None
        try:
            value = read_json(line)
        except KeyTwice:
            raise DataRejected(self._path, f"line {number}", "names a key twice") from None
        except (json.JSONDecodeError, RecursionError, ValueError):
            hint = "JSON Lines holds one object a line"
            raise DataRejected(self._path, f"line {number}", "is not JSON", hint) from None
        if not isinstance(value, dict):
            kind = _KINDS.get(type(value), "text")
            raise DataRejected(self._path, f"line {number}", f"holds {kind}, not an object")
        return value

    def _text(self, number: int, value: dict[str, Any] | None, name: str) -> str | None:
        text = None if value is None else value.get(name)
        if text is None:
            return None
        if not isinstance(text, str):
            kind = _KINDS.get(type(text), "something else")
            raise DataRejected(self._path, f"line {number}, column {name}", f"holds {kind}, not text")
        check_length(self._path, f"line {number}, column {name}", text)
        return text


def _line(line: str, value: dict[str, Any] | None, texts: dict[str, str | None]) -> str:
    changed = {name: text for name, text in texts.items() if text is not None and value and value[name] != text}
    if value is None or not changed:
        return line
    return _spliced(line, {name: text for name, text in changed.items() if text is not None})


def _spliced(line: str, changed: dict[str, str]) -> str:
    """The line of one object with new texts under some of its keys; all else is as it stood, to the last digit."""
    decoder, written, kept_to = json.JSONDecoder(), "", 0
    at = _next(line, line.index("{") + 1)
    while line[at] == '"':
        name, colon = decoder.raw_decode(line, at)
        start = _next(line, _next(line, colon) + 1)
        _, end = decoder.raw_decode(line, start)
        if name in changed:
            written, kept_to = written + line[kept_to:start] + _literal(changed[name], line.isascii()), end
        at = _next(line, end)
        if line[at] == ",":
            at = _next(line, at + 1)
    return written + line[kept_to:]


def _next(line: str, at: int) -> int:
    """Where the next character that is no white space stands."""
    while line[at] in " \t\r\n":
        at += 1
    return at


def _literal(text: str, ascii_only: bool) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:  # half of a surrogate pair, which only an escape can hold
        ascii_only = True
    return json.dumps(text, ensure_ascii=ascii_only)
