"""How sure a share of counted rows is.

Sources: Clopper & Pearson, The Use of Confidence or Fiducial Limits Illustrated in the Case of the Binomial (1934);
Dunn, Multiple Comparisons among Means (1961); Newcombe, Interval Estimation for the Difference between Independent
Proportions (1998), method 10.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

Interval = tuple[float, float]
Floats = NDArray[np.float64]


def lower_bound(successes: ArrayLike, trials: ArrayLike, confidence: float) -> Floats:
    """The least share that `successes` of `trials` leave possible, one-sided and exact; 0 where none succeeded."""
    from scipy.stats import beta

    k, n = np.asarray(successes, dtype=np.float64), np.asarray(trials, dtype=np.float64)
    return np.where(k > 0, beta.ppf(1 - confidence, np.maximum(k, 1), n - k + 1), 0.0)


def upper_bound(successes: ArrayLike, trials: int, confidence: float) -> Floats:
    """The largest share that `successes` of `trials` leave possible, one-sided and exact; 1 where all succeeded."""
    return 1 - lower_bound(trials - np.asarray(successes, dtype=np.float64), trials, confidence)


def exact_interval(hits: int, of: int, confidence: float, comparisons: int = 1) -> Interval:
    """The two-sided interval of `hits` out of `of`, at least one: it never covers less than it says, nor is of width 0.

    Where one of several shares is picked for being the worst, `comparisons` is how many there were: all
    their intervals then hold together with `confidence` (Bonferroni).

    Raises:
        ValueError: `of` is no positive number, or `hits` is not among them.
    """
    from scipy.stats import binomtest

    found = binomtest(hits, of).proportion_ci(1 - (1 - confidence) / comparisons, method="exact")
    return float(found.low), float(found.high)


def none_seen(units: int, confidence: float) -> float:
    """The largest share that leaves it possible that none of so many independent units, at least one, shows it."""
    return exact_interval(0, units, confidence)[1]


def wilson(successes: int, trials: int, confidence: float) -> Interval:
    """Wilson's score interval of a share."""
    from scipy.stats import binomtest

    found = binomtest(successes, trials).proportion_ci(confidence, method="wilson")
    return float(found.low), float(found.high)


def newcombe(successes: int, trials: int, others: int, other_trials: int, confidence: float) -> Interval:
    """The interval of one share less another, of independent rows; never of width 0."""
    share, other = successes / trials, others / other_trials
    low, high = wilson(successes, trials, confidence)
    other_low, other_high = wilson(others, other_trials, confidence)
    gap = share - other
    return gap - math.hypot(share - low, other_high - other), gap + math.hypot(high - share, other - other_low)
