"""How sure a share is that was counted."""

from __future__ import annotations


def exact_interval(hits: int, of: int, confidence: float, comparisons: int = 1) -> tuple[float, float]:
    """The Clopper-Pearson interval of `hits` out of `of`, at least one, which never covers less than it says.

    Where one of several shares is picked for being the worst, `comparisons` is how many there were: all
    their intervals then hold together with `confidence` (Bonferroni).

    Raises:
        ValueError: `of` is no positive number, or `hits` is not among them.

    Source: Clopper & Pearson, The Use of Confidence or Fiducial Limits (1934), by SciPy; Dunn,
    Multiple Comparisons among Means (1961).
    """
    from scipy.stats import binomtest

    found = binomtest(hits, of).proportion_ci(1 - (1 - confidence) / comparisons, method="exact")
    return float(found.low), float(found.high)
