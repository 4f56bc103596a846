"""JSON Lines: one object a line; a key that a line lacks is a missing value there."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from sluicegate.data.json_objects import KeyTwice, read_json
from sluicegate.data.sources.chunk import BOUNDS, Bounds, Chunk, Fault, require
from sluicegate.data.sources.textfile import lines, open_file
from sluicegate.errors import InputRefused

_NAMES_KEPT = 1000


def json_line_chunks(path: Path, wanted: Sequence[str], *, bounds: Bounds = BOUNDS) -> Iterator[Chunk]:
    """The rows of a JSON Lines file. A line that holds no JSON object has a fault.

    Args:
        path: The file, UTF-8.
        wanted: Keys to take.
        bounds: How much is read at once.

    Raises:
        InputRefused: Missing or empty file, or a key that no line has.
    """
    with open_file(path) as content:
        numbered = enumerate(lines(content, "utf-8", path, longest=bounds.line), start=1)
        names: dict[str, None] = {}
        while True:
            rows: list[dict[str, Any]] = []
            held: list[str] = []
            begins: list[int] = []
            faults: dict[int, Fault] = {}
            characters = 0
            for number, line in numbered:
                if not line.strip():
                    continue
                row = _parsed(line, bounds)
                if isinstance(row, Fault):
                    faults[len(rows)], row = row, {}
                else:
                    _note(names, row, wanted)
                rows.append(row)
                held.append(line)
                begins.append(number)
                characters += len(line)
                if len(rows) >= bounds.rows or characters >= bounds.characters:
                    break
            if not rows:
                break
            columns = {name: [row.get(name) for row in rows] for name in wanted}
            yield Chunk(str(path), begins, columns, _row_of(held), faults, unit="line", encoding="utf-8")
        if names:
            require(wanted, names, path)


def json_line_keys(path: Path, wanted: Collection[str] = (), *, bounds: Bounds = BOUNDS) -> list[str]:
    """The keys of all lines of a JSON Lines file in the order in which they appear.

    Args:
        path: The file, UTF-8.
        wanted: Keys that are told even if they first appear after very many others.
        bounds: How much is read at once.

    Raises:
        InputRefused: Missing or empty file, or a line that is no JSON object.
    """
    names: dict[str, None] = {}
    with open_file(path) as content:
        for number, line in enumerate(lines(content, "utf-8", path, longest=bounds.line), start=1):
            if not line.strip():
                continue
            row = _parsed(line, bounds)
            if isinstance(row, Fault):
                raise InputRefused(path, f"line {number}", row.reason)
            _note(names, row, wanted)
    return list(names)


def _note(names: dict[str, None], row: Mapping[str, Any], wanted: Collection[str]) -> None:
    """Adds the keys of a row; once there are very many names, those alone that are wanted."""
    names |= dict.fromkeys(row if len(names) < _NAMES_KEPT else (name for name in wanted if name in row))


def _row_of(held: list[str]) -> Callable[[int], str]:
    def row(position: int) -> str:
        return held[position].rstrip("\r\n")

    return row


def _parsed(line: str, bounds: Bounds) -> dict[str, Any] | Fault:
    if len(line) > bounds.line:
        return Fault("", "line", f"is longer than {bounds.line:,} characters")
    try:
        row = read_json(line)
    except KeyTwice:
        return Fault("", "json", "names a key twice")
    except json.JSONDecodeError as error:
        return Fault("", "json", f"is not JSON: {error.msg} at character {error.pos}")
    except RecursionError:
        return Fault("", "json", "is nested too deeply")
    except ValueError:
        return Fault("", "json", "holds a number with too many digits")
    if not isinstance(row, dict):
        return Fault("", "json", f"must hold a JSON object, not {type(row).__name__}")
    return row
