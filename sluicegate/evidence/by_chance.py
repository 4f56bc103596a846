"""Figures that are never below 0, and that chance takes above it where there is nothing to find.

Resampled rows have what chance did to them once more, so an interval of such a figure would not reach down to 0 even
where that is the truth. It does here, unless the figure is one that chance alone seldom comes to.

Shapes: R rounds, N rows.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sluicegate.evidence.resampling import Estimate, Floats, rounds_at_once


def down_to_0(found: Estimate, chance_R: Floats, confidence: float) -> Estimate:
    """The figure with an interval from 0 on, unless it is above what chance comes to in a share `confidence` of rounds.

    Args:
        found: The figure.
        chance_R: What it comes to where chance is all that there is.
        confidence: Level of the interval.
    """
    if found.interval is None or found.value > np.quantile(chance_R, confidence):
        return found
    return Estimate(found.value, (0.0, found.interval[1]))


def calibrated_answers(confidence_N: Floats, rounds: int, seed: int) -> Iterator[Floats]:
    """Which answers are right where each is as often right as it is confident, 1 or 0, in chunks of shape (R, N).

    Source: Bröcker & Smith, Increasing the Reliability of Reliability Diagrams (2007), consistency resampling.
    """
    random = np.random.default_rng([seed, len(confidence_N)])
    for some in rounds_at_once(rounds, len(confidence_N)):
        drawn = random.random((some, len(confidence_N)))
        yield (drawn < confidence_N).astype(np.float64)
