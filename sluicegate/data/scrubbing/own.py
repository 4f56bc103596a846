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

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import regex
from presidio_analyzer import EntityRecognizer, Pattern, PatternRecognizer, RecognizerResult
from presidio_analyzer.score_thresholds import normalize_score_thresholds

from sluicegate.data.scrubbing.finds import is_spaced
from sluicegate.data.scrubbing.own_entries import require_fields
from sluicegate.errors import SpecRefused
from sluicegate.spec import read_yaml

_NOT_PRESIDIOS = ("type", "enabled", "score_thresholds", "supported_languages")  # of the registry, not the recognizer
_LETTER = r"[^\W\p{Han}]"  # `\w` alone would take a Chinese character for a letter of the same word


_LIMIT_S = 5.0
"""Seconds that one pattern may search one text."""


class OwnRecognizer(PatternRecognizer):  # type: ignore[misc]  # Presidio is not typed
    """Presidio's, with two differences.

    Listed words are found beside Chinese characters too, where no space parts words. A pattern that runs out of time
    is refused; Presidio's takes what it has found by then for all there is.
    """

    place: tuple[Path | str, str] = ("recognizers", "")
    """The file that describes it, and where in the file."""

    def analyze(
        self, text: str, entities: list[str], nlp_artifacts: Any = None, regex_flags: int | None = None
    ) -> list[RecognizerResult]:
        """What the patterns find in `text`, without the scores that the words around it give.

        Raises:
            SpecRefused: A pattern takes too long.
        """
        flags = regex_flags or self.global_regex_flags
        found: list[RecognizerResult] = []
        for pattern in self.patterns:
            try:
                found += self._found(pattern, text, flags)
            except TimeoutError:
                where, field = self.place
                problem = f"{self.name!r}: pattern {pattern.name!r} searched a text for {_LIMIT_S:g} s without an end"
                remedy = "write it so that no text can be matched in many ways"
                raise SpecRefused(where, field, problem, remedy) from None
        return EntityRecognizer.remove_duplicates(found)  # type: ignore[no-any-return]

    def _found(self, pattern: Pattern, text: str, flags: int) -> Iterator[RecognizerResult]:
        if pattern.score <= EntityRecognizer.MIN_SCORE:
            return
        if pattern.compiled_regex is None or pattern.compiled_with_flags != flags:
            pattern.compiled_regex, pattern.compiled_with_flags = regex.compile(pattern.regex, flags), flags
        source = {
            RecognizerResult.RECOGNIZER_NAME_KEY: self.name,
            RecognizerResult.RECOGNIZER_IDENTIFIER_KEY: self.id,
        }
        for match in pattern.compiled_regex.finditer(text, timeout=_LIMIT_S):
            if match.start() < match.end():
                why = self.build_regex_explanation(self.name, pattern.name, pattern.regex, pattern.score, None, flags)
                yield RecognizerResult(
                    self.supported_entities[0], *match.span(), pattern.score, why, recognition_metadata=source
                )

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
    require_fields(entry, field, path)
    given = {key: value for key, value in entry.items() if key not in _NOT_PRESIDIOS}
    try:
        recognizer = OwnRecognizer.from_dict(given)
        recognizer.score_thresholds = normalize_score_thresholds(entry.get("score_thresholds"))
    except (TypeError, ValueError, KeyError, AttributeError, IndexError) as error:
        raise SpecRefused(path, field, f"is not a recognizer that Presidio takes: {error}") from None
    recognizer.place = (path, field)
    return recognizer


def _word(word: str) -> str:
    """The pattern of one listed word; beside its first and last letter stands no other letter of such a script."""
    before = f"(?<!{_LETTER})" if is_spaced(word[0]) else ""
    after = f"(?!{_LETTER})" if is_spaced(word[-1]) else ""
    return f"{before}{regex.escape(word)}{after}"
