"""A and an, which depend on the word that follows."""

from __future__ import annotations

import re

_AN = re.compile(r"[aeio]|u(?!n[iv]|k|ga|ru|s|t)|hono|hour|heir", re.IGNORECASE)
_NO_AN = re.compile(r"eu|ewe|one\b|once\b", re.IGNORECASE)
_ARTICLE_AT_THE_END = re.compile(r"\b(a)n?( +)$", re.IGNORECASE)


def fit_article(before: str, word: str) -> str:
    """The text before a word, with an article at its end as the word needs it; by its letters, so not always right."""
    found = _ARTICLE_AT_THE_END.search(before)
    if found is None:
        return before
    vowel = bool(_AN.match(word)) and not _NO_AN.match(word)
    return before[: found.start()] + found[1] + ("n" if vowel else "") + found[2]
