"""What a tagger still finds when the text is perturbed.

For each kind only those sampled rows count whose text the perturbation changes, as for classifiers.

Source: Wang et al., TextFlint: Unified Multilingual Robustness Evaluation Toolkit for Natural Language Processing
(2021); the worst kind is resampled together with its choice.

Shapes: R rounds, S sampled rows, C changed rows, A answers, K kinds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sluicegate.evidence.edited_spans import EditedSpans
from sluicegate.evidence.finding import Finding
from sluicegate.evidence.resampling import Estimate, Floats, Resampling
from sluicegate.evidence.robustness.by_kind import ByKind, Kind
from sluicegate.evidence.robustness.perturbations import PERTURBATIONS, perturbing
from sluicegate.evidence.robustness.perturbed import changed
from sluicegate.evidence.scores import Indices
from sluicegate.evidence.span_scores import Spans

MEASURES = ("recall_kept", "flip_share")
"""What is measured for each kind."""


def measure_perturbed_spans(
    texts_S: Sequence[str],
    actual_S: Sequence[Spans],
    given_S: Sequence[Spans],
    given_A: Sequence[Spans],
    resampling: Resampling,
    smallest: int,
    seed: int,
) -> tuple[list[Finding], dict[str, Any]]:
    """`MEASURES` for each kind, the recall kept under the worst kind, and all figures as JSON.

    Args:
        texts_S: The sampled rows' texts.
        actual_S: Their true spans.
        given_S: The spans that the candidate finds in them.
        given_A: Those that it finds in what `ask_perturbed` asks of the same texts and seed, in that order.
        resampling: Settings of the bootstrap; its number of rows is replaced by the sample's.
        smallest: A kind that leaves fewer rows, or fewer entities that were found before, is not evaluated.
        seed: Of the perturbations.

    Raises:
        ValueError: There are not as many answers as were asked for.
    """
    resampling = replace(resampling, rows=max(1, len(texts_S)))
    kinds = _answered(texts_S, actual_S, given_S, given_A, smallest, seed)
    usable = [kind for kind in kinds if kind.status == "measured"]
    estimates = resampling.estimates(lambda weights_RS: _statistics(weights_RS, usable)) if usable else {}
    found = ByKind("recall_kept", [kind.told for kind in kinds], estimates, resampling)
    figures = {
        "sampled_rows": len(texts_S),
        "seed": seed,
        "kinds": [_figures(kind, estimates) for kind in kinds],
        "worst": found.worst,
    }
    return found.findings(MEASURES), figures


@dataclass(frozen=True)
class _Kind:
    """One kind of perturbation, and what is counted in the rows that it changes."""

    name: str
    rows_C: Indices
    """Which of the sampled rows these are."""
    counts: EditedSpans
    status: str
    why: str

    @property
    def told(self) -> Kind:
        return Kind(self.name, self.status, self.why, len(self.rows_C), int(self.counts.entities_C.sum()))


def _answered(
    texts_S: Sequence[str],
    actual_S: Sequence[Spans],
    given_S: Sequence[Spans],
    given_A: Sequence[Spans],
    smallest: int,
    seed: int,
) -> list[_Kind]:
    places_of = {kind: [place for place, _ in changed(kind, texts_S, seed)] for kind in PERTURBATIONS}
    if len(given_A) != sum(len(places) for places in places_of.values()):
        raise ValueError(f"{len(given_A)} answers to {sum(len(places) for places in places_of.values())} texts")
    found, start = [], 0
    for name, places in places_of.items():
        counts = EditedSpans.of(
            [texts_S[place] for place in places],
            [perturbing(name, texts_S[place], seed) for place in places],
            [actual_S[place] for place in places],
            [given_S[place] for place in places],
            given_A[start : start + len(places)],
        )
        start += len(places)
        status, why = _standing(len(places), int(counts.entities_C.sum()), len(texts_S), smallest)
        found.append(_Kind(name, np.array(places, dtype=np.int64), counts, status, why))
    return found


def _standing(rows: int, entities: int, sampled: int, smallest: int) -> tuple[str, str]:
    """Whether a kind that changes so many rows says anything, and why not."""
    if sampled and not rows:
        return "not_applicable", f"it changes none of {sampled} sampled texts"
    if rows < smallest:
        return "not_evaluated", f"it changes {rows} of {sampled} sampled texts, fewer than {smallest}"
    if entities < smallest:
        return "not_evaluated", f"{entities} entities were found before, fewer than {smallest}"
    return "measured", ""


def _statistics(weights_RS: Floats, kinds: Sequence[_Kind]) -> dict[str, Floats]:
    found: dict[str, Floats] = {}
    for kind in kinds:
        weights_RC = weights_RS[:, kind.rows_C]
        found[f"recall_kept[{kind.name}]"] = kind.counts.recall_kept(weights_RC)
        found[f"flip_share[{kind.name}]"] = kind.counts.flip_share(weights_RC)
    kept_KR = np.stack([found[f"recall_kept[{kind.name}]"] for kind in kinds])
    return {**found, "recall_kept_lowest": kept_KR.min(0)}


def _figures(kind: _Kind, estimates: Mapping[str, Estimate]) -> dict[str, Any]:
    held: dict[str, Any] = {"kind": kind.name, "changed_rows": len(kind.rows_C), "status": kind.status}
    if kind.status != "measured":
        return {**held, "why": kind.why}
    return {
        **held,
        "entities": kind.told.before,
        **{name: estimates[f"{name}[{kind.name}]"].to_json() for name in MEASURES},
    }
