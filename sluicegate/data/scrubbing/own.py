"""A user's own recognizers: patterns and lists of words, from a YAML file in Presidio's format.

    recognizers:
      - name: customer number
        supported_entity: CUSTOMER_ID
        patterns: [{name: eight digits, regex: "K-[0-9]{8}", score: 0.4}]
        context: [customer, account]
      - name: projects
        supported_entity: PROJECT
        deny_list: [Bluebird, 蓝鸟]

Imports Presidio at the top: only the scrubbing process imports this module.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import regex
from presidio_analyzer import Pattern, PatternRecognizer
from presidio_analyzer.score_thresholds import normalize_score_thresholds

from sluicegate.data.scrubbing.finds import is_spaced
from sluicegate.errors import SpecRefused
from sluicegate.spec import read_yaml

_NOT_PRESIDIOS = ("type", "enabled", "score_thresholds", "supported_languages")  # of the registry, not the recognizer
_LETTER = r"[^\W\p{Han}]"  # `\w` alone would take a Chinese character for a letter of the same word


class OwnRecognizer(PatternRecognizer):  # type: ignore[misc]  # Presidio is not typed
    """Presidio's, whose listed words are found beside Chinese characters too, where no space parts words."""

    def _deny_list_to_regex(self, deny_list: list[str]) -> Pattern:
        return Pattern("deny_list", "|".join(map(_word, deny_list)), self.deny_list_score)


def own_recognizers(path: Path) -> list[Any]:
    """The recognizers that a file describes.

    Raises:
        SpecRefused: The file cannot be read, or an entry is not one that Presidio takes.
    """
    entries = read_yaml(path).get("recognizers")
    if not isinstance(entries, list) or not entries:
        raise SpecRefused(path, "recognizers", "must be a list of recognizers in Presidio's format")
    return [_made(entry, f"recognizers.{i}", path) for i, entry in enumerate(entries)]


def _made(entry: Any, field: str, path: Path) -> Any:
    if not isinstance(entry, dict):
        raise SpecRefused(path, field, f"must be a mapping, not {type(entry).__name__}")
    if entry.get("type", "custom") != "custom":
        problem = "is not `custom`; Presidio's predefined recognizers are chosen by entity type under `entities`"
        raise SpecRefused(path, f"{field}.type", problem)
    given = {key: value for key, value in entry.items() if key not in _NOT_PRESIDIOS}
    try:
        recognizer = OwnRecognizer.from_dict(given)
        recognizer.score_thresholds = normalize_score_thresholds(entry.get("score_thresholds"))
    except (TypeError, ValueError, KeyError, AttributeError, IndexError) as error:
        raise SpecRefused(path, field, f"is not a recognizer that Presidio takes: {error}") from None
    return recognizer


def _word(word: str) -> str:
    """The pattern of one listed word; beside its first and last letter stands no other letter of such a script."""
    before = f"(?<!{_LETTER})" if is_spaced(word[0]) else ""
    after = f"(?!{_LETTER})" if is_spaced(word[-1]) else ""
    return f"{before}{regex.escape(word)}{after}"
