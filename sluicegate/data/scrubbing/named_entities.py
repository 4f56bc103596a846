"""Named entities from a spaCy pipeline, with no more of the pipeline run than the finds need.

Names need the entity recognizer alone. Lemmas serve Presidio only to see whether a word like "phone" stands
before a number that was found, so tagger and lemmatizer run on those few texts, on demand; the parser
never runs. Imports spaCy and Presidio at the top: only the scrubbing process imports this module.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import spacy
from presidio_analyzer import RecognizerRegistry
from presidio_analyzer.nlp_engine import NerModelConfiguration, NlpArtifacts, SpacyNlpEngine

from sluicegate.errors import InputRefused

LANGUAGE = "en"
ENTITY_OF_LABEL = {
    "PER": "PERSON",
    "PERSON": "PERSON",
    "NORP": "NRP",
    "FAC": "LOCATION",
    "GPE": "LOCATION",
    "LOC": "LOCATION",
    "LOCATION": "LOCATION",
    "ORG": "ORGANIZATION",
    "ORGANIZATION": "ORGANIZATION",
    "DATE": "DATE_TIME",
    "TIME": "DATE_TIME",
}
"""The label of a spaCy model → Presidio's entity type. Source: Presidio's conf/default.yaml."""

_UNUSED = ("parser", "senter", "textcat", "textcat_multilabel", "entity_linker")
_LEMMA_PIPES = ("tagger", "morphologizer", "attribute_ruler", "lemmatizer", "trainable_lemmatizer")
_UPSTREAM = ("tok2vec", "transformer", "curated_transformer")
BATCH_TEXTS = 128


class LazyArtifacts(NlpArtifacts):  # type: ignore[misc]  # Presidio is not typed
    """What Presidio's recognizers read of one text; lemmas are made when somebody asks for them."""

    def __init__(self, doc: Any, engine: NamedEntityEngine) -> None:
        entities, scores = engine.entities_of(doc)
        self.entities, self.scores, self.tokens = entities, scores, doc
        self.nlp_engine = engine
        self._lemmas: list[str] | None = None
        self._keywords: list[str] = []

    @property
    def tokens_indices(self) -> list[int]:
        """Where each token begins, in characters."""
        return [token.idx for token in self.tokens]

    @property
    def lemmas(self) -> list[str]:
        """The lemma of each token."""
        if self._lemmas is None:
            self._lemmas = self.nlp_engine.lemmas_of(self.tokens)
            self._keywords = self.set_keywords(self.nlp_engine, self._lemmas, LANGUAGE)
        return self._lemmas

    @property
    def keywords(self) -> list[str]:
        """The lemmas that are neither stop words nor punctuation, in lower case."""
        return self._keywords if self.lemmas else []


class NamedEntityEngine(SpacyNlpEngine):  # type: ignore[misc]  # Presidio is not typed
    """A spaCy pipeline as Presidio wants it, loaded from files that are already here."""

    def __init__(self, model: str) -> None:
        pipeline = _load(model)
        labels = pipeline.get_pipe("ner").labels if "ner" in pipeline.component_names else ()
        configuration = NerModelConfiguration(
            model_to_presidio_entity_mapping=ENTITY_OF_LABEL,
            labels_to_ignore=[label for label in labels if label not in ENTITY_OF_LABEL],
        )
        super().__init__([{"lang_code": LANGUAGE, "model_name": model}], configuration)
        self.nlp = {LANGUAGE: pipeline}
        self.finds = {ENTITY_OF_LABEL[label] for label in labels if label in ENTITY_OF_LABEL}
        names = [n for n in pipeline.component_names if n not in (*_LEMMA_PIPES, *_UPSTREAM)]
        self._lemma_pipes = _with_upstream(pipeline, [n for n in _LEMMA_PIPES if n in pipeline.component_names])
        pipeline.select_pipes(enable=_with_upstream(pipeline, names))

    def artifacts(self, texts: Sequence[str]) -> Iterator[LazyArtifacts]:
        """One for each text, in order, each to be used before the next is asked for.

        Words that the pipeline had not seen before are forgotten at the end: spaCy would keep every one.
        """
        pipeline = self.nlp[LANGUAGE]
        with pipeline.memory_zone():
            for doc in pipeline.pipe(texts, batch_size=BATCH_TEXTS):
                yield LazyArtifacts(doc, self)

    def entities_of(self, doc: Any) -> tuple[list[Any], list[float]]:
        """The named entities of a parsed text under Presidio's types, and their scores."""
        return self._get_updated_entities(doc.ents, self._get_scores_for_entities(doc))  # type: ignore[no-any-return]

    def lemmas_of(self, doc: Any) -> list[str]:
        """The lemma of each token, made by the pipes that were left out so far, else the token in lower case."""
        for name in self._lemma_pipes:
            doc = self.nlp[LANGUAGE].get_pipe(name)(doc)
        return [token.lemma_ or token.lower_ for token in doc]


class SpacyNames:
    """A spaCy pipeline's named entities, by Presidio's recognizer for them."""

    def __init__(self, model: str) -> None:
        self._engine = NamedEntityEngine(model)
        registry = RecognizerRegistry(recognizers=[], supported_languages=[LANGUAGE])
        registry.add_nlp_recognizer(nlp_engine=self._engine)
        self.recognizers = registry.recognizers
        for recognizer in self.recognizers:
            recognizer.supported_entities = sorted(self._engine.finds)  # not what any pipeline may find

    def artifacts(self, texts: Sequence[str]) -> Iterator[LazyArtifacts]:
        """What recognizers read of each text."""
        return self._engine.artifacts(texts)


def _load(model: str) -> Any:
    if not Path(model).is_dir() and not spacy.util.is_package(model):
        remedy = "name an installed package, a folder or a pinned package as scrubbing.named_entity_model"
        raise InputRefused(model, "", "there is no such spaCy pipeline", remedy)
    try:
        return spacy.load(model, exclude=_UNUSED)
    except (OSError, ValueError, KeyError, ImportError) as error:
        raise InputRefused(model, "", f"is not a spaCy pipeline that can be loaded ({type(error).__name__})") from None


def _with_upstream(pipeline: Any, names: list[str]) -> list[str]:
    """`names` after the shared embedding layers that one of them listens to."""
    upstream = [n for n in _UPSTREAM if n in pipeline.component_names]
    heard = [n for n in upstream if set(getattr(pipeline.get_pipe(n), "listening_components", [])) & set(names)]
    return [*heard, *names]
