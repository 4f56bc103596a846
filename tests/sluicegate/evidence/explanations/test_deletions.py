from __future__ import annotations

import numpy as np
import pytest

from sluicegate.evidence.explanations.catalogue import SHARES
from sluicegate.evidence.explanations.deletions import Weighed, ask_deletions, measure_deletions
from sluicegate.evidence.explanations.word_spans import Words
from sluicegate.evidence.resampling import Floats, Resampling

RESAMPLING = Resampling(1, 200, 0.95, 0)
TEXT = "plain good plain good plain good plain good plain good"


def counts_good(texts: list[str]) -> Floats:
    chance = np.array([0.5 + 0.08 * text.split().count("good") for text in texts])
    return np.stack([1 - chance, chance], axis=1)


def rows(weight_of_good: float, count: int = 12) -> list[Weighed]:
    words = Words(TEXT, len(TEXT))
    weights = np.array([weight_of_good if word == "good" else 0.0 for word, _ in words.told()])
    return [Weighed(words, 1, 0.9, weights)] * count


def test_a_true_explanation_by_hand() -> None:
    asked = ask_deletions(rows(1.0), 3)
    assert asked[0] == "plain plain good plain good plain good plain good"
    assert asked[2] == "plain plain plain good plain good plain good"
    assert asked[4] == "plain plain plain plain plain"
    assert [len(text.split()) for text in asked[:6]] == [9, 9, 8, 8, 5, 5]
    (finding,), figures = measure_deletions(rows(1.0), counts_good(asked), RESAMPLING, 10)
    top = np.mean([0.08 * count for count in (1, 2, 5)])
    at_random = 0.9 - counts_good([text for place, text in enumerate(asked) if place % 2])[:, 1].mean()
    assert figures["lost_probability"]["weightiest"]["value"] == pytest.approx(top)
    assert figures["lost_probability"]["random"]["value"] == pytest.approx(at_random)
    assert finding.value == pytest.approx(top - at_random)
    assert finding.value > 0.08
    assert (finding.n, figures["shares"]) == (12, list(SHARES))
    assert finding.interval is not None
    assert finding.interval[0] <= finding.value <= finding.interval[1]


def test_an_explanation_the_wrong_way_round_is_worse_than_chance() -> None:
    (finding,), _ = measure_deletions(rows(-1.0), counts_good(ask_deletions(rows(-1.0), 3)), RESAMPLING, 10)
    assert finding.value is not None
    assert finding.value < 0


def test_few_rows_and_answers_that_are_no_probabilities_are_not_evaluated() -> None:
    few = rows(1.0, 9)
    (finding,), _ = measure_deletions(few, counts_good(ask_deletions(few, 3)), RESAMPLING, 10)
    assert finding.why == "9 rows, fewer than 10"
    answers = counts_good(ask_deletions(rows(1.0), 3))
    answers[5, 0] = np.nan
    (finding,), _ = measure_deletions(rows(1.0), answers, RESAMPLING, 10)
    assert finding.why == "1 of 72 answers are no probabilities"


def test_the_same_seed_leaves_out_the_same_words() -> None:
    assert ask_deletions(rows(1.0), 3) == ask_deletions(rows(1.0), 3) != ask_deletions(rows(1.0), 4)


def test_as_many_answers_as_texts_are_needed() -> None:
    with pytest.raises(ValueError, match="71 answers to 72 texts"):
        measure_deletions(rows(1.0), np.full((71, 2), 0.5), RESAMPLING, 10)
