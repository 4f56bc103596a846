"""Alternations that `re` gets through fast.

`re` tries the branches of an alternation one after the other. Sorted by first letter they fall into some thirty
groups of which at most one is entered.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator


def either(names: Iterable[str]) -> str:
    """A regular expression of the names, the longest first, each space also a line break or several spaces."""
    ordered = sorted(set(names), key=lambda name: (-len(name), name))
    return by_first_letter("|".join(re.escape(name).replace(r"\ ", r"\s{1,3}") for name in ordered))


def by_first_letter(alternatives: str) -> str:
    """The same alternation with one branch for each first letter; those that begin otherwise come last."""
    groups: dict[str, list[str]] = {}
    for alternative in _split(alternatives):
        plain = alternative[:1].isalpha() and alternative[1:2] not in tuple("?*{")
        groups.setdefault(alternative[0] if plain else "", []).append(alternative)
    others = groups.pop("", [])
    branches = [f"{first}(?:{'|'.join(a[1:] for a in group)})" for first, group in groups.items()]
    return "|".join([*branches, *others])


def _split(alternatives: str) -> Iterator[str]:
    """The alternatives of the outermost level; a bracket inside a character class is not looked for."""
    depth, begin, escaped = 0, 0, False
    for i, c in enumerate(alternatives):
        if escaped:
            escaped = False
        elif c == "\\":
            escaped = True
        elif c in "([":
            depth += 1
        elif c in ")]":
            depth -= 1
        elif c == "|" and not depth:
            yield alternatives[begin:i]
            begin = i + 1
    yield alternatives[begin:]
