"""Planted values with known answers: how much of what should be hidden is hidden, in the user's own texts.

A canary is a copy of a text of the user's with one made-up value in it, at the begin, at the end or between two
sentences, in a sentence that carries it or bare. It is searched with the same settings as the texts
themselves, counts as found if no letter or digit of the value stays visible, and is then forgotten: no
canary gets into the output.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sluicegate.data.scrubbing.canary_values import BARE, CARRIERS, VALUES
from sluicegate.data.scrubbing.invented import surname

LONGEST_CARRIER_TEXT = 2000
"""Characters of a user's text that are copied at most."""
_BARE_SHARE = 0.25
_SENTENCE_END = re.compile(r"[.!?]+(?=\s)|[。！？]+|\n+")
_HAN = re.compile("[\u3400-\u9fff]")


@dataclass(frozen=True)
class Canary:
    """A text with one made-up value in it."""

    text: str
    start: int
    """First character of the value."""
    end: int
    """One past its last."""
    entity_type: str


class Sample:
    """A few texts of a stream, each with the same chance, whatever its length; the same ones for the same seed.

    Source: Vitter, Random Sampling with a Reservoir (1985), algorithm R.
    """

    def __init__(self, size: int, seed: int) -> None:
        self.texts: list[str] = []
        """Those that were taken, in no order."""
        self._size, self._seen, self._random = size, 0, random.Random(f"sample {seed}")

    def see(self, texts: Iterable[str]) -> None:
        """Lets more texts pass by."""
        for text in texts:
            self._seen += 1
            if len(self.texts) < self._size:
                self.texts.append(text[:LONGEST_CARRIER_TEXT])
            elif (place := self._random.randrange(self._seen)) < self._size:
                self.texts[place] = text[:LONGEST_CARRIER_TEXT]


def planted(
    texts: Sequence[str], entity_types: Collection[str], languages: Sequence[str], count: int, seed: int
) -> Iterator[Canary]:
    """`count` canaries, the types in turn.

    Args:
        texts: The user's texts to plant them in; none where there are none.
        entity_types: Types that do not stay in the text; those of which no value can be made up have no canaries.
        languages: Languages of the texts; a text with Chinese characters carries a Chinese sentence.
        count: How many.
        seed: Decides which values, and where.
    """
    chance = random.Random(f"canaries {seed}")
    types = {language: sorted(VALUES[language].keys() & set(entity_types)) for language in languages}
    turn = Counter[str]()
    for i in range(count):
        text = texts[i % len(texts)] if texts else ""
        language = _language(text, [language for language in languages if types[language]])
        if not language:
            return
        entity = types[language][turn[language] % len(types[language])]
        turn[language] += 1
        yield _plant(text, language, entity, chance)


def is_hidden(canary: Canary, spans: Iterable[Sequence[Any]]) -> bool:
    """Whether the spans (start, end, …) cover every letter and digit of the value."""
    visible = {i for i in range(canary.start, canary.end) if canary.text[i].isalnum()}
    for start, end, *_ in spans:
        visible.difference_update(range(max(start, canary.start), min(end, canary.end)))
    return not visible


def _language(text: str, languages: Sequence[str]) -> str:
    if "zh" in languages and _HAN.search(text):
        return "zh"
    return next((language for language in languages if language != "zh"), languages[0] if languages else "")


def _plant(text: str, language: str, entity: str, chance: random.Random) -> Canary:
    value = VALUES[language][entity](chance.randrange)
    if entity in BARE and chance.random() < _BARE_SHARE:
        before, after = "", "。" if language == "zh" else "."
    else:
        carrier = chance.choice(CARRIERS[language][entity]).replace("{surname}", surname(chance.randrange))
        before, _, after = carrier.partition("{}")
    cut = chance.choice(_boundaries(text))
    space = "" if language == "zh" else " "
    head = text[:cut] + (space if cut and not text[cut - 1].isspace() else "") + before
    tail = after + (space if cut < len(text) and not text[cut].isspace() else "") + text[cut:]
    return Canary(head + value + tail, len(head), len(head) + len(value), entity)


def _boundaries(text: str) -> list[int]:
    """Where a sentence may stand: before the text, after it, and behind each end of a sentence."""
    return [0, *(end.end() for end in _SENTENCE_END.finditer(text)), len(text)]
