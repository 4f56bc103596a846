"""What every kind of perturbation does to the sampled rows: the texts that are asked, and which answer is whose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sluicegate.evidence.edits import Edits, edited
from sluicegate.evidence.robustness.perturbations import PERTURBATIONS, perturbing
from sluicegate.evidence.scores import Indices


@dataclass(frozen=True)
class ChangedRows:
    """The rows that one kind changes: C of S."""

    kind: str
    rows_C: Indices
    """Which of the sampled rows these are."""
    edits_C: tuple[Edits, ...] = field(repr=False)
    """What becomes of each."""
    texts_C: tuple[str, ...] = field(repr=False)
    """Their texts afterwards; held for the model alone."""


@dataclass(frozen=True)
class PerturbedRows:
    """The sampled rows and what each kind changes in them; the same for the same texts and seed."""

    texts_S: tuple[str, ...] = field(repr=False)
    """The sampled rows' texts."""
    seed: int
    changes: tuple[ChangedRows, ...]
    """A kind each, in the order of `PERTURBATIONS`."""

    @classmethod
    def of(cls, texts_S: Sequence[str], seed: int) -> PerturbedRows:
        """Perturbs the texts in every way that there is."""
        return cls(tuple(texts_S), seed, tuple(_changed(kind, texts_S, seed) for kind in PERTURBATIONS))

    def ask(self) -> list[str]:
        """The texts to be answered, one kind after the other."""
        return [text for of in self.changes for text in of.texts_C]

    def answered(self, answers_A: Any) -> list[tuple[ChangedRows, Any]]:
        """Each kind with its answers.

        Args:
            answers_A: A list or an array of answers to `ask`, in its order.

        Raises:
            ValueError: There are not as many answers as were asked for.
        """
        ends = np.cumsum([len(of.rows_C) for of in self.changes])
        if len(answers_A) != ends[-1]:
            raise ValueError(f"{len(answers_A)} answers to {ends[-1]} texts")
        return [(of, answers_A[end - len(of.rows_C) : end]) for of, end in zip(self.changes, ends, strict=True)]


def _changed(kind: str, texts_S: Sequence[str], seed: int) -> ChangedRows:
    edits_S = [perturbing(kind, text, seed) for text in texts_S]
    new_S = [edited(text, edits) for text, edits in zip(texts_S, edits_S, strict=True)]
    rows = [row for row, text in enumerate(texts_S) if new_S[row] != text]
    return ChangedRows(
        kind, np.array(rows, dtype=np.int64), tuple(edits_S[row] for row in rows), tuple(new_S[row] for row in rows)
    )
