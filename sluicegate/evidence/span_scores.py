"""Figures of a tagger as functions of row weights, so that they can be resampled.

Shapes: R rounds, N rows, K entity types.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from sluicegate.evidence.resampling import Behind, Estimate, Floats, Resampling
from sluicegate.spec.spans import Span

Spans = Sequence[Span]


@dataclass(frozen=True)
class SpanCounts:
    """What one set of answers gets right in each row, each of shape (N, K), or (R, K) once weighted."""

    entities_right_NK: Floats
    """Entities found with the right start, end and type."""
    entities_actual_NK: Floats
    """Entities that are there."""
    entities_given_NK: Floats
    """Entities that were found."""
    characters_right_NK: Floats
    """Characters inside an entity that were marked with its type."""
    characters_actual_NK: Floats
    """Characters inside an entity."""
    characters_given_NK: Floats
    """Characters that were marked."""
    characters_covered_NK: Floats
    """Characters inside an entity that were marked with any type."""

    @classmethod
    def of(cls, actual_N: Sequence[Spans], given_N: Sequence[Spans], labels: Sequence[str]) -> SpanCounts:
        """Counts of each row; the spans of a row are in order and do not overlap."""
        place = {label: index for index, label in enumerate(labels)}
        counts = np.zeros((len(fields(cls)), len(actual_N), len(labels)))
        for row, (actual, given) in enumerate(zip(actual_N, given_N, strict=True)):
            for span in set(actual) & set(given):
                counts[0, row, place[span.entity_type]] += 1
            for kind, spans in ((1, actual), (2, given)):
                for span in spans:
                    counts[kind, row, place[span.entity_type]] += 1
                    counts[kind + 3, row, place[span.entity_type]] += span.end - span.start
            for one, other, shared in overlaps(actual, given):
                counts[6, row, place[one.entity_type]] += shared
                counts[3, row, place[one.entity_type]] += shared * (one.entity_type == other.entity_type)
        return cls(*counts)

    def weighted(self, weights_RN: Floats) -> SpanCounts:
        """The rows summed up, each as often as its weight says."""
        return SpanCounts(*(weights_RN @ getattr(self, field.name) for field in fields(self)))

    def rows(self, of_N: NDArray[np.bool_]) -> SpanCounts:
        """The counts of some rows."""
        return SpanCounts(*(getattr(self, field.name)[of_N] for field in fields(self)))

    def figures(self) -> dict[str, Floats]:
        """Name → figure of shape (R,) over all types, of weighted counts; NaN where there is nothing to be shared."""
        right, actual, given = (
            self.entities_right_NK.sum(-1), self.entities_actual_NK.sum(-1), self.entities_given_NK.sum(-1)
        )  # fmt: skip
        marked, inside, found = (
            self.characters_right_NK.sum(-1), self.characters_actual_NK.sum(-1), self.characters_given_NK.sum(-1)
        )  # fmt: skip
        return {
            "entity_f1": ratio(2 * right, actual + given),
            "entity_precision": ratio(right, given),
            "entity_recall": ratio(right, actual),
            "character_f1": ratio(2 * marked, inside + found),
            "character_precision": ratio(marked, found),
            "character_recall": ratio(marked, inside),
            "character_coverage": ratio(self.characters_covered_NK.sum(-1), inside),
        }

    def behind(self) -> dict[str, Behind]:
        """The texts behind each of these, of counts that are not weighted: those with something there, or found."""
        there, found = ((of_NK.sum(1) > 0).sum() for of_NK in (self.entities_actual_NK, self.entities_given_NK))
        names = ("entity_f1", "entity_recall", "character_f1", "character_recall", "character_coverage")
        precisions = dict.fromkeys(("entity_precision", "character_precision"), Behind((int(found),)))
        return dict.fromkeys(names, Behind((int(there),))) | precisions

    def figures_by_type(self) -> dict[str, Floats]:
        """Name → figures of shape (R, K), of weighted counts."""
        marked, inside, found = self.characters_right_NK, self.characters_actual_NK, self.characters_given_NK
        return {
            "entity_f1_of": ratio(2 * self.entities_right_NK, self.entities_actual_NK + self.entities_given_NK),
            "character_precision_of": ratio(marked, found),
            "character_recall_of": ratio(marked, inside),
            "character_f1_of": ratio(2 * marked, inside + found),
        }


@dataclass(frozen=True)
class Tagged:
    """Answers for the test rows: N rows, K entity types in the spec's order."""

    labels: tuple[str, ...]
    actual_N: Sequence[Spans]
    """The true spans of each row."""
    given_N: Sequence[Spans]
    """The spans that were found."""

    @property
    def counts(self) -> SpanCounts:
        """What is right in each row."""
        return SpanCounts.of(self.actual_N, self.given_N, self.labels)


def overlaps(one: Spans, other: Spans) -> list[tuple[Span, Span, int]]:
    """Every pair of spans that share characters, and how many; both in order, neither overlapping itself."""
    found, place = [], 0
    for span in one:
        while place < len(other) and other[place].end <= span.start:
            place += 1
        at = place
        while at < len(other) and other[at].start < span.end:
            found.append((span, other[at], min(span.end, other[at].end) - max(span.start, other[at].start)))
            at += 1
    return found


def differences(
    tagged: Tagged,
    other_N: Sequence[Spans],
    resampling: Resampling,
    groups: Mapping[str, NDArray[np.bool_]] | None = None,
) -> dict[str, Estimate]:
    """The candidate's figures less another tagger's, resampled together so that the pairing counts.

    Args:
        tagged: The candidate's answers.
        other_N: The spans that the other one found in each row.
        resampling: Settings of the bootstrap.
        groups: Groups in which the difference is wanted as well: which rows are in each, shape (N,).

    Returns:
        Each figure of `SpanCounts.figures` as a difference, the other's own as ``other_…``, and ``disagreement``,
        ``regressed`` and ``mended`` (shares of rows; a row is right if its spans are exactly the true ones); and
        ``character_f1[GROUP]`` for each group.
    """
    own, other = tagged.counts, SpanCounts.of(tagged.actual_N, other_N, tagged.labels)
    rows = zip(tagged.actual_N, tagged.given_N, other_N, strict=True)
    flags_N3 = np.array(
        [
            [list(given) != list(before), given_wrong and not before_wrong, before_wrong and not given_wrong]
            for actual, given, before in rows
            for given_wrong, before_wrong in [(list(given) != list(actual), list(before) != list(actual))]
        ],
        dtype=np.float64,
    ).reshape(-1, 3)

    def statistics(weights_RN: Floats) -> Mapping[str, Floats]:
        mine, theirs = own.weighted(weights_RN).figures(), other.weighted(weights_RN).figures()
        shares = weights_RN @ flags_N3 / weights_RN.sum(1, keepdims=True)
        return {
            **{name: figure - theirs[name] for name, figure in mine.items()},
            **{f"other_{name}": figure for name, figure in theirs.items()},
            "disagreement": shares[:, 0],
            "regressed": shares[:, 1],
            "mended": shares[:, 2],
            **{
                f"character_f1[{group}]": _character_f1(own, weights_RN, of) - _character_f1(other, weights_RN, of)
                for group, of in (groups or {}).items()
            },
        }

    return resampling.estimates(statistics, _behind(own, groups or {}))


def _behind(counts: SpanCounts, groups: Mapping[str, NDArray[np.bool_]]) -> dict[str, Behind]:
    """What the differences are means over, which counts where both taggers find the same."""
    of_all = counts.behind()
    of_groups = {f"character_f1[{group}]": counts.rows(of).behind()["character_f1"] for group, of in groups.items()}
    rows = Behind((len(counts.entities_actual_NK),))
    return {
        **{name: replace(behind, least=-1) for name, behind in (of_all | of_groups).items()},
        **{f"other_{name}": behind for name, behind in of_all.items()},
        **dict.fromkeys(("disagreement", "regressed", "mended"), rows),
    }


def _character_f1(counts: SpanCounts, weights_RN: Floats, of_N: NDArray[np.bool_]) -> Floats:
    """Character F1 of some rows, shape (R,)."""
    return counts.rows(of_N).weighted(weights_RN[:, of_N]).figures()["character_f1"]


def ratio(part: Floats, whole: Floats) -> Floats:
    """`part` / `whole`, NaN where there is no whole."""
    found: Floats = np.divide(part, whole, out=np.full(np.shape(part), np.nan), where=whole > 0)
    return found
