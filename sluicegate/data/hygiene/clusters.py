"""Which rows hang together: union-find over flat arrays, many pairs at once.

Source: Galler, Fischer, An Improved Equivalence Algorithm (1964).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


class Clusters:
    """Rows in clusters, at first each in its own; a cluster is known by its first row.

    Args:
        rows: Number of rows.
    """

    def __init__(self, rows: int) -> None:
        self._parents = np.arange(rows)

    def roots(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """The first row of each row's cluster."""
        found = self._parents[rows]
        while len(moved := np.flatnonzero(self._parents[found] != found)):
            found[moved] = self._parents[found[moved]]
        self._parents[rows] = found
        return found

    def join(self, left: NDArray[np.int64], right: NDArray[np.int64]) -> None:
        """Makes one cluster of the two clusters of each pair."""
        from scipy.sparse import coo_array
        from scipy.sparse.csgraph import connected_components

        if not len(left):
            return
        roots = np.concatenate((self.roots(left), self.roots(right)))
        nodes, places = np.unique(roots, return_inverse=True)
        pairs = (places[: len(left)], places[len(left) :])
        graph = coo_array((np.ones(len(left), np.bool_), pairs), shape=(len(nodes), len(nodes)))
        count, labels = connected_components(graph, directed=False)
        least = np.full(count, nodes[-1])
        np.minimum.at(least, labels, nodes)
        self._parents[nodes] = least[labels]
