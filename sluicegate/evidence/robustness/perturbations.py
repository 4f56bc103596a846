"""Every kind of perturbation, by name; each a pure function of the text and the seed that gives a change of it.

None of them is meant to change what a person would say of the text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from hashlib import sha256
from random import Random

from sluicegate.evidence.edits import Edits, edited
from sluicegate.evidence.robustness.editable import mapped
from sluicegate.evidence.robustness.look_alikes import full_width, look_alikes
from sluicegate.evidence.robustness.typos import adjacent_key, dropped, swapped, words_dropped

Perturbation = Callable[[str, Random], Edits]


def upper_case(text: str, _: Random) -> Edits:
    """All letters as capitals."""
    return mapped(text, str.upper)


def lower_case(text: str, _: Random) -> Edits:
    """All letters as small ones."""
    return mapped(text, str.lower)


def doubled_spaces(text: str, _: Random) -> Edits:
    """Every space twice."""
    return _of_spaces(text, "  ")


def trailing_spaces(text: str, _: Random) -> Edits:
    """Two spaces and a line break at the end."""
    return {len(text): "  \n"}


def non_breaking_spaces(text: str, _: Random) -> Edits:
    """Every space as one at which no line may break (U+00A0)."""
    return _of_spaces(text, "\u00a0")


PERTURBATIONS: Mapping[str, Perturbation] = {
    "adjacent_key": adjacent_key,
    "swap": swapped,
    "drop": dropped,
    "word_drop": words_dropped,
    "upper_case": upper_case,
    "lower_case": lower_case,
    "doubled_spaces": doubled_spaces,
    "trailing_spaces": trailing_spaces,
    "non_breaking_spaces": non_breaking_spaces,
    "look_alikes": look_alikes,
    "full_width": full_width,
}
"""Name → perturbation, in reading order."""


def perturbing(kind: str, text: str, seed: int) -> Edits:
    """The change of `text` by one kind of perturbation: never to nothing, and the same wherever the text stands.

    Raises:
        KeyError: `PERTURBATIONS` has no such kind.
    """
    drawn = sha256(f"{seed}\n{kind}\n".encode() + text.encode("utf-8", "surrogatepass")).digest()
    edits = PERTURBATIONS[kind](text, Random(drawn))
    return edits if edited(text, edits).strip() else {}


def _of_spaces(text: str, instead: str) -> Edits:
    return {at: instead for at, character in enumerate(text) if character == " "}
