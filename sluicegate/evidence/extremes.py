"""The lowest of several figures, and how far apart they are.

Which one is lowest is partly chance: of ten groups that are equal in truth one always seems the worst, and to
resample the choice doubles what chance does to it. So the parts' intervals must hold together (`Resampled.estimate`
with `comparisons`), and what they leave possible is the interval here: it covers the truth at least as often as it
says, mostly more often.

Source: Dunn, Multiple Comparisons among Means (1961).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from sluicegate.evidence.resampling import UNDEFINED, Estimate, Resampled


def together(parts: Sequence[Resampled], confidence: float) -> list[Estimate]:
    """The parts that are defined, with intervals that hold for all of them at once."""
    defined = [part for part in parts if np.isfinite(part.value)]
    return [part.estimate(confidence, len(defined)) for part in defined]


def lowest(parts: Sequence[Estimate]) -> Estimate:
    """The lowest part; undefined without parts, without interval where a part has none."""
    return _picked(parts, min)


def largest(parts: Sequence[Estimate]) -> Estimate:
    """The largest part, in the same way."""
    return _picked(parts, max)


def _picked(parts: Sequence[Estimate], pick: Callable[[Iterable[float]], float]) -> Estimate:
    if not parts:
        return UNDEFINED
    ends = _ends(parts)
    interval = (pick(low for low, _ in ends), pick(high for _, high in ends)) if ends else None
    return Estimate(pick(part.value for part in parts), interval)


def gap(parts: Sequence[Estimate]) -> Estimate:
    """The largest part less the lowest; undefined of fewer than two."""
    if len(parts) < 2:
        return UNDEFINED
    values, ends = [part.value for part in parts], _ends(parts)
    if not ends:
        return Estimate(max(values) - min(values), None)
    lows, highs = [low for low, _ in ends], [high for _, high in ends]
    return Estimate(max(values) - min(values), (max(0.0, max(lows) - min(highs)), max(highs) - min(lows)))


def widest_gap(alternatives: Sequence[Sequence[Resampled]], confidence: float) -> Estimate:
    """The largest of several gaps, each between parts of its own (of which fewer than two are none)."""
    compared = [parts for each in alternatives if len(parts := [p for p in each if np.isfinite(p.value)]) > 1]
    comparisons = sum(len(parts) for parts in compared)
    return largest([gap([part.estimate(confidence, comparisons) for part in parts]) for parts in compared])


def _ends(parts: Sequence[Estimate]) -> list[tuple[float, float]] | None:
    ends = [part.interval for part in parts if part.interval]
    return ends if len(ends) == len(parts) else None
