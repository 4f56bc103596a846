"""A change of a text, told by its characters, so that what stands in the text can be found again afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sluicegate.spec.spans import Span

Edits = Mapping[int, str]
"""Position → what stands there instead: one character, several, or none; behind the last one it is added."""


def edited(text: str, edits: Edits) -> str:
    """The text after the change."""
    return "".join(edits.get(at, text[at : at + 1]) for at in range(len(text) + 1))


def moved(spans: Sequence[Span], text: str, edits: Edits) -> list[Span | None]:
    """Where each span stands after the change of `text`, without white space at its ends; None if nothing is left."""
    new, places, place = edited(text, edits), [], 0
    for at in range(len(text) + 1):
        places.append(place)
        place += len(edits.get(at, text[at : at + 1]))
    return [_without_space(Span(places[span.start], places[span.end], span.entity_type), new) for span in spans]


def _without_space(span: Span, text: str) -> Span | None:
    within = text[span.start : span.end]
    start, end = span.start + len(within) - len(within.lstrip()), span.end - len(within) + len(within.rstrip())
    return Span(start, end, span.entity_type) if start < end else None
