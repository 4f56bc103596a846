"""Which rows break which expectation, kept on disk so that memory does not grow with the rows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray


class BrokenRows:
    """For each expectation, by its position in the suite, the rows that break it.

    Args:
        folder: Where one byte for each row of the table and each broken expectation is kept.
        rows: Rows of the table.
    """

    def __init__(self, folder: Path, rows: int) -> None:
        self._folder, self._rows = folder, rows
        self._marks: dict[int, NDArray[np.bool_]] = {}

    def mark(self, position: int, rows_M: NDArray[np.int64]) -> None:
        """Adds row numbers, shape (M,), to those that break the expectation."""
        if not rows_M.size:
            return
        if position not in self._marks:
            path = self._folder / f"broken-{position}"
            self._marks[position] = np.memmap(path, dtype=np.bool_, mode="w+", shape=(self._rows,))
        self._marks[position][rows_M] = True

    def forget(self, position: int) -> None:
        """Drops what was marked for an expectation, which holds all the same."""
        self._marks.pop(position, None)

    def within(self, start: int, stop: int) -> dict[int, NDArray[np.bool_]]:
        """For each broken expectation, in suite order, whether each row from `start` to `stop` breaks it."""
        return {position: np.asarray(self._marks[position][start:stop]) for position in sorted(self._marks)}

    def count(self) -> int:
        """Rows that break at least one expectation."""
        step = 1 << 20
        return sum(
            int(np.any(list(self.within(start, start + step).values()), axis=0).sum())
            for start in range(0, self._rows if self._marks else 0, step)
        )
