"""Which rows a step trains on: each one independently, with one probability.

Amplification by sampling, which the accountants count on, holds for this and not for batches cut from a shuffled
list. Source: Mironov et al., Rényi Differential Privacy of the Sampled Gaussian Mechanism (2019).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sluicegate.errors import InputRefused
from sluicegate.training.private.seeds import generator

_SECTION = "training.privacy"


@dataclass(frozen=True)
class PoissonSampling:
    """Draws the rows of every step; how many there are differs from step to step, and may be none.

    Raises:
        InputRefused: There are no rows, or the rate is not above 0 and at most 1.
    """

    rows: int
    """Training rows."""
    rate: float
    """Probability with which a row is in a step, in (0, 1]."""
    seed: int
    """Secret, see `seeds`."""

    def __post_init__(self) -> None:
        if self.rows < 1:
            raise InputRefused(_SECTION, "rows", f"is {self.rows}, at least 1 training row is needed")
        if not 0 < self.rate <= 1:
            remedy = "expect no more rows in a step than there are"
            raise InputRefused(_SECTION, "sampling_rate", f"is {self.rate}, not in (0, 1]", remedy)

    @classmethod
    def expecting(cls, batch_size: int, *, rows: int, seed: int) -> PoissonSampling:
        """The sampling that draws `batch_size` rows on average."""
        return cls(rows, batch_size / max(rows, 1), seed)

    @property
    def expected_rows(self) -> float:
        """Rows in a step on average: what the sum of their gradients is divided by."""
        return self.rows * self.rate

    def steps(self, epochs: float) -> int:
        """Steps in which a row is drawn `epochs` times on average, rounded up."""
        return math.ceil(epochs / self.rate - 1e-9)

    def draw(self, step: int) -> NDArray[np.int64]:
        """Row numbers of `step`, ascending, shape (B,); B may be 0. The same for the same seed and step."""
        return np.flatnonzero(generator(self.seed, "rows", step).random(self.rows) < self.rate)


def micro_batches(drawn_B: NDArray[np.int64], lengths_N: NDArray[np.int64], size: int) -> list[NDArray[np.int64]]:
    """The drawn rows from short to long, cut into parts of `size` at most; none where nothing was drawn.

    Lengths decide which rows are computed together, never which are drawn; the sum does not depend on the cut.
    """
    order_B = drawn_B[np.argsort(lengths_N[drawn_B], kind="stable")]
    return [order_B[start : start + size] for start in range(0, len(order_B), size)]
