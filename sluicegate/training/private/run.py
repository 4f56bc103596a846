"""A private run's part in the loop: the rows of each step, its gradient, and what it has spent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from sluicegate.errors import InputRefused
from sluicegate.spec import Training
from sluicegate.training.batches import Batch, collate
from sluicegate.training.losses import StepLoss
from sluicegate.training.objective import Objective
from sluicegate.training.precision import Placement
from sluicegate.training.private.budget import Budget
from sluicegate.training.private.layers import SECTION
from sluicegate.training.private.private_pass import PrivatePass
from sluicegate.training.private.sampling import PoissonSampling, micro_batches
from sluicegate.training.private.seeds import secret_seed
from sluicegate.training.rows import Rows


@dataclass(frozen=True)
class PrivateRun:
    """What stands in the place of batches of an epoch and of a plain pass."""

    backward: PrivatePass
    """Clips each row's gradient, and adds the noise."""
    budget: Budget
    """What the run may spend."""

    def draw(self, step: int) -> NDArray[np.int64]:
        """Begins a step; the numbers of its rows, of which there may be none."""
        return self.backward.start(step)

    def sum_gradients(
        self, rows: Rows, drawn_B: NDArray[np.int64], at_once: int, device: torch.device, moment: Sequence[int]
    ) -> StepLoss:
        """Adds up the drawn rows' clipped gradients; gives their loss, which is not private.

        Args:
            rows: All training rows.
            drawn_B: Those of the step.
            at_once: Rows of a forward pass at most.
            device: Where it is computed.
            moment: Seed and step, for `collate`.
        """
        parts = micro_batches(drawn_B, rows.lengths_N, at_once)
        losses = [self.backward(collate(rows, some, device, moment=moment)) for some in parts]
        return StepLoss(sum(losses, start=0.0) / max(1, len(drawn_B)), len(drawn_B))

    def report(self, steps: int) -> dict[str, Any]:
        """What `steps` steps have spent, and which weights could not learn, for JSON."""
        return {**self.budget.report(steps), "frozen_parameters": list(self.backward.frozen)}


def private_run(
    training: Training,
    model: Any,
    objective: Objective,
    placement: Placement,
    *,
    rows: int,
    steps: int,
    seed_file: Path,
) -> PrivateRun | None:
    """A private run of `steps` steps over `rows` rows; None where the spec asks for none.

    Args:
        training: The spec's section.
        model: On its device; layers whose gradients cannot be told apart by row are frozen.
        objective: What is made smaller.
        placement: Where it is computed.
        rows: Training rows.
        steps: Steps of the whole run.
        seed_file: Where the secret seed is kept, or will be.

    Raises:
        InputRefused: The budget cannot be met with so many rows and steps, or the model mixes rows.
    """
    section = training.privacy
    if section is None:
        return None
    if training.rows_per_step > rows:
        problem = f"expects {training.rows_per_step} rows in a step, and there are {rows} to draw from"
        raise InputRefused(SECTION, "sampling_rate", problem, "lower training.batch_size or training.micro_batch_size")
    rate = training.rows_per_step / rows
    budget = Budget.of(section, rows=rows, sampling_rate=rate, steps=steps)
    seed_file.parent.mkdir(parents=True, exist_ok=True)
    sampling = PoissonSampling(rows, rate, secret_seed(seed_file))

    def row_losses(batch: Batch) -> torch.Tensor:
        return objective.row_losses(model(**batch.inputs).logits, batch.labels)

    backward = PrivatePass(
        model,
        row_losses,
        sampling=sampling,
        max_grad_norm=section.max_grad_norm,
        noise_multiplier=budget.noise_multiplier,
        precision=placement.forward,
    )
    return PrivateRun(backward, budget)
