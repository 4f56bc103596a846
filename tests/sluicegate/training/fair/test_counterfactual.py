"""Texts with gendered words and names exchanged."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.spec.spans import Span
from sluicegate.terms.term_pairs import SHIPPED_NAMES, SHIPPED_WORDS, exchange_table, is_one_to_one, read_pairs
from sluicegate.training.fair.counterfactual import Exchange

SHIPPED = Exchange(read_pairs([*SHIPPED_WORDS, *SHIPPED_NAMES]))
PAIRS = [("he", "she"), ("king", "queen"), ("James", "Mary"), ("他", "她"), ("先生", "女士"), ("其他", "其他")]
TERMS = sorted(exchange_table(PAIRS))


def swapped(text: str) -> str | None:
    found = SHIPPED.swap(text)
    return found[0] if found else None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("He said that she's late.", "She said that he's late."),
        ("SHE IS A QUEEN", "HE IS A KING"),
        ("Mr Jones and Mrs. Smith", "Ms Jones and Mr. Smith"),
        ("James's mother-in-law", "Mary's father-in-law"),
        ("I saw her.", "I saw him."),
        ("I saw him in his car", "I saw her in her car"),
        ("Her old car; the car is hers.", "His old car; the car is his."),
        ("The car is his, not HERS", "The car is hers, not HIS"),
        ("told her that she", "told him that he"),
        ("she hurt herself", "he hurt himself"),
        ("他和她的妻子", "她和他的丈夫"),
        ("其他人说他会弹吉他", "其他人说她会弹吉他"),
        ("James先生来了", "Mary女士来了"),
        ("志强是我爸爸", "丽娟是我妈妈"),
    ],
)
def test_terms_are_exchanged_with_their_case_kept(text: str, expected: str) -> None:
    assert swapped(text) == expected


def test_the_ambiguity_of_her_that_the_docstring_admits() -> None:
    assert swapped("gave him books") == "gave her books"
    assert swapped("gave her books") == "gave his books"


@pytest.mark.parametrize(
    "text",
    ["", "The theme of this chapter", "other manners", "hE", "jamesian james", "其他人弹吉他", "cafe\u0301he\u0301"],
)
def test_a_text_without_a_term_gives_no_copy(text: str) -> None:
    assert SHIPPED.swap(text) is None


def test_a_users_own_pairs_come_before_the_pronouns() -> None:
    exchange = Exchange([("her", "their"), ("Xu", "Yi")])
    assert exchange.swap("her friend Xu") == ("their friend Yi", [])
    assert Exchange([]).swap("her friend Xu") == ("his friend Xu", [])


def test_spans_move_along_and_a_term_that_one_covers_in_part_stays() -> None:
    text = "She met Ann Lee, a king, in York"
    spans = [Span(8, 15, "PERSON"), Span(19, 21, "PART"), Span(28, 32, "PLACE")]
    found = SHIPPED.swap(text, spans)
    assert found is not None
    assert found[0] == "He met Arthur Lee, a king, in York"
    covered = [(found[0][s.start : s.end], s.entity_type) for s in found[1]]
    assert covered == [("Arthur Lee", "PERSON"), ("ki", "PART"), ("York", "PLACE")]


@given(st.lists(st.one_of(st.sampled_from(TERMS), st.text(max_size=5), st.sampled_from([" ", ", ", "-", "\n"]))))
def test_the_swap_of_a_swap_is_the_text_itself(parts: list[str]) -> None:
    pairs = [
        (a, b) for a, b in PAIRS if a != "其他"
    ]  # 其她 beside 他 would come back as 其他: not one to one in Chinese
    assert is_one_to_one(exchange_table(pairs))
    text = "".join(parts)
    once = Exchange(pairs).swap(text)
    if once is not None and not any(pronoun in text.lower() for pronoun in ("him", "his", "her")):
        assert Exchange(pairs).swap(once[0]) == (text, [])


@given(st.lists(st.sampled_from([*TERMS, "x"]), max_size=8))
def test_terms_left_alone_come_back_too_where_they_stand_apart(words: list[str]) -> None:
    text = " ".join(words)
    once = Exchange(PAIRS).swap(text)
    assert once is None or Exchange(PAIRS).swap(once[0]) == (text, [])
