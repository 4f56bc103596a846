"""Words and characters as units."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.data.hygiene.units import units
from sluicegate.spelling import spelling


def hashes(text: str) -> list[int]:
    return units([spelling(text)]).hashes_U.tolist()


@pytest.mark.parametrize(
    ("text", "count"),
    [
        pytest.param("Good tea, good price!", 4, id="words"),
        pytest.param("价格便宜", 4, id="a Chinese character is a unit"),
        pytest.param("买了iPhone手机", 5, id="mixed"),
        pytest.param("ราคา", 4, id="Thai"),
        pytest.param("맛있는 차", 2, id="Korean has spaces"),
        pytest.param("?! …", 0, id="punctuation alone"),
        pytest.param("", 0, id="nothing"),
    ],
)
def test_a_text_has_this_many_units(text: str, count: int) -> None:
    assert len(hashes(text)) == count


def test_case_punctuation_and_what_cannot_be_seen_do_not_matter() -> None:
    assert hashes("Good\u200b tea \u2014 NOW") == hashes("good te\u00ada now.")


def test_the_order_of_letters_matters_far_into_a_word() -> None:
    long = "x" * 5000
    assert len({*hashes(long + "ab"), *hashes(long + "ba"), *hashes(long), *hashes("ab"), *hashes("ba")}) == 5


def test_spaces_are_lost_only_between_characters_that_need_none() -> None:
    assert hashes("价格 便宜") == hashes("价格便宜")
    assert hashes("tea pot") != hashes("teapot")


@given(st.lists(st.text(alphabet="ab 价\n.é\u200b", max_size=12), max_size=8))
def test_a_text_has_the_same_units_alone_as_among_others(texts: list[str]) -> None:
    spelled = [spelling(text) for text in texts]
    together = units(spelled)
    starts = together.starts_R.tolist()
    assert [together.hashes_U[a:b].tolist() for a, b in zip(starts, starts[1:], strict=False)] == [
        units([text]).hashes_U.tolist() for text in spelled
    ]


@given(st.text())
def test_ascii_has_the_spelling_that_unicode_gives_it(text: str) -> None:
    assert spelling(text + "é")[: len(spelling(text))].isascii() or not text.isascii()
    assert spelling(spelling(text)) == spelling(text)
