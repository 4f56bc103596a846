"""The Gaussian noise of a step, drawn from the secret seed and the step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch

from sluicegate.training.private.seeds import generator

_BLOCK = 1 << 20
"""Numbers from one generator; threads share the blocks out, and the numbers do not depend on how many there are."""


def add_noise(tensors: Sequence[torch.Tensor], deviation: float, *, seed: int, step: int) -> None:
    """Adds independent normal numbers of this standard deviation to every element, in place.

    Args:
        tensors: Contiguous, fp32; the same tensors in the same order get the same noise.
        deviation: Standard deviation; 0 adds none.
        seed: Secret, see `seeds`.
        step: Each step has its own noise.
    """
    blocks = enumerate(_blocks(tensors))
    with ThreadPoolExecutor(max_workers=max(1, torch.get_num_threads())) as pool:
        for _ in pool.map(lambda block: _add(block[1], deviation, seed, step, block[0]), blocks):
            pass


def _blocks(tensors: Sequence[torch.Tensor]) -> Iterator[torch.Tensor]:
    for tensor in tensors:
        yield from torch.split(tensor.view(-1), _BLOCK)


def _add(part: torch.Tensor, deviation: float, seed: int, step: int, block: int) -> None:
    numbers = generator(seed, "noise", step, block).standard_normal(part.numel(), dtype=np.float32)
    part.add_(torch.from_numpy(numbers).to(part.device), alpha=deviation)
