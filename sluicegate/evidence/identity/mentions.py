"""Where texts mention the groups of one attribute: whole words in English, the longest term in Chinese."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sluicegate.evidence.identity.terms import Term, Terms, is_chinese
from sluicegate.terms.longest_term import find_longest


@dataclass(frozen=True)
class Mention:
    """One place in a text."""

    start: int
    end: int
    written: str
    """As it stands in the text."""
    meant: tuple[tuple[Term, int], ...]
    """The terms that are written so, each with the number of the form."""

    @property
    def listed(self) -> str:
        """As it stands in the list."""
        term, number = self.meant[0]
        return term.forms[number]

    @property
    def groups(self) -> frozenset[str]:
        """The groups that it mentions."""
        return frozenset(term.group for term, _ in self.meant)


class Lexicon:
    """The terms of one attribute, ready to be found."""

    def __init__(self, terms: Terms, attribute: str) -> None:
        self.attribute = attribute
        self.terms = tuple(term for term in terms.terms if term.attribute == attribute)
        self.groups = tuple(dict.fromkeys(term.group for term in self.terms))
        meant: dict[str, dict[tuple[Term, int], None]] = {}
        for term in self.terms:
            for number, form in enumerate(term.forms):
                for written in in_every_case(form):
                    meant.setdefault(written, {})[term, number] = None
        self._meant = {written: tuple(of) for written, of in meant.items()}
        self._uses: dict[str, dict[str, set[tuple[str, int]]]] = {group: {} for group in self.groups}
        self._spelled: dict[str, str] = {}
        for term in self.terms:
            for number, form in enumerate(term.forms):
                uses = self._uses[term.group].setdefault(form.lower(), set())
                uses |= {(kind, number) for kind in term.kinds}
                self._spelled.setdefault(form.lower(), form)
        self._replacements: dict[tuple[str, str, str], tuple[str, ...]] = {}
        apart = {written for term in terms.no_terms for written in in_every_case(term)}
        self._pattern = find_longest([*self._meant, *apart])

    def find(self, text: str) -> Iterator[Mention]:
        """Every mention, from left to right; none overlap."""
        for match in self._pattern.finditer(text):
            if match[0] in self._meant:
                yield Mention(match.start(), match.end(), match[0], self._meant[match[0]])

    def replacements(self, mention: Mention, one: str, other: str) -> tuple[str, ...]:
        """The forms of group `other` that can stand where a mention of group `one` does, in order.

        They are of all its kinds, of each in the same form (singular, plural), and of the same language.
        """
        asked = (mention.written.lower(), one, other)
        if asked not in self._replacements:
            uses = self._uses[one].get(mention.written.lower(), set())
            found = [
                form
                for form, others in self._uses[other].items()
                if uses and uses <= others and is_chinese(form) == is_chinese(mention.written)
            ]
            self._replacements[asked] = tuple(sorted(self._spelled[form] for form in found))
        return self._replacements[asked]

    def members(self, texts: Sequence[str]) -> dict[str, NDArray[np.bool_]]:
        """By group, which of the texts mention it, shape (N,); a text may mention several."""
        found = [frozenset(group for mention in self.find(text) for group in mention.groups) for text in texts]
        return {group: np.array([group in of for of in found], dtype=np.bool_) for group in self.groups}


def in_every_case(form: str) -> tuple[str, ...]:
    """The form as it is, with a capital, and in capitals."""
    return form, form[:1].upper() + form[1:], form.upper()
