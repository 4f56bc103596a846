"""What makes images the same, or nearly: digests of pixels and difference hashes, and which of these are close.

Shapes: N images, P pairs, H rows, W columns, C channels.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from sluicegate.spec.pixels import Pixels

_SIDE = 8
_PAIRS_AT_ONCE = 1 << 22


def digest_of_pixels(pixels_HWC: Pixels) -> bytes:
    """SHA-256 of an image's shape and pixels; how its file is written does not matter."""
    return sha256(str(pixels_HWC.shape).encode() + pixels_HWC.tobytes()).digest()


def difference_hash(pixels_HWC: Pixels) -> int:
    """64 bits: whether each place of a picture made 9 × 8 and grey is brighter than the one to its left, row by row.

    Source: Krawetz, Kind of Like That (2013).
    """
    from PIL import Image

    small = Image.fromarray(pixels_HWC).convert("L").resize((_SIDE + 1, _SIDE), Image.Resampling.BOX)
    grey_HW = np.asarray(small, dtype=np.int16)
    return int.from_bytes(np.packbits(grey_HW[:, 1:] > grey_HW[:, :-1]).tobytes(), "big")


def close_pairs(hashes_N: NDArray[np.uint64], distance: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pairs of hashes that differ in `distance` bits at most, all of them: each pair once, the lower number first.

    The bits are parted into `distance` + 1 bands, of which one at least is the same in both hashes of such a pair.

    Args:
        hashes_N: The hashes, each once.
        distance: Bits, fewer than 64.

    Source: Manku, Jain, Das Sarma, Detecting Near-Duplicates for Web Crawling (2007).
    """
    ends = np.linspace(0, 64, distance + 2).astype(int)
    left, right = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for low, high in zip(ends, ends[1:], strict=False):
        mask = np.uint64(((1 << int(high)) - 1) ^ ((1 << int(low)) - 1))
        for one, other in _same(hashes_N & mask):
            near = np.bitwise_count(hashes_N[one] ^ hashes_N[other]) <= distance
            left.append(one[near])
            right.append(other[near])
    pairs_P2 = np.unique(np.stack([np.concatenate(left), np.concatenate(right)], axis=1), axis=0)
    return pairs_P2[:, 0], pairs_P2[:, 1]


def _same(keys_N: NDArray[np.uint64]) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Pairs of places that hold the same key, the lower first; no more than a few million at once."""
    order = np.argsort(keys_N, kind="stable")
    begins = np.flatnonzero(np.r_[True, keys_N[order][1:] != keys_N[order][:-1]])
    for start, size in zip(begins, np.diff(begins, append=len(order)), strict=True):
        group, rows = order[start : start + size], max(1, _PAIRS_AT_ONCE // int(size))
        for first in range(0, int(size) if size > 1 else 0, rows):
            one, other = np.meshgrid(group[first : first + rows], group, indexing="ij")
            yield one[one < other], other[one < other]
