"""Everyday words that a tagger took for a name: in small letters, in capitals throughout, or first in a sentence.

A capital in the midst of a sentence is a reason to believe the tagger; these have none.
"""

from __future__ import annotations

import re
from functools import cache

from sluicegate.data.scrubbing.corpus import words

DOUBTED = frozenset({"PERSON", "TITLE", "LOCATION", "ORGANIZATION", "ADDRESS"})
"""Types of which such a find is doubted."""
SURE = 0.99
"""A find that scores as much is believed all the same."""
_WORDS = re.compile(r"[A-Za-z]+(?:['’][a-z]+)?")
_SENTENCE = re.compile(r"(?:\A|[.!?:;…\n\"“(*>-])[\s\"“(*>-]*\Z")
_BEFORE = 8
_FUNCTION = """
a about above after again against all am an and any are as at be been before being below between
both but by can could did do does doing done down during each else ever every few for from further
get go goes going gone got had has have having he her here hers herself him himself his how i if in
into is it its itself just let lot me more most much must my myself never no nor not now of off oh
on once one only or other our ours out over own per same shall she should so some still such than
that the their theirs them then there these they this those through to too two under until up us
very was we went were what when where which while who whom why with would yes yet you your yours
yourself aren't can't couldn't didn't doesn't don't hadn't hasn't haven't he's i'd i'll i'm i've
isn't it's let's she's shouldn't that's there's they're wasn't we're weren't what's won't wouldn't
you're good bad new old best first last next many maybe also cuz lol lmao yeah okay
"""
"""Words that have no meaning of their own, and a few that begin many sentences."""
_ENDINGS = (
    ("s", ""),
    ("es", ""),
    ("ies", "y"),
    ("ed", ""),
    ("ed", "e"),
    ("d", ""),
    ("ing", ""),
    ("ing", "e"),
    ("ly", ""),
    ("er", ""),
    ("r", ""),
    ("ers", ""),
    ("rs", ""),
    ("'s", ""),
)
"""How a form of a word ends, and what its dictionary form has there."""


@cache
def _everyday() -> frozenset[str]:
    """Everyday words that are no names, in lower case."""
    spoken = ("english.interjections", "english.slang")
    said = frozenset(word for key in spoken for word in words.listed(key))
    return (words.known() | frozenset(_FUNCTION.split()) | said) - _names()


@cache
def _names() -> frozenset[str]:
    """Words that are names as well, in lower case."""
    lists = ("names.ambiguous", "names.ambiguous_last", "names.plain_english", "names.known", "organisations.known")
    places = ("places.countries", "places.regions", "places.abbreviations")
    return frozenset(name.lower() for key in (*lists, *places) for name in words.listed(key))


def is_everyday(word: str) -> bool:
    """Whether this is an everyday English word in any of its forms, and no name besides."""
    low = word.lower().replace("’", "'")
    if low in _everyday():
        return True
    stems = (low.removesuffix(end) + head for end, head in _ENDINGS if low.endswith(end) and len(low) > len(end) + 2)
    return low not in _names() and any(stem in words.known() for stem in stems)


def is_plain(text: str, start: int, end: int, entity_type: str, score: float) -> bool:
    """Whether a tagger's find is made of everyday words, written as such, and not certain."""
    if entity_type not in DOUBTED or score >= SURE:
        return False
    found = text[start:end]
    if entity_type == "ADDRESS" and " " in found:  # streets are made of everyday words
        return False
    if not found.isascii() or any(map(str.isdigit, found)):
        return False
    parts = _WORDS.findall(found)
    if sum(map(len, parts)) <= 1:  # a letter by itself
        return True
    if not all(map(is_everyday, parts)):
        return False
    if found.islower() or (found.isupper() and len(found) > 2):
        return True
    return len(parts) == 1 and _SENTENCE.search(text, max(0, start - _BEFORE), start) is not None
