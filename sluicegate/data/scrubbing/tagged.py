"""The token classifier as one of Presidio's recognizers, and what recognizers may ask about a text without spaCy.

A tagger looks at a batch of texts at once; Presidio's recognizers at one text. So the batch is tagged first, and
each text's artifacts carry what the tagger found in it. Imports Presidio at the top: only the scrubbing process
imports this module.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from functools import cached_property
from typing import Any, Protocol

from presidio_analyzer import EntityRecognizer, RecognizerResult
from presidio_analyzer.nlp_engine import NlpArtifacts

from sluicegate.data.scrubbing.plain_words import is_plain

Tagged = Sequence[tuple[int, int, str, float]]
_TOKEN = re.compile(r"\w+|[^\w\s]")
# Words that Presidio does not count as words before a find, since they say nothing of it.
_STOP_WORDS = frozenset(
    {
        *("a", "an", "and", "are", "as", "at", "be", "been", "but", "by", "can", "do", "for", "from", "had", "has"),
        *("have", "he", "her", "his", "i", "if", "in", "is", "it", "its", "me", "my", "no", "not", "of", "on", "or"),
        *("our", "out", "she", "so", "than", "that", "the", "their", "them", "then", "there", "these", "they", "this"),
        *("to", "up", "was", "we", "were", "will", "with", "would", "you", "your"),
    }
)


class Tagger(Protocol):
    """A token classifier."""

    entity_types: Collection[str]
    """Types that it may find."""

    def finds(self, texts: Sequence[str]) -> Sequence[Tagged]:
        """Start, end, entity type and score of what it found in each text."""


class TextArtifacts(NlpArtifacts):  # type: ignore[misc]  # Presidio is not typed
    """One text's words, for recognizers that ask about the words around a find, and the tagger's finds.

    Words are taken as they are written: Presidio looks for a context word inside them, so "telephones" counts for
    "telephone".
    """

    def __init__(self, text: str, tagged: Tagged = ()) -> None:
        self.text, self.tagged = text, tagged
        self.entities: list[Any] = []
        self.scores: list[float] = []
        self.nlp_engine = None

    @cached_property
    def tokens(self) -> list[str]:
        """The words and punctuation marks."""
        return _TOKEN.findall(self.text)

    @cached_property
    def tokens_indices(self) -> list[int]:
        """Where each of them begins, in characters."""
        return [token.start() for token in _TOKEN.finditer(self.text)]

    @cached_property
    def lemmas(self) -> list[str]:
        """The words in lower case."""
        return [token.lower() for token in self.tokens]

    @cached_property
    def keywords(self) -> list[str]:
        """Those that are neither punctuation nor stop words."""
        return [word for word in self.lemmas if word[0].isalnum() and word not in _STOP_WORDS]


class TaggerRecognizer(EntityRecognizer):  # type: ignore[misc]  # Presidio is not typed
    """A tagger in Presidio's frame."""

    def __init__(self, tagger: Tagger) -> None:
        self.tagger = tagger
        super().__init__(supported_entities=sorted(tagger.entity_types), name="Tagger")

    def load(self) -> None:
        """The tagger is loaded already."""

    def analyze(self, text: str, entities: Collection[str], nlp_artifacts: Any = None) -> list[RecognizerResult]:
        """What the tagger found; without artifacts of ours it looks at the text now."""
        tagged = nlp_artifacts.tagged if isinstance(nlp_artifacts, TextArtifacts) else self.tagger.finds([text])[0]
        return [
            RecognizerResult(t, start, end, score)
            for start, end, t, score in tagged
            if t in entities and not is_plain(text, start, end, t, score)
        ]
