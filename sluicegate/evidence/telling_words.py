"""Words that tell two sets of texts apart: those that stand in a larger share of one set's texts.

A word is only named if it stands in at least `FEWEST_TEXTS` texts, copies counted once, so that none is anybody's own,
and if its shares differ by more than chance explains: a two-proportion z-test at 0.05 over all words together
(Bonferroni).

Source: Manning & Schütze, Foundations of Statistical Natural Language Processing (1999), section 5.3, for tests on
counts of words.

Shapes: W words.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from sluicegate.evidence.unspaced import unspaced
from sluicegate.spelling import spelling

FEWEST_TEXTS = 20
MOST = 8
_RISK = 0.05


def telling_words(reference: Sequence[str], current: Sequence[str]) -> list[dict[str, Any]]:
    """At most `MOST` words of each set, those that differ most first.

    Of texts without spaces, pairs of characters stand in the place of words.

    Returns:
        ``word``, ``commoner_in`` (``reference`` or ``current``), and the share of each set's texts that hold it.
    """
    from scipy.stats import norm
    from sklearn.feature_extraction.text import CountVectorizer

    texts = [*reference, *current]
    pairs = {"analyzer": "char", "ngram_range": (2, 2)} if unspaced(texts) else {}
    try:
        vectorizer = CountVectorizer(binary=True, min_df=FEWEST_TEXTS, **pairs)
        vectorizer.fit({spelling(text): text for text in texts}.values())
    except ValueError:  # no word stands in as many texts
        return []
    held = vectorizer.transform(texts)
    texts_of, sizes = (held[: len(reference)], held[len(reference) :]), (len(reference), len(current))
    shares = [np.asarray(part.mean(0)).ravel() for part in texts_of]
    pooled_W = np.minimum(np.asarray(held.mean(0)).ravel(), 1)  # of a word in every text it may round above 1
    spread_W = np.sqrt(pooled_W * (1 - pooled_W) * sum(1 / size for size in sizes))
    z_W = np.divide(shares[1] - shares[0], spread_W, out=np.zeros_like(spread_W), where=spread_W > 0)
    least = float(norm.isf(_RISK / 2 / len(z_W)))
    names = vectorizer.get_feature_names_out()
    order = np.lexsort((names, -np.abs(z_W)))
    found = [
        {
            "word": str(names[word]),
            "commoner_in": "current" if z_W[word] > 0 else "reference",
            "reference": round(float(shares[0][word]), 9),
            "current": round(float(shares[1][word]), 9),
        }
        for word in order
        if abs(z_W[word]) > least
    ]
    return [word for side in ("current", "reference") for word in _of(side, found)]


def _of(side: str, found: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [word for word in found if word["commoner_in"] == side][:MOST]
