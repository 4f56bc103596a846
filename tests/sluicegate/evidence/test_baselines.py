from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sluicegate.evidence.base_features import BaseFeatures
from sluicegate.evidence.baselines import measure_baseline, tfidf, untuned, vader
from sluicegate.evidence.resampling import Resampling
from sluicegate.evidence.unspaced import unspaced
from tests import small_world
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


def adjective_rows(count: int, *, seed: int) -> pd.DataFrame:
    """Texts of the small world, whose adjective tells the label."""
    draw = random.Random(seed)
    told = [draw.choice([("bad", small_world.BAD), ("good", small_world.GOOD)]) for _ in range(count)]
    texts = [
        f"{draw.choice(words)} {draw.choice(small_world.PLAIN)} of the {draw.choice(small_world.PLAIN)}"
        for _, words in told
    ]
    return pd.DataFrame({"text": texts, "label": [label for label, _ in told]})


def test_the_untouched_base_model_is_worth_what_regression_makes_of_its_features(tmp_path: Path) -> None:
    small_world.write_base_model(tmp_path / "base")
    train, test = adjective_rows(200, seed=0), adjective_rows(60, seed=1)
    labels = ("bad", "good")
    actual = [labels.index(label) for label in test["label"]]
    findings, figures = measure_baseline(
        "untuned",
        train,
        test,
        answers(actual, actual, labels),
        Resampling(60, 100, 0.95, 0),
        10,
        BaseFeatures(tmp_path / "base"),
    )
    by_name = {finding.check: finding.value for finding in findings}
    worth = by_name["baseline.macro_f1[untuned]"]
    assert worth is not None
    assert worth > 0.9  # the adjective's embedding is among those averaged
    assert by_name["baseline.macro_f1_gain[untuned]"] == pytest.approx(1 - worth)
    assert figures["what"].startswith("logistic regression with balanced labels on the untouched base model's")
    shuffled = train.assign(label=train["label"].sample(frac=1, random_state=0).to_numpy())
    by_chance = untuned(shuffled, test, labels, BaseFeatures(tmp_path / "base"), 0)
    assert (by_chance == np.array(actual)).mean() < 0.8


@pytest.mark.parametrize(
    ("name", "base", "why"),
    [
        pytest.param(
            "untuned", BaseFeatures(None), "it was trained from scratch, so there is no base model", id="scratch"
        ),
        pytest.param("unigram", None, "unigram says how likely a text is and gives it no label", id="unigram"),
        pytest.param("trigram", None, "trigram says how likely a text is and gives it no label", id="trigram"),
    ],
)
def test_what_gives_no_label_is_not_another_model_under_its_name(
    name: str, base: BaseFeatures | None, why: str
) -> None:
    rows = make_rows(60, seed=0, prefix="a")
    actual = [LABELS.index(label) for label in rows["label"]]
    findings, figures = measure_baseline(
        name, rows, rows, answers(actual, actual), Resampling(60, 100, 0.95, 0), 10, base
    )
    assert {(finding.status, finding.why) for finding in findings} == {("not_evaluated", why)}
    assert figures["status"] == "not_evaluated"
