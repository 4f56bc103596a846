"""Embeddings of which only the rows that a step has read are updated.

A vocabulary is most of a small model's weights, and a batch reads a few hundred of its thirty thousand rows; a
dense gradient is nearly all zeros, and writing, reading and averaging those zeros costs more than a layer.

Shapes: V tokens of the vocabulary, D width, R different tokens of a step.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn import functional


class RowEmbedding(nn.Module):
    """As `torch.nn.Embedding`, but the backward pass keeps the gradient by token instead of a matrix (V, D)."""

    def __init__(self, weight: torch.Tensor, padding_id: int | None) -> None:
        super().__init__()
        self.weight = weight
        self._padding_id = padding_id
        self._seen: list[tuple[torch.Tensor, torch.Tensor]] = []

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """The rows of `ids`, shape (..., D)."""
        found: torch.Tensor = _Lookup.apply(ids, self.weight, self._seen)  # type: ignore[no-untyped-call]
        return found

    def take_gradient(self) -> tuple[torch.Tensor, torch.Tensor]:
        """The tokens read since the last call, shape (R,), and their gradient, fp32, shape (R, D)."""
        width = self.weight.shape[1]
        ids = torch.cat([torch.zeros(0, dtype=torch.long, device=self.weight.device), *self._ids()])
        gradients = [gradient.reshape(-1, width).float() for _, gradient in self._seen]
        self._seen.clear()
        tokens_R, place = torch.unique(ids, return_inverse=True)
        summed_RD = torch.zeros(len(tokens_R), width, device=ids.device)
        if gradients:
            summed_RD.index_add_(0, place, torch.cat(gradients))
        if self._padding_id is not None:
            kept = tokens_R != self._padding_id
            return tokens_R[kept], summed_RD[kept]
        return tokens_R, summed_RD

    def _ids(self) -> list[torch.Tensor]:
        return [ids.flatten() for ids, _ in self._seen]


class _Lookup(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, ids: torch.Tensor, weight: torch.Tensor, seen: list[Any]) -> torch.Tensor:
        ctx.ids, ctx.seen = ids, seen
        return functional.embedding(ids, weight)

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> tuple[None, None, None]:
        ctx.seen.append((ctx.ids, gradient))
        return None, None, None


def replace_embedding(model: Any) -> RowEmbedding | None:
    """Puts a `RowEmbedding` in the place of the token embedding, and returns it.

    None, and nothing is done, where that is not trained, or another layer has its weights as well.
    """
    try:
        embedding = model.get_input_embeddings()
    except NotImplementedError:  # some models for images name none
        return None
    if not isinstance(embedding, nn.Embedding) or not embedding.weight.requires_grad:
        return None
    named = model.named_parameters(remove_duplicate=False)
    if sum(parameter is embedding.weight for _, parameter in named) > 1:
        return None
    made = RowEmbedding(embedding.weight, embedding.padding_idx)
    model.set_input_embeddings(made)
    return made
