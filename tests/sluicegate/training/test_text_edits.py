"""Texts changed in places, and where their spans are then."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sluicegate.spec.spans import Span
from sluicegate.training.text_edits import Edit, apply_edits, move_spans, sparing_borders


def test_spans_move_with_what_is_before_and_inside_of_them() -> None:
    text, spans = "she met Ann Lee in Rome", [Span(8, 15, "PERSON"), Span(19, 23, "PLACE")]
    edits = [Edit(0, 3, "he"), Edit(8, 11, "Robert")]
    assert apply_edits(text, edits) == "he met Robert Lee in Rome"
    assert move_spans(spans, edits) == [Span(7, 17, "PERSON"), Span(21, 25, "PLACE")]


def test_a_span_with_nothing_left_is_dropped_and_its_neighbours_stay() -> None:
    spans = [Span(0, 2, "A"), Span(2, 4, "B"), Span(4, 6, "C")]
    assert move_spans(spans, [Edit(2, 4, "")]) == [Span(0, 2, "A"), Span(2, 4, "C")]


def test_an_edit_across_a_border_is_not_made() -> None:
    edits = [Edit(0, 2, "x"), Edit(3, 5, "y"), Edit(5, 7, "z"), Edit(9, 12, "w")]
    assert sparing_borders(edits, [Span(4, 5, "A"), Span(5, 10, "B")]) == [Edit(0, 2, "x"), Edit(5, 7, "z")]


@given(st.data())
def test_what_a_span_covers_is_what_it_covered_edited(data: st.DataObject) -> None:
    text = data.draw(st.text("abc", min_size=1, max_size=30))
    borders = st.lists(st.integers(0, len(text)), unique=True, max_size=8).map(sorted)
    marks = data.draw(borders)
    spans = [Span(a, b, "T") for a, b in zip(marks[::2], marks[1::2], strict=False)]
    places = data.draw(borders)
    drawn = [Edit(a, b, data.draw(st.text("XY", max_size=3))) for a, b in zip(places[::2], places[1::2], strict=False)]
    edits = sparing_borders(drawn, spans)
    changed = apply_edits(text, edits)
    expected = []
    for span in spans:
        inside = [
            Edit(e.start - span.start, e.end - span.start, e.new) for e in edits if span.start <= e.start < span.end
        ]
        if covered := apply_edits(text[span.start : span.end], inside):
            expected.append(covered)
    assert [changed[span.start : span.end] for span in move_spans(spans, edits)] == expected
