"""An attack that allows for how hard each row is: small models that did not see the row say what to expect of it.

The shadows are logistic regressions on features that the training under attack has not touched (those of the base
model): each learns from a random half of all attacked rows, members and others alike, so a row's shadows are those
whose half it was not in. A row is held for a member as far as the candidate is surer of its label than they are.

Source: Zarifzadeh et al., Low-Cost High-Power Membership Inference Attacks (2024), offline. Their score is the share of
a population whose ratio lies below that of the row; as that share only ever rises with the row's ratio, the ratio alone
parts members from others as well, and no rows are spent on a population.

Shapes: K shadows, B rows (members, then others), D features, L labels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sluicegate.evidence.attacks.membership import FEWEST_ROWS, Scores
from sluicegate.evidence.resampling import Floats
from sluicegate.evidence.scores import Indices

OFFLINE_A = 0.3
"""How far a row's own training moves its probability towards 1, at 0 all the way; the paper's value for CIFAR-10."""
SHADOWS = 16
_STRENGTH = 0.1
_ITERATIONS = 200
_TOLERANCE = 1e-3


@dataclass(frozen=True)
class AttackedRows:
    """Rows and what the candidate says of them: first the members, then the others."""

    members: int
    """How many of the rows were trained on; the rest were not."""
    features_BD: Floats
    """Features of a model that saw none of these rows in training, shape (B, D)."""
    actual_B: Indices
    """Index of each row's true label."""
    probabilities_BL: Floats
    """The candidate's probabilities."""


def shadow_scores(rows: AttackedRows, seed: int, shadows: int = SHADOWS) -> Scores:
    """Logarithm of the candidate's probability of the true label over what would be expected of a model at random.

    Too few rows, features that are not finite, or rows of a single label give scores of NaN, which are refused where
    scores are measured.

    Args:
        rows: At least two.
        seed: Of the halves.
        shadows: An even number.

    Raises:
        ValueError: The number of shadows is odd, or less than two.
    """
    if shadows < 2 or shadows % 2:
        raise ValueError(f"{shadows} shadows: an even number is needed, so that half of them have seen each row")
    tiny = np.finfo(np.float64).tiny
    unseen_B = _probability_unseen(rows, seed, shadows)
    expected_B = ((1 + OFFLINE_A) * unseen_B + 1 - OFFLINE_A) / 2
    own_B = rows.probabilities_BL[np.arange(len(rows.actual_B)), rows.actual_B]
    ratio_B = np.log(np.maximum(own_B, tiny)) - np.log(np.maximum(expected_B, tiny))
    return Scores(ratio_B[: rows.members], ratio_B[rows.members :])


def halves(rows: int, seed: int, shadows: int) -> NDArray[np.bool_]:
    """Which rows each shadow learns from, shape (K, B); half of the shadows learn from each row."""
    order_KB = np.random.default_rng(seed).random((shadows, rows)).argsort(0)
    return order_KB < shadows // 2


def _probability_unseen(rows: AttackedRows, seed: int, shadows: int) -> Floats:
    """Mean probability of the true label by the shadows that did not learn from the row, shape (B,)."""
    count = len(rows.actual_B)
    few = count < 2 * FEWEST_ROWS
    if few or not np.isfinite(rows.features_BD).all() or len(np.unique(rows.actual_B)) < 2:
        return np.full(count, np.nan)
    sums_B, seen_KB = np.zeros(count), halves(count, seed, shadows)
    for seen_B in seen_KB:
        sums_B[~seen_B] += _head(rows, seen_B)
    mean_B: Floats = sums_B / (shadows - shadows // 2)
    return mean_B


def _head(rows: AttackedRows, seen_B: NDArray[np.bool_]) -> Floats:
    """What a head that learned from the rows `seen_B` says of the true label of each other row."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    unseen, learned = rows.actual_B[~seen_B], np.unique(rows.actual_B[seen_B])
    if len(learned) < 2:  # a half of one label: its head knows no other
        return np.isin(unseen, learned).astype(np.float64)
    head = make_pipeline(StandardScaler(), LogisticRegression(C=_STRENGTH, max_iter=_ITERATIONS, tol=_TOLERANCE)).fit(
        rows.features_BD[seen_B], rows.actual_B[seen_B]
    )
    found_NL = np.zeros((len(unseen), rows.probabilities_BL.shape[1]))
    found_NL[:, learned] = head.predict_proba(rows.features_BD[~seen_B])
    given: Floats = found_NL[np.arange(len(unseen)), unseen]
    return given
