from __future__ import annotations

import pytest

from sluicegate.data.column_names import MOST, listed


def test_names_are_listed_as_they_are() -> None:
    assert listed(["id", "Review text", "评论", "score (0-5)", "year_2024"]) == (
        "id, Review text, 评论, score (0-5), year_2024"
    )
    assert listed([]) == "none"


def test_what_cannot_be_seen_is_escaped() -> None:
    assert listed(["text\u200b", " id"]) == "'text\\u200b', ' id'"


@pytest.mark.parametrize(
    "value", ["ada@tarn.org", "+44 20 7946 0958", "{", "DE89 3704 0044", "a" * 41, "line\nend", "4111-1", "a,b"]
)
def test_a_value_is_counted_and_not_told(value: str) -> None:
    assert listed(["id", value]) == "id, 1 that look like values (no header, or another delimiter?)"


def test_many_are_counted() -> None:
    assert listed([f"c{number}" for number in range(MOST + 3)]).endswith("c19, 3 more")
