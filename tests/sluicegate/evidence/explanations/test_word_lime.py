from __future__ import annotations

import numpy as np
import pytest
import torch

from sluicegate.evidence.explanations.catalogue import PERTURBED
from sluicegate.evidence.explanations.word_lime import explain_by_asking
from sluicegate.evidence.explanations.word_spans import Words
from sluicegate.evidence.resampling import Floats

ADDS = {"good": 2.0, "bad": -1.0, "film": 0.0}
TEXT = Words("good bad film", 13)


def additive(texts: list[str]) -> Floats:
    """Two labels; the log-odds of the second are what the words add."""
    odds = np.exp([sum(ADDS.get(word, 0) for word in text.split()) for text in texts])
    return np.stack([1 / (1 + odds), odds / (1 + odds)], axis=1)


def test_of_an_additive_model_they_are_what_each_word_adds() -> None:
    weights = explain_by_asking(TEXT, 1, additive, 0)
    assert weights is not None
    assert weights == pytest.approx([2, -1, 0], abs=0.25)  # ridge regression draws them to 0
    other = explain_by_asking(TEXT, 0, additive, 0)
    assert other == pytest.approx(-weights, abs=1e-5)


def test_a_model_that_raises_on_what_is_left_is_not_explained() -> None:
    def raises(texts: list[str]) -> Floats:
        if "" in texts:
            raise RuntimeError("nothing to read")
        return additive(texts)

    assert explain_by_asking(TEXT, 1, raises, 0) is None  # of three words one text in eight is left empty


def test_the_seed_decides_and_the_generator_of_others_is_left_alone() -> None:
    asked: list[list[str]] = []

    def answer(texts: list[str]) -> Floats:
        asked.append(texts)
        return additive(texts)

    state = torch.get_rng_state()
    for seed in (4, 4, 5):
        explain_by_asking(TEXT, 1, answer, seed)
    assert torch.equal(torch.get_rng_state(), state)
    assert asked[0] == asked[1] != asked[2]
    assert [len(texts) for texts in asked] == [PERTURBED] * 3
    assert set(asked[0]) <= {"", "good", "bad", "film", "good bad", "good film", "bad film", "good bad film"}


def test_of_a_single_word_and_of_none_nothing_is_learned() -> None:
    assert explain_by_asking(Words("good", 4), 1, additive, 0) is None
    assert explain_by_asking(Words("", 0), 1, additive, 0) is None


def test_an_answer_that_is_no_probability_leaves_no_explanation() -> None:
    def wrong(texts: list[str]) -> Floats:
        found = additive(texts)
        found[3] = np.nan
        return found

    assert explain_by_asking(TEXT, 1, wrong, 0) is None
