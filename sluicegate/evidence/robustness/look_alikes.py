"""Characters that look the same to a person and are others to a machine.

Source: Unicode Technical Standard 39, Unicode Security Mechanisms (confusable characters);
Boucher et al., Bad Characters: Imperceptible NLP Attacks (2022).
"""

from __future__ import annotations

from random import Random

from sluicegate.evidence.edits import Edits
from sluicegate.evidence.robustness.editable import editable, mapped, some

_SHARE = 0.1
_LOOK_ALIKES = {
    "A": "АΑ", "B": "ВΒ", "C": "С", "E": "ЕΕ", "H": "НΗ", "I": "ІΙ", "J": "Ј", "K": "КΚ", "M": "МΜ", "N": "Ν",
    "O": "ОΟ", "P": "РΡ", "S": "Ѕ", "T": "ТΤ", "X": "ХΧ", "Y": "ҮΥ", "Z": "Ζ", "a": "а", "c": "с", "e": "е",
    "i": "і", "j": "ј", "o": "оο", "p": "р", "s": "ѕ", "v": "ν", "x": "х", "y": "у",
}  # fmt: skip
"""Latin letter → Cyrillic and Greek letters that look like it."""
_TO_FULL_WIDTH = 0xFEE0


def look_alikes(text: str, random: Random) -> Edits:
    """A tenth of the Latin letters that have a Cyrillic or Greek double, one at least, replaced by it."""
    positions = [at for at in editable(text) if text[at] in _LOOK_ALIKES]
    return {at: random.choice(_LOOK_ALIKES[text[at]]) for at in some(positions, _SHARE, random)}


def full_width(text: str, _: Random) -> Edits:
    """All letters, digits and signs of ASCII in the full width of a Chinese character."""
    return mapped(
        text, lambda character: chr(ord(character) + _TO_FULL_WIDTH) if "!" <= character <= "~" else character
    )
