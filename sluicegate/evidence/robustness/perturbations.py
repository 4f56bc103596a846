"""Every kind of perturbation, by name; each a pure function of the text and the seed.

None of them is meant to change what a person would say of the text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from hashlib import sha256
from random import Random

from sluicegate.evidence.robustness.editable import mapped
from sluicegate.evidence.robustness.look_alikes import full_width, look_alikes
from sluicegate.evidence.robustness.typos import adjacent_key, dropped, swapped, words_dropped

Perturbation = Callable[[str, Random], str]


def upper_case(text: str, _: Random) -> str:
    """All letters as capitals."""
    return mapped(text, str.upper)


def lower_case(text: str, _: Random) -> str:
    """All letters as small ones."""
    return mapped(text, str.lower)


def doubled_spaces(text: str, _: Random) -> str:
    """Every space twice."""
    return text.replace(" ", "  ")


def trailing_spaces(text: str, _: Random) -> str:
    """Two spaces and a line break at the end."""
    return f"{text}  \n"


def non_breaking_spaces(text: str, _: Random) -> str:
    """Every space as one at which no line may break (U+00A0)."""
    return text.replace(" ", "\u00a0")


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


def perturb(kind: str, text: str, seed: int) -> str:
    """`text` after one kind of perturbation; never empty unless it was, and the same wherever it stands.

    Raises:
        KeyError: `PERTURBATIONS` has no such kind.
    """
    drawn = sha256(f"{seed}\n{kind}\n".encode() + text.encode("utf-8", "surrogatepass")).digest()
    done = PERTURBATIONS[kind](text, Random(drawn))
    return done if done.strip() else text
