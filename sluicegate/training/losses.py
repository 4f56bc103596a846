"""What a run has lost in its last steps, each over as many rows as it had."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple


class StepLoss(NamedTuple):
    """The loss of one step."""

    mean: float
    """In nats over its rows; 0 where it had none."""
    rows: int
    """How many; in a private run chance decides, and there may be none."""


def mean_loss(steps: Sequence[StepLoss]) -> float | None:
    """Mean in nats over all rows of `steps`; None where they had none."""
    rows = sum(step.rows for step in steps)
    return math.fsum(step.mean * step.rows for step in steps) / rows if rows else None
