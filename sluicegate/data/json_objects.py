"""JSON in which every key of an object stands once."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any


class KeyTwice(Exception):
    """A key stands twice in one object, of which JSON does not say which holds."""


_STRING_OR_BRACE = re.compile(r'("(?:[^"\\]|\\.)*")(\s*:)?|[{}]')
"""A string, and whether it is a key; or where an object begins or ends."""


def read_json(text: str, parse_constant: Callable[[str], Any] | None = None) -> Any:
    """The value of a line, or of a file; `repeated_key` finds where a key stands twice.

    Args:
        text: JSON.
        parse_constant: What is made of NaN and the infinities, which JSON does not have; None takes them.

    Raises:
        KeyTwice: An object in it names a key twice.
        ValueError: It is not JSON (`json.JSONDecodeError`), or holds a number with too many digits.
        RecursionError: It is nested too deeply.
    """
    return json.loads(text, object_pairs_hook=_once, parse_constant=parse_constant)


def repeated_key(text: str) -> tuple[str, int]:
    """The first key of a file that stands twice in one object, and its line, counted from 1.

    Args:
        text: JSON, of which `read_json` said that a key stands twice.

    Raises:
        ValueError: None does.
    """
    objects: list[set[str]] = []
    for found in _STRING_OR_BRACE.finditer(text):
        if found[0] == "{":
            objects.append(set())
        elif found[0] == "}":
            objects.pop()
        elif found[2]:
            key = json.loads(found[1])
            if key in objects[-1]:
                return key, text.count("\n", 0, found.start()) + 1
            objects[-1].add(key)
    raise ValueError("no key stands twice")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise KeyTwice
    return found
