"""How likely a token is after one or two others, by counting; what a language model has to beat.

Sources: Witten & Bell, The Zero-Frequency Problem (1991), as an interpolation in Chen & Goodman, An Empirical Study of
Smoothing Techniques for Language Modeling (1999), section 2.5.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence

_BEFORE = -1
"""Stands before the first token of a text."""


class NGrams:
    """Counts of runs of up to `order` tokens, of a vocabulary of `vocabulary`."""

    def __init__(self, order: int, vocabulary: int) -> None:
        self._order, self._vocabulary = order, vocabulary
        self._after: dict[tuple[int, ...], Counter[int]] = {}
        self._totals: Counter[tuple[int, ...]] = Counter()

    def learn(self, texts: Iterable[Sequence[int]]) -> NGrams:
        """Counts these texts as well; returns itself."""
        for tokens in texts:
            for place, token in enumerate(tokens):
                for before in self._contexts(tokens, place):
                    self._after.setdefault(before, Counter())[token] += 1
                    self._totals[before] += 1
        return self

    def nats(self, tokens: Sequence[int]) -> float:
        """Negative log-likelihood of a text."""
        return -math.fsum(math.log(self._probability(tokens, place)) for place in range(len(tokens)))

    def _probability(self, tokens: Sequence[int], place: int) -> float:
        """From the shortest context to the longest, each leaves to the one before what its new tokens would need."""
        chance = 1 / self._vocabulary
        for before in self._contexts(tokens, place):
            if (after := self._after.get(before)) is None:
                break
            total, kinds = self._totals[before], len(after)
            chance = (after[tokens[place]] + kinds * chance) / (total + kinds)
        return chance

    def _contexts(self, tokens: Sequence[int], place: int) -> list[tuple[int, ...]]:
        """The tokens before a place: none, one, and so on."""
        before = [_BEFORE] * max(0, self._order - 1 - place) + list(tokens[max(0, place - self._order + 1) : place])
        return [tuple(before[len(before) - length :]) for length in range(self._order)]
