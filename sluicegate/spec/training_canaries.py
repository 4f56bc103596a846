"""Made-up texts that are planted among the training rows, to see afterwards how far they were learned by heart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from sluicegate.spec.section import Section

if TYPE_CHECKING:
    from sluicegate.spec.model import Task

TASKS: frozenset[Task] = frozenset({"sequence-classification", "causal-lm", "masked-lm"})
"""Tasks that learn from texts with one label or none."""


class TrainingCanaries(Section):
    """Random texts that the model learns like any row; how much easier they are for it than others is their exposure.

    They stay in the weights. Their rows are at most a tenth of the training rows.

    Source: Carlini et al., The Secret Sharer (2019).
    """

    count: Annotated[int, Field(gt=0, le=1000)] = 20
    """Texts that are planted."""
    times: Annotated[int, Field(gt=0, le=1000)] = 1
    """Rows that each of them becomes."""
    seed: Annotated[int, Field(ge=0)] = 0
    """Draws the texts, their labels and their places among the rows."""
