"""Presidio's recognizers for the entity types that a spec names, and no others.

Two of them are replaced by ones with the same finds: the phone recognizer is the slowest by far and is
asked only about texts with enough digits, and the e-mail recognizer would fetch the public suffix list from
the network. Imports Presidio at the top: only the scrubbing process imports this module.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import presidio_analyzer
import tldextract
import yaml
from presidio_analyzer import AnalyzerEngine, RecognizerRegistry, RecognizerResult
from presidio_analyzer.predefined_recognizers import EmailRecognizer, PhoneRecognizer
from presidio_analyzer.recognizer_registry import RecognizerRegistryProvider

from sluicegate.data.scrubbing.named_entities import ENTITY_OF_LABEL, LANGUAGE, LazyArtifacts, NamedEntityEngine
from sluicegate.errors import InputRefused, SpecRefused

FEWEST_PHONE_DIGITS = 4
"""No number that `phonenumbers` calls valid has fewer digits: the shortest are German pagers' (164 and one digit)."""

_SERVICES = ("HuggingFaceNerRecognizer", "BasicLangExtractRecognizer")  # need a hub or a language model
_NAMES = set(ENTITY_OF_LABEL.values())  # types that a spaCy pipeline may find
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

    _suffixes = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)

    def validate_result(self, pattern_text: str) -> bool:
        """Whether the address ends in a registered domain below a public suffix."""
        found = self._suffixes(pattern_text)
        return bool(found.domain and found.suffix)


class Analyzer:
    """Presidio's analyzer for some entity types.

    Args:
        model: Folder or package name of a spaCy pipeline.
        entities: Entity types of Presidio.
        score_threshold: Finds that score lower are left alone.

    Raises:
        SpecRefused: An entity type that none of Presidio's recognizers finds.
        InputRefused: There is no such pipeline, or it does not find a type that only it could find.
    """

    def __init__(self, model: str, entities: Sequence[str], score_threshold: float) -> None:
        patterns = _pattern_recognizers()
        by_pattern = {entity for recognizer in patterns for entity in recognizer.supported_entities}
        self._engine = NamedEntityEngine(model, names_wanted=bool(_NAMES & set(entities)))
        _check(entities, by_pattern, self._engine.finds, model)
        recognizers = [r for r in patterns if set(r.supported_entities) & set(entities)]
        registry = RecognizerRegistry(recognizers=recognizers, supported_languages=[LANGUAGE])
        if _NAMES & set(entities):
            registry.add_nlp_recognizer(nlp_engine=self._engine)
        self._analyzer = AnalyzerEngine(registry=registry, nlp_engine=self._engine, supported_languages=[LANGUAGE])
        self._entities, self._threshold = list(entities), score_threshold

    def finds(self, texts: Sequence[str]) -> list[_RESULTS]:
        """What was found in each text; finds of different types may overlap."""
        return [self._finds(text, a) for text, a in zip(texts, self._engine.artifacts(texts), strict=True)]

    def _finds(self, text: str, artifacts: LazyArtifacts) -> _RESULTS:
        return self._analyzer.analyze(  # type: ignore[no-any-return]
            text, LANGUAGE, entities=self._entities, score_threshold=self._threshold, nlp_artifacts=artifacts
        )


def _check(entities: Sequence[str], by_pattern: set[str], by_model: set[str], model: str) -> None:
    if unknown := sorted(set(entities) - by_pattern - _NAMES):
        problem = f"is not an entity type that Presidio finds; it finds {', '.join(sorted(by_pattern | _NAMES))}"
        raise SpecRefused("scrubbing", f"entities.{unknown[0]}", problem)
    if absent := [e for e in entities if e not in by_pattern | by_model]:
        problem = f"finds {', '.join(sorted(by_model)) or 'no names'}, and the spec asks for {', '.join(absent)}"
        raise InputRefused(model, "ner", problem, "take another pipeline as scrubbing.named_entity_model")


def _pattern_recognizers() -> list[Any]:
    """Presidio's recognizers for English that work by rule: those on by default, then the ones off by default.

    One that is off by default serves only a type that none of the others finds.
    """
    conf = Path(presidio_analyzer.__file__).parent / "conf" / "default_recognizers.yaml"
    entries = [e for e in yaml.safe_load(conf.read_text(encoding="utf-8"))["recognizers"] if _is_english(e)]
    default = _instances([e for e in entries if e.get("enabled", True)])
    covered = {entity for recognizer in default for entity in recognizer.supported_entities}
    others = _instances([{**e, "enabled": True} for e in entries if not e.get("enabled", True)])
    return default + [r for r in others if not set(r.supported_entities) & covered]


def _is_english(entry: dict[str, Any]) -> bool:
    languages = [e["language"] if isinstance(e, dict) else e for e in entry.get("supported_languages") or [LANGUAGE]]
    return LANGUAGE in languages and entry["name"] not in _SERVICES


def _instances(entries: list[dict[str, Any]]) -> list[Any]:
    english = [{**e, "supported_languages": _only_english(e)} for e in entries]
    configuration = {"supported_languages": [LANGUAGE], "global_regex_flags": 26, "recognizers": english}
    made = RecognizerRegistryProvider(registry_configuration=configuration).create_recognizer_registry().recognizers
    return [_replaced(recognizer) for recognizer in made]


def _only_english(entry: dict[str, Any]) -> list[Any]:
    languages = entry.get("supported_languages") or [LANGUAGE]
    return [e for e in languages if (e["language"] if isinstance(e, dict) else e) == LANGUAGE]


def _replaced(recognizer: Any) -> Any:
    if type(recognizer) is PhoneRecognizer:
        return QuickPhoneRecognizer(context=recognizer.context, name=recognizer.name)
    if type(recognizer) is EmailRecognizer:
        return OfflineEmailRecognizer(context=recognizer.context, name=recognizer.name)
    return recognizer
