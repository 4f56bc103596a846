"""How sure a figure is: percentile intervals by resampling rows.

A statistic is a function of row weights: all ones give the value itself, and how often each row was
drawn gives one bootstrap round. So value and interval come from the same code, many rounds are one
matrix product, and a comparison of two models is paired because both see the same weights.

Resampling never leaves what it saw: where all rows were answered rightly, or none was answered otherwise than
before, every round comes to the same, or nearly every one. An interval of no width would claim to be sure, so there
the exact limit of what was not seen is taken, and where a figure has none, no interval.

Shapes: R rounds, N rows, L labels.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from sluicegate.evidence.proportions import exact_interval, none_seen

Floats = NDArray[np.float64]
Statistic = Callable[[Floats], Mapping[str, Floats]]
"""Row weights of shape (R, N) → name → figures of shape (R,); NaN where a round leaves one undefined."""
_NUMBERS_AT_ONCE = 4_000_000
_UNDEFINED_SHARE = 0.05
_NO_WIDTH = 1e-12
"""What sums of the same numbers in another order may differ by."""
NOTHING: Mapping[str, Behind] = MappingProxyType({})


def rounds_at_once(rounds: int, rows: int) -> Iterator[int]:
    """`rounds` in parts: of how many rounds of `rows` rows each the numbers are held at a time."""
    step = max(1, _NUMBERS_AT_ONCE // rows)
    for done in range(0, rounds, step):
        yield min(step, rounds - done)


def weights_RN(random: np.random.Generator, rounds: int, rows: int) -> Floats:
    """How often each row comes where every one of `rounds` rounds draws as many rows as there are, shape (R, N)."""
    drawn = random.integers(0, rows, (rounds, rows))
    cells = drawn + np.arange(rounds)[:, None] * rows
    return np.bincount(cells.ravel(), minlength=rounds * rows).reshape(rounds, rows).astype(np.float64)


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
        for rounds in rounds_at_once(self.rounds, self.rows):
            yield weights_RN(random, rounds, self.rows)

    def estimates(self, statistic: Statistic, behind: Mapping[str, Behind] = NOTHING) -> dict[str, Estimate]:
        """Every figure of `statistic`, with its interval.

        Args:
            statistic: The figures.
            behind: Of those that are shares, what they are shares of.
        """
        return {name: of.estimate(self.confidence) for name, of in self.resampled(statistic, behind).items()}

    def resampled(self, statistic: Statistic, behind: Mapping[str, Behind] = NOTHING) -> dict[str, Resampled]:
        """The same with every round's figures, for those who want intervals of another confidence."""
        values = statistic(np.ones((1, self.rows)))
        rounds = [statistic(weights) for weights in self.weights_RN()]
        return {
            name: Resampled(float(value[0]), np.concatenate([r[name] for r in rounds]), behind.get(name))
            for name, value in values.items()
        }


@dataclass(frozen=True)
class Behind:
    """The independent units behind a mean of figures from 0 to 1, which say how sure it is where no round differed.

    Source: Hanley & Lippman-Hand, If Nothing Goes Wrong, Is Everything All Right? (1983).
    """

    units: Sequence[int]
    """How many; several where the figure is the mean of as many shares."""
    least: float = 0.0
    """What the figure cannot be below; -1 of a difference."""
    counted: bool = False
    """Whether the figure is the share of just these units that something is true of."""
    chosen: bool = False
    """Whether the rows themselves tell which of them are the units, so that rounds differ though all units agree: of
    the rows that the model is surest of, a round may hold others."""

    @classmethod
    def share(cls, units: int) -> Behind:
        """Of a figure that counts so many units."""
        return cls((units,), counted=True)

    def around(self, value: float, confidence: float) -> tuple[float, float] | None:
        """The figures that leave it possible that no unit changed `value`; None where there is no unit."""
        if not len(self.units) or not min(self.units):
            return None
        margin = float(np.mean([none_seen(int(units), confidence) for units in self.units]))
        return max(self.least, value - margin), min(1.0, value + margin)


@dataclass(frozen=True)
class Resampled:
    """A figure, and what it came to in each round."""

    value: float
    rounds_R: Floats
    behind: Behind | None = None

    def estimate(self, confidence: float, comparisons: int = 1) -> Estimate:
        """The figure with its percentile interval, which holds the figure itself.

        There is none where too many rounds left the figure undefined.

        Args:
            confidence: Level of the interval.
            comparisons: Of how many figures all intervals are to hold together (Bonferroni). So far out, rounds are
                few: a counted share then has its exact interval, another figure at least that of the normal curve.
        """
        level = 1 - (1 - confidence) / comparisons
        interval = self._interval(level)
        return Estimate(self.value, self._far_out(interval, level) if interval and comparisons > 1 else interval)

    def _interval(self, confidence: float) -> tuple[float, float] | None:
        defined = self.rounds_R[np.isfinite(self.rounds_R)]
        if not np.isfinite(self.value) or len(defined) < (1 - _UNDEFINED_SHARE) * len(self.rounds_R):
            return None
        tail = (1 - confidence) / 2
        low, high = (float(end) for end in np.quantile(defined, [tail, 1 - tail]))
        around = self.behind.around(self.value, confidence) if self.behind else None
        if high - low < _NO_WIDTH:
            return around
        if around is not None and self._all_chosen_agree():
            low, high = min(low, around[0]), max(high, around[1])
        return min(low, self.value), max(high, self.value)

    def _all_chosen_agree(self) -> bool:
        """Whether the figure is 0 or 1 of units that are chosen anew in each round."""
        return bool(self.behind and self.behind.chosen and min(self.value, 1 - self.value) < _NO_WIDTH)

    def _far_out(self, interval: tuple[float, float], level: float) -> tuple[float, float]:
        from scipy.stats import norm

        if self.behind and self.behind.counted:
            (units,) = self.behind.units
            return exact_interval(round(self.value * units), units, level)
        margin = float(norm.ppf((1 + level) / 2) * np.nanstd(self.rounds_R))
        low, high = min(interval[0], self.value - margin), max(interval[1], self.value + margin)
        return (max(low, self.behind.least), min(high, 1.0)) if self.behind else (low, high)


@dataclass(frozen=True)
class Estimate:
    """A figure and its interval; the value is NaN where the figure is undefined."""

    value: float
    interval: tuple[float, float] | None

    def to_json(self) -> dict[str, float | list[float] | None]:
        """``{"value", "interval"}``, undefined as null."""
        value = self.value if np.isfinite(self.value) else None
        return {"value": value, "interval": list(self.interval) if self.interval else None}


UNDEFINED = Estimate(np.nan, None)
