from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.evidence.explanations.word_spans import Words
from sluicegate.evidence.white_box import Reading

EDGES = st.text(st.sampled_from(list("ab1_'’ \n\u00a0<>PERSON!。好的ね\u200b\u0301\x00é")))


def words_in(text: str) -> list[str]:
    return [word for word, _ in Words(text, len(text)).told()]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("", [], id="empty"),
        pytest.param(" \n ", [], id="white space"),
        pytest.param("good", ["good"], id="one word"),
        pytest.param("It's a  good film!!", ["It's", "a", "good", "film", "!!"], id="English"),
        pytest.param("质量很好，OK 3天", ["质", "量", "很", "好", "，", "OK", "3", "天"], id="Chinese"),
        pytest.param("ask <PERSON> or,<EMAIL_ADDRESS:0123456789ab>.", 
                     ["ask", "<PERSON>", "or", ",", "<EMAIL_ADDRESS:0123456789ab>", "."], id="placeholders"),
        pytest.param("<b>bold</b>", ["<", "b", ">", "bold", "</", "b", ">"], id="markup"),
        pytest.param("cafe\u0301 नमस्ते", ["cafe\u0301", "नमस्ते"], id="combining marks"),
    ],
)  # fmt: skip
def test_words(text: str, words: list[str]) -> None:
    assert words_in(text) == words


@given(EDGES)
def test_words_and_what_is_between_them_are_the_text(text: str) -> None:
    words = Words(text, len(text))
    assert not words.is_cut
    assert words.only(range(len(words))) == text.strip()
    assert words.without(range(len(words))) == ""
    assert "".join(word for word, _ in words.told()) == "".join(text.split())


def test_words_are_left_out_with_the_white_space_behind_them() -> None:
    words = Words("not  a good film .", 18)
    assert words.without([0, 3]) == "a good ."
    assert words.only([3, 2]) == "good film"
    assert [space for _, space in words.told()] == [True, True, True, True, False]


def test_a_text_ends_where_it_is_no_longer_read() -> None:
    words = Words.read("one two three four", Reading((2, 7, 8, 3), ((0, 0), (0, 3), (4, 6), (0, 0))))
    assert (words.text(), words.is_cut) == ("one two", True)


def test_the_tokens_of_a_word_weigh_together() -> None:
    # [CLS], "un", "##like", " ly" with its space (as byte-level pieces have it), a space alone, [SEP]
    reading = Reading((2, 7, 8, 9, 6, 3), ((0, 0), (0, 2), (2, 6), (6, 9), (9, 10), (0, 0)))
    words = Words.read("unlike ly  ", reading)
    assert words.sums(reading, [100.0, 1.0, 2.0, 4.0, 50.0, 200.0]).tolist() == [3.0, 4.0]
