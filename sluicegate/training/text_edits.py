"""A text changed in a few places, with its spans moved along."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from sluicegate.spec.spans import Span


@dataclass(frozen=True)
class Edit:
    """What takes the place of a part of a text."""

    start: int
    """In code points."""
    end: int
    """The first code point that stays; after `start`."""
    new: str
    """May be empty."""


def apply_edits(text: str, edits: Sequence[Edit]) -> str:
    """The text with every edit made; they are in order and do not overlap."""
    pieces, place = [], 0
    for edit in edits:
        pieces += [text[place : edit.start], edit.new]
        place = edit.end
    return "".join([*pieces, text[place:]])


def sparing_borders(edits: Sequence[Edit], spans: Sequence[Span]) -> list[Edit]:
    """The edits that lie wholly inside or wholly outside of every span; where a span ends stays known."""
    borders = sorted({border for span in spans for border in (span.start, span.end)})
    return [edit for edit in edits if bisect_right(borders, edit.start) == bisect_right(borders, edit.end - 1)]


def move_spans(spans: Sequence[Span], edits: Sequence[Edit]) -> list[Span]:
    """Where the spans are after the edits, none of which cuts a border; a span with nothing left in it is dropped."""
    ends = [edit.end for edit in edits]
    shifts = [0, *accumulate(len(edit.new) - (edit.end - edit.start) for edit in edits)]

    def moved(place: int) -> int:
        return place + shifts[bisect_right(ends, place)]

    found = [Span(moved(span.start), moved(span.end), span.entity_type) for span in spans]
    return [span for span in found if span.start < span.end]
