"""Every text of one block against every text of another: shared shingles counted by a matrix product.

Texts with a common template share a bucket by the thousand, and nearly all of its pairs are below the threshold.
Taken together a pair costs a few nanoseconds where a pair alone costs microseconds: shingles that many rows have
are columns of a dense matrix, the others of a sparse one.

Source: Bayardo, Ma, Srikant, Scaling Up All Pairs Similarity Search (2007), for the problem.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sluicegate.data.hygiene.shingles import ShingleSets, batches

Pairs = tuple[NDArray[np.int64], NDArray[np.int64]]

_ROWS, _ELEMENTS = 2048, 1 << 20  # rows and shingles of a block
_STRIPE = 256  # rows of a block that are held against another block at once
_COMMON = 4  # a shingle that one row in so many has is a dense column: at most 32 MB for two blocks
_SLACK = 0.25  # in shingles, of each size: more than single precision can be out by


def blocks(sets: ShingleSets, places_R: NDArray[np.int64]) -> list[slice]:
    """Neighbours among R sets that fit in memory together."""
    return batches(sets.sizes(places_R), _ROWS, _ELEMENTS)


def alike_pairs(
    left: ShingleSets, left_A: NDArray[np.int64], right: ShingleSets, right_B: NDArray[np.int64], threshold: float
) -> Iterator[Pairs]:
    """Which of A sets and which of B have a Jaccard index of at least `threshold`: positions in A and in B.

    Args:
        left: Sets of one block.
        left_A: Places in `left`, shape (A,).
        right: Sets of the other block.
        right_B: Places in `right`, shape (B,).
        threshold: The least Jaccard index, in (0, 1].

    Yields:
        Pairs of a few of the A sets, rising; in all, every pair that is alike.
    """
    sizes_A, sizes_B = left.sizes(left_A), right.sizes(right_B)
    share = threshold / (1 + threshold)  # of both sizes together, which the shared shingles must reach
    least_A, least_B = ((share * sizes - _SLACK).astype(np.float32) for sizes in (sizes_A, sizes_B))
    (dense_A, dense_B), (sparse_A, sparse_B) = _matrices(left.gather(left_A), sizes_A, right.gather(right_B), sizes_B)
    for begin in range(0, len(left_A), _STRIPE):
        stripe = slice(begin, begin + _STRIPE)
        shared = dense_A[stripe] @ dense_B.T
        rest = (sparse_A[stripe] @ sparse_B.T).tocoo()
        shared[rest.row, rest.col] += rest.data
        one, other = np.nonzero(shared >= least_A[stripe, None] + least_B)
        both = shared[one, other].astype(np.float64)
        union = sizes_A[begin + one] + sizes_B[other] - both
        good = (both >= threshold * union - 1e-9) & (union > 0)
        yield begin + one[good], other[good]


def _matrices(
    hashes_S: NDArray[np.uint64], sizes_A: NDArray[np.int64], hashes_T: NDArray[np.uint64], sizes_B: NDArray[np.int64]
) -> tuple[list[NDArray[np.float32]], list[Any]]:
    """For both blocks which row has which shingle, 1 or 0: those that many rows have, and the others.

    Returns:
        Dense, shapes (A, C) and (B, C); sparse, shapes (A, F) and (B, F).
    """
    from scipy.sparse import csr_array

    _, shingle, having_F = np.unique(np.concatenate((hashes_S, hashes_T)), return_inverse=True, return_counts=True)
    common_F = having_F * _COMMON >= len(sizes_A) + len(sizes_B)
    column_F = np.cumsum(common_F) - 1
    dense, sparse = [], []
    for sizes, mine in ((sizes_A, shingle[: len(hashes_S)]), (sizes_B, shingle[len(hashes_S) :])):
        row, common = np.repeat(np.arange(len(sizes)), sizes), common_F[mine]
        many = np.zeros((len(sizes), int(common_F.sum())), np.float32)
        many[row[common], column_F[mine[common]]] = 1
        few = ~common & (having_F[mine] > 1)  # what one row alone has is not shared
        places = (row[few], mine[few])
        dense.append(many)
        sparse.append(csr_array((np.ones(int(few.sum()), np.float32), places), shape=(len(sizes), len(having_F))))
    return dense, sparse
