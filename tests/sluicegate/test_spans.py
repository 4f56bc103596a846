from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.spec.spans import Span, dump_spans, parse_spans


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 4), st.sampled_from("AB")), max_size=8))
def test_spans_come_back_as_they_were_written(steps: list[tuple[int, int, str]]) -> None:
    spans, place = [], 0
    for gap, length, kind in steps:
        spans.append(Span(place + gap, place + gap + length, kind))
        place = spans[-1].end

    assert parse_spans(dump_spans(spans), place) == spans


def test_spans_are_put_in_order() -> None:
    assert parse_spans(dump_spans([Span(4, 6, "A"), Span(0, 2, "B")]), 6) == [Span(0, 2, "B"), Span(4, 6, "A")]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        pytest.param({"start": 0}, "is not a list of objects", id="no list"),
        pytest.param([{"start": 0, "end": 2}], "is not a list of objects", id="no type"),
        pytest.param([{"start": True, "end": 2, "entity_type": "A"}], "is not a list of objects", id="no number"),
        pytest.param([{"start": 2, "end": 2, "entity_type": "A"}], "empty or outside", id="empty"),
        pytest.param([{"start": -1, "end": 2, "entity_type": "A"}], "empty or outside", id="before the text"),
        pytest.param([{"start": 3, "end": 11, "entity_type": "A"}], "empty or outside", id="after the text"),
        pytest.param(
            [{"start": 0, "end": 3, "entity_type": "A"}, {"start": 2, "end": 4, "entity_type": "A"}],
            "overlap",
            id="overlapping",
        ),
    ],
)
def test_spans_that_cannot_be_are_refused(value: object, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        parse_spans(json.dumps(value), 10)
