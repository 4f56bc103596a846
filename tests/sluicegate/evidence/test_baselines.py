from __future__ import annotations

import numpy as np
import pandas as pd

from sluicegate.evidence.baselines import measure_baseline, tfidf, vader
from sluicegate.evidence.resampling import Resampling
from tests.sluicegate.evidence.made_up import LABELS, answers, make_rows


def test_vader_reads_sentiment_in_whatever_order_the_labels_are() -> None:
    texts = ["what a wonderful day", "the table is wooden", "a horrible smell"]
    assert vader(texts, LABELS).tolist() == [2, 1, 0]
    assert vader(texts, ("positive", "neutral", "negative")).tolist() == [0, 1, 2]


def test_vader_is_not_asked_about_other_labels() -> None:
    rows = pd.DataFrame({"text": ["a", "b"], "label": ["spam", "ham"]})
    findings, figures = measure_baseline(
        "vader", rows, rows, answers([0, 1], [0, 1], ("spam", "ham")), Resampling(2, 100, 0.95, 0)
    )
    assert {finding.status for finding in findings} == {"not_evaluated"}
    assert figures["why"] == "VADER knows the labels negative, neutral, positive only"


def test_tfidf_learns_words_that_tell_the_label() -> None:
    train, test = make_rows(300, seed=0, prefix="a"), make_rows(60, seed=1, prefix="b")
    given = tfidf(train, test, LABELS)
    actual = np.array([LABELS.index(label) for label in test["label"]])
    assert (given == actual).mean() > 0.7


def test_tfidf_copes_with_texts_without_words() -> None:
    rows = pd.DataFrame({"text": ["!", "?", "!!", "??"], "label": ["up", "down", "up", "down"]})
    assert tfidf(rows, rows, ("down", "up")).tolist() == [1, 0, 1, 0]


def test_the_gain_is_the_candidates_figure_less_the_baselines() -> None:
    train, test = make_rows(300, seed=0, prefix="a"), make_rows(60, seed=1, prefix="b")
    actual = [LABELS.index(label) for label in test["label"]]
    findings, _ = measure_baseline("tfidf", train, test, answers(actual, actual), Resampling(60, 200, 0.95, 0))
    found = {finding.check: finding for finding in findings}
    value, gain = found["baseline.macro_f1[tfidf]"].value, found["baseline.macro_f1_gain[tfidf]"].value
    assert value is not None
    assert gain is not None
    assert abs(value + gain - 1) < 1e-9  # the candidate is always right
