"""Signatures that agree as often as texts are alike, in bands, so that near duplicates meet in a bucket.

Source: Broder, On the Resemblance and Containment of Documents (1997); banding as in Leskovec, Rajaraman,
Ullman, Mining of Massive Datasets (2020), section 3.4.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sluicegate.data.hygiene.shingles import Runs
from sluicegate.data.hygiene.units import mixed

SOUGHT = 0.98
"""Least probability with which a pair right at the threshold is to meet."""
_BLOCK = 1 << 15  # shingles that stay in the processor's cache
_ROUND = np.uint64(0xD1342543DE82EF95)


@dataclass(frozen=True)
class Banding:
    """`bands` bands of `rows` minima each."""

    bands: int
    rows: int

    def meets(self, jaccard: float) -> float:
        """Probability that two texts with this Jaccard index meet in at least one bucket."""
        return float(1 - (1 - jaccard**self.rows) ** self.bands)


def banding(threshold: float, permutations: int) -> Banding:
    """The banding with the fewest false candidates that misses at most 2% of the pairs at the threshold."""
    choices = [Banding(permutations // rows, rows) for rows in range(1, permutations + 1)]
    good = [choice for choice in choices if choice.meets(threshold) >= SOUGHT]
    return good[-1] if good else choices[0]


class BandHasher:
    """Shingles in, one hash for each band out; the same for the same seed everywhere.

    Args:
        banding: How minima are put together.
        seed: Seed of the hash functions.
    """

    def __init__(self, banding: Banding, seed: int) -> None:
        numbers = np.arange(banding.bands * banding.rows, dtype=np.uint64)
        self._factors = mixed(mixed(numbers) ^ mixed(np.array([seed % (1 << 64)], np.uint64))) | np.uint64(1)
        self._banding = banding

    def bands(self, found: Runs) -> NDArray[np.uint64]:
        """A hash for each band and text, shape (bands, R); a text without shingles has 0 in all."""
        texts = len(found.starts_R) - 1
        bands = np.zeros((self._banding.bands, texts), np.uint64)
        filled = np.flatnonzero(np.diff(found.starts_R))
        begin = 0
        while begin < len(filled):
            first = found.starts_R[filled[begin]]
            full = int(np.searchsorted(found.starts_R[filled + 1], first + _BLOCK, side="right"))
            end = max(begin + 1, full)
            rows = filled[begin:end]
            hashes = found.hashes_S[first : found.starts_R[rows[-1] + 1]]
            bands[:, rows] = self._block(hashes, found.starts_R[rows] - first)
            begin = end
        return bands

    def _block(self, hashes_S: NDArray[np.uint64], starts: NDArray[np.int64]) -> NDArray[np.uint64]:
        bands = np.zeros((self._banding.bands, len(starts)), np.uint64)
        product, minima = np.empty_like(hashes_S), np.empty(len(starts), np.uint64)
        for number, factor in enumerate(self._factors):
            np.multiply(hashes_S, factor, out=product)  # hashes are random already: a product is another order of them
            np.minimum.reduceat(product, starts, out=minima)
            band = bands[number // self._banding.rows]
            band *= _ROUND
            band += minima
        return mixed(bands)
