"""What is left of the candidate's answers when the text is perturbed.

For each kind only those sampled rows count whose text the perturbation changes; to count the others
would make a candidate look robust for nothing. Accuracy kept is the share of right answers among
those of them that were answered rightly before.

Source: Wang et al., TextFlint: Unified Multilingual Robustness Evaluation Toolkit for Natural
Language Processing (2021); the worst kind is resampled together with its choice.

Shapes: R rounds, S sampled rows, C changed rows, K kinds, L labels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sluicegate.evidence.finding import Finding
from sluicegate.evidence.predictions import Predictions
from sluicegate.evidence.resampling import Estimate, Floats, Resampling
from sluicegate.evidence.robustness.by_kind import ByKind, Kind
from sluicegate.evidence.robustness.perturbations import PERTURBATIONS, perturb
from sluicegate.evidence.scores import Indices, Tally
from sluicegate.evidence.usable import why_improper, why_unusable

MEASURES = ("accuracy_kept", "flip_share", "macro_f1_drop")
"""What is measured for each kind."""


def ask_perturbed(texts_S: Sequence[str], seed: int) -> list[str]:
    """The texts that perturbation changes, one kind after the other in the order of `PERTURBATIONS`."""
    return [text for kind in PERTURBATIONS for _, text in changed(kind, texts_S, seed)]


def measure_perturbed(
    texts_S: Sequence[str],
    predictions: Predictions,
    probabilities_AL: Floats,
    resampling: Resampling,
    smallest: int,
    seed: int,
) -> tuple[list[Finding], dict[str, Any]]:
    """`MEASURES` for each kind, the accuracy kept under the worst kind, and all figures as JSON.

    Args:
        texts_S: The sampled rows' texts.
        predictions: The candidate's answers to these, before.
        probabilities_AL: Its answers to `ask_perturbed` of the same texts and seed, in that order.
        resampling: Settings of the bootstrap; its number of rows is replaced by the sample's.
        smallest: A kind that leaves fewer rows is not evaluated.
        seed: Of the perturbations.

    Raises:
        ValueError: There are not as many answers as were asked for.
    """
    resampling = replace(resampling, rows=max(1, len(texts_S)))
    kinds = _answered(texts_S, predictions, probabilities_AL, smallest, seed)
    usable = [kind for kind in kinds if kind.status == "measured"]
    estimates = resampling.estimates(lambda weights_RS: _statistics(weights_RS, usable)) if usable else {}
    found = ByKind("accuracy_kept", [kind.told for kind in kinds], estimates, resampling)
    figures = {
        "sampled_rows": len(texts_S),
        "seed": seed,
        "kinds": [_figures(kind, estimates) for kind in kinds],
        "worst": found.worst,
    }
    return found.findings(MEASURES), figures


@dataclass(frozen=True)
class _Kind:
    """One kind of perturbation and the answers before and after it."""

    name: str
    rows_C: Indices
    """Which of the sampled rows it changes."""
    before: Predictions
    after: Predictions
    status: str
    why: str

    @property
    def told(self) -> Kind:
        return Kind(self.name, self.status, self.why, len(self.rows_C), int(self.right_before_C.sum()))

    @property
    def right_before_C(self) -> Floats:
        return _right(self.before)

    @property
    def right_after_C(self) -> Floats:
        return _right(self.after)


def _right(predictions: Predictions) -> Floats:
    """1 for each row that is answered rightly, 0 for the others."""
    right: Floats = np.equal(predictions.given_N, predictions.actual_N).astype(np.float64)
    return right


def changed(kind: str, texts_S: Sequence[str], seed: int) -> list[tuple[int, str]]:
    """Position and new text of every row that the perturbation changes."""
    done = ((place, text, perturb(kind, text, seed)) for place, text in enumerate(texts_S))
    return [(place, new) for place, old, new in done if new != old]


def _answered(
    texts_S: Sequence[str], predictions: Predictions, probabilities_AL: Floats, smallest: int, seed: int
) -> list[_Kind]:
    places_of = {kind: [place for place, _ in changed(kind, texts_S, seed)] for kind in PERTURBATIONS}
    asked = sum(len(places) for places in places_of.values())
    if len(predictions.actual_N) != len(texts_S) or len(probabilities_AL) != asked:
        raise ValueError(f"{len(probabilities_AL)} answers to {asked} texts")
    found, start = [], 0
    for name, places in places_of.items():
        after_CL = probabilities_AL[start : start + len(places)]
        start += len(places)
        found.append(_kind(name, np.array(places, dtype=np.int64), predictions, after_CL, smallest))
    return found


def _kind(name: str, rows_C: Indices, predictions: Predictions, after_CL: Floats, smallest: int) -> _Kind:
    actual_C = predictions.actual_N[rows_C]
    before = Predictions(predictions.labels, actual_C, predictions.probabilities_NL[rows_C])
    after = Predictions(predictions.labels, actual_C, after_CL.reshape(len(rows_C), len(predictions.labels)))
    sampled = len(predictions.actual_N)
    if sampled and not len(rows_C):
        return _Kind(name, rows_C, before, after, "not_applicable", f"it changes none of {sampled} sampled texts")
    if len(rows_C) < smallest <= sampled:
        why = f"it changes {len(rows_C)} of {sampled} sampled texts, fewer than {smallest}"
        return _Kind(name, rows_C, before, after, "not_evaluated", why)
    why = why_unusable(before, smallest) or why_improper(after.probabilities_NL)
    right = int((before.given_N == before.actual_N).sum())
    if not why and right < smallest:
        why = f"{right} rows were answered rightly before, fewer than {smallest}"
    return _Kind(name, rows_C, before, after, "not_evaluated" if why else "measured", why)


def _statistics(weights_RS: Floats, kinds: Sequence[_Kind]) -> dict[str, Floats]:
    found: dict[str, Floats] = {}
    for kind in kinds:
        weights_RC = weights_RS[:, kind.rows_C]
        size = len(kind.before.labels)
        before = Tally.of(weights_RC, kind.before.actual_N, kind.before.given_N, size)
        after = Tally.of(weights_RC, kind.after.actual_N, kind.after.given_N, size)
        flipped_C = (kind.before.given_N != kind.after.given_N).astype(np.float64)
        found |= {
            f"accuracy_kept[{kind.name}]": _share(weights_RC * kind.right_before_C, kind.right_after_C),
            f"flip_share[{kind.name}]": _share(weights_RC, flipped_C),
            f"macro_f1_drop[{kind.name}]": before.macro_f1 - after.macro_f1,
            f"accuracy_before[{kind.name}]": before.accuracy,
            f"accuracy_after[{kind.name}]": after.accuracy,
        }
    kept_KR = np.stack([found[f"accuracy_kept[{kind.name}]"] for kind in kinds])
    return {**found, "accuracy_kept_lowest": kept_KR.min(0)}


def _share(weights_RC: Floats, flags_C: Floats) -> Floats:
    """Weighted share of the rows that have the flag, shape (R,); NaN without rows."""
    rows_R = weights_RC.sum(1)
    share_R: Floats = np.divide(weights_RC @ flags_C, rows_R, out=np.full(len(rows_R), np.nan), where=rows_R > 0)
    return share_R


def _figures(kind: _Kind, estimates: dict[str, Estimate]) -> dict[str, Any]:
    held: dict[str, Any] = {"kind": kind.name, "changed_rows": len(kind.rows_C), "status": kind.status}
    if kind.status != "measured":
        return {**held, "why": kind.why}
    names = (*MEASURES, "accuracy_before", "accuracy_after")
    return {
        **held,
        "right_before": kind.told.before,
        **{name: estimates[f"{name}[{kind.name}]"].to_json() for name in names},
    }
