"""Simple models on the same rows: a candidate that does not beat them is not worth its size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from sluicegate.evidence.finding import Finding, measured, not_evaluated
from sluicegate.evidence.paired import differences
from sluicegate.evidence.predictions import Predictions
from sluicegate.evidence.resampling import Resampling
from sluicegate.evidence.scores import Indices

VADER_LABELS = ("negative", "neutral", "positive")
_MEASURES = ("macro_f1", "macro_f1_gain", "accuracy_gain")
_DESCRIPTIONS = {
    "tfidf": "words and pairs of words weighted by TF-IDF, logistic regression with balanced labels, "
    "learned from the same training rows",
    "vader": "VADER's lexicon and rules for English sentiment; it learns nothing",
}


def measure_baseline(
    name: str, train: pd.DataFrame, test: pd.DataFrame, predictions: Predictions, resampling: Resampling
) -> tuple[list[Finding], dict[str, Any]]:
    """Findings of the area `baseline` for one simple model, and its figures as JSON."""
    if name == "vader" and sorted(predictions.labels) != sorted(VADER_LABELS):
        why = f"VADER knows the labels {', '.join(VADER_LABELS)} only"
        findings = [not_evaluated(f"baseline.{measure}[{name}]", why) for measure in _MEASURES]
        return findings, {"baseline": name, "status": "not_evaluated", "why": why}
    given_N = vader(test["text"], predictions.labels) if name == "vader" else tfidf(train, test, predictions.labels)
    estimates = differences(predictions, given_N, resampling)
    named = dict(zip(_MEASURES, ("other_macro_f1", "macro_f1", "accuracy"), strict=True))
    findings = [
        measured(
            f"baseline.{measure}[{name}]",
            estimates[key].value,
            n=resampling.rows,
            interval=estimates[key].interval,
            confidence=resampling.confidence,
            seed=resampling.seed,
        )
        for measure, key in named.items()
    ]
    figures = {key: estimate.to_json() for key, estimate in estimates.items()}
    return findings, {"baseline": name, "status": "measured", "what": _DESCRIPTIONS[name], "estimates": figures}


def tfidf(train: pd.DataFrame, test: pd.DataFrame, labels: Sequence[str]) -> Indices:
    """Index of the label that TF-IDF with logistic regression gives each test row, shape (N,)."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    # a word of a single row teaches nothing, but in very small data there may be no others
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2 if len(train) >= 200 else 1)
    try:
        known = vectorizer.fit_transform(train["text"])
    except ValueError:  # no text holds a word
        vectorizer = TfidfVectorizer(analyzer="char", ngram_range=(1, 3))
        known = vectorizer.fit_transform(train["text"])
    model = LogisticRegression(C=1.0, max_iter=500, class_weight="balanced")
    model.fit(known, _indices(train["label"], labels))
    return np.asarray(model.predict(vectorizer.transform(test["text"])), dtype=np.int64)


def vader(texts: Sequence[str], labels: Sequence[str]) -> Indices:
    """Index of the label that VADER gives each text, shape (N,).

    Source: Hutto & Gilbert, VADER (2014); thresholds of ±0.05 on the compound score are its authors'.
    """
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    analyzer = SentimentIntensityAnalyzer()
    compound_N = np.array([analyzer.polarity_scores(text)["compound"] for text in texts])
    names = np.where(compound_N >= 0.05, "positive", np.where(compound_N <= -0.05, "negative", "neutral"))
    return _indices(names.tolist(), labels)


def _indices(names: Sequence[str], labels: Sequence[str]) -> Indices:
    place = {label: index for index, label in enumerate(labels)}
    return np.array([place[name] for name in names], dtype=np.int64)
