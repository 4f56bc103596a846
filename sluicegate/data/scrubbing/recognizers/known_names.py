"""Companies, bodies and towns that everybody could look up, and that are nothing else.

`known_names.tsv` holds them, chosen from the lists that the tagger's training texts are made from: organisations, those
of them that people write in small letters, and larger towns of the world (GeoNames, CC BY 4.0). Left out is what is
an everyday word or a person's name as well (Apple, Target, Chelsea, Lincoln): that is the tagger's to tell.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from presidio_analyzer import EntityRecognizer

from sluicegate.data.scrubbing.recognizers.capitals import UPPER
from sluicegate.data.scrubbing.recognizers.gazetteer import lists
from sluicegate.data.scrubbing.recognizers.rules import IN_CONTEXT, WEAK, Find, Reading, RuleRecognizer

_RUN = re.compile(rf"(?<![\w@./-]){UPPER}[\w'’&.!-]*(?: (?:&|{UPPER}[\w'’&.!-]*|of|de|la|el|al))*")
_TOKEN = re.compile(r"[^ ]+")
_SMALL = re.compile(r"(?<![\w@#./-])[a-z]{5,12}(?![\w@./-]\w|\w)")
_MOST_WORDS = 4
_END = ".,!'’-"


def recognizers() -> list[EntityRecognizer]:
    """The recognizers of what is known by name."""
    return [
        RuleRecognizer("KnownOrganisationRules", ["ORGANIZATION"], _organisations),
        RuleRecognizer("KnownTownRules", ["LOCATION"], _towns),
    ]


def _listed() -> dict[str, frozenset[str]]:
    return lists("known_names.tsv", "|")


def _organisations(read: Reading) -> Iterator[Find]:
    listed = _listed()
    yield from _among(read.text, listed["organisations"], "ORGANIZATION")
    for match in _SMALL.finditer(read.text):
        if match[0] in listed["small"]:
            yield Find(match.start(), match.end(), "ORGANIZATION", WEAK)


def _towns(read: Reading) -> Iterable[Find]:
    return _among(read.text, _listed()["towns"], "LOCATION")


def _among(text: str, known: frozenset[str], entity_type: str) -> Iterator[Find]:
    """The longest stretches of capitalised words that are known."""
    for run in _RUN.finditer(text):
        tokens = [(t.start() + run.start(), t.end() + run.start()) for t in _TOKEN.finditer(run[0])]
        at = 0
        while at < len(tokens):
            for last in range(min(at + _MOST_WORDS, len(tokens)), at, -1):
                start, end = tokens[at][0], tokens[last - 1][1]
                found = text[start:end].rstrip(_END).removesuffix("'s").removesuffix("’s")
                if found in known:
                    yield Find(start, start + len(found), entity_type, IN_CONTEXT)
                    at = last - 1
                    break
            at += 1
