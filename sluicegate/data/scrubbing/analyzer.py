"""Everything that looks for personal data, in one place: rules, tagger, a user's own, and Presidio's.

Presidio is the frame: all of them are its recognizers, in its registry. They are called here rather than by its
`AnalyzerEngine`, which spends more time on each text than the rules do; what it would do besides (scores lifted
by the words before a find) is done for the recognizers that ask for it, with Presidio's own code. Imports
Presidio at the top: only the scrubbing process imports this module.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from presidio_analyzer import LemmaContextAwareEnhancer, RecognizerRegistry, RecognizerResult

from sluicegate.data.scrubbing.finds import Find, settled
from sluicegate.data.scrubbing.folding import Folded, fold
from sluicegate.data.scrubbing.languages import rule_recognizers
from sluicegate.data.scrubbing.names import names_from
from sluicegate.data.scrubbing.own import own_recognizers
from sluicegate.data.scrubbing.predefined import predefined, predefined_types
from sluicegate.errors import SpecRefused
from sluicegate.spec import Scrubbing

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


class Analyzer:
    """Finds personal data in texts, as a spec's section says.

    Args:
        section: The spec's section.
        model: Folder of a tagger, or folder or package name of a spaCy pipeline; None takes the tagger that is shipped.
        recognizers: The file that `section.recognizers` names.

    Raises:
        SpecRefused: An entity type that nothing finds, or recognizers that Presidio does not take.
        InputRefused: There is no such model.
    """

    def __init__(self, section: Scrubbing, model: str | None = None, recognizers: Path | None = None) -> None:
        self._names = names_from(model)
        own = own_recognizers(recognizers) if recognizers else []
        rules = rule_recognizers(section.languages)
        found, named = _types([*self._names.recognizers, *rules, *own]), set(section.entities)
        theirs = predefined(named - found)
        if unknown := sorted(named - found - _types(theirs)):
            known = ", ".join(sorted(found | predefined_types()))
            raise SpecRefused("scrubbing", f"entities.{unknown[0]}", f"is a type that nothing finds; found are {known}")
        self.entity_types = frozenset(named if section.default is None else found | named)
        """Types that are looked for."""
        plain = [*self._names.recognizers, *rules]
        self._plain, self._lifted = ([r for r in rs if _types([r]) & self.entity_types] for rs in (plain, own + theirs))
        every = self._plain + self._lifted
        self.registry = RecognizerRegistry(every, supported_languages=sorted({r.supported_language for r in every}))
        """Presidio's registry of those who look for them."""
        self._enhancer = LemmaContextAwareEnhancer()
        self._threshold = section.score_threshold

    def finds(self, texts: Sequence[str]) -> list[list[Find]]:
        """What was found in each text, in order, none overlapping another; offsets in code points."""
        folded = [fold(_LONE_SURROGATE.sub("\ufffd", text)) for text in texts]
        artifacts = self._names.artifacts([f.text for f in folded])
        return [self._finds(*each) for each in zip(texts, folded, artifacts, strict=True)]

    def _finds(self, text: str, folded: Folded, artifacts: Any) -> list[Find]:
        results: list[RecognizerResult] = []
        for recognizer in self._plain:
            results += recognizer.analyze(folded.text, self.entity_types, artifacts)
        for recognizer in self._lifted:
            if raw := recognizer.analyze(folded.text, self.entity_types, artifacts):
                results += self._enhanced(recognizer, folded.text, raw, results, artifacts)
        finds = [Find(r.start, r.end, r.entity_type, r.score) for r in results if self._counts(r)]
        if not finds:
            return []
        mapped = [Find(*folded.span(f.start, f.end), f.entity_type, f.score) for f in settled(folded.text, finds)]
        # a find in folded text may come back twice: from the order in which it is stored, and the one that is shown
        return mapped if all(a.end <= b.start for a, b in pairwise(mapped)) else settled(text, mapped)

    def _counts(self, result: RecognizerResult) -> bool:
        return bool(result.score >= self._threshold and result.entity_type in self.entity_types)

    def _enhanced(
        self, recognizer: Any, text: str, raw: list[RecognizerResult], others: list[RecognizerResult], artifacts: Any
    ) -> list[RecognizerResult]:
        """The results with the scores that the words before them give, and its own thresholds, as Presidio's engine."""
        lifted = recognizer.enhance_using_context(text, raw, others, artifacts)
        if recognizer.context:
            lifted = self._enhancer.enhance_using_context(text, lifted, artifacts, [recognizer])
        own = recognizer.score_thresholds or {}
        return [r for r in lifted if r.score >= own.get(r.entity_type, own.get("default", self._threshold))]


def _types(recognizers: Iterable[Any]) -> set[str]:
    return {entity for recognizer in recognizers for entity in recognizer.supported_entities}
