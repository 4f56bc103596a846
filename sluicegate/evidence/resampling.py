"""How sure a figure is: percentile intervals by resampling rows.

A statistic is a function of row weights: all ones give the value itself, and how often each row was
drawn gives one bootstrap round. So value and interval come from the same code, many rounds are one
matrix product, and a comparison of two models is paired because both see the same weights.

Shapes: R rounds, N rows, L labels.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Statistic = Callable[[Floats], Mapping[str, Floats]]
"""Row weights of shape (R, N) → name → figures of shape (R,); NaN where a round leaves one undefined."""
_CHUNK = 4_000_000
_UNDEFINED_SHARE = 0.05


@dataclass(frozen=True)
class Resampling:
    """Settings of the bootstrap over a fixed number of rows.

    Source: Efron & Tibshirani, An Introduction to the Bootstrap (1993), chapter 13.
    """

    rows: int
    rounds: int
    confidence: float
    seed: int

    def weights_RN(self) -> Iterator[Floats]:
        """How often each row was drawn, in chunks of rounds; every round draws `rows` rows in all."""
        random = np.random.default_rng(self.seed)
        step = max(1, _CHUNK // self.rows)
        for start in range(0, self.rounds, step):
            rounds = min(step, self.rounds - start)
            drawn = random.integers(0, self.rows, (rounds, self.rows))
            cells = drawn + np.arange(rounds)[:, None] * self.rows
            yield np.bincount(cells.ravel(), minlength=rounds * self.rows).reshape(rounds, -1).astype(np.float64)

    def estimates(self, statistic: Statistic) -> dict[str, Estimate]:
        """Every figure of `statistic`, with its interval."""
        values = statistic(np.ones((1, self.rows)))
        rounds = [statistic(weights) for weights in self.weights_RN()]
        return {
            name: Estimate(float(value[0]), self._interval(np.concatenate([r[name] for r in rounds])))
            for name, value in values.items()
        }

    def _interval(self, figures_R: Floats) -> tuple[float, float] | None:
        """The percentile interval; None if too many rounds left the figure undefined."""
        defined = figures_R[np.isfinite(figures_R)]
        if len(defined) < (1 - _UNDEFINED_SHARE) * len(figures_R):
            return None
        tail = (1 - self.confidence) / 2
        low, high = np.quantile(defined, [tail, 1 - tail])
        return float(low), float(high)


@dataclass(frozen=True)
class Estimate:
    """A figure and its interval; the value is NaN where the figure is undefined."""

    value: float
    interval: tuple[float, float] | None

    def to_json(self) -> dict[str, float | list[float] | None]:
        """``{"value", "interval"}``, undefined as null."""
        value = self.value if np.isfinite(self.value) else None
        return {"value": value, "interval": list(self.interval) if self.interval else None}
