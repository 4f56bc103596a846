"""Shingles, and the Jaccard index over them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.data.hygiene.shingles import ShingleSets, alike, distinct, runs
from sluicegate.data.hygiene.units import units


def counts(text: str, *, short: bool = True) -> int:
    return len(runs(units([text]), words=3, characters=4, short=short).hashes_S)


def sets(texts: list[str]) -> ShingleSets:
    found = distinct(runs(units(texts), words=3, characters=4, short=True))
    return ShingleSets(np.arange(len(texts)), found.starts_R, found.hashes_S)


def reaches(left: str, right: str, threshold: float) -> bool:
    pair = sets([left, right])
    return bool(alike(pair, np.array([0]), pair, np.array([1]), threshold)[0])


@pytest.mark.parametrize(
    ("text", "count"),
    [
        pytest.param("one two three four five", 3, id="five words make three runs of three"),
        pytest.param("one two", 1, id="too short, so it is a run as a whole"),
        pytest.param("价格便宜得很", 3, id="six characters make three runs of four"),
        pytest.param("一二", 1, id="two characters"),
        pytest.param("好茶好价格 good tea here", 6, id="a run is as long as its first unit says"),
        pytest.param("...", 0, id="no unit"),
    ],
)
def test_a_text_has_this_many_runs(text: str, count: int) -> None:
    assert counts(text) == count


def test_short_texts_have_no_run_unless_asked_for() -> None:
    assert counts("one two", short=False) == 0
    assert counts("one two three", short=False) == 1


def test_short_texts_of_the_same_words_in_another_order_differ() -> None:
    assert not reaches("tea good", "good tea", 0.01)


def test_the_jaccard_index_by_hand() -> None:
    # {abc, bcd, cde} and {abc, bcd, cdf}: two of four
    left, right = "a b c d e", "a b c d f"
    assert reaches(left, right, 0.5)
    assert not reaches(left, right, 0.51)


def test_a_repeated_shingle_counts_once() -> None:
    # {xyx, yxy} both
    assert reaches("x y x y x y x", "x y x y", 1.0)


def test_texts_without_shingles_are_not_alike() -> None:
    assert not reaches("...", "!", 0.1)


@given(st.lists(st.lists(st.sampled_from("abcd"), min_size=1, max_size=12), min_size=2, max_size=8), st.data())
def test_it_agrees_with_sets_of_strings(texts: list[list[str]], data: st.DataObject) -> None:
    threshold = data.draw(st.sampled_from([0.2, 0.34, 0.5, 0.75, 1.0]))
    plain = [{tuple(t[i : i + 3]) for i in range(max(1, len(t) - 2))} for t in texts]
    pairs = [(i, j) for i in range(len(texts)) for j in range(len(texts))]
    found = sets([" ".join(text) for text in texts])
    left, right = np.array(pairs).T
    expected = [len(plain[i] & plain[j]) / len(plain[i] | plain[j]) >= threshold for i, j in pairs]
    assert alike(found, left, found, right, threshold).tolist() == expected


def test_more_pairs_than_are_compared_at_once() -> None:
    found = sets(["a b c d e", "a b c d f"])
    left = np.zeros(70_000, np.int64)
    right = np.arange(70_000) % 2
    assert alike(found, left, found, right, 0.9).tolist() == (right == 0).tolist()
