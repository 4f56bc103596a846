"""Given names that are nothing else: no word, no place, no month, no company.

`given_names.tsv` holds them (from Faker's lists, MIT licence): those of English speakers, which are found in small
letters too; those of other peoples, which are found with a capital; and last names that are words as well. A name
that is a word (Mark, Grace, Will) is the tagger's to tell.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from presidio_analyzer import EntityRecognizer

from sluicegate.data.scrubbing.corpus import words
from sluicegate.data.scrubbing.recognizers.capitals import OPENERS, UPPER, WORD
from sluicegate.data.scrubbing.recognizers.gazetteer import lists
from sluicegate.data.scrubbing.recognizers.rules import IN_CONTEXT, WEAK, Find, Reading, RuleRecognizer

_NAME = re.compile(r"(?<![\w@#./’'-])[^\W\d_]{3,20}(?:-[^\W\d_]{3,20})?(?![\w@]|[./-]\w)")
_NEXT = re.compile(rf"(?: {UPPER}\.)? (?:(?:de|da|di|van|von|bin|al|el|der|den|la|le) ){{0,2}}({WORD})(?![\w@])")
_MOST_LAST_NAMES = 2


def _listed() -> dict[str, frozenset[str]]:
    return lists("given_names.tsv", " ")


def recognizers() -> list[EntityRecognizer]:
    """The recognizer of given names."""
    return [RuleRecognizer("GivenNameRules", ["PERSON"], _persons)]


def _persons(read: Reading) -> Iterator[Find]:
    listed = _listed()
    english, other = listed["english"], listed["other"]
    for match in _NAME.finditer(read.lower):
        written = read.text[match.start() : match.end()]
        low = match[0]
        if low in english or (low in other and written[0].isupper()):
            end = _end(read.text, match.end()) if written[0].isupper() else match.end()
            yield Find(match.start(), end, "PERSON", IN_CONTEXT if end > match.end() else WEAK)


def _end(text: str, end: int) -> int:
    """Where the last names end that follow a given name, if they are no everyday words."""
    for _ in range(_MOST_LAST_NAMES):
        found = _NEXT.match(text, end)
        if found is None:
            break
        word = found[1].lower().removesuffix("'s").removesuffix("’s")
        if word in OPENERS or (word in words.known() and word not in _listed()["surnames"]):
            break
        end = found.start(1) + len(word)
    return end
