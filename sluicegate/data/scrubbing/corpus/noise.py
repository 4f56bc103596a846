"""The ways in which people write: all in lower case, in capitals, with typos, with other words than expected."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

from sluicegate.data.scrubbing.corpus import words
from sluicegate.data.scrubbing.corpus.labelled import Piece

_WORD = re.compile(r"[a-z]{3,}")
_MARK = re.compile(r" ?([,.!?'\"():;])(?: |(?=\w)|$)")
_MARKS = re.compile(r"[,.!?]")
_OTHER_WORDS_IN = 0.3
"""Share of texts in which words are replaced by others."""
_OTHER_WORDS = 0.15
"""Share of the words of such a text that are."""

Way = Callable[[str, str, random.Random], str]
"""A stretch of text and its entity type → the text as somebody might write it."""


def roughened(pieces: list[Piece], rng: random.Random) -> list[Piece]:
    """English `pieces` as somebody might write them; the spans stay where they are."""
    if rng.random() < _OTHER_WORDS_IN:
        pieces = [(text if kind else _other_words(text, rng), kind) for text, kind in pieces]
    (way,) = rng.choices([way for way, _ in _WAYS], [share for _, share in _WAYS])
    return [(way(text, kind, rng), kind) for text, kind in pieces]


def _other_words(text: str, rng: random.Random) -> str:
    return _WORD.sub(lambda match: words.any_word(rng) if rng.random() < _OTHER_WORDS else match[0], text)


def _as_it_is(text: str, kind: str, rng: random.Random) -> str:
    return text


def _lower(text: str, kind: str, rng: random.Random) -> str:
    return text.lower()


def _finds_lower(text: str, kind: str, rng: random.Random) -> str:
    return text.lower() if kind else text


def _upper(text: str, kind: str, rng: random.Random) -> str:
    return text.upper()


def _persons_upper(text: str, kind: str, rng: random.Random) -> str:
    return text.upper() if kind == "PERSON" else text


def _headline(text: str, kind: str, rng: random.Random) -> str:
    return text if kind else text.title()


def _without_marks(text: str, kind: str, rng: random.Random) -> str:
    return text if kind else _MARKS.sub("", text)


def _sentence_a_line(text: str, kind: str, rng: random.Random) -> str:
    return text if kind else text.replace(". ", ".\n")


def _stray_capitals(text: str, kind: str, rng: random.Random) -> str:
    return text if kind else _WORD.sub(lambda match: match[0].title() if rng.random() < 0.15 else match[0], text)


def _wide_spaces(text: str, kind: str, rng: random.Random) -> str:
    return text.replace(" ", "  ")


def _apart(text: str, kind: str, rng: random.Random) -> str:
    return _MARK.sub(r" \1 ", text)


def _misspelt(text: str, kind: str, rng: random.Random) -> str:
    letters, share = list(text), 0.03 if kind else 0.06
    for at in range(1, len(letters) - 1):
        if letters[at].isalpha() and letters[at + 1].isalpha() and rng.random() < share:
            how = rng.random()
            if how < 0.4:
                letters[at], letters[at + 1] = letters[at + 1], letters[at]
            else:
                letters[at] = "" if how < 0.7 else letters[at] * 2
    return "".join(letters)


_WAYS: tuple[tuple[Way, float], ...] = (
    (_as_it_is, 0.53),
    (_lower, 0.12),
    (_finds_lower, 0.06),
    (_upper, 0.05),
    (_persons_upper, 0.02),
    (_headline, 0.04),
    (_misspelt, 0.05),
    (_without_marks, 0.03),
    (_sentence_a_line, 0.02),
    (_stray_capitals, 0.02),
    (_wide_spaces, 0.01),
    (_apart, 0.05),
)
"""Each way and its share of the texts."""
