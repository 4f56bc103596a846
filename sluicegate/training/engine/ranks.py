"""This process among those of a run.

Shapes: B rows of a step.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import distributed


@dataclass(frozen=True)
class Ranks:
    """Which of the processes this one is; alone, none of its methods does anything."""

    rank: int = 0
    """Its number, from 0."""
    world_size: int = 1
    """How many there are."""
    local_rank: int = 0
    """Its number among those of the same machine, from 0."""

    @property
    def leads(self) -> bool:
        """Whether this is the one that writes what is written once."""
        return self.rank == 0

    def share(self, rows_B: NDArray[np.int64], size: int) -> list[NDArray[np.int64]]:
        """This rank's rows of a step, in micro-batches of at most `size` rows.

        Every rank gets as many micro-batches, since they wait for each other in each one; some may be empty. The
        rows of a step are sorted by length, so taking turns gives all ranks lengths alike.
        """
        most = -(-len(rows_B) // self.world_size)
        return list(np.array_split(rows_B[self.rank :: self.world_size], -(-most // size)))

    def total(self, value: float) -> float:
        """The sum of every rank's `value`; the same on all of them."""
        if self.world_size == 1:
            return value
        tensor = self._tensor([value])
        distributed.all_reduce(tensor)
        return float(tensor)

    def agreed(self, values: Sequence[float]) -> list[float]:
        """The values of the rank that leads."""
        if self.world_size == 1:
            return list(values)
        tensor = self._tensor(values)
        distributed.broadcast(tensor, src=0)
        return [float(value) for value in tensor]

    def wait(self) -> None:
        """Returns when every rank has come here."""
        self.total(0.0)

    def _tensor(self, values: Sequence[float]) -> torch.Tensor:
        device = "cuda" if distributed.get_backend() == "nccl" else "cpu"
        return torch.tensor(values, dtype=torch.float64, device=device)


ALONE = Ranks()
