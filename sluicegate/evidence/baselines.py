"""Simple models on the same rows: a candidate that does not beat them is not worth its size."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from sluicegate.evidence.base_features import BaseFeatures
from sluicegate.evidence.estimated import estimated
from sluicegate.evidence.finding import Finding, not_evaluated
from sluicegate.evidence.images import features
from sluicegate.evidence.paired import differences
from sluicegate.evidence.predictions import Predictions
from sluicegate.evidence.resampling import Resampling
from sluicegate.evidence.sampling import sample_rows
from sluicegate.evidence.scores import Indices
from sluicegate.evidence.unspaced import unspaced
from sluicegate.evidence.usable import why_incomplete

MOST_LEARNED = 2000
"""Training rows that the base model's features are taken of; more would take longer than the training is worth."""
VADER_LABELS = ("negative", "neutral", "positive")
_MEASURES = ("macro_f1", "macro_f1_gain", "accuracy_gain")
_WORDS, _CHARACTERS = "words and pairs of words", "characters, pairs and triples of them"
_TFIDF = "{} weighted by TF-IDF, logistic regression with balanced labels, learned from the same training rows"
_VADER = "VADER's lexicon and rules for English sentiment; it learns nothing"
_UNTUNED = (
    "logistic regression with balanced labels on the untouched base model's mean last hidden states, learned from at "
    "most 2,000 of the same training rows"
)
_MAJORITY = "the commonest label of the training rows, given to every row"
_PIXELS = "logistic regression with balanced labels on the images made 16 × 16, learned from the same training rows"
# Scripts that put no spaces between words: Thai, Lao, Myanmar, Khmer, Chinese, Japanese.


def measure_baseline(
    name: str,
    train: pd.DataFrame,
    test: pd.DataFrame,
    predictions: Predictions,
    resampling: Resampling,
    smallest: int = 1,
    base: BaseFeatures | None = None,
) -> tuple[list[Finding], dict[str, Any]]:
    """Findings of the area `baseline` for one simple model, and its figures as JSON.

    Args:
        name: The simple model.
        train: Rows that it learns from.
        test: The test rows.
        predictions: The candidate's answers to them.
        resampling: Settings of the bootstrap over them.
        smallest: Of fewer rows nothing is concluded.
        base: Where features by the base model come from, which `untuned` learns from.
    """
    if why := _why_not(name, predictions.labels, base) or why_incomplete(predictions, smallest):
        findings = [not_evaluated(f"baseline.{measure}[{name}]", why) for measure in _MEASURES]
        return findings, {"baseline": name, "status": "not_evaluated", "why": why}
    if name == "majority":
        given_N, what = majority(train, len(test), predictions.labels), _MAJORITY
    elif name == "pixels":
        given_N, what = pixels(train, test, predictions.labels), _PIXELS
    elif name == "untuned":
        assert base is not None
        given_N, what = untuned(train, test, predictions.labels, base, resampling.seed), _UNTUNED
    elif name == "vader":
        given_N, what = vader(test["text"], predictions.labels), _VADER
    else:
        what = _TFIDF.format(_CHARACTERS if unspaced(train["text"]) else _WORDS)
        given_N = tfidf(train, test, predictions.labels)
    estimates = differences(predictions, given_N, resampling)
    named = dict(zip(_MEASURES, ("other_macro_f1", "macro_f1", "accuracy"), strict=True))
    findings = [estimated(f"baseline.{measure}[{name}]", estimates[key], resampling) for measure, key in named.items()]
    figures = {key: estimate.to_json() for key, estimate in estimates.items()}
    return findings, {"baseline": name, "status": "measured", "what": what, "estimates": figures}


def tfidf(train: pd.DataFrame, test: pd.DataFrame, labels: Sequence[str]) -> Indices:
    """Index of the label that TF-IDF with logistic regression gives each test row, shape (N,).

    Its terms are words and pairs of words; of texts without spaces, runs of one to three characters.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    terms = {"analyzer": "char", "ngram_range": (1, 3)} if unspaced(train["text"]) else {"ngram_range": (1, 2)}
    # a term of a single row teaches nothing, but in very small data there may be no others
    vectorizer = TfidfVectorizer(**terms, sublinear_tf=True, min_df=2 if len(train) >= 200 else 1)
    try:
        known = vectorizer.fit_transform(train["text"])
    except ValueError:  # no text holds a word
        vectorizer = TfidfVectorizer(analyzer="char", ngram_range=(1, 3))
        known = vectorizer.fit_transform(train["text"])
    model = LogisticRegression(C=1.0, max_iter=500, class_weight="balanced")
    model.fit(known, indices_of(train["label"], labels))
    return np.asarray(model.predict(vectorizer.transform(test["text"])), dtype=np.int64)


def vader(texts: Sequence[str], labels: Sequence[str]) -> Indices:
    """Index of the label that VADER gives each text, shape (N,).

    Source: Hutto & Gilbert, VADER (2014); thresholds of ±0.05 on the compound score are its authors'.
    """
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    analyzer = SentimentIntensityAnalyzer()
    compound_N = np.array([analyzer.polarity_scores(text)["compound"] for text in texts])
    names = np.where(compound_N >= 0.05, "positive", np.where(compound_N <= -0.05, "negative", "neutral"))
    return indices_of(names.tolist(), labels)


def untuned(train: pd.DataFrame, test: pd.DataFrame, labels: Sequence[str], base: BaseFeatures, seed: int) -> Indices:
    """Index of the label that logistic regression on the untouched base model's features gives each test row, (N,).

    The base model knows no labels, so what it is worth untuned is what so simple a model makes of its features.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    learned = train.iloc[sample_rows(len(train), seed, MOST_LEARNED)]
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=500, class_weight="balanced"))
    model.fit(base.of(learned), indices_of(learned["label"], labels))
    return np.asarray(model.predict(base.of(test)), dtype=np.int64)


def majority(train: pd.DataFrame, rows: int, labels: Sequence[str]) -> Indices:
    """Index of the commonest label of the training rows, `rows` times; of two as common, the spec's first."""
    counts = train["label"].value_counts()
    return np.full(rows, int(np.argmax([counts.get(label, 0) for label in labels])), dtype=np.int64)


def pixels(train: pd.DataFrame, test: pd.DataFrame, labels: Sequence[str]) -> Indices:
    """Index of the label that logistic regression on small images gives each test row, shape (N,)."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=1.0, max_iter=500, class_weight="balanced")
    model.fit(features(train["image"]), indices_of(train["label"], labels))
    return np.asarray(model.predict(features(test["image"])), dtype=np.int64)


def _why_not(name: str, labels: Sequence[str], base: BaseFeatures | None) -> str:
    """Why a baseline cannot give these labels; empty if it can."""
    if name in ("unigram", "trigram"):
        return f"{name} says how likely a text is and gives it no label"
    if name == "untuned" and (base is None or not base.of_a_model):
        return "it was trained from scratch, so there is no base model"
    if name == "lookup":
        return "lookup tags words and gives a text no label"
    if name == "vader" and sorted(labels) != sorted(VADER_LABELS):
        return f"VADER knows the labels {', '.join(VADER_LABELS)} only"
    return ""


def indices_of(names: Iterable[str], labels: Sequence[str]) -> Indices:
    """Where each name stands among the labels, shape (N,)."""
    place = {label: index for index, label in enumerate(labels)}
    return np.array([place[name] for name in names], dtype=np.int64)
