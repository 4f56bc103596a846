"""Recognizers of what is written alike in every language: internet, payment, secrets."""

from __future__ import annotations

from presidio_analyzer import EntityRecognizer

from sluicegate.data.scrubbing.recognizers import internet, payment, secret_values


def recognizers() -> list[EntityRecognizer]:
    """Every recognizer that needs no language, ready-made; words around a number are read as English."""
    return [*internet.recognizers(), *payment.recognizers(), *secret_values.recognizers()]
