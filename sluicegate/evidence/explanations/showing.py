"""Weights of words as marks: which side a word is on, how much it weighs, and the weightiest in words.

Only values are handed to the page, and its template escapes them: a text may hold markup.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from sluicegate.evidence.digits import share

LEVELS = 4
"""Of marks, from faint to strong."""
_FAINTEST = 0.1
"""Of the largest weight; a word that weighs less is not marked."""
_NAMED = 5
_METHODS = {"gradients": "Integrated gradients", "lime": "LIME"}


def marked(shown: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What `templates/explanations.html` shows of the rows that `measure_explanations` has as ``shown``."""
    return [
        {
            **row,
            "probability": share(row["probability"]),
            "methods": [of for name in _METHODS if (of := _method(row["words"], name))],
        }
        for row in shown
    ]


def _method(words: Sequence[Mapping[str, Any]], name: str) -> dict[str, Any]:
    """One line of marked words; empty where the method has no weights."""
    weights = [word[name] for word in words]
    if not weights or any(weight is None for weight in weights):
        return {}
    largest = max(abs(weight) for weight in weights)
    marks = [
        {"text": word["text"], "space": word["space"], "side": side, "level": level, "weight": f"{weight:+.2f}"}
        for word, weight in zip(words, weights, strict=True)
        for side, level in [_mark(weight, largest)]
    ]
    return {"name": _METHODS[name], "words": marks, "for": _named(words, name, 1), "against": _named(words, name, -1)}


def _mark(weight: float, largest: float) -> tuple[str, int]:
    if not largest or abs(weight) < _FAINTEST * largest:
        return "", 0
    return "for" if weight > 0 else "against", math.ceil(LEVELS * abs(weight) / largest)


def _named(words: Sequence[Mapping[str, Any]], name: str, side: int) -> list[tuple[str, str]]:
    """The weightiest words of a side, with their weights."""
    of_side = sorted((word for word in words if side * word[name] > 0), key=lambda word: -abs(word[name]))
    return [(word["text"], f"{word[name]:+.2f}") for word in of_side[:_NAMED]]
