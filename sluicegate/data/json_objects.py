"""JSON in which every key of an object stands once."""

from __future__ import annotations

import json
import math
import re
import sys
from collections.abc import Callable
from typing import Any

MOST_NESTED = 64
"""Objects and lists that may be in one another in a file that a person wrote."""
MOST_SHOWN = 8
"""Levels that the place of a fault in a file names."""


class KeyTwice(Exception):
    """A key stands twice in one object, of which JSON does not say which holds."""


_HALF = re.compile("[\ud800-\udfff]")
_STRING_OR_BRACE = re.compile(r'("(?:[^"\\]|\\.)*")(\s*:)?|[{}]')
"""A string, and whether it is a key; or where an object begins or ends."""


def read_json(
    text: str, parse_constant: Callable[[str], Any] | None = None, parse_int: Callable[[str], Any] | None = None
) -> Any:
    """The value of a line, or of a file; `repeated_key` finds where a key stands twice.

    Args:
        text: JSON.
        parse_constant: What is made of NaN and the infinities, which JSON does not have; None takes them.
        parse_int: What is made of a whole number; None makes an int.

    Raises:
        KeyTwice: An object in it names a key twice.
        ValueError: It is not JSON (`json.JSONDecodeError`), or holds a number with too many digits.
        RecursionError: It is nested too deeply.
    """
    return json.loads(text, object_pairs_hook=_once, parse_constant=parse_constant, parse_int=parse_int)


def whole_number(digits: str) -> int | float:
    """The number, or an infinite one where it is larger than any float, as it is of ``1e999``."""
    if len(digits) <= sys.float_info.max_10_exp and abs(number := int(digits)) <= sys.float_info.max:
        return number
    return float(digits)


def first_unusable(value: Any) -> tuple[str, str] | None:
    """Where a value that was read holds what cannot be compared or written again, and what that is; None if nowhere.

    That is a number beyond a float's range, half of a surrogate pair, or more than `MOST_NESTED` levels.

    Args:
        value: What `read_json` gave, its numbers by `whole_number`.
    """
    waiting: list[tuple[tuple[str, ...], Any]] = [((), value)]
    while waiting:
        place, one = waiting.pop()
        if problem := _unusable(one, len(place)):
            return ".".join(place[:MOST_SHOWN]), problem
        pairs = list(one.items()) if isinstance(one, dict) else list(enumerate(one)) if isinstance(one, list) else []
        for key, _ in pairs:
            if isinstance(key, str) and (problem := _unusable(key, 0)):
                return ".".join(place[:MOST_SHOWN]), f"a key {problem}"
        waiting += [((*place, str(key)), inner) for key, inner in reversed(pairs)]
    return None


def _unusable(one: Any, depth: int) -> str | None:
    if depth > MOST_NESTED:
        return f"is nested over {MOST_NESTED} levels deep"
    if isinstance(one, float) and not math.isfinite(one):
        return f"is a number beyond {sys.float_info.max:.2g}, the largest that can be compared"
    if isinstance(one, str) and (half := _HALF.search(one)):
        return f"holds U+{ord(half[0]):04X}, half of a surrogate pair, which is no character"
    return None


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
