from __future__ import annotations

import itertools
import math

import pandas as pd
import pytest

from sluicegate.evidence.texts import describe, distinguishability
from tests.sluicegate.evidence.made_up import make_rows


def test_a_text_is_described_by_numbers_alone() -> None:
    rows = pd.DataFrame({"text": ["Ab <PERSON> 1", ""], "label": ["up", "down"], "place": ["a", "b"]})
    described = describe(rows, ["place"])
    assert "text" not in described.columns
    first = described.iloc[0]
    assert (first["characters"], first["words"], first["placeholders"]) == (13, 3, 1)
    assert first["share of capitals"] == pytest.approx(7 / 13)
    assert described.iloc[1]["share of digits"] == 0  # an empty text divides by nothing


def test_texts_of_the_same_kind_cannot_be_told_apart_and_others_can() -> None:
    one, other = make_rows(150, seed=0, prefix="a")["text"], make_rows(150, seed=1, prefix="b")["text"]
    one, other = one.str.rsplit(" ", n=1).str[0], other.str.rsplit(" ", n=1).str[0]  # without the word that is its own
    assert distinguishability(one.tolist(), other.tolist(), 0) == pytest.approx(0.5, abs=0.12)
    assert distinguishability(one.tolist(), [f"{text} indeed" for text in other], 0) > 0.95


def test_texts_without_spaces_are_told_apart_by_their_characters() -> None:
    dishes, phones = "面汤饭菜肉鱼", "屏幕电池充信"
    one, other = (["".join(t) for t in itertools.permutations(of, 4)] for of in (dishes, phones))
    assert distinguishability(one, other, 0) > 0.95
    assert distinguishability(one[::2], one[1::2], 0) == pytest.approx(0.5, abs=0.12)


def test_texts_without_any_word_give_no_number() -> None:
    assert math.isnan(distinguishability(["!", "?"] * 100, ["…", "—"] * 100, 0))


def test_texts_that_both_sets_hold_are_no_difference() -> None:
    texts = make_rows(200, seed=0, prefix="a")["text"].tolist()
    assert distinguishability(texts, texts, 0) == pytest.approx(0.5, abs=0.02)
    assert distinguishability(texts[:80], texts, 0) == pytest.approx(0.5, abs=0.12)


def test_sets_that_are_too_small_give_no_number() -> None:
    assert math.isnan(distinguishability(["a"], ["b", "c", "d", "e"], 0))
