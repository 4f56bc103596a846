"""One micro-batch forward and backward."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from sluicegate.training.batches import Batch
from sluicegate.training.objective import Objective
from sluicegate.training.precision import Placement


class Pass(Protocol):
    """Adds the gradients of one micro-batch after the other."""

    def __call__(self, batch: Batch, scale: float) -> float:
        """Adds the gradients of `scale` times the summed loss of `batch` to the parameters'; gives that sum."""

    def finish(self) -> None:
        """Called once a step, after its last micro-batch and before the optimizer's step."""


@dataclass(frozen=True)
class PlainPass:
    """The gradient as it is."""

    model: Any
    objective: Objective
    placement: Placement

    def __call__(self, batch: Batch, scale: float) -> float:
        """As a `Pass`."""
        with self.placement.forward():
            logits = self.model(**batch.inputs).logits
        loss = self.objective.loss_sum(logits, batch.labels, batch.weights_B)
        (loss * scale).backward()  # type: ignore[no-untyped-call]
        return loss.item()

    def finish(self) -> None:
        """Nothing is left to do."""
