"""Slips of the fingers: a key beside the right one, two characters exchanged, one left out, a word left out.

A twentieth of the Latin letters and Chinese characters is hit, one at least; of words it is a tenth.

Source: Belinkov & Bisk, Synthetic and Natural Noise Both Break Neural Machine Translation (2018).
"""

from __future__ import annotations

import re
from random import Random

from sluicegate.evidence.edits import Edits
from sluicegate.evidence.robustness.editable import HAN, SHARE, editable, letters, some

_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_WORDS_SHARE = 0.1
_WORD = re.compile(f"{HAN.pattern}{{1,2}}|(?:(?!{HAN.pattern})\\S)+")


def _neighbours() -> dict[str, str]:
    """Each key of a QWERTY keyboard and the keys that touch it; a row is half a key right of the one above."""
    at = {key: (row, column + row / 2) for row, keys in enumerate(_ROWS) for column, key in enumerate(keys)}
    return {
        key: "".join(
            other for other, (r, c) in at.items() if other != key and abs(r - row) <= 1 and abs(c - column) <= 1
        )
        for key, (row, column) in at.items()
    }


NEIGHBOURS = _neighbours()
"""Small letter → the letters on the keys beside it."""


def adjacent_key(text: str, random: Random) -> Edits:
    """Letters replaced by ones from a neighbouring key, in the same case; Chinese characters stay."""
    positions = [at for at in letters(text) if text[at].lower() in NEIGHBOURS]
    return {at: _beside(text[at], random) for at in some(positions, SHARE, random)}


def swapped(text: str, random: Random) -> Edits:
    """Characters exchanged with the next one, which is another and belongs to the same word."""
    may = set(letters(text))
    positions = [at for at in sorted(may) if at + 1 in may and text[at] != text[at + 1]]
    edits, last = dict[int, str](), -2
    for at in some(positions, SHARE, random):
        if at > last + 1:  # one that was exchanged already stays where it is
            edits |= {at: text[at + 1], at + 1: text[at]}
            last = at
    return edits


def dropped(text: str, random: Random) -> Edits:
    """Characters left out; the only one of a text stays."""
    positions = letters(text)
    if len(text.strip()) < 2:
        return {}
    return dict.fromkeys(some(positions, SHARE, random), "")


def words_dropped(text: str, random: Random) -> Edits:
    """Words left out, with the white space behind them; in Chinese, which has none, pairs of characters.

    The only word of a text stays.
    """
    may = set(editable(text))
    words = [found.span() for found in _WORD.finditer(text)]
    if len(words) < 2:
        return {}
    free = [index for index, (start, end) in enumerate(words) if may.issuperset(range(start, end))]
    gone: dict[int, str] = {}
    for index in some(free, _WORDS_SHARE, random):
        start, end = words[index]
        behind = words[index + 1][0] if index + 1 < len(words) else len(text)
        gone |= dict.fromkeys(range(start, max(end, behind)), "")
    return gone


def _beside(letter: str, random: Random) -> str:
    other = random.choice(NEIGHBOURS[letter.lower()])
    return other.upper() if letter.isupper() else other
