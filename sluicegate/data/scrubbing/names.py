"""Who finds names, places and organisations: a tagger of the project, or a spaCy pipeline that the spec names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

SHIPPED = Path(__file__).parent / "tagger" / "model"
"""The tagger that comes with Sluicegate."""


class Names(Protocol):
    """Recognizers of names, and what they read of each text."""

    @property
    def recognizers(self) -> Sequence[Any]:
        """Presidio's recognizers."""

    def artifacts(self, texts: Sequence[str]) -> Iterable[Any]:
        """Of each text, in order."""


def is_spacy(model: str | None) -> bool:
    """Whether this is a spaCy pipeline, as far as can be told without loading it."""
    if model is None:
        return False
    folder = Path(model)
    return (folder / "config.cfg").is_file() or not folder.is_dir()


def names_from(model: str | None) -> Names:
    """The recognizers of names.

    Args:
        model: Folder of a tagger, or folder or package name of a spaCy pipeline; None takes the shipped tagger.

    Raises:
        InputRefused: There is no such model.
    """
    if is_spacy(model):
        from sluicegate.data.scrubbing.named_entities import SpacyNames

        return SpacyNames(str(model))
    from sluicegate.data.scrubbing.tagger import Tagger

    return _TaggerNames(Tagger.load(Path(model) if model else SHIPPED))


@dataclass
class _TaggerNames:
    tagger: Any

    def __post_init__(self) -> None:
        from sluicegate.data.scrubbing.tagged import TaggerRecognizer

        self.recognizers = [TaggerRecognizer(self.tagger)]

    def artifacts(self, texts: Sequence[str]) -> Iterable[Any]:
        from sluicegate.data.scrubbing.tagged import TextArtifacts

        return map(TextArtifacts, texts, self.tagger.finds(texts))
