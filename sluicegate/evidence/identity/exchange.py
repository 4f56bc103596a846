"""A text with the terms of two groups of an attribute exchanged, each for one that can stand where it stood."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile
from random import Random

from sluicegate.evidence.edits import Edits
from sluicegate.evidence.identity.articles import fit_article
from sluicegate.evidence.identity.mentions import Lexicon, Mention
from sluicegate.terms.pronouns import PRONOUNS, partner


def exchange(text: str, lexicon: Lexicon, draw: Random) -> Edits:
    """A change of the text that exchanges a group which it mentions for another; none if no term of it can be.

    The other group's terms, where the text has any, become the first one's. A term takes another's place if it is of
    all its kinds, in the same form (singular, plural) and of the same language; the same word becomes the same
    word throughout. Terms for which there is none stay as they are.

    Args:
        text: The text.
        lexicon: The attribute's terms.
        draw: Where the choice of groups and terms comes from.
    """
    mentions = list(lexicon.find(text))
    ways = sorted(
        {
            (one, other)
            for mention in mentions
            for one in mention.groups
            for other in lexicon.groups
            if one != other and _candidates(mention, one, other, lexicon, text)
        }
    )
    if not ways:
        return {}
    first, second = draw.choice(ways)
    written, changed = _Written(lexicon, draw), []
    for mention in mentions:
        for one, other in ((first, second), (second, first)):
            if one in mention.groups and other not in mention.groups:
                new = written.instead_of(mention, one, other, text)
                if new is not None:
                    changed.append((mention, new))
                break
    return _apply(text, changed)


class _Written:
    """What has taken the place of each word so far."""

    def __init__(self, lexicon: Lexicon, draw: Random) -> None:
        self._lexicon, self._draw = lexicon, draw
        self._taken: dict[str, str] = {}

    def instead_of(self, mention: Mention, one: str, other: str, text: str) -> str | None:
        candidates = _candidates(mention, one, other, self._lexicon, text)
        if not candidates:
            return None
        if (word := mention.written.lower()) in PRONOUNS:
            chosen = candidates[0]
        else:
            chosen = self._taken.setdefault(word, self._draw.choice(candidates))
        return _in_the_case_of(mention, chosen, text)


def _candidates(mention: Mention, one: str, other: str, lexicon: Lexicon, text: str) -> Sequence[str]:
    """The forms of group `other` that can stand where a term of group `one` is."""
    if (word := mention.written.lower()) in PRONOUNS:
        new = partner(word, text, mention.end)
        return [new] if any(new in term.forms for term in lexicon.terms if term.group == other) else []
    return lexicon.replacements(mention, one, other)


def _apply(text: str, changed: list[tuple[Mention, str]]) -> Edits:
    edits, place = dict[int, str](), 0
    for mention, new in changed:
        before = text[place : mention.start]
        edits |= _instead(place, before, fit_article(before, new))
        edits |= _instead(mention.start, mention.written, new)
        place = mention.end
    return edits


def _instead(start: int, old: str, new: str) -> dict[int, str]:
    """One piece of a text for another: what both begin with stays, and the rest takes the place of the rest."""
    if old == new:
        return {}
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False)))
    same = min(same, len(old) - 1)
    return {start + at: new[same:] if at == same else "" for at in range(same, len(old))}


def _in_the_case_of(mention: Mention, new: str, text: str) -> str:
    """The new term in capitals or with one where the mention has what its list does not, or begins a sentence."""
    written, listed = mention.written, mention.listed
    if len(written) > 1 and written.isupper() and not listed.isupper():
        return new.upper()
    before = text[: mention.start].rstrip(" ")
    begins = not before or before[-1] in ".!?\n"
    if written[:1].isupper() and (begins or not listed[:1].isupper()):
        return new[:1].upper() + new[1:]
    return new
