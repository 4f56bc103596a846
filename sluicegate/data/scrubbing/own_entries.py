"""What a user's own recognizer must say, before Presidio is asked: it would take a word for a list of its letters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sluicegate.errors import SpecRefused


def require_fields(entry: Mapping[str, Any], field: str, path: Path) -> None:
    """Holds an entry of the file against what its fields may hold; a field that is empty counts as left out.

    Raises:
        SpecRefused: A field holds something else. The line quotes no listed word.
    """
    for name, problem in _problems(entry):
        raise SpecRefused(path, f"{field}.{name}", f"of recognizer {entry.get('name', '(no name)')!r} {problem}")


def _problems(entry: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name in ("deny_list", "context"):
        if (words := entry.get(name)) is not None:
            yield from _of_words(name, words)
    if (patterns := entry.get("patterns")) is not None:
        yield from _of_patterns(patterns)
    if "deny_list_score" in entry and not _is_score(entry["deny_list_score"]):
        yield "deny_list_score", "must be a number from 0 to 1"


def _of_words(name: str, words: Any) -> Iterator[tuple[str, str]]:
    if not isinstance(words, list):
        yield name, f"must be a list of words, not {_kind(words)}; write [word]"
        return
    for i, word in enumerate(words):
        if not _is_text(word):
            yield f"{name}.{i}", f"must be a word, not {_kind(word)}; put quotes around a number"


def _of_patterns(patterns: Any) -> Iterator[tuple[str, str]]:
    if not isinstance(patterns, list):
        yield "patterns", f"must be a list of mappings with name, regex and score, not {_kind(patterns)}"
        return
    for i, pattern in enumerate(patterns):
        if not isinstance(pattern, dict):
            yield f"patterns.{i}", f"must be a mapping with name, regex and score, not {_kind(pattern)}"
            continue
        for key in ("name", "regex"):
            if not _is_text(pattern.get(key)):
                yield f"patterns.{i}.{key}", f"must be text, not {_kind(pattern.get(key))}"
        if not _is_score(pattern.get("score")):
            yield f"patterns.{i}.score", "must be a number from 0 to 1"


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_score(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1


def _kind(value: Any) -> str:
    if value is None:
        return "nothing"
    return "an empty text" if isinstance(value, str) and not value.strip() else type(value).__name__
