"""Text number i under a seed: the same wherever and in whatever order it is made."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from sluicegate.data.scrubbing.corpus import chinese, english, noise
from sluicegate.data.scrubbing.corpus.labelled import LabelledText, Piece, labelled
from sluicegate.errors import InputRefused

LANGUAGES = ("en", "zh")
LONGEST = 1200
"""Characters; a text that grows longer is cut off after a piece."""
_ENGLISH_SHARE = 0.78


def texts(count: int, seed: int, languages: Sequence[str] = LANGUAGES, *, start: int = 0) -> Iterator[LabelledText]:
    """Made-up texts with their personal data marked.

    Args:
        count: How many.
        seed: Other seeds give other texts.
        languages: Of which languages; with both, about four in five texts are English.
        start: The number of the first. Text i depends on seed, languages and i alone, so processes can share the work.

    Raises:
        InputRefused: An unknown language, or none.
    """
    if not languages or set(languages) - set(LANGUAGES):
        raise InputRefused("corpus", "languages", f"{', '.join(languages) or 'none'}: known are {', '.join(LANGUAGES)}")
    for index in range(start, start + count):
        yield _text(index, seed, languages)


def _text(index: int, seed: int, languages: Sequence[str]) -> LabelledText:
    rng = random.Random(f"{seed}:{index}")
    language = languages[0] if len(languages) == 1 else ("en" if rng.random() < _ENGLISH_SHARE else "zh")
    make = _english if language == "en" else chinese.text
    pieces = make(rng)
    while rng.random() < 0.25:  # texts run on
        pieces = [
            *pieces,
            (rng.choice((" ", " ", "\n", "\n\n")) if language == "en" else rng.choice(("", "\n")), ""),
            *make(rng),
        ]
    return labelled(f"{language}-{seed}-{index:07}", language, _cut(pieces))


def _english(rng: random.Random) -> list[Piece]:
    return noise.roughened(english.grammar().text(rng), rng)


def _cut(pieces: list[Piece]) -> list[Piece]:
    kept, length = [], 0
    for text, kind in pieces:
        length += len(text)
        if length > LONGEST:
            break
        kept.append((text, kind))
    return kept
