from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.evidence.ngrams import NGrams

TEXTS = st.lists(st.lists(st.integers(0, 4), max_size=6), max_size=6)


def test_single_tokens_worked_by_hand() -> None:
    model = NGrams(1, 4).learn([[0, 0, 1]])  # 3 tokens of 2 kinds, so the two kinds weigh as much as 2 tokens

    assert model.nats([0]) == pytest.approx(-math.log((2 + 2 / 4) / 5))
    assert model.nats([3]) == pytest.approx(-math.log((2 / 4) / 5))


def test_runs_of_three_worked_by_hand() -> None:
    model = NGrams(3, 2).learn([[0, 1]])
    one = (1 + 2 / 2) / 4  # of two tokens of two kinds
    after_start = (1 + one) / 2  # of one token, seen once after the start; then the same after two starts

    assert model.nats([0]) == pytest.approx(-math.log((1 + after_start) / 2))


@given(texts=TEXTS, before=st.lists(st.integers(0, 4), max_size=4), order=st.integers(1, 3))
def test_the_chances_of_all_tokens_sum_to_one(texts: list[list[int]], before: list[int], order: int) -> None:
    model = NGrams(order, 5).learn(texts)
    chances = [math.exp(model.nats(before) - model.nats([*before, token])) for token in range(5)]

    assert sum(chances) == pytest.approx(1)
    assert min(chances) > 0
