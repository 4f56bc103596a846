"""Test rows that mention a group, and the same with another group: does the answer stay?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

import numpy as np

from sluicegate.evidence.edits import Edits, edited
from sluicegate.evidence.finding import Finding, not_applicable
from sluicegate.evidence.identity.counterfactuals import Pairs, measure_pairs
from sluicegate.evidence.identity.exchange import exchange
from sluicegate.evidence.identity.mentions import Lexicon
from sluicegate.evidence.resampling import Floats

MOST_TEXTS = 500
"""More are sampled down to this."""


@dataclass(frozen=True)
class ExchangeTest:
    """Test rows with a group exchanged for another; the same for the same seed."""

    attribute: str
    seed: int
    able: int
    """Test rows in which a term can be exchanged; `rows` are a sample of these."""
    rows: tuple[int, ...]
    """Numbers of the test rows, ascending."""
    texts: tuple[str, ...] = field(repr=False)
    """The rows' texts after the exchange; held for the model alone."""
    edits: tuple[Edits, ...] = field(repr=False)
    """What was exchanged in each of them."""

    @classmethod
    def of(cls, lexicon: Lexicon, texts: Sequence[str], seed: int, most: int = MOST_TEXTS) -> ExchangeTest:
        """Exchanges in every test row in which that can be done, and samples `most` of them.

        Args:
            lexicon: The attribute's terms, with names if these are to be exchanged.
            texts: The test rows' texts.
            seed: Seed of the draw of rows, groups and terms.
            most: So many texts at most.
        """
        found: dict[int, tuple[str, Edits]] = {}
        for row, text in enumerate(texts):
            edits = exchange(text, lexicon, Random(f"{seed} {lexicon.attribute} {row}"))
            if (new := edited(text, edits)) != text:
                found[row] = new, edits
        rows = sorted(Random(f"{seed} {lexicon.attribute}").sample(sorted(found), min(most, len(found))))
        changed, edits_of = tuple(found[row][0] for row in rows), tuple(found[row][1] for row in rows)
        return cls(lexicon.attribute, seed, len(found), tuple(rows), changed, edits_of)

    def ask(self) -> list[str]:
        """The texts to be answered."""
        return list(self.texts)

    def measure(
        self, test_NL: Floats, probabilities_ML: Floats, rounds: int, confidence: float
    ) -> tuple[list[Finding], dict[str, Any]]:
        """Findings ``exchange_flips``, ``exchange_change`` and ``exchange_change_largest``, and their figures.

        Args:
            test_NL: The answers to all test rows as they are.
            probabilities_ML: The answers to `ask`, in its order.
            rounds: Rounds of the bootstrap over texts.
            confidence: Level of the intervals.

        Raises:
            ValueError: There are not as many answers as were asked for.
        """
        if len(probabilities_ML) != len(self.texts):
            raise ValueError(f"{len(probabilities_ML)} answers to {len(self.texts)} texts")
        if not self.rows:
            why = "no test row has a term of it that can be exchanged"
            names = [f"identity.exchange_{kind}[{self.attribute}]" for kind in ("flips", "change", "change_largest")]
            figures = {"attribute": self.attribute, "units": 0, "status": "not_applicable", "why": why}
            return [not_applicable(name, why) for name in names], figures
        pairs = Pairs(test_NL[list(self.rows)], probabilities_ML, np.arange(len(self.rows)))
        findings, figures = measure_pairs("exchange", self.attribute, "texts", pairs, rounds, confidence, self.seed)
        return findings, figures | {"able": self.able}
