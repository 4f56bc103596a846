"""Recognizers of what is written in English text, whatever country it speaks of."""

from __future__ import annotations

from presidio_analyzer import EntityRecognizer

from sluicegate.data.scrubbing.recognizers import (
    addresses,
    dates_and_ages,
    given_names,
    known_names,
    labelled,
    names,
    national_ids,
    phones,
    places,
    postcodes,
)

_MODULES = (
    phones,
    addresses,
    postcodes,
    names,
    given_names,
    known_names,
    dates_and_ages,
    places,
    labelled,
    national_ids,
)


def recognizers() -> list[EntityRecognizer]:
    """Every recognizer for English text, ready-made."""
    return [recognizer for module in _MODULES for recognizer in module.recognizers()]
