"""Which characters of a text a perturbation may touch, and which of them it does.

What stands for something that was scrubbed (``<PERSON>``) is left alone: no user types it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from random import Random

from sluicegate.evidence.edits import Edits
from sluicegate.evidence.texts import PLACEHOLDER

SHARE = 0.05
"""Share of the characters that could be perturbed which are, one at least."""
_LATIN = re.compile(r"[A-Za-z]")
HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
"""A Chinese character."""


def editable(text: str) -> list[int]:
    """Positions of the characters that are not part of a placeholder."""
    held = {position for found in PLACEHOLDER.finditer(text) for position in range(*found.span())}
    return [position for position in range(len(text)) if position not in held]


def letters(text: str) -> list[int]:
    """Positions of the Latin letters (A to Z) and of the Chinese characters that may be touched."""
    return [at for at in editable(text) if _LATIN.match(text[at]) or HAN.match(text[at])]


def some(positions: Sequence[int], share: float, random: Random) -> list[int]:
    """A share of `positions`, one at least, in ascending order; none if there are none."""
    if not positions:
        return []
    return sorted(random.sample(positions, max(1, round(share * len(positions)))))


def mapped(text: str, change: Callable[[str], str]) -> Edits:
    """A change of every character of `text` that may be touched."""
    return {at: change(text[at]) for at in editable(text)}
