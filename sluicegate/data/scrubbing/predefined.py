"""Presidio's predefined recognizers, for entity types that ours do not find.

Two are replaced by ones with the same finds: the phone recognizer is the slowest by far and is asked only about
texts with enough digits, and the e-mail recognizer would fetch the public suffix list from the network. A pattern that
runs out of time refuses the text, where Presidio would write a line to its log and leave the text as it is.
Imports Presidio at the top: only the scrubbing process imports this module.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import presidio_analyzer
import regex
import yaml
from presidio_analyzer import EntityRecognizer, Pattern, RecognizerResult
from presidio_analyzer.predefined_recognizers import EmailRecognizer, PhoneRecognizer
from presidio_analyzer.recognizer_registry import RecognizerRegistryProvider

from sluicegate.errors import SpecRefused

FEWEST_PHONE_DIGITS = 4
"""No number that `phonenumbers` calls valid has fewer digits: the shortest are German pagers' (164 and one digit)."""

LANGUAGE = "en"
_SERVICES = ("HuggingFaceNerRecognizer", "BasicLangExtractRecognizer")  # need a hub or a language model
_RESULTS = list[RecognizerResult]


class QuickPhoneRecognizer(PhoneRecognizer):  # type: ignore[misc]  # Presidio is not typed
    """Presidio's, asked only about texts that hold enough decimal digits for a number."""

    def analyze(self, text: str, entities: list[str], nlp_artifacts: Any = None) -> _RESULTS:
        """The phone numbers in `text`."""
        if sum(map(str.isdecimal, text)) < FEWEST_PHONE_DIGITS:
            return []
        return super().analyze(text, entities, nlp_artifacts)  # type: ignore[no-any-return]


class OfflineEmailRecognizer(EmailRecognizer):  # type: ignore[misc]  # Presidio is not typed
    """Presidio's, with the public suffix list that comes with tldextract."""

    def validate_result(self, pattern_text: str) -> bool:
        """Whether the address ends in a registered domain below a public suffix."""
        found = _suffixes()(pattern_text)
        return bool(found.domain and found.suffix)


class Exhaustive:
    """A pattern of Presidio's, compiled, that finds all there is or refuses the text."""

    def __init__(self, pattern: Pattern, flags: int, recognizer: EntityRecognizer) -> None:
        self._compiled = regex.compile(pattern.regex, flags)
        self._name, self._types = pattern.name, recognizer.supported_entities

    def finditer(self, text: str, timeout: float) -> Iterator[regex.Match[str]]:
        """The finds in `text`, in order.

        Raises:
            SpecRefused: The search took longer than `timeout` seconds.
        """
        try:
            yield from self._compiled.finditer(text, timeout=timeout)
        except TimeoutError:
            searched = f"Presidio's pattern {self._name!r} searched a text of {len(text)} characters for {timeout:g} s"
            remedy = "leave the type out, or drop such texts"
            field = f"entities.{self._types[0]}"
            raise SpecRefused("scrubbing", field, f"{searched} without an end", remedy) from None


@cache
def _suffixes() -> Any:
    import tldextract

    return tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)


def predefined(entities: Collection[str]) -> list[EntityRecognizer]:
    """Presidio's recognizers by rule, for English, that find one of `entities`.

    One that is off by default in Presidio serves only a type that none of the others finds.
    """
    if not entities:
        return []
    default, others = _entries()
    made = _instances(default)
    found = {entity for recognizer in made for entity in recognizer.supported_entities}
    missing = set(entities) - found
    made += [r for r in _instances([{**e, "enabled": True} for e in others]) if set(r.supported_entities) & missing]
    return [r for r in made if set(r.supported_entities) & set(entities)]


def predefined_types() -> set[str]:
    """Entity types that Presidio's recognizers by rule find."""
    default, others = _entries()
    made = _instances(default + [{**e, "enabled": True} for e in others])
    return {entity for recognizer in made for entity in recognizer.supported_entities}


def _entries() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Presidio's entries for English: those on by default, and the others."""
    conf = Path(presidio_analyzer.__file__).parent / "conf" / "default_recognizers.yaml"
    entries = [e for e in yaml.safe_load(conf.read_text(encoding="utf-8"))["recognizers"] if _is_english(e)]
    return [e for e in entries if e.get("enabled", True)], [e for e in entries if not e.get("enabled", True)]


def _is_english(entry: dict[str, Any]) -> bool:
    languages = [e["language"] if isinstance(e, dict) else e for e in entry.get("supported_languages") or [LANGUAGE]]
    return LANGUAGE in languages and entry["name"] not in _SERVICES


def _instances(entries: list[dict[str, Any]]) -> list[Any]:
    english = [{**e, "supported_languages": _only_english(e)} for e in entries]
    configuration = {"supported_languages": [LANGUAGE], "global_regex_flags": 26, "recognizers": english}
    made = RecognizerRegistryProvider(registry_configuration=configuration).create_recognizer_registry().recognizers
    return [_exhaustive(_replaced(recognizer)) for recognizer in made]


def _only_english(entry: dict[str, Any]) -> list[Any]:
    languages = entry.get("supported_languages") or [LANGUAGE]
    return [e for e in languages if (e["language"] if isinstance(e, dict) else e) == LANGUAGE]


def _replaced(recognizer: Any) -> Any:
    if type(recognizer) is PhoneRecognizer:
        return QuickPhoneRecognizer(context=recognizer.context, name=recognizer.name)
    if type(recognizer) is EmailRecognizer:
        return OfflineEmailRecognizer(context=recognizer.context, name=recognizer.name)
    return recognizer


def _exhaustive(recognizer: Any) -> Any:
    """The recognizer itself, with such patterns; that of IBANs would not ask them, but ours finds IBANs."""
    for pattern in getattr(recognizer, "patterns", None) or ():
        flags: int = recognizer.global_regex_flags
        pattern.compiled_regex, pattern.compiled_with_flags = Exhaustive(pattern, flags, recognizer), flags
    return recognizer
