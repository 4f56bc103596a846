"""JSON in which every key of an object stands once."""

from __future__ import annotations

import json
from typing import Any


class KeyTwice(Exception):
    """A key stands twice in one object, of which JSON does not say which holds."""


def read_json(line: str) -> Any:
    """The value of a line.

    Raises:
        KeyTwice: An object in it names a key twice.
        ValueError: It is not JSON (`json.JSONDecodeError`), or holds a number with too many digits.
        RecursionError: It is nested too deeply.
    """
    return json.loads(line, object_pairs_hook=_once)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise KeyTwice
    return found
