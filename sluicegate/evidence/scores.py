"""Figures of a classifier as functions of row weights, so that they can be resampled.

Shapes: R rounds, N rows, L labels, T thresholds. Labels are indices 0 … L-1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sluicegate.evidence.by_chance import calibrated_answers
from sluicegate.evidence.resampling import Floats

Indices = NDArray[np.int64]


@dataclass(frozen=True)
class Tally:
    """Weighted counts of rows by label, each of shape (R, L)."""

    right_RL: Floats
    """Rows of the label that were given it."""
    actual_RL: Floats
    """Rows that have the label."""
    given_RL: Floats
    """Rows that were given the label."""

    @classmethod
    def of(cls, weights_RN: Floats, actual_N: Indices, given_N: Indices, labels: int) -> Tally:
        """Counts the rows, each as often as its weight says."""
        eye = np.eye(labels)
        right_NL = eye[actual_N] * (actual_N == given_N)[:, None]
        return cls(weights_RN @ right_NL, weights_RN @ eye[actual_N], weights_RN @ eye[given_N])

    @property
    def accuracy(self) -> Floats:
        """Share of rows given their own label, shape (R,); NaN without rows."""
        return _ratio(self.right_RL.sum(-1), self.actual_RL.sum(-1))

    @property
    def recall(self) -> Floats:
        """Share of each label's rows that were given it, shape (R, L); NaN for a label without rows."""
        return _ratio(self.right_RL, self.actual_RL)

    @property
    def precision(self) -> Floats:
        """Share of right ones among the rows given each label, shape (R, L); NaN for a label never given."""
        return _ratio(self.right_RL, self.given_RL)

    @property
    def f1(self) -> Floats:
        """Harmonic mean of precision and recall, shape (R, L); NaN for a label neither there nor given."""
        return _ratio(2 * self.right_RL, self.actual_RL + self.given_RL)

    @property
    def macro_f1(self) -> Floats:
        """Mean F1 over the labels that are there or given, shape (R,); scikit-learn's macro average."""
        return _mean_of_defined(self.f1)

    @property
    def macro_f1_of_actual(self) -> Floats:
        """Mean F1 over the labels that are there, shape (R,); the same labels whatever was given."""
        return _mean_of_defined(np.where(self.actual_RL > 0, self.f1, np.nan))

    @property
    def balanced_accuracy(self) -> Floats:
        """Mean recall over the labels that are there, shape (R,)."""
        return _mean_of_defined(self.recall)

    @property
    def selection_rate(self) -> Floats:
        """Share of rows given each label, shape (R, L); NaN without rows."""
        return _ratio(self.given_RL, self.actual_RL.sum(-1, keepdims=True))


def areas_under_curves(weights_RN: Floats, positive_N: NDArray[np.bool_], scores_N: Floats) -> tuple[Floats, Floats]:
    """ROC AUC and average precision of one label against the rest, each of shape (R,).

    Equal scores count as one threshold; NaN in a round without rows of the label, or without others.

    Source: Fawcett, An introduction to ROC analysis (2006).
    """
    order = np.argsort(-scores_N, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(scores_N[order]) != 0])  # of each run of equal scores
    drawn_RN = weights_RN[:, order]
    hits_RT = np.add.reduceat(drawn_RN * positive_N[order], starts, axis=1)
    misses_RT = np.add.reduceat(drawn_RN, starts, axis=1) - hits_RT
    hits_so_far_RT, misses_so_far_RT = hits_RT.cumsum(1), misses_RT.cumsum(1)
    hits_R, misses_R = hits_so_far_RT[:, -1], misses_so_far_RT[:, -1]
    below_RT = misses_R[:, None] - misses_so_far_RT + misses_RT / 2
    roc_R = _ratio((hits_RT * below_RT).sum(1), hits_R * misses_R)
    precision_RT = np.nan_to_num(_ratio(hits_so_far_RT, hits_so_far_RT + misses_so_far_RT))
    average_precision_R = _ratio((hits_RT * precision_RT).sum(1), hits_R)
    return roc_R, average_precision_R


def log_loss(weights_RN: Floats, actual_N: Indices, probabilities_NL: Floats) -> Floats:
    """Mean negative logarithm of the true label's probability in nats, shape (R,)."""
    given_N = probabilities_NL[np.arange(len(actual_N)), actual_N]
    loss_N = -np.log(np.maximum(given_N, np.finfo(np.float64).eps))
    return _ratio(weights_RN @ loss_N, weights_RN.sum(1))


def calibration_error(weights_RN: Floats, actual_N: Indices, probabilities_NL: Floats, bins: int = 10) -> Floats:
    """Mean distance between confidence and share of right answers over equal bins of confidence, shape (R,).

    Source: Naeini et al., Obtaining Well Calibrated Probabilities Using Bayesian Binning (2015).
    """
    confidence_N = probabilities_NL.max(1)
    excess_N = (probabilities_NL.argmax(1) == actual_N) - confidence_N
    bin_NB = _bins(confidence_N, bins)
    return _ratio(np.abs(weights_RN @ (bin_NB * excess_N[:, None])).sum(1), weights_RN.sum(1))


def calibration_error_by_chance(probabilities_NL: Floats, rounds: int, seed: int, bins: int = 10) -> Floats:
    """The same figure where confidence is calibrated, and chance is all that takes it above 0; shape (R,)."""
    confidence_N = probabilities_NL.max(1)
    bin_NB = _bins(confidence_N, bins)
    chunks = calibrated_answers(confidence_N, rounds, seed)
    return np.concatenate([np.abs((right_RN - confidence_N) @ bin_NB).sum(1) for right_RN in chunks]) / len(
        confidence_N
    )


def _bins(confidence_N: Floats, bins: int) -> Floats:
    """1 in the bin that each row's confidence is in, shape (N, bins)."""
    in_NB: Floats = np.eye(bins)[np.minimum((confidence_N * bins).astype(int), bins - 1)]
    return in_NB


def _ratio(part: Floats, whole: Floats) -> Floats:
    """`part` / `whole`, NaN where there is no whole."""
    part, whole = np.broadcast_arrays(part, whole)
    ratio: Floats = np.divide(part, whole, out=np.full(part.shape, np.nan), where=whole > 0)
    return ratio


def _mean_of_defined(figures_RL: Floats) -> Floats:
    """Mean over the last axis without NaN; NaN where all of it is."""
    defined = np.isfinite(figures_RL)
    return _ratio(np.where(defined, figures_RL, 0).sum(-1), defined.sum(-1).astype(np.float64))
