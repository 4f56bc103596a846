"""Everyday words that a tagger took for a name: in small letters, in capitals throughout, or first in a sentence.

A capital in the midst of a sentence is a reason to believe the tagger; these have none.
"""

from __future__ import annotations

import re
from functools import cache

from sluicegate.data.scrubbing.corpus import words

NAMES = frozenset({"PERSON", "TITLE", "LOCATION", "ORGANIZATION"})
"""Types of which such a find is doubted."""
SURE = 0.95
"""A find that scores as much is believed all the same."""
_WORDS = re.compile(r"[A-Za-z]+(?:['’][a-z]+)?")
_SENTENCE = re.compile(r"(?:\A|[.!?:;…\n\"“(*>-])[\s\"“(*>-]*\Z")
_BEFORE = 8


@cache
def _everyday() -> frozenset[str]:
    """Everyday words that are no names, in lower case."""
    return (words.known() | frozenset(words.listed("english.interjections"))) - _names()


@cache
def _names() -> frozenset[str]:
    """Words that are names as well, in lower case."""
    lists = ("names.ambiguous", "names.ambiguous_last", "names.plain_english", "names.known", "organisations.known")
    places = ("places.countries", "places.regions", "places.abbreviations")
    return frozenset(name.lower() for key in (*lists, *places) for name in words.listed(key))


def is_plain(text: str, start: int, end: int, entity_type: str, score: float) -> bool:
    """Whether a tagger's find is made of everyday words, written as such, and not certain."""
    if entity_type not in NAMES or score >= SURE:
        return False
    found = text[start:end]
    if not found.isascii() or any(map(str.isdigit, found)):
        return False
    parts = _WORDS.findall(found)
    if not all(part.lower() in _everyday() for part in parts):
        return False
    if found.islower() or (found.isupper() and len(found) > 2):
        return True
    return len(parts) == 1 and _SENTENCE.search(text, max(0, start - _BEFORE), start) is not None
