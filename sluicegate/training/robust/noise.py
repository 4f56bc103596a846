"""Typos and dropped words, drawn anew for each row and epoch.

What is drawn depends on the seed, the epoch and the row's number alone: not on the batch that the row is in, nor
on how many processes train, and not on what was drawn before it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sluicegate.spec.spans import Span
from sluicegate.training.text_edits import Edit, apply_edits, move_spans, sparing_borders

# A word of an alphabet, or a single Chinese character: Chinese does not say where its words end.
_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
_WORD = re.compile(rf"[^\W_{_HAN}]+(?:['’][^\W_{_HAN}]+)*|[{_HAN}]")
_DIGIT = re.compile(r"\d")
_SHORTEST = 4
# Keeps these draws apart from others of the same seed.
_TEXT, _TOKENS = 0x7E87, 0x70CE


@dataclass(frozen=True)
class Noise:
    """How much of a text is changed."""

    typo_share: float = 0.0
    """Of its words of four letters or more, those that get one typo; numbers get none."""
    drop_share: float = 0.0
    """Of its words, and Chinese characters, those that are left out. One is always kept."""


def noisy(
    text: str, noise: Noise, *, seed: int, epoch: int, row: int, spans: Sequence[Span] = ()
) -> tuple[str, list[Span]]:
    """The text with typos and without some words, and its spans moved along; a span with no word left is dropped.

    A typo swaps two neighbouring letters, drops one or doubles one; the first and last letter stay, by which people
    recognize a word. Source: Pruthi et al., Combating Adversarial Misspellings with Robust Word Recognition (2019).
    """
    words = list(_WORD.finditer(text))
    draw = _generator(_TEXT, seed, epoch, row)
    chances_WK = draw.random((len(words), 4))
    dropped = _dropped(chances_WK[:, 0], noise.drop_share)
    edits: list[Edit] = []
    for word, gone, chances in zip(words, dropped, chances_WK, strict=True):
        if gone:
            edits.append(Edit(*word.span(), ""))
            if word.end() < len(text) and text[word.end()].isspace():
                edits.append(Edit(word.end(), word.end() + 1, ""))
        elif chances[1] < noise.typo_share and len(word[0]) >= _SHORTEST and not _DIGIT.search(word[0]):
            edits.append(_typo(word, kind=chances[2], place=chances[3]))
    edits = sparing_borders(edits, spans)
    return apply_edits(text, edits), move_spans(spans, edits)


def hide_tokens(
    ids: Sequence[int], special: Collection[int], hidden: int, share: float, *, seed: int, epoch: int, row: int
) -> list[int]:
    """The ids of one row with some tokens hidden; one is always kept, and so is the row's length.

    Where texts are tokenized once, this stands for dropped words: each token has its label still, where tokens have
    labels. Source: Bowman et al., Generating Sentences from a Continuous Space (2016), section 3.1.

    Args:
        ids: Not padded.
        special: Ids that are never hidden, such as [CLS] and [SEP].
        hidden: The id that takes a token's place, [MASK] or [UNK].
        share: Of the tokens.
        seed: With `epoch` and `row`, says which.
        epoch: Pass over the rows.
        row: The row's number.
    """
    places = [place for place, token in enumerate(ids) if token not in special]
    found = list(ids)
    chances_W = _generator(_TOKENS, seed, epoch, row).random(len(places))
    for place, gone in zip(places, _dropped(chances_W, share), strict=True):
        if gone:
            found[place] = hidden
    return found


def _dropped(chances_W: NDArray[np.float64], share: float) -> NDArray[np.bool_]:
    """Which of the words go: those with a chance below the share, but never all of them."""
    gone_W = chances_W < share
    if gone_W.size and gone_W.all():
        gone_W[chances_W.argmax()] = False
    return gone_W


def _typo(word: re.Match[str], *, kind: float, place: float) -> Edit:
    """One of three typos, at one of the places inside the word; both are drawn from [0, 1)."""
    letters, kinds = word[0], ("swap", "drop", "double")
    chosen = kinds[int(kind * len(kinds))]
    inner = len(letters) - 2 - (chosen == "swap")
    at = 1 + int(place * inner)
    start = word.start() + at
    if chosen == "swap":
        return Edit(start, start + 2, letters[at + 1] + letters[at])
    return Edit(start, start + 1, "" if chosen == "drop" else 2 * letters[at])


def _generator(kind: int, seed: int, epoch: int, row: int) -> np.random.Generator:
    return np.random.Generator(np.random.SFC64(np.random.SeedSequence(seed, spawn_key=(kind, epoch, row))))
