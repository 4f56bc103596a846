"""Rows whose texts are nearly the same.

Rows with the same hash in a band are in one bucket. Buckets are found by sorting one band at a time, as
64-bit numbers of hash and row together, so memory holds one band of 16 million rows at most. Pairs of a
bucket are compared by their true Jaccard index, and those that reach the threshold are joined. A pair that
hangs together already is not compared: what hangs together in the end is the same in any order of work.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from sluicegate.data.hygiene.clusters import Clusters
from sluicegate.data.hygiene.scan import Scan
from sluicegate.data.hygiene.scratch import Scratch
from sluicegate.data.hygiene.shingles import ShingleSets, alike
from sluicegate.progress import report

NEIGHBOURS = 8
"""In a bucket each row is compared with this many rows before it, and with the first; up to 9 rows that is all."""
_PART_ROWS = 1 << 24
_BATCH = 1 << 18
_MOST_UNLIKE = 1 << 24

Pairs = tuple[NDArray[np.int64], NDArray[np.int64]]


class Buckets:
    """Rows that share a band's hash with another row, on disk.

    Args:
        scan: The facts of all rows.
        scratch: Where the buckets are kept.
        bands: Number of bands.
    """

    def __init__(self, scan: Scan, scratch: Scratch, bands: int) -> None:
        self._scan, self._scratch, self.bands = scan, scratch, bands
        self._row_bits = np.uint64(max(1, (scan.rows - 1).bit_length()))
        self._parts = 1 << max(0, -(-scan.rows // _PART_ROWS) - 1).bit_length()

    def find(self, eligible_N: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Sorts every band that is not sorted yet; returns which rows are in any bucket with another."""
        candidates = np.zeros(self._scan.rows, np.bool_)
        for band in range(self.bands):
            names = [f"buckets-{band:04d}-{part:04d}" for part in range(self._parts)]
            if not all(self._scratch.has(name) for name in names):
                hashes = self._scan.band(band)
                for part, name in enumerate(names):
                    self._scratch.save(name, self._sorted(hashes, eligible_N, part))
            for name in names:
                candidates[self._rows(self._scratch.load(name, np.uint64))] = True
            report("hygiene", band + 1, self.bands, "bands", "buckets")
        return candidates

    def _sorted(self, hashes_N: NDArray[np.uint64], eligible_N: NDArray[np.bool_], part: int) -> NDArray[np.uint64]:
        """Hash above row, rising, of the rows that are not alone with their hash."""
        mine = eligible_N if self._parts == 1 else eligible_N & (hashes_N & np.uint64(self._parts - 1) == part)
        rows = np.flatnonzero(mine).astype(np.uint64)
        packed = (hashes_N[mine] >> self._row_bits << self._row_bits) | rows
        packed.sort()
        same = packed[1:] >> self._row_bits == packed[:-1] >> self._row_bits
        member = np.zeros(len(packed), np.bool_)
        member[1:] = same
        member[:-1] |= same
        return packed[member]

    def _rows(self, packed: NDArray[np.uint64]) -> NDArray[np.int64]:
        return (packed & np.uint64((1 << int(self._row_bits)) - 1)).astype(np.int64)

    def pairs(self, band: int) -> Iterator[Pairs]:
        """The pairs of one band that may be near duplicates."""
        for part in range(self._parts):
            packed = self._scratch.load(f"buckets-{band:04d}-{part:04d}", np.uint64)
            rows, keys = self._rows(packed), packed >> self._row_bits
            for distance in range(1, NEIGHBOURS + 1):
                second = np.flatnonzero(keys[distance:] == keys[:-distance]) + distance
                yield rows[second - distance], rows[second]
            place = np.arange(len(keys))
            first = np.where(np.diff(keys, prepend=~keys[:1]) != 0, place, 0)
            np.maximum.accumulate(first, out=first)
            far = np.flatnonzero(place - first > NEIGHBOURS)
            yield rows[first[far]], rows[far]


class Comparison:
    """Joins pairs that reach the threshold, and remembers those that do not.

    Args:
        rows: Number of rows of the table.
        sets: The shingles of the rows that may be compared.
        threshold: The least Jaccard index.
    """

    def __init__(self, rows: int, sets: ShingleSets, threshold: float) -> None:
        self.clusters, self.compared, self.joined = Clusters(rows), 0, 0
        self._rows, self._sets, self._threshold = rows, sets, threshold
        self._unlike, self._fresh = np.empty(0, np.uint64), list[NDArray[np.uint64]]()

    def consider(self, left: NDArray[np.int64], right: NDArray[np.int64]) -> None:
        """Compares the pairs that do not hang together yet."""
        for begin in range(0, len(left), _BATCH):
            self._batch(left[begin : begin + _BATCH], right[begin : begin + _BATCH])

    def _batch(self, left: NDArray[np.int64], right: NDArray[np.int64]) -> None:
        apart = self.clusters.roots(left) != self.clusters.roots(right)
        left, right = left[apart], right[apart]
        codes = np.minimum(left, right).astype(np.uint64) * np.uint64(self._rows) + np.maximum(left, right).astype(
            np.uint64
        )
        fresh = ~_among(codes, self._unlike)
        left, right, codes = left[fresh], right[fresh], codes[fresh]
        good = alike(self._sets, self._sets.places(left), self._sets, self._sets.places(right), self._threshold)
        self.clusters.join(left[good], right[good])
        self.compared += len(left)
        self.joined += int(good.sum())
        if len(self._unlike) < _MOST_UNLIKE:
            self._fresh.append(codes[~good])

    def remember(self) -> None:
        """Has what was found unlike so far not compared again; no pair comes twice in one band."""
        self._unlike = np.concatenate([self._unlike, *self._fresh])
        self._unlike.sort()
        self._fresh = []


def _among(values: NDArray[np.uint64], rising: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Whether each value is in the sorted array."""
    if not len(rising):
        return np.zeros(len(values), np.bool_)
    places = np.minimum(np.searchsorted(rising, values), len(rising) - 1)
    found: NDArray[np.bool_] = rising[places] == values
    return found


def near_clusters(buckets: Buckets, sets: ShingleSets, rows: int, threshold: float) -> tuple[Clusters, dict[str, int]]:
    """Which rows are near duplicates, over any number of steps; and how many pairs were compared and joined."""
    comparison = Comparison(rows, sets, threshold)
    for band in range(buckets.bands):
        for left, right in buckets.pairs(band):
            comparison.consider(left, right)
        comparison.remember()
        report("hygiene", band + 1, buckets.bands, "bands", f"{comparison.joined} pairs joined")
    return comparison.clusters, {"pairs_compared": comparison.compared, "pairs_alike": comparison.joined}
