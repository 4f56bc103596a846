"""How far a model has learned by heart texts that were planted in its training rows to find out.

Source: Carlini et al., The Secret Sharer: Evaluating and Testing Unintended Memorization in Neural Networks (2019),
section 4.3, exposure estimated on a sample.

Shapes: R rounds, C canaries, S random texts of the same form.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sluicegate.evidence.attacks.sampling import Stratified
from sluicegate.evidence.finding import Finding, measured, not_applicable, not_evaluated
from sluicegate.evidence.resampling import Floats, Resampling

FEWEST_REFERENCES = 100
FEWEST_FOR_INTERVAL = 10
"""Canaries; the mean of fewer is told without an interval, as resampled ones cover too little (half, of two)."""
UNIT = "bits"
NOT_PLANTED = "no canaries were planted in the training rows"
CHECKS = ("privacy.canary_exposure_mean", "privacy.canary_exposure_largest")


def exposures(planted_C: Floats, references_S: Floats) -> Floats:
    """How much easier each canary can be guessed for having been planted, in bits, shape (C,).

    It is the logarithm to base 2 of the number of texts, the canary among them, over its rank by loss; texts of equal
    loss share their ranks. Of a canary that left no trace it is 1.44 on average, of one that comes first
    log2 (S + 1), the most that S references can show.
    """
    bits_C: Floats = _exposures(np.ones((1, len(references_S))), _ahead(planted_C, references_S))[0]
    return bits_C


def measure_canaries(
    planted_C: Floats,
    references_S: Floats,
    times_C: NDArray[np.int64],
    resampling: Resampling,
    drawn_by: int | None = None,
) -> tuple[list[Finding], dict[str, Any]]:
    """Mean and largest exposure of the planted canaries, and those of each as JSON.

    Args:
        planted_C: The candidate's loss on each canary; of a language model the nats of the text.
        references_S: Its loss on random texts of the same form that were never planted.
        times_C: How often each canary was planted.
        resampling: Rounds, confidence and seed; canaries and references are drawn apart.
        drawn_by: The seed of the draw of the texts themselves; None where it is not known.

    Raises:
        ValueError: `times_C` is not of as many canaries.
    """
    canaries, references = len(planted_C), len(references_S)
    if canaries == 0:
        return [not_applicable(check, NOT_PLANTED, unit=UNIT) for check in CHECKS], {"canaries": 0}
    if why := _why_not(planted_C, references_S):
        return [not_evaluated(check, why, unit=UNIT, n=canaries) for check in CHECKS], {
            "canaries": canaries, "references": references, "why": why
        }  # fmt: skip
    ahead_SC, found_C = _ahead(planted_C, references_S), exposures(planted_C, references_S)

    def statistic(weights_RB: Floats) -> dict[str, Floats]:
        found_RC = _exposures(weights_RB[:, canaries:], ahead_SC)
        return {"mean": (weights_RB[:, :canaries] * found_RC).sum(1) / canaries}

    mean = Stratified.like(resampling, canaries, references).estimates(statistic)["mean"]
    several = canaries >= FEWEST_FOR_INTERVAL
    findings = [
        measured(
            CHECKS[0],
            mean.value,
            unit=UNIT,
            n=canaries,
            interval=mean.interval if several else None,
            confidence=resampling.confidence,
            seed=resampling.seed if several else drawn_by,
        ),
        measured(CHECKS[1], float(found_C.max()), unit=UNIT, n=canaries, seed=drawn_by),
    ]
    return findings, {
        "canaries": canaries,
        "references": references,
        "seed": resampling.seed,
        "most_bits": math.log2(references + 1),
        "exposures": [{"times": int(times), "bits": float(bits)} for times, bits in zip(times_C, found_C, strict=True)],
    }


def _why_not(planted_C: Floats, references_S: Floats) -> str:
    if len(references_S) < FEWEST_REFERENCES:
        return f"the canaries are ranked among {len(references_S)} random texts, fewer than {FEWEST_REFERENCES}"
    losses = np.concatenate([planted_C, references_S])
    if undefined := int((~np.isfinite(losses)).sum()):
        return f"the candidate's loss on {undefined} of {len(losses)} texts is not finite"
    if (losses == losses[0]).all():
        return "the candidate's loss is the same on every text, so no canary has a rank"
    return ""


def _ahead(planted_C: Floats, references_S: Floats) -> Floats:
    """1 where a reference's loss is below the canary's, ½ where it equals it, else 0; shape (S, C)."""
    below_SC = references_S[:, None] < planted_C
    equal_SC = references_S[:, None] == planted_C
    ahead: Floats = below_SC + equal_SC / 2
    return ahead


def _exposures(weights_RS: Floats, ahead_SC: Floats) -> Floats:
    ranks_RC = 1 + weights_RS @ ahead_SC
    bits: Floats = np.log2((weights_RS.sum(1, keepdims=True) + 1) / ranks_RC)
    return bits
