"""How often each group is selected, and rightly so, at every threshold that is tried.

Shapes: N rows, G groups, K thresholds that are tried, C rates that must be alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Criterion = Literal["demographic-parity", "equalized-odds"]
_MOST_CUTS = 400


@dataclass(frozen=True)
class Rates:
    """The groups that are compared, at the thresholds that are tried."""

    groups: tuple[str, ...]
    """Those with enough rows."""
    cuts_K: Floats
    """Thresholds; the first is the model's own, and those nearer to it come first."""
    rates_GKC: Floats
    """What must be alike: the selection rate, or the true and the false positive rate."""
    shares_GK: Floats
    """What a group adds to the balanced accuracy over all rows."""
    rest_K: Floats
    """What the rows of no compared group add."""

    def disparity(self, chosen_G: NDArray[np.intp]) -> float:
        """The largest difference between two groups, each at the threshold of the given number."""
        at_GC = self.rates_GKC[np.arange(len(self.groups)), chosen_G]
        return round(float(np.ptp(at_GC, axis=0).max()), 12)  # 0.9 − 0.7 is no more than 0.2

    def balanced_accuracy(self, chosen_G: NDArray[np.intp], rest: int) -> float:
        """Of all rows, with the other rows at the threshold of number `rest`."""
        return float(self.shares_GK[np.arange(len(self.groups)), chosen_G].sum() + self.rest_K[rest])


def shared_cuts(scores_N: Floats, own: float) -> Floats:
    """Thresholds to try, shape (K,): `own`, and some between neighbouring scores, those nearer to it first.

    None selects all rows or none, which would treat all groups alike and be of no use.
    """
    distinct = np.unique(scores_N)
    between = (distinct[:-1] + distinct[1:]) / 2
    if len(between) > _MOST_CUTS:
        between = between[np.linspace(0, len(between) - 1, _MOST_CUTS).round().astype(np.intp)]
    between = between[between != own]
    return np.concatenate([[own], between[np.argsort(np.abs(between - own), kind="stable")]])


def rates_of(
    scores_N: Floats,
    positives_N: NDArray[np.bool_],
    groups_N: Sequence[str | None],
    cuts_K: Floats,
    criterion: Criterion,
    smallest: int,
) -> tuple[Rates, dict[str, int]]:
    """The rates of the groups that are large enough, and the rows of those that are not."""
    names_N = np.array([group or "" for group in groups_N], dtype=object)
    all_of = np.array([positives_N.sum(), (~positives_N).sum()], dtype=np.float64)
    compared: list[str] = []
    rates, shares, left_out = [], [], {}
    rest = np.ones(len(names_N), dtype=np.bool_)
    for group in sorted(set(names_N.tolist()) - {""}):
        of = names_N == group
        tally = _Tally.of(scores_N[of], positives_N[of], cuts_K)
        if tally.rows(criterion) < smallest:
            left_out[group] = int(of.sum())
            continue
        rest &= ~of
        compared.append(group)
        rates.append(tally.rates(criterion))
        shares.append(tally.share(*all_of))
    rest_K = _Tally.of(scores_N[rest], positives_N[rest], cuts_K).share(*all_of)
    empty = np.empty((0, len(cuts_K)))
    return Rates(
        groups=tuple(compared),
        cuts_K=cuts_K,
        rates_GKC=np.stack(rates) if rates else empty[..., None],
        shares_GK=np.stack(shares) if shares else empty,
        rest_K=rest_K,
    ), left_out


@dataclass(frozen=True)
class _Tally:
    """Rows of one group with and without the label, and how many of each are selected."""

    positives: int
    negatives: int
    true_positives_K: Floats
    false_positives_K: Floats

    @classmethod
    def of(cls, scores: Floats, positives: NDArray[np.bool_], cuts_K: Floats) -> _Tally:
        good, bad = np.sort(scores[positives]), np.sort(scores[~positives])
        return cls(
            len(good),
            len(bad),
            (len(good) - np.searchsorted(good, cuts_K, "left")).astype(np.float64),
            (len(bad) - np.searchsorted(bad, cuts_K, "left")).astype(np.float64),
        )

    def rows(self, criterion: Criterion) -> int:
        """Rows behind the least certain of the rates."""
        if criterion == "demographic-parity":
            return self.positives + self.negatives
        return min(self.positives, self.negatives)

    def rates(self, criterion: Criterion) -> Floats:
        """Shape (K, C)."""
        if criterion == "demographic-parity":
            chosen_K = self.true_positives_K + self.false_positives_K
            return np.asarray(chosen_K / (self.positives + self.negatives))[:, None]
        return np.stack([self.true_positives_K / self.positives, self.false_positives_K / self.negatives], axis=1)

    def share(self, all_positives: float, all_negatives: float) -> Floats:
        """Shape (K,)."""
        right_K = self.true_positives_K / all_positives + (self.negatives - self.false_positives_K) / all_negatives
        return np.asarray(right_K / 2)
