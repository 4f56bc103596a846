"""Figures that are never below 0, and that chance takes above it where there is nothing to find.

Chance adds to such a figure, and to what resampled rows come to once more: an interval of theirs lies too high, and
would not reach down to 0 even where that is the truth.

Shapes: R rounds, N rows.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from sluicegate.evidence.resampling import Estimate, Floats, Resampled, rounds_at_once


def down_to_0(found: Resampled, chance_R: Floats, confidence: float) -> Estimate:
    """The figure with an interval whose lower end allows for what chance added to it.

    It is 0 where chance alone comes as far in more than a share 1 - `confidence` of rounds. Else what chance adds to
    the figure's square is what it adds to that of the rounds, and is taken off twice; the upper end stays as it is.

    Args:
        found: The figure, a distance or a mean of such, and what it came to in each round.
        chance_R: What it comes to where chance is all that there is.
        confidence: Level of the interval.

    Source: Davison & Hinkley, Bootstrap Methods and their Application (1997), section 2.1, for the bias of a figure.
    """
    estimate = found.estimate(confidence)
    if estimate.interval is None:
        return estimate
    low, high = estimate.interval
    added = max(0.0, float(np.nanmean(found.rounds_R**2)) - found.value**2)
    by_chance = found.value <= np.quantile(chance_R, confidence)
    return Estimate(found.value, (0.0 if by_chance else math.sqrt(max(0.0, low**2 - 2 * added)), high))


def calibrated_answers(confidence_N: Floats, rounds: int, seed: int) -> Iterator[Floats]:
    """Which answers are right where each is as often right as it is confident, 1 or 0, in chunks of shape (R, N).

    Source: Bröcker & Smith, Increasing the Reliability of Reliability Diagrams (2007), consistency resampling.
    """
    random = np.random.default_rng([seed, len(confidence_N)])
    for some in rounds_at_once(rounds, len(confidence_N)):
        drawn = random.random((some, len(confidence_N)))
        yield (drawn < confidence_N).astype(np.float64)
