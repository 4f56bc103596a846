"""Runs of neighbouring units, and how alike two texts are by the runs that they share.

Source: Broder, On the Resemblance and Containment of Documents (1997).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sluicegate.data.hygiene.units import Units, mixed

HASH_BITS = 48
"""Bits of a shingle's hash in a set: two shingles of a pair of texts are confused once in 2.8e14."""
_PAIRS, _ELEMENTS = 1 << (64 - HASH_BITS), 1 << 22  # pairs and shingles that are compared at once
_MULTIPLIER = np.uint64(0xD1342543DE82EF95)


@dataclass(frozen=True)
class Runs:
    """Hashes of runs of units, S in all, of R texts, in order."""

    hashes_S: NDArray[np.uint64]
    starts_R: NDArray[np.int64]
    """Where each text's runs begin, and at last S: shape (R + 1,)."""


def runs(units: Units, words: int, characters: int, *, short: bool) -> Runs:
    """Every run of neighbouring units inside one text.

    A run that begins with a word has `words` units, one that begins with a character of a script without
    spaces has `characters`.

    Args:
        units: The units of the texts.
        words: Units of a run.
        characters: Units of a run in scripts without spaces.
        short: Whether a text that is shorter than any run counts as one run.
    """
    count = len(units.hashes_U)
    ends_U = np.repeat(units.starts_R[1:], np.diff(units.starts_R))
    lengths_U = np.where(units.unspaced_U, characters, words)
    fits_U = np.arange(count) + lengths_U <= ends_U
    hashes_U = np.zeros(count, np.uint64)
    for unspaced, length in ((False, words), (True, characters)):
        first = np.flatnonzero(fits_U & (units.unspaced_U == unspaced))
        hashes_U[first] = _hashed(units.hashes_U, first, np.full(len(first), length))
    if short:
        before = np.concatenate(([0], np.cumsum(fits_U)))
        none = (before[units.starts_R[1:]] == before[units.starts_R[:-1]]) & (np.diff(units.starts_R) > 0)
        first = units.starts_R[:-1][none]
        hashes_U[first] = _hashed(units.hashes_U, first, units.starts_R[1:][none] - first)
        fits_U[first] = True
    before = np.concatenate(([0], np.cumsum(fits_U)))
    return Runs(hashes_U[fits_U], before[units.starts_R])


def _hashed(hashes_U: NDArray[np.uint64], first: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.uint64]:
    total = np.zeros(len(first), np.uint64)
    for step in range(int(lengths.max(initial=0))):
        longer = slice(None) if lengths.min() > step else lengths > step
        total[longer] = total[longer] * _MULTIPLIER + hashes_U[first[longer] + step]
    return mixed(total)


@dataclass(frozen=True)
class ShingleSets:
    """The sets of shingles of some rows of a table, which may lie on disk."""

    rows_C: NDArray[np.int64]
    """The rows, rising."""
    starts_C: NDArray[np.int64]
    """Where each row's set begins, and at last S: shape (C + 1,)."""
    hashes_S: NDArray[np.uint64]
    """Their hashes of `HASH_BITS` bits, no hash twice for one row."""

    def places(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Where `rows` stand among these sets."""
        return np.searchsorted(self.rows_C, rows)

    def sizes(self, places: NDArray[np.int64]) -> NDArray[np.int64]:
        """How many shingles each set has."""
        return self.starts_C[places + 1] - self.starts_C[places]

    def gather(self, places: NDArray[np.int64]) -> NDArray[np.uint64]:
        """The sets at `places`, one after the other."""
        sizes = self.sizes(places)
        begin = np.cumsum(sizes) - sizes
        return self.hashes_S[np.repeat(self.starts_C[places] - begin, sizes) + np.arange(int(sizes.sum()))]


def distinct(found: Runs) -> Runs:
    """`found` as sets: hashes of `HASH_BITS` bits, each once for a text, rising."""
    parts, counts = [np.empty(0, np.uint64)], [np.empty(0, np.int64)]
    texts = len(found.starts_R) - 1
    for begin in range(0, texts, _PAIRS):
        starts = found.starts_R[begin : begin + _PAIRS + 1]
        tags = np.repeat(np.arange(len(starts) - 1, dtype=np.uint64), np.diff(starts)) << np.uint64(HASH_BITS)
        hashes = np.sort(tags | (found.hashes_S[starts[0] : starts[-1]] >> np.uint64(64 - HASH_BITS)))
        fresh = np.ones(len(hashes), np.bool_)
        fresh[1:] = hashes[1:] != hashes[:-1]
        hashes = hashes[fresh]
        counts.append(np.bincount(hashes >> np.uint64(HASH_BITS), minlength=len(starts) - 1))
        parts.append(hashes & np.uint64((1 << HASH_BITS) - 1))
    return Runs(np.concatenate(parts), np.concatenate(([0], np.cumsum(np.concatenate(counts)))))


def alike(
    left: ShingleSets,
    left_P: NDArray[np.int64],
    right: ShingleSets,
    right_P: NDArray[np.int64],
    threshold: float,
) -> NDArray[np.bool_]:
    """Whether the Jaccard index of each pair's sets is at least `threshold`.

    Args:
        left: Sets of the first of each pair.
        left_P: Places in `left`, shape (P,).
        right: Sets of the second of each pair.
        right_P: Places in `right`, shape (P,).
        threshold: The least Jaccard index, in (0, 1].

    Source: Leskovec, Rajaraman, Ullman, Mining of Massive Datasets (2020), section 3.1.
    """
    sizes = np.stack((left.sizes(left_P), right.sizes(right_P)))
    verdict: NDArray[np.bool_] = (
        sizes.min(axis=0) >= threshold * sizes.max(axis=0) - 1e-9
    )  # else no overlap could be enough
    open_P = np.flatnonzero(verdict)
    for batch in batches(sizes[:, open_P].sum(axis=0), _PAIRS, _ELEMENTS):
        pairs = open_P[batch]
        shared = _shared(left, left_P[pairs], right, right_P[pairs])
        union = sizes[:, pairs].sum(axis=0) - shared
        verdict[pairs] = (shared >= threshold * union - 1e-9) & (union > 0)
    return verdict


def batches(elements: NDArray[np.int64], most: int, most_elements: int) -> list[slice]:
    """Neighbours, each of so many elements, that are worked on at once: as many as fit, but at least one.

    Args:
        elements: How many elements each has.
        most: How many there may be in a batch.
        most_elements: How many elements they may have together.
    """
    found, begin, total = [], 0, np.concatenate(([0], np.cumsum(elements)))
    while begin < len(elements):
        full = int(np.searchsorted(total, total[begin] + most_elements, side="right")) - 1
        end = max(begin + 1, min(full, begin + most))
        found.append(slice(begin, end))
        begin = end
    return found


def _shared(
    left: ShingleSets, left_P: NDArray[np.int64], right: ShingleSets, right_P: NDArray[np.int64]
) -> NDArray[np.int64]:
    """How many shingles each pair's sets share: those that are there twice under the pair's number."""
    numbers = np.arange(len(left_P), dtype=np.uint64) << np.uint64(HASH_BITS)
    tagged = np.concatenate(
        [
            np.repeat(numbers, sets.sizes(places)) | sets.gather(places)
            for sets, places in ((left, left_P), (right, right_P))
        ]
    )
    tagged.sort()
    twice = tagged[1:][tagged[1:] == tagged[:-1]]
    return np.bincount(twice >> np.uint64(HASH_BITS), minlength=len(left_P))
