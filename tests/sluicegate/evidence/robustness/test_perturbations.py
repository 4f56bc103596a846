from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sluicegate.evidence.edits import Edits, edited
from sluicegate.evidence.robustness.perturbations import PERTURBATIONS, perturbing
from sluicegate.evidence.robustness.typos import NEIGHBOURS, adjacent_key, dropped, swapped, words_dropped

TEXTS = st.one_of(
    st.text(max_size=60),
    st.lists(st.sampled_from(["good", "Film", "很", "好看", "<PERSON>", "a", "!", "É", " "]), max_size=20).map(
        " ".join
    ),
    st.text(alphabet="这部电影很好看不", max_size=30),
)
KINDS = st.sampled_from(sorted(PERTURBATIONS))


def perturb(kind: str, text: str, seed: int) -> str:
    return edited(text, perturbing(kind, text, seed))


@given(text=TEXTS, kind=KINDS, seed=st.integers(0, 2**64))
@settings(max_examples=400)
def test_the_same_text_and_seed_give_the_same_and_nothing_becomes_empty(text: str, kind: str, seed: int) -> None:
    done = perturb(kind, text, seed)
    assert done == perturb(kind, text, seed)
    assert bool(done.strip()) == bool(text.strip())
    assert done.count("<PERSON>") == text.count("<PERSON>") or kind == "word_drop"


@given(text=TEXTS, kind=st.sampled_from(["adjacent_key", "swap", "non_breaking_spaces", "look_alikes", "full_width"]))
@settings(max_examples=200)
def test_replacing_keeps_the_length(text: str, kind: str) -> None:
    assert len(perturb(kind, text, 1)) == len(text)


@given(text=TEXTS, seed=st.integers(0, 2**32))
@settings(max_examples=200)
def test_a_swap_keeps_the_characters_and_a_drop_a_part_of_them(text: str, seed: int) -> None:
    assert Counter(perturb("swap", text, seed)) == Counter(text)
    for kind in ("drop", "word_drop"):
        assert Counter(perturb(kind, text, seed)) <= Counter(text)


@given(text=TEXTS)
@settings(max_examples=200)
def test_spaces_change_nothing_else(text: str) -> None:
    assert len(perturb("doubled_spaces", text, 0)) == len(text) + text.count(" ") or not text.strip()
    for kind in ("doubled_spaces", "trailing_spaces", "non_breaking_spaces"):
        assert perturb(kind, text, 0).split() == text.split()


@given(text=st.text(alphabet=st.characters(min_codepoint=33, max_codepoint=126), min_size=1))
@settings(max_examples=100)
def test_full_width_is_undone_by_unicodes_compatible_form(text: str) -> None:
    done = perturb("full_width", text, 0)
    assert unicodedata.normalize("NFKC", done) == text


@pytest.mark.parametrize(
    ("kind", "text", "done"),
    [
        pytest.param("upper_case", "Good <PERSON>, ok", "GOOD <PERSON>, OK", id="upper"),
        pytest.param("lower_case", "Good <PERSON>, OK", "good <PERSON>, ok", id="lower"),
        pytest.param("doubled_spaces", "a b  c", "a  b    c", id="doubled"),
        pytest.param("trailing_spaces", "a b", "a b  \n", id="trailing"),
        pytest.param("non_breaking_spaces", "a b", "a\u00a0b", id="non-breaking"),
        pytest.param("full_width", "Ab 1!", "Ａｂ １！", id="full width"),
        pytest.param("look_alikes", "p q", "р q", id="Cyrillic er"),
        pytest.param("swap", "ab!", "ba!", id="swap"),
        pytest.param("swap", "很好", "好很", id="swap in Chinese"),
        pytest.param("swap", "a b aa", "a b aa", id="nothing to swap"),
        pytest.param("drop", "a", "a", id="the only character stays"),
        pytest.param("word_drop", "word", "word", id="the only word stays"),
        pytest.param("upper_case", "这部电影", "这部电影", id="no case"),
    ],
)
def test_known_results(kind: str, text: str, done: str) -> None:
    assert perturb(kind, text, 3) == done


def done(change: Callable[[str, Random], Edits], text: str, seed: int = 0) -> str:
    return edited(text, change(text, Random(seed)))


def test_a_twentieth_of_the_letters_is_hit() -> None:
    text = "abcdefghij" * 10
    slips = zip(text, done(adjacent_key, text), strict=True)
    changed = [(old, new) for old, new in slips if old != new]
    assert len(changed) == 5
    assert all(new in NEIGHBOURS[old] for old, new in changed)
    assert len(done(dropped, text)) == 95
    assert len(done(dropped, "这部电影很好看不" * 5)) == 38
    assert 1 <= sum(old != new for old, new in zip(text, done(swapped, text), strict=True)) / 2 <= 5


def test_keys_touch_each_other_both_ways() -> None:
    assert set(NEIGHBOURS["s"]) == set("wedaxz")
    assert all(key in NEIGHBOURS[other] for key, others in NEIGHBOURS.items() for other in others)


def test_a_tenth_of_the_words_goes_with_the_space_behind_it() -> None:
    words = [f"w{number}" for number in range(20)]
    left = done(words_dropped, " ".join(words))
    assert len(left.split(" ")) == 18
    assert len(done(words_dropped, "这部电影很好看啊")) == 6


def test_what_stands_for_something_scrubbed_is_no_word_to_drop() -> None:
    assert all(done(words_dropped, "<PERSON> <PLACE> ok", seed).split() == ["<PERSON>", "<PLACE>"] for seed in range(9))
