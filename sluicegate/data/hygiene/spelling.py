"""Texts that are the same but for spelling variants that no reader would see."""

from __future__ import annotations

import unicodedata

import pandas as pd


def spelling(text: str) -> str:
    """`text` in one spelling: Unicode's compatibility composition, case folded, white space collapsed.

    Source: Unicode Standard Annex 15 (NFKC); Unicode Standard, section 3.13 (default case folding).
    """
    if text.isascii():  # composed already, and lower case is its folded case
        return " ".join(text.lower().split())
    return " ".join(unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).split())


def spellings(texts: pd.Series) -> pd.Series:
    """The one spelling of each text; equal values are duplicates."""
    return texts.map(spelling)
