"""Spans of a text, and how the column `spans` holds them: one JSON list a row."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Span:
    """Where something is in a text, in code points, the end not included; and of which type it is."""

    start: int
    end: int
    entity_type: str


def parse_spans(value: str, length: int) -> list[Span]:
    """The spans of a text of `length` code points, in order.

    Raises:
        ValueError: It is not a list of ``{"start", "end", "entity_type"}``, or a span is empty, outside the text
            or overlaps another. Says nothing of what the text holds.
    """
    return spans_of(json.loads(value), length)


def spans_of(found: Any, length: int) -> list[Span]:
    """The same of a list that was read before.

    Raises:
        ValueError: As above.
    """
    if not isinstance(found, list) or not all(_is_span(one) for one in found):
        raise ValueError("is not a list of objects with start, end and entity_type")
    spans = sorted((Span(one["start"], one["end"], one["entity_type"]) for one in found), key=lambda span: span.start)
    if any(not 0 <= span.start < span.end <= length for span in spans):
        raise ValueError("has a span that is empty or outside its text")
    if any(after.start < before.end for before, after in zip(spans, spans[1:], strict=False)):
        raise ValueError("has spans that overlap")
    return spans


def dump_spans(spans: Sequence[Span]) -> str:
    """Spans as the column holds them."""
    return json.dumps([{"start": s.start, "end": s.end, "entity_type": s.entity_type} for s in spans])


def _is_span(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and all(type(value.get(key)) is int for key in ("start", "end"))
        and isinstance(value.get("entity_type"), str)
    )
