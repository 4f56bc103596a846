"""The candidate with what it learned last taken away: an explanation that stays the same tells nothing of it.

The weights of the later half of the layers, and of all that comes after them, are shuffled within each tensor. That
keeps their sizes, whatever the architecture, so the shuffled model still answers differently to different texts.

Source: Adebayo et al., Sanity Checks for Saliency Maps (2018), the randomization of a model from its output down.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import torch

from sluicegate.evidence.white_box import WhiteBox


def shuffled(box: WhiteBox, seed: int) -> WhiteBox:
    """A copy whose later weights are in an order drawn by `seed`."""
    model, generator = copy.deepcopy(box.model), torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for weights in _later(model):
            drawn = torch.randperm(weights.numel(), generator=generator)
            weights.copy_(weights.flatten()[drawn].view_as(weights))
    return replace(box, model=model)


def _later(model: Any) -> Iterator[torch.Tensor]:
    """From the middle layer on, in the order in which the model has them; without layers all but the embeddings."""
    stacks = [(name, part) for name, part in model.named_modules() if isinstance(part, torch.nn.ModuleList)]
    name, layers = max(stacks, key=lambda stack: len(stack[1]), default=("", ()))
    middle = f"{name}.{len(layers) // 2}." if len(layers) else ""
    embeddings = {id(weights) for weights in model.get_input_embeddings().parameters()}
    reached = not middle
    for called, weights in model.named_parameters():
        reached = reached or called.startswith(middle)
        if reached and id(weights) not in embeddings:
            yield weights
