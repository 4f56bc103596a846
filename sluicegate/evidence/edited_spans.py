"""What a tagger still finds once texts are changed, counted row by row, so that it can be resampled.

An entity is followed to where it stands after the change. Of its characters those count that were marked with its
type before; it keeps at most as large a share of them as it had, so that what a change lets the tagger find besides
does not make up for what it hides.

Shapes: C changed rows, R rounds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sluicegate.evidence.edits import Edits, moved
from sluicegate.evidence.resampling import Floats
from sluicegate.evidence.span_scores import Spans, overlaps, ratio
from sluicegate.spec.spans import Span


@dataclass(frozen=True)
class EditedSpans:
    """Counts of each row whose text was changed, each of shape (C,)."""

    found_C: Floats
    """Characters of entities that were marked with their type before; an entity of which nothing is left has none."""
    kept_C: Floats
    """How many of them still are."""
    entities_C: Floats
    """Entities of which characters were marked before, and of which something is left."""
    flips_C: Floats
    """1 where the spans found afterwards are not those found before, each moved along; 0 elsewhere."""

    @classmethod
    def of(
        cls,
        texts_C: Sequence[str],
        edits_C: Sequence[Edits],
        actual_C: Sequence[Spans],
        before_C: Sequence[Spans],
        after_C: Sequence[Spans],
    ) -> EditedSpans:
        """Counts the rows.

        Args:
            texts_C: The texts before.
            edits_C: What becomes of them.
            actual_C: The true spans before.
            before_C: The spans found before.
            after_C: The spans found afterwards, in the changed texts.

        Raises:
            ValueError: There are not as many of one as of another.
        """
        rows = zip(texts_C, edits_C, actual_C, before_C, after_C, strict=True)
        counts_C4 = np.array([_counts(*row) for row in rows], dtype=np.float64).reshape(-1, 4)
        return cls(*counts_C4.T)

    @property
    def texts(self) -> int:
        """Rows with such an entity."""
        return int((self.entities_C > 0).sum())

    def recall_kept(self, weights_RC: Floats) -> Floats:
        """Share of the characters found before that still are, shape (R,); NaN where none were."""
        return ratio(weights_RC @ self.kept_C, weights_RC @ self.found_C)

    def flip_share(self, weights_RC: Floats) -> Floats:
        """Share of rows whose spans are others, shape (R,); NaN without rows."""
        return ratio(weights_RC @ self.flips_C, weights_RC.sum(1))


def _counts(text: str, edits: Edits, actual: Spans, before: Spans, after: Spans) -> tuple[float, float, float, float]:
    """Characters found, characters kept, entities found and whether the spans flip, of one row."""
    pairs = zip(actual, moved(actual, text, edits), strict=True)
    followed = [(old, new) for old, new in pairs if new is not None]
    had = _marked([old for old, _ in followed], before)
    has = _marked([new for _, new in followed], after)
    found, kept, entities = 0.0, 0.0, 0
    for (old, new), first, then in zip(followed, had, has, strict=True):
        share = first / (old.end - old.start)
        found += first
        kept += min(share, then / (new.end - new.start)) * (old.end - old.start)
        entities += first > 0
    return found, kept, entities, list(after) != [span for span in moved(before, text, edits) if span is not None]


def _marked(entities: Sequence[Span], given: Spans) -> list[int]:
    """Of each entity, in order, the characters that were marked with its type."""
    marked = dict.fromkeys(entities, 0)
    for entity, span, shared in overlaps(entities, given):
        marked[entity] += shared * (entity.entity_type == span.entity_type)
    return [marked[entity] for entity in entities]
