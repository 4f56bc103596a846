"""Union-find."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.data.hygiene.clusters import Clusters

PAIRS = st.lists(st.tuples(st.integers(0, 19), st.integers(0, 19)), max_size=25)


def plainly(pairs: list[tuple[int, int]]) -> list[int]:
    roots = list(range(20))
    for left, right in pairs:
        low, high = sorted((roots[left], roots[right]))
        roots = [low if root == high else root for root in roots]
    return roots


@given(st.lists(PAIRS, max_size=5))
def test_a_cluster_is_known_by_its_first_row_however_pairs_come(batches: list[list[tuple[int, int]]]) -> None:
    clusters = Clusters(20)
    for pairs in batches:
        left, right = np.array(pairs, np.int64).reshape(-1, 2).T
        clusters.join(left, right)
    assert clusters.roots(np.arange(20)).tolist() == plainly([pair for pairs in batches for pair in pairs])
