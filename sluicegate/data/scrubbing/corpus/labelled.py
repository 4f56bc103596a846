"""A text and where its personal data stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sluicegate.data.scrubbing.tagger.casing import eased

LABELS = (
    "O",
    "PERSON",
    "TITLE",
    "ADDRESS",
    "POSTCODE",
    "LOCATION",
    "ORGANIZATION",
    "NRP",
    "DATE_TIME",
    "AGE",
    "EMAIL_ADDRESS",
    "PHONE_NUMBER",
    "URL",
    "USER_NAME",
    "CREDIT_CARD",
    "IBAN_CODE",
    "BANK_ACCOUNT",
    "IP_ADDRESS",
    "US_SSN",
    "NATIONAL_ID",
    "PASSPORT",
    "DRIVER_LICENSE",
    "LICENSE_PLATE",
)
"""The classes of a token, in the order of the classifier's outputs; the first is "no personal data"."""

Piece = tuple[str, str]
"""A stretch of text and its entity type; an empty type is none."""


@dataclass(frozen=True, slots=True)
class Span:
    """Personal data from `start` up to but not including `end`, in code points."""

    start: int
    end: int
    entity_type: str


@dataclass(frozen=True, slots=True)
class LabelledText:
    """A made-up text; `spans` are in order and do not overlap."""

    id: str
    text: str
    language: str
    spans: tuple[Span, ...]

    def row(self) -> dict[str, Any]:
        """The text as a row of JSON."""
        spans = [{"start": s.start, "end": s.end, "entity_type": s.entity_type} for s in self.spans]
        return {"id": self.id, "text": self.text, "language": self.language, "spans": spans}


def labelled(identity: str, language: str, pieces: Iterable[Piece]) -> LabelledText:
    """The text of `pieces` one after the other; spaces at the edges of a typed piece stay outside its span.

    Words in capitals are written as the classifier reads them.
    """
    parts: list[str] = []
    spans: list[Span] = []
    position = 0
    for text, entity_type in pieces:
        if entity_type and (core := text.strip()):
            start = position + text.index(core)
            spans.append(Span(start, start + len(core), entity_type))
        parts.append(text)
        position += len(text)
    return LabelledText(identity, eased("".join(parts)), language, tuple(spans))
