"""Texts that several measures want to be answered, in one pass over the candidate."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sluicegate.evidence.resampling import Floats

Answer = Callable[[list[Any]], Floats]
"""N texts, or the bytes of images → the candidate's probabilities for them, shape (N, L)."""


@dataclass
class Questions:
    """What is asked, by who asks it; whoever asks the same gets the same answer, and it is computed once."""

    _asked: dict[str, list[Any]] = field(default_factory=dict)

    def add(self, asker: str, subjects: Sequence[Any]) -> None:
        """Adds texts, or images.

        Raises:
            ValueError: This asker has asked already.
        """
        if asker in self._asked:
            raise ValueError(f"{asker} has asked already")
        self._asked[asker] = list(subjects)

    def answered(self, answer: Answer) -> dict[str, Floats]:
        """The answers to each asker's questions in its own order, shape (its own number, L)."""
        different = list(dict.fromkeys(subject for subjects in self._asked.values() for subject in subjects))
        place = {subject: number for number, subject in enumerate(different)}
        found_QL = answer(different)
        return {
            asker: found_QL[[place[subject] for subject in subjects]] if subjects else found_QL[:0]
            for asker, subjects in self._asked.items()
        }
