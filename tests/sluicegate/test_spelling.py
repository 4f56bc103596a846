"""Which texts are the same to whoever reads them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.spelling import spelling


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("Warm  kettle\n", "warm kettle", id="white space and case"),
        pytest.param("cafe\u0301", "CAF\u00c9", id="composed and decomposed"),
        pytest.param("\uff2b\uff45ttle", "kettle", id="full width"),
        pytest.param("Stra\u00dfe", "STRASSE", id="sharp s"),
        pytest.param("\u00a0a\u2003b", "a b", id="other spaces"),
        pytest.param("ket\u200btle\ufeff", "kettle", id="no width"),
        pytest.param("ket\u00adtle", "kettle", id="soft hyphen"),
        pytest.param("\u202ekettle\u202c", "kettle", id="direction"),
        pytest.param("cafe\u200b\u0301", "caf\u00e9", id="a mark behind what cannot be seen"),
        pytest.param("kettle \u200b \u2060", "kettle", id="spaces around what cannot be seen"),
        pytest.param("ket\u061ctle", "kettle", id="an Arabic mark of direction"),
        pytest.param("kettle\U000e0041\U000e007f", "kettle", id="tags"),
        pytest.param("ket\u3164tle\uffa0\u115f", "kettle", id="Hangul fillers"),
        pytest.param("\u2764\ufe0f", "\u2764", id="how an emoji is drawn"),
    ],
)
def test_variants_that_no_reader_would_see_are_one_spelling(one: str, other: str) -> None:
    assert spelling(one) == spelling(other)


@given(st.text() | st.text(alphabet="e\u0301\u00e9\u200b\u00ad\u034f \uff2b\u00df"))
def test_a_spelling_is_its_own_spelling(text: str) -> None:
    assert spelling(spelling(text)) == spelling(text)


@given(st.text())
def test_a_text_has_the_same_spelling_when_its_spaces_are_doubled(text: str) -> None:
    assert spelling(text.replace(" ", "  ")) == spelling(text)


@given(st.text(alphabet="abß é价\u3000"), st.integers(0, 40), st.sampled_from("\u00ad\u200b\u200d\u2065\ufe0f\ufeff"))
def test_what_cannot_be_seen_changes_no_spelling(text: str, place: int, unseen: str) -> None:
    assert spelling(text[:place] + unseen + text[place:]) == spelling(text)
