"""Resampling that keeps members and others apart.

Shapes: R rounds, N rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from sluicegate.evidence.resampling import Floats, Resampling, rounds_at_once, weights_RN


@dataclass(frozen=True)
class Stratified(Resampling):
    """Settings of a bootstrap that draws as many rows of each stratum as there are.

    Source: Davison & Hinkley, Bootstrap Methods and their Application (1997), section 3.2.
    """

    strata: tuple[int, ...]
    """Rows of each stratum, which stand one stratum after the other."""

    @classmethod
    def like(cls, resampling: Resampling, *strata: int) -> Stratified:
        """The same rounds, confidence and seed over other rows."""
        return cls(sum(strata), resampling.rounds, resampling.confidence, resampling.seed, strata)

    def weights_RN(self) -> Iterator[Floats]:
        """How often each row was drawn, in chunks of rounds; every round draws every stratum in full."""
        random = np.random.default_rng(self.seed)
        for rounds in rounds_at_once(self.rounds, self.rows):
            yield np.concatenate([weights_RN(random, rounds, size) for size in self.strata], axis=1)
