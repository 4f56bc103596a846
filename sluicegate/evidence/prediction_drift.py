"""Whether a classifier gives labels in other shares than before: to other rows, or than the live release does.

The distance of two sets of shares is the square root of their Jensen-Shannon divergence in bits: 0 is alike, 1 is the
most. Of few rows chance alone takes it above 0.

Source: Lin, Divergence Measures Based on the Shannon Entropy (1991); Endres & Schindelin, A New Metric for Probability
Distributions (2003), for the root.

Shapes: R rounds, M training rows, N test rows, L labels.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from sluicegate.evidence.attacks.sampling import Stratified
from sluicegate.evidence.by_chance import down_to_0
from sluicegate.evidence.drift_rows import why_too_few
from sluicegate.evidence.estimated import estimated
from sluicegate.evidence.finding import Finding, not_evaluated
from sluicegate.evidence.proportions import none_seen
from sluicegate.evidence.resampling import Estimate, Floats, Resampling
from sluicegate.evidence.scores import Indices
from sluicegate.evidence.usable import why_improper

CHECK, CHECK_PREVIOUS = "drift.prediction_distance", "drift.prediction_distance_previous"


def from_training(
    probabilities_ML: Floats, given_N: Indices, labels: Sequence[str], resampling: Resampling
) -> tuple[Finding, dict[str, Any]]:
    """The distance of the labels given to training rows from those given to test rows, and both shares as JSON.

    Args:
        probabilities_ML: The candidate's answers to training rows.
        given_N: The labels that it gives the test rows, as indices.
        labels: The labels.
        resampling: Settings of the bootstrap, which draws training and test rows apart.
    """
    size, rows = len(labels), len(probabilities_ML) + len(given_N)
    if why := why_too_few(len(probabilities_ML), len(given_N)) or why_improper(probabilities_ML):
        return not_evaluated(CHECK, why, unit="distance", n=rows), {"test": _counts(given_N, labels), "why": why}
    given_M = probabilities_ML.argmax(1).astype(np.int64)

    def distance(weights_RB: Floats) -> dict[str, Floats]:
        learned_RL = _shares(weights_RB[:, : len(given_M)], given_M, size)
        return {"distance": _distance(learned_RL, _shares(weights_RB[:, len(given_M) :], given_N, size))}

    about = {"training": _counts(given_M, labels), "test": _counts(given_N, labels)}
    both = Stratified.like(resampling, len(given_M), len(given_N))
    by_chance_R = _shuffled(given_M, given_N, size, resampling)
    found = down_to_0(both.resampled(distance)["distance"], by_chance_R, resampling.confidence)
    found = _if_none(found, min(len(given_M), len(given_N)), resampling.confidence)
    return estimated(CHECK, found, both, unit="distance"), {**about, "distance": found.to_json()}


def from_release(
    given_N: Indices, live_N: Indices | None, labels: Sequence[str], resampling: Resampling, against: str, why: str
) -> tuple[Finding, dict[str, Any]]:
    """The distance of the labels that the candidate gives the test rows from those that a live release gives them.

    Args:
        given_N: The candidate's labels, as indices.
        live_N: The release's; None if it knows others.
        labels: The labels.
        resampling: Settings of the bootstrap over the test rows.
        against: Digest of the release.
        why: Said where it knows others.
    """
    size = len(labels)
    why = why if live_N is None else why_too_few(len(given_N), len(live_N))
    if live_N is None or why:
        finding = not_evaluated(CHECK_PREVIOUS, why, unit="distance", n=len(given_N), against=against)
        return finding, {"against": against, "why": why}

    def distance(weights_RN: Floats) -> dict[str, Floats]:
        return {"distance": _distance(_shares(weights_RN, given_N, size), _shares(weights_RN, live_N, size))}

    by_chance_R = _swapped(given_N, live_N, size, resampling)
    found = down_to_0(resampling.resampled(distance)["distance"], by_chance_R, resampling.confidence)
    found = _if_none(found, len(given_N), resampling.confidence)
    about = {"against": against, "live": _counts(live_N, labels), "distance": found.to_json()}
    return estimated(CHECK_PREVIOUS, found, resampling, unit="distance", against=against), about


def _counts(given_N: Indices, labels: Sequence[str]) -> dict[str, int]:
    return {label: int(count) for label, count in zip(labels, np.bincount(given_N, minlength=len(labels)), strict=True)}


def _shares(weights_RN: Floats, given_N: Indices, labels: int) -> Floats:
    counts_RL = weights_RN @ np.eye(labels)[given_N]
    shares_RL: Floats = counts_RL / counts_RL.sum(1, keepdims=True)
    return shares_RL


def _shuffled(given_M: Indices, given_N: Indices, labels: int, resampling: Resampling) -> Floats:
    """Distances where it is chance which rows are training rows, shape (R,)."""
    counts_L = np.bincount(np.r_[given_M, given_N], minlength=labels)
    random = np.random.default_rng([resampling.seed, len(given_M)])
    first_RL = random.multivariate_hypergeometric(counts_L, len(given_M), resampling.rounds, method="marginals")
    return _distance(first_RL / len(given_M), (counts_L - first_RL) / len(given_N))


def _swapped(given_N: Indices, live_N: Indices, labels: int, resampling: Resampling) -> Floats:
    """Distances where it is chance which of a row's two labels is the candidate's, shape (R,)."""
    others = given_N != live_N
    random, one = np.random.default_rng([resampling.seed, len(given_N)]), np.eye(labels)
    swapped_RD = random.integers(0, 2, (resampling.rounds, int(others.sum()))).astype(np.float64)
    moved_RL = swapped_RD @ (one[live_N[others]] - one[given_N[others]])
    given_L, live_L = (np.bincount(of, minlength=labels) for of in (given_N, live_N))
    return _distance((given_L + moved_RL) / len(given_N), (live_L - moved_RL) / len(live_N))


def _if_none(found: Estimate, rows: int, confidence: float) -> Estimate:
    """With the distance that leaves it possible that no row showed one, where no round did.

    It is at most the square root of the share of rows that are given another label.

    Source: Lin, Divergence Measures Based on the Shannon Entropy (1991), theorem 3.
    """
    if found.interval or found.value:
        return found
    return Estimate(0.0, (0.0, math.sqrt(none_seen(rows, confidence))))


def _distance(first_RL: Floats, second_RL: Floats) -> Floats:
    from scipy.spatial.distance import jensenshannon

    distance_R: Floats = np.nan_to_num(jensenshannon(first_RL, second_RL, base=2, axis=1))  # equal shares may round off
    return distance_R
