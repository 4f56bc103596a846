"""What becomes of the answer if a term is exchanged: decisions that flip, probabilities that change.

Shapes: P pairs of texts, U units that are resampled (templates, or texts), R rounds, L labels.

Sources: Kusner et al., Counterfactual Fairness (2017); Garg et al., Counterfactual Fairness in Text Classification
through Robustness (2019), of which the mean change is the counterfactual token fairness gap.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sluicegate.evidence.finding import Finding, measured, not_evaluated
from sluicegate.evidence.proportions import exact_interval
from sluicegate.evidence.resampling import Behind, Estimate, Floats, Resampling

FEWEST_UNITS = 10
"""Fewer templates, or texts, are not evaluated."""
_KINDS = ("flips", "change", "change_largest")


@dataclass(frozen=True)
class Pairs:
    """The answers to both texts of every pair."""

    one_PL: Floats
    other_PL: Floats
    units_P: NDArray[np.int64]
    """The template, or text, that the pair comes from: 0 … U-1."""

    @property
    def flips_P(self) -> NDArray[np.bool_]:
        """Whether another label becomes the most probable one."""
        flips: NDArray[np.bool_] = self.one_PL.argmax(1) != self.other_PL.argmax(1)
        return flips

    @property
    def changes_P(self) -> Floats:
        """The largest change of the probability of any label, in [0, 1]."""
        changes: Floats = np.abs(self.one_PL - self.other_PL).max(1)
        return changes

    @property
    def units(self) -> int:
        """How many templates, or texts, there are."""
        return len(np.unique(self.units_P))

    def why_not(self, what: str, need_two_labels: bool) -> str:
        """Why nothing can be concluded; empty if something can."""
        if self.units < FEWEST_UNITS:
            return f"{self.units} {what} to exchange a term in, fewer than {FEWEST_UNITS}"
        answers = np.concatenate([self.one_PL, self.other_PL])
        if not np.isfinite(answers).all():
            return "some probabilities are no finite numbers"
        if answers.shape[1] < 2:
            return "there is a single label"
        if np.ptp(answers, axis=0).max() == 0:
            return "all answers are equal"
        if need_two_labels and len(np.unique(answers.argmax(1))) < 2:
            return "all are given the same label, so that no exchange can be told to flip it"
        return ""


def measure_pairs(
    name: str, attribute: str, what: str, pairs: Pairs, rounds: int, confidence: float, seed: int
) -> tuple[list[Finding], dict[str, Any]]:
    """Share of pairs whose decision flips, mean and largest change of a probability.

    Units are resampled, since the pairs of one are alike. Where no pair flips, or all do, resampling would give an
    interval of no width, so the exact one of Clopper & Pearson (1934) for the share of units with a flip is taken.
    The largest change has no interval: resampling can never show a larger one.

    Args:
        name: What the checks' names begin with after the area.
        attribute: Which attribute's terms are exchanged.
        what: What the units are, in the plural.
        pairs: The answers.
        rounds: Rounds of the bootstrap.
        confidence: Level of the intervals.
        seed: Seed of the bootstrap.
    """
    checks = [f"identity.{name}_{kind}[{attribute}]" for kind in _KINDS]
    whys = [pairs.why_not(what, kind == "flips") for kind in _KINDS]
    figures: dict[str, Any] = {"attribute": attribute, "units": pairs.units, "pairs": len(pairs.units_P), "seed": seed}
    if whys[1]:
        absent = [not_evaluated(check, why, n=pairs.units) for check, why in zip(checks, whys, strict=True)]
        return absent, figures | {"status": "not_evaluated", "why": whys[1]}
    estimates = _estimates(pairs, Resampling(pairs.units, rounds, confidence, seed))
    largest = Estimate(float(pairs.changes_P.max()), None)
    found = dict(zip(_KINDS, (estimates["flips"], estimates["change"], largest), strict=True))
    findings, told = [], {}
    for check, why, (kind, one) in zip(checks, whys, found.items(), strict=True):
        told[kind] = {"value": None, "interval": None, "why": why} if why else one.to_json()
        findings.append(
            not_evaluated(check, why, n=pairs.units)
            if why
            else measured(check, one.value, n=pairs.units, interval=one.interval, confidence=confidence, seed=seed)
        )
    return findings, figures | {"status": "measured", "confidence": confidence, **told}


def _estimates(pairs: Pairs, resampling: Resampling) -> dict[str, Estimate]:
    _, unit_P = np.unique(pairs.units_P, return_inverse=True)
    counts_U, flips_U, changes_U = (
        np.bincount(unit_P, of, minlength=pairs.units).astype(np.float64)
        for of in (np.ones(len(unit_P)), pairs.flips_P.astype(np.float64), pairs.changes_P)
    )

    def statistic(weights_RU: Floats) -> dict[str, Floats]:
        whole_R = weights_RU @ counts_U
        return {"flips": weights_RU @ flips_U / whole_R, "change": weights_RU @ changes_U / whole_R}

    found = resampling.estimates(statistic, {"change": Behind((pairs.units,))})
    if (counts_U == 1).all() or pairs.flips_P.all() or not pairs.flips_P.any():
        exact = exact_interval(int((flips_U > 0).sum()), pairs.units, resampling.confidence)
        found["flips"] = Estimate(found["flips"].value, exact)
    return found
