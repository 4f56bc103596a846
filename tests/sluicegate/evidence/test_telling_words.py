from __future__ import annotations

import itertools
import math

import pytest

from sluicegate.evidence.telling_words import FEWEST_TEXTS, MOST, telling_words

NUMBERS = itertools.count()


def texts(count: int, *words: str) -> list[str]:
    """As many texts of these words, each with a word of its own."""
    return [" ".join([*words, f"n{next(NUMBERS)}"]) for _ in range(count)]


def test_a_word_that_stands_in_more_texts_of_one_side_is_named_with_both_shares() -> None:
    reference = [*texts(90, "soup", "bowl"), *texts(10, "soup", "refund")]
    current = [*texts(40, "soup", "bowl"), *texts(60, "soup", "refund")]

    # pooled share of “refund” 0.35: z = 0.5 / sqrt(0.35 · 0.65 · 0.02) = 7.4; “soup” is in every text
    assert telling_words(reference, current) == [
        {"word": "refund", "commoner_in": "current", "reference": 0.1, "current": 0.6},
        {"word": "bowl", "commoner_in": "reference", "reference": 0.9, "current": 0.4},
    ]


@pytest.mark.filterwarnings("error")
def test_a_word_in_every_text_is_not_named_and_warns_of_nothing_however_its_share_rounds() -> None:
    for count in range(FEWEST_TEXTS, 60):
        assert telling_words(texts(count, "soup"), texts(30, "soup")) == []


@pytest.mark.parametrize(("with_it", "named"), [(68, True), (62, False)])
def test_what_chance_explains_is_not_named(with_it: int, named: bool) -> None:
    """Of two words, both are tested: the least |z| is that of a risk of 0.0125 a side, 2.24."""
    reference = [*texts(50, "soup", "bowl"), *texts(50, "soup")]
    current = [*texts(with_it, "soup", "bowl"), *texts(100 - with_it, "soup")]
    pooled = (50 + with_it) / 200
    z = (with_it / 100 - 0.5) / math.sqrt(pooled * (1 - pooled) * 0.02)

    assert (z > 2.24) == named
    assert bool(telling_words(reference, current)) == named


def test_a_word_of_few_texts_is_never_named() -> None:
    few = FEWEST_TEXTS - 1
    assert telling_words(texts(60, "soup"), [*texts(40, "soup"), *texts(few, "soup", "secret")]) == []
    named = telling_words(texts(60, "soup"), [*texts(40, "soup"), *texts(few + 1, "soup", "secret")])
    assert "secret" in {word["word"] for word in named}
    assert telling_words(["a", "b"], ["c"]) == []


def test_a_text_of_many_copies_gives_none_of_its_words_away() -> None:
    copies = ["Call Petra Mustermann", "call  petra MUSTERMANN"] * FEWEST_TEXTS
    assert telling_words(texts(60, "soup"), [*texts(40, "soup"), *copies]) == [
        {"word": "soup", "commoner_in": "reference", "reference": 1.0, "current": 0.5}
    ]


def test_as_many_are_named_of_each_side_at_most() -> None:
    words = [f"word{number}" for number in range(20)]
    named = telling_words(texts(50, *words), texts(50, "other"))
    assert [word["commoner_in"] for word in named] == ["current", *["reference"] * MOST]


def test_texts_without_spaces_are_told_by_pairs_of_characters() -> None:
    named = telling_words(texts(60, "好吃的面"), texts(60, "快递太慢"))
    assert {"word": "慢", "commoner_in": "current"} not in [{k: w[k] for k in ("word", "commoner_in")} for w in named]
    assert {"太慢", "好吃"} <= {word["word"] for word in named}
