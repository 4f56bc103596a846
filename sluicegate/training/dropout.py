"""Dropout that is quick on a processor and repeats by seed and step.

PyTorch draws each element's coin one after the other in one thread, which was an eighth of a training
step here; 16 bits of a 64-bit generator are as good a coin and come ten times as fast.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import nn


class CoinSource:
    """Random bits for all dropout layers of a model, started anew at every step."""

    def __init__(self) -> None:
        self._bits = np.random.SFC64(0)

    def start(self, *, seed: int, step: int, rank: int = 0) -> None:
        """What follows depends on these numbers alone, so a resumed run tosses the same coins."""
        self._bits = np.random.SFC64(np.random.SeedSequence([seed, step, rank]))

    def mark(self) -> Any:
        """Where the source stands."""
        return self._bits.state

    def rewind(self, mark: Any) -> None:
        """Goes back to a mark: the coins that came after it come again."""
        self._bits.state = mark

    def toss(self, count: int) -> torch.Tensor:
        """`count` integers, each of −32768 … 32767 equally likely; int16, shape (count,)."""
        words = self._bits.random_raw((count + 3) // 4)
        return torch.from_numpy(words.view(np.int16)[:count])


class Dropout(nn.Module):
    """Sets each element to zero with probability `p`, and divides the others by 1 − p.

    `p` is rounded to the nearest of 65,536 steps. Source: Srivastava et al., Dropout (2014).
    """

    def __init__(self, p: float, coins: CoinSource) -> None:
        super().__init__()
        self.p = p
        self._coins = coins

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        """`values` with some elements dropped in training mode, unchanged in evaluation mode."""
        if not self.training or self.p == 0:
            return values
        coins = self._coins.toss(values.numel()).view(values.shape)
        kept = (coins >= round(self.p * 65536) - 32768).to(values.dtype).mul_(1 / (1 - self.p))
        return values * kept


def replace_dropout(model: nn.Module) -> CoinSource:
    """Puts the quick dropout in the place of every `torch.nn.Dropout` of `model`; it has no weights to keep."""
    coins = CoinSource()
    for module in list(model.modules()):
        for name, child in module.named_children():
            if type(child) is nn.Dropout and child.p < 1:
                setattr(module, name, Dropout(child.p, coins))
    return coins
