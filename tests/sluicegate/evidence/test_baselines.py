from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sluicegate.evidence.baselines import measure_baseline, tfidf, unspaced, vader
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


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        pytest.param(["酒店很好", "OK 的"], True, id="Chinese"),
        pytest.param(["ความสะอาดดีมาก"], True, id="Thai"),
        pytest.param(["The 酒店 hotel was lovely"], False, id="a Chinese word in an English text"),
        pytest.param(["Очень хорошо", "많이 좋아요"], False, id="Russian and Korean, which have spaces"),
        pytest.param(["!!", ""], False, id="no letters"),
    ],
)
def test_scripts_without_spaces_are_told_by_their_letters(texts: list[str], expected: bool) -> None:
    assert unspaced(texts) is expected


def test_tfidf_of_texts_without_spaces_learns_characters() -> None:
    # no two texts share a whole run of characters, so a model on words could only guess
    ends = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉"
    train = pd.DataFrame(
        [(f"{a}很好{b}", "up") for a, b in zip(ends, ends[1:], strict=False)]
        + [(f"{b}太差{a}", "down") for a, b in zip(ends, ends[1:], strict=False)],
        columns=["text", "label"],
    )
    test = pd.DataFrame({"text": ["天很好地", "玄太差黄"], "label": ["up", "down"]})
    assert tfidf(train, test, ("down", "up")).tolist() == [1, 0]
    _, figures = measure_baseline(
        "tfidf", train, test, answers([1, 0], [1, 0], ("down", "up")), Resampling(2, 100, 0.95, 0)
    )
    assert figures["what"].startswith("characters, pairs and triples of them weighted by TF-IDF")


def test_a_baseline_for_spans_is_not_asked_for_labels() -> None:
    rows = pd.DataFrame({"text": ["a", "b"], "label": ["spam", "ham"]})
    findings, _ = measure_baseline(
        "lookup", rows, rows, answers([0, 1], [0, 1], ("spam", "ham")), Resampling(2, 100, 0.95, 0)
    )
    assert {finding.status for finding in findings} == {"not_evaluated"}


def test_the_gain_is_the_candidates_figure_less_the_baselines() -> None:
    train, test = make_rows(300, seed=0, prefix="a"), make_rows(60, seed=1, prefix="b")
    actual = [LABELS.index(label) for label in test["label"]]
    findings, _ = measure_baseline("tfidf", train, test, answers(actual, actual), Resampling(60, 200, 0.95, 0))
    found = {finding.check: finding for finding in findings}
    value, gain = found["baseline.macro_f1[tfidf]"].value, found["baseline.macro_f1_gain[tfidf]"].value
    assert value is not None
    assert gain is not None
    assert abs(value + gain - 1) < 1e-9  # the candidate is always right
