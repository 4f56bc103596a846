"""Texts described by numbers, and two sets of texts told apart."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from zlib import crc32

import numpy as np
import pandas as pd

from sluicegate.evidence.given_groups import given_groups
from sluicegate.evidence.unspaced import unspaced
from sluicegate.spelling import spelling

NUMERIC = ("characters", "words", "share of capitals", "share of digits", "placeholders")
"""Columns by which a text is described."""
PLACEHOLDER = re.compile(r"<[A-Z][A-Z_]+(?::[0-9a-f]{12})?>")
"""What stands in a scrubbed text for what was taken out of it."""


def describe(table: pd.DataFrame, groups: Sequence[str], *, labelled: bool = True) -> pd.DataFrame:
    """Label, groups and the make-up of each text as numbers: what drift is measured on, without any text."""
    texts = table["text"].tolist()
    lengths = np.array([max(1, len(text)) for text in texts], dtype=np.float64)

    def share(of: str) -> list[float]:
        return [sum(getattr(c, of)() for c in text) / n for text, n in zip(texts, lengths, strict=True)]

    made_up_of = (
        [float(len(text)) for text in texts],
        [float(len(text.split())) for text in texts],
        share("isupper"),
        share("isdigit"),
        [float(len(PLACEHOLDER.findall(text))) for text in texts],
    )
    named = {f"group: {column}": given_groups(table[column]) for column in groups}
    label = {"label": given_groups(table["label"])} if labelled else {}
    return pd.DataFrame({**label, **named, **dict(zip(NUMERIC, made_up_of, strict=True))})


def distinguishability(reference: Sequence[str], current: Sequence[str], seed: int) -> float:
    """ROC AUC at which a linear model on words tells two sets of texts apart; 0.5 is not at all.

    Its features are words, and of texts without spaces runs of one to three characters.
    Cross-validated in three parts, so that words seen once do not count as a difference; the same text is
    always in the same part, so that texts which both sets hold count as none either. NaN if the sets are
    too small for that, or no text holds a word.

    Source: Lopez-Paz & Oquab, Revisiting Classifier Two-Sample Tests (2017).
    """
    from sklearn.feature_extraction.text import HashingVectorizer

    texts = [*reference, *current]
    runs = {"analyzer": "char", "ngram_range": (1, 3)} if unspaced(texts) else {}
    words = HashingVectorizer(n_features=2**16, alternate_sign=False, **runs).transform(texts)
    if not words.nnz:
        return float("nan")
    return told_apart(words, [spelling(text) for text in texts], len(reference), seed)


def told_apart(words: Any, names: Sequence[str], references: int, seed: int) -> float:
    """The same of any features.

    Args:
        words: Features of all rows, the reference ones first, shape (N, F).
        names: The same for rows that are the same.
        references: How many rows are reference ones.
        seed: Of the parts.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score

    side = np.r_[np.zeros(references), np.ones(len(names) - references)]
    part = np.array([crc32(f"{seed} {name}".encode()) % 3 for name in names])
    scores = np.empty(len(names))
    for held_out in range(3):
        rows = part == held_out
        if len(np.unique(side[~rows])) < 2:
            return float("nan")
        if rows.any():
            model = LogisticRegression(class_weight="balanced", max_iter=500).fit(words[~rows], side[~rows])
            scores[rows] = model.predict_proba(words[rows])[:, 1]
    return round(float(roc_auc_score(side, scores)), 9)
