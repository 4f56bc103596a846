"""Texts that are the same but for spelling variants that no reader would see: for the data and for the evidence."""

from __future__ import annotations

import re
import unicodedata

INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
"""A character that is not drawn: soft hyphen, joiners, marks of direction, selectors of variants, fillers, tags.

Source: Unicode's property Default_Ignorable_Code_Point.
"""


def spelling(text: str) -> str:
    """`text` in one spelling: without what cannot be seen, in Unicode's compatibility composition, case folded.

    White space is collapsed. The spelling is for comparing alone: joiners and selectors of variants, which can change
    how a letter or an emoji is drawn, are taken out as well.

    Source: Unicode Standard Annex 15 (NFKC); Unicode Standard, section 3.13 (default case folding).
    """
    if text.isascii():  # composed already, and lower case is its folded case
        return " ".join(text.lower().split())
    seen = INVISIBLE.sub("", text)
    return " ".join(unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", seen).casefold()).split())
