"""The frame of every recognizer here: a rule reads a text once and yields finds with fixed scores."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from presidio_analyzer import EntityRecognizer, RecognizerResult

CHECKED = 1.0
"""Score of a find whose checksum or registry entry holds."""
STRONG = 0.85
"""Score of a form that is hardly anything else."""
IN_CONTEXT = 0.6
"""Score of a form that its neighbourhood speaks for."""
WEAK = 0.45
"""Score of a form that may be something else."""

LANGUAGE = "en"
_DIGIT = re.compile("[0-9]")
_NUMBER = re.compile(r"(?<![A-Za-z0-9])(?:[A-Z]{1,8}[ -]?)?[0-9](?:[0-9A-Zk]|[ ./+-](?=[0-9A-Zk]))*")
_CAPITAL = re.compile("[A-Z]")
_MARK = "▪"  # neither a letter nor a space nor punctuation
# Chinese, Japanese and Korean; Thai, Lao, Burmese, Khmer. In Korean particles follow a word without a space.
_UNSPACED = re.compile(
    "[\u2e80-\u2fdf\u3005-\u3007\u3021-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff"
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\U00020000-\U0003ffff]"
)
_LABEL_WIDTH = 60


class Find(NamedTuple):
    """Characters `start` to `end` of a text, what they are, and how sure that is."""

    start: int
    end: int
    entity_type: str
    score: float


def _lowered(text: str) -> str:
    """`text` in lower case with every character in its place."""
    low = text.lower()
    return low if len(low) == len(text) else "".join(c.lower() if len(c.lower()) == 1 else c for c in text)


class Reading:
    """A text with what several rules ask about it, worked out once."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lower = _lowered(text)
        self.cues: dict[int, str | None] = {}
        """Start of a number → what the words around it call it; filled by `cues.cue`."""

    @cached_property
    def spaced(self) -> Reading:
        """The same with a mark for every character of a script that writes no spaces, which else would join words."""
        marked = _UNSPACED.sub(_MARK, self.text)
        return self if marked == self.text else Reading(marked)

    @cached_property
    def digits(self) -> int:
        """How many ASCII digits there are."""
        return len(_DIGIT.findall(self.text))

    @cached_property
    def numbers(self) -> list[tuple[int, int, int, bool]]:
        """Stretches of digits with the capitals and separators between and around them: start, end, digits, letters."""
        return [
            (
                m.start(),
                m.end(),
                len(_DIGIT.findall(m[0])),
                _CAPITAL.search(self.text, m.start(), m.end() + 2) is not None,
            )
            for m in _NUMBER.finditer(self.text)
        ]

    def before(self, start: int, width: int = _LABEL_WIDTH) -> str:
        """The end of the line before `start` in lower case, or of the line above when nothing else is in front."""
        low = max(0, start - width)
        lines = self.lower[low:start].rsplit("\n", 2)
        return lines[-1] if lines[-1].strip(" \t\r-*|>") or len(lines) == 1 else lines[-2] + " "

    def after(self, end: int, width: int = 30) -> str:
        """The begin of the rest of the line after `end`, in lower case."""
        return self.lower[end : end + width].split("\n", 1)[0]


Rule = Callable[[Reading], Iterable[Find]]
_last = Reading("")


def reading(text: str) -> Reading:
    """The reading of `text`; recognizers that look at one text in turn share it."""
    global _last
    last = _last
    if last.text is not text:
        _last = last = Reading(text)
    return last


class RuleRecognizer(EntityRecognizer):  # type: ignore[misc]  # Presidio is not typed
    """A rule as Presidio's recognizer. Needs no NLP artifacts; scores are final.

    Args:
        name: The recognizer's name.
        entities: The entity types that the rule yields.
        rule: Yields the finds of one text; they may overlap.
        digits: Texts with fewer ASCII digits are not looked at.
        needs: Texts with none of these characters are not looked at; empty lets every text through.
        unspaced: Whether the rule reads scripts without spaces; else it sees a mark for each of their characters.
    """

    def __init__(
        self,
        name: str,
        entities: Sequence[str],
        rule: Rule,
        *,
        digits: int = 0,
        needs: str = "",
        unspaced: bool = False,
    ) -> None:
        super().__init__(supported_entities=list(entities), name=name, supported_language=LANGUAGE, version="1")
        self._rule, self._digits, self._needs, self._finds = rule, digits, needs, frozenset(entities)
        self._unspaced = unspaced

    def load(self) -> None:
        """Nothing to load."""

    def analyze(self, text: str, entities: Sequence[str], nlp_artifacts: Any = None) -> list[RecognizerResult]:
        """The rule's finds of the types that were asked for."""
        if self._finds.isdisjoint(entities) or (self._needs and not any(c in text for c in self._needs)):
            return []
        read = reading(text) if self._unspaced else reading(text).spaced
        if read.digits < self._digits:
            return []
        return [
            RecognizerResult(find.entity_type, find.start, find.end, find.score)
            for find in self._rule(read)
            if find.entity_type in entities
        ]
