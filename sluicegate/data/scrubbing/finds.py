"""Finds, and how those that overlap or touch become ones that do not.

Everything that anything found is hidden: where two finds overlap, the stronger keeps its whole span and the
other what is left of its own. No find ends inside a word or a run of digits, so no half of either stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple

JOINED = frozenset({"PERSON", "TITLE", "ADDRESS", "LOCATION", "ORGANIZATION", "NRP", "DATE_TIME"})
"""Types whose pieces belong together where only a space lies between them."""
ADDRESS_PARTS = frozenset({"ADDRESS", "POSTCODE", "LOCATION"})
"""Types that are one address with what stands right beside it."""
_PARTING = " \t\r\n,;-–"
_WIDEST_GAP = 4
_CERTAIN = 1.0
_FREE = re.compile(rb"\0+")


class Find(NamedTuple):
    """One piece of personal data in a text."""

    start: int
    """First character, in code points."""
    end: int
    """One past the last."""
    entity_type: str
    score: float
    """Between 0 and 1."""


def settled(text: str, finds: Iterable[Find]) -> list[Find]:
    """The finds in order, none overlapping another, each of whole words; together they cover what all covered.

    Where two overlap, one that is certain (score 1) goes before the others, then the longer, then the higher score.
    """
    whole = sorted(filter(None, (_whole(text, find) for find in finds)))
    if any(b.start < a.end for a, b in pairwise(whole)):
        whole = _apart(text, whole)
    return _addresses(text, _joined(text, whole))


def without_kept(finds: list[Find], kept: frozenset[str]) -> list[Find]:
    """`finds` but those of types that stay in the text, and what lies inside one of these and scores no higher."""
    staying = [find for find in finds if find.entity_type in kept]
    if not staying:
        return finds
    return [
        find
        for find in finds
        if find.entity_type not in kept
        and not any(k.start <= find.start and find.end <= k.end and k.score >= find.score for k in staying)
    ]


def _whole(text: str, find: Find) -> Find | None:
    """The find without white space at its edges, and with the rest of the words that it cuts; None if nothing is left.

    Words are cut between two letters or digits; a Chinese character is a word of its own. A bracket is not parted
    from its other half.
    """
    start, end = max(find.start, 0), min(find.end, len(text))
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start >= end:
        return None
    if is_spaced(text[start]):
        while start and is_spaced(text[start - 1]):
            start -= 1
    if start and text[start - 1] == "(" and text.find(")", start, end) >= 0 and text.find("(", start, end) < 0:
        start -= 1  # its other half is inside, as in a phone number's area code
    if is_spaced(text[end - 1]):
        while end < len(text) and is_spaced(text[end]):
            end += 1
    return Find(start, end, find.entity_type, find.score)


def is_spaced(character: str) -> bool:
    """Whether this is a letter or digit of a script that puts spaces between words."""
    return character.isalnum() and (character < "\u0e00" or "\u1e00" <= character < "\u2000")


def _apart(text: str, finds: list[Find]) -> list[Find]:
    taken, apart = bytearray(len(text)), []
    for find in sorted(finds, key=_strength):
        for free in _FREE.finditer(taken, find.start, find.end):
            start, end = free.span()
            if any(map(str.isalnum, text[start:end])):
                apart.append(_stripped(text, find, start, end))
        taken[find.start : find.end] = b"\1" * (find.end - find.start)
    return sorted(apart)


def _stripped(text: str, find: Find, start: int, end: int) -> Find:
    """What is left of a find, without the white space and punctuation that part it from its neighbours."""
    while start > find.start and not text[start].isalnum():
        start += 1
    while end < find.end and text[end - 1].isspace():
        end -= 1
    return find._replace(start=start, end=end)


def _strength(find: Find) -> tuple[bool, int, float, int, str]:
    return (find.score < _CERTAIN, find.start - find.end, -find.score, find.start, find.entity_type)


def _addresses(text: str, finds: list[Find]) -> list[Find]:
    """The finds, those made one that are parts of an address: postcode and place beside it, and what lies between."""
    joined: list[Find] = []
    for find in finds:
        last = joined[-1] if joined else None
        if last is not None and "ADDRESS" in (kinds := {last.entity_type, find.entity_type}) and kinds <= ADDRESS_PARTS:
            gap = text[last.end : find.start]
            if len(gap) <= _WIDEST_GAP and not gap.strip(_PARTING):
                joined[-1] = Find(last.start, find.end, "ADDRESS", max(last.score, find.score))
                continue
        joined.append(find)
    return joined


def _joined(text: str, finds: list[Find]) -> list[Find]:
    joined: list[Find] = []
    for find in finds:
        last = joined[-1] if joined else None
        if (
            last is not None
            and last.entity_type == find.entity_type in JOINED
            and (text[last.end : find.start] == " " or (last.end == find.start and is_spaced(text[find.start])))
        ):
            joined[-1] = Find(last.start, find.end, find.entity_type, max(last.score, find.score))
        else:
            joined.append(find)
    return joined
