"""What becomes of each row, and why."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray


class Reason(IntEnum):
    """Why a row is left out; its name in lower case stands in the file of dropped rows."""

    KEPT = 0
    EVALUATION_SAME = 1
    EVALUATION_NEAR = 2
    EVALUATION_QUOTE = 3
    DUPLICATE = 4
    DUPLICATE_ACROSS_SPLITS = 5
    CONFLICTING_LABEL = 6
    NEAR_DUPLICATE = 7
    NEAR_DUPLICATE_ACROSS_SPLITS = 8
    HARMFUL = 9


class Decisions:
    """One decision for each row.

    Args:
        rows: Number of rows.
    """

    def __init__(self, rows: int) -> None:
        self.reasons_N = np.zeros(rows, np.uint8)
        """`Reason` of each row."""
        self.kept_N = np.full(rows, -1, np.int64)
        """The row that stays in its place; -1 where there is none."""

    @property
    def alive_N(self) -> NDArray[np.bool_]:
        """Rows that are not dropped so far."""
        alive_N: NDArray[np.bool_] = self.reasons_N == Reason.KEPT
        return alive_N

    def drop(self, rows: NDArray[np.int64], reason: Reason, kept: NDArray[np.int64] | int = -1) -> None:
        """Leaves out `rows`; `kept` stay in their place."""
        self.reasons_N[rows] = reason
        self.kept_N[rows] = kept

    def settle_stand_ins(self) -> None:
        """Where the row that stays in another's place has gone itself, names the one that stays in its place."""
        replaced = np.flatnonzero(self.kept_N >= 0)
        gone = replaced[self.kept_N[self.kept_N[replaced]] >= 0]
        self.kept_N[gone] = self.kept_N[self.kept_N[gone]]

    def counts(self) -> dict[str, int]:
        """Reason → rows that are left out for it."""
        found = np.bincount(self.reasons_N, minlength=len(Reason))
        return {reason.name.lower(): int(found[reason]) for reason in Reason if reason is not Reason.KEPT}


def split_ranks(names: Sequence[str]) -> NDArray[np.uint8]:
    """How worth keeping each split's rows are: test 0, validation 1, others 2, training 3, by the names' beginning."""

    def rank(name: str) -> int:
        name = name.strip().casefold()
        if name.startswith(("test", "eval", "held", "hold")):
            return 0
        if name.startswith(("val", "dev")):
            return 1
        return 3 if name.startswith("train") else 2

    return np.array([rank(name) for name in names] or [0], np.uint8)
