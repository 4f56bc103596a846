"""Rows whose texts are nearly the same.

Rows with the same hash in a band are in one bucket. Buckets are found by sorting one band at a time, as
64-bit numbers of hash and row together, so memory holds one band of 16 million rows at most. Pairs of a
bucket are compared by their true Jaccard index, and those that reach the threshold are joined. A pair that
hangs together already is not compared: what hangs together in the end is the same in any order of work.

Buckets are small unless texts have a template in common. A large one is first held against its first row, so
that a bucket of rows truly alike falls together at once, and then block by block, up to a budget. Pairs that
the budget does not reach are counted.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from sluicegate.data.hygiene.all_pairs import Pairs, alike_pairs, blocks
from sluicegate.data.hygiene.clusters import Clusters
from sluicegate.data.hygiene.scan import Scan
from sluicegate.data.hygiene.scratch import Scratch
from sluicegate.data.hygiene.shingles import ShingleSets, alike
from sluicegate.progress import report

BUDGET = 1 << 34
"""Pairs of one bucket times the shingles of a text: 20,000 rows of 80 words are compared with one another.
Beyond it rows are compared with those of their own block of up to 2,048 and with the bucket's first row."""
_FEW = 32  # rows of a bucket whose pairs are compared one by one
_PART_ROWS = 1 << 24
_BATCH = 1 << 18
_MOST_UNLIKE = 1 << 24


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
        """The pairs of one band that may be near duplicates: of a large bucket those with its first row only."""
        for rows, sizes in self._parts_of(band):
            before = np.arange(len(rows)) - np.repeat(np.cumsum(sizes) - sizes, sizes)  # rows of the same bucket
            few = np.repeat(sizes <= _FEW, sizes)
            second = np.flatnonzero(few)
            for distance in range(1, _FEW):
                second = second[before[second] >= distance]
                yield rows[second - distance], rows[second]
            far = np.flatnonzero(~few & (before > 0))
            yield rows[far - before[far]], rows[far]

    def large(self, band: int) -> Iterator[NDArray[np.int64]]:
        """The rows of each large bucket of one band."""
        for rows, sizes in self._parts_of(band):
            ends = np.cumsum(sizes)
            for bucket in np.flatnonzero(sizes > _FEW):
                yield rows[ends[bucket] - sizes[bucket] : ends[bucket]]

    def _parts_of(self, band: int) -> Iterator[Pairs]:
        """The rows of one band's buckets, one bucket after the other, and how many each has."""
        for part in range(self._parts):
            packed = self._scratch.load(f"buckets-{band:04d}-{part:04d}", np.uint64)
            keys = packed >> self._row_bits
            begins = np.flatnonzero(np.diff(keys, prepend=~keys[:1]))
            yield self._rows(packed), np.diff(begins, append=len(packed))


class Comparison:
    """Joins pairs that reach the threshold, and remembers those that do not.

    Args:
        rows: Number of rows of the table.
        sets: The shingles of the rows that may be compared.
        threshold: The least Jaccard index.
        budget: Pairs of a large bucket times the shingles of a text.
    """

    def __init__(self, rows: int, sets: ShingleSets, threshold: float, budget: int = BUDGET) -> None:
        self.clusters, self.compared, self.joined, self.not_compared = Clusters(rows), 0, 0, 0
        self._rows, self._sets, self._threshold, self._budget = rows, sets, threshold, budget
        self._unlike, self._fresh = np.empty(0, np.uint64), list[NDArray[np.uint64]]()
        self.left_N = np.zeros(rows, np.bool_)
        """Rows of buckets of which pairs were beyond the budget and did not hang together, shape (N,)."""

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

    def consider_all(self, rows_B: NDArray[np.int64]) -> None:
        """Compares the B rows of a bucket with one another as far as the budget goes; counts pairs beyond it."""
        roots = self.clusters.roots(rows_B)
        if (roots == roots[0]).all():
            return
        order = np.argsort(roots, kind="stable")  # what hangs together is in few blocks
        rows_B, roots = rows_B[order], roots[order]
        places = self._sets.places(rows_B)
        parts, spent, done, beyond = blocks(self._sets, places), 0, list[tuple[slice, slice]](), False
        shingles = [int(self._sets.sizes(places[part]).sum()) for part in parts]
        for distance in range(len(parts)):  # blocks with themselves, then with the next, …
            for one, other, size in zip(parts, parts[distance:], shingles[distance:], strict=False):
                if roots[one.start] == roots[other.stop - 1]:
                    continue
                cost = (one.stop - one.start) * size // (1 if distance else 2)
                if distance and spent + cost > self._budget:
                    beyond = True
                    continue
                spent += cost
                self._blocks(rows_B[one], rows_B[other], within=not distance)
                done.append((one, other))
        if beyond:
            roots = self.clusters.roots(rows_B)
            reached = sum(_apart(roots[one], roots[other], within=one == other) for one, other in done)
            if left := _apart(roots, roots, within=True) - reached:
                self.not_compared += left
                self.left_N[rows_B] = True

    def _blocks(self, left: NDArray[np.int64], right: NDArray[np.int64], *, within: bool) -> None:
        """Compares each row of one block with each of another, or of the same."""
        apart = _apart(self.clusters.roots(left), self.clusters.roots(right), within=within)
        if not apart:
            return
        self.compared += apart
        found = alike_pairs(self._sets, self._sets.places(left), self._sets, self._sets.places(right), self._threshold)
        for one, other in found:
            fresh = self.clusters.roots(left[one]) != self.clusters.roots(right[other])
            if within:
                fresh &= one < other
            self.clusters.join(left[one[fresh]], right[other[fresh]])
            self.joined += int(fresh.sum())

    def remember(self) -> None:
        """Has what was found unlike so far not compared again; no pair comes twice in one band."""
        self._unlike = np.concatenate([self._unlike, *self._fresh])
        self._unlike.sort()
        self._fresh = []


def _apart(roots_A: NDArray[np.int64], roots_B: NDArray[np.int64], *, within: bool) -> int:
    """How many pairs of one block's rows and another's do not hang together; `within` one block each pair once."""
    mine, counts = np.unique(roots_A, return_counts=True)
    theirs, others = np.unique(roots_B, return_counts=True)
    _, left, right = np.intersect1d(mine, theirs, assume_unique=True, return_indices=True)
    pairs = len(roots_A) * len(roots_B) - int(counts[left] @ others[right])
    return pairs // 2 if within else pairs


def _among(values: NDArray[np.uint64], rising: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Whether each value is in the sorted array."""
    if not len(rising):
        return np.zeros(len(values), np.bool_)
    places = np.minimum(np.searchsorted(rising, values), len(rising) - 1)
    found: NDArray[np.bool_] = rising[places] == values
    return found


def near_clusters(buckets: Buckets, sets: ShingleSets, rows: int, threshold: float, budget: int = BUDGET) -> Comparison:
    """Which rows are near duplicates, over any number of steps; and which pairs were compared, joined and left.

    Args:
        buckets: The rows that may be near duplicates.
        sets: Their shingles.
        rows: Number of rows of the table.
        threshold: The least Jaccard index.
        budget: Pairs of a large bucket times the shingles of a text.
    """
    comparison = Comparison(rows, sets, threshold, budget)
    for band in range(buckets.bands):
        for left, right in buckets.pairs(band):
            comparison.consider(left, right)
        comparison.remember()
        for bucket in buckets.large(band):
            comparison.consider_all(bucket)
        report("hygiene", band + 1, buckets.bands, "bands", f"{comparison.joined} pairs joined")
    return comparison
