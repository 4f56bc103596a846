"""Attention on a processor for short rows: products in the model's own format, the mask added in the product.

PyTorch's plain kernel computes attention of bf16 models in fp32 and looks in every row for one that is all masked; for
rows of a few dozen tokens that, and dropout's coins one by one, cost more than the products.

Shapes: B rows, H heads, Q queries, T tokens, D width of a head.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn import functional
from transformers import AttentionInterface, AttentionMaskInterface, PreTrainedModel
from transformers.masking_utils import eager_mask

from sluicegate.training.dropout import Dropout

NAME = "sluicegate-plain"
ENCODERS = ("bert", "roberta", "xlm-roberta", "electra")
"""Types of model whose attention is no more than `attend`."""
REPEATABLE = (*ENCODERS, "gpt2")
"""Types of model all of whose operations have an algorithm that repeats on a GPU."""


def use_plain_attention(model: PreTrainedModel) -> bool:
    """Lets `model` attend by `attend`; whether it is of a type that can."""
    if model.config.model_type not in ENCODERS or model.config.is_decoder:
        return False
    AttentionInterface.register(NAME, attend)
    AttentionMaskInterface.register(NAME, eager_mask)
    model.set_attn_implementation(NAME)
    return True


def attend(
    module: nn.Module,
    query_BHQD: torch.Tensor,
    key_BHTD: torch.Tensor,
    value_BHTD: torch.Tensor,
    attention_mask: torch.Tensor | None,
    dropout: float = 0.0,
    scaling: float | None = None,
    **_: Any,
) -> tuple[torch.Tensor, None]:
    """Scaled dot-product attention (Vaswani et al., 2017), shape (B, Q, H, D), as transformers' interface wants it.

    `attention_mask` is 0 where a query may look and very low where not, shape (B, 1, Q or 1, T).
    """
    rows, heads, queries, width = query_BHQD.shape
    tokens, scale = key_BHTD.shape[2], width**-0.5 if scaling is None else scaling
    by_head = [values.reshape(rows * heads, -1, width) for values in (query_BHQD, key_BHTD, value_BHTD)]
    query, key, value = by_head
    if attention_mask is None:
        scores = torch.bmm(query * scale, key.transpose(1, 2))
    else:
        mask = attention_mask.expand(rows, heads, queries, tokens).reshape(rows * heads, queries, tokens)
        scores = torch.baddbmm(mask, query, key.transpose(1, 2), alpha=scale)
    shares = _drop(module, torch.softmax(scores, -1), dropout)
    return torch.bmm(shares, value).view(rows, heads, queries, width).transpose(1, 2).contiguous(), None


def _drop(module: nn.Module, shares: torch.Tensor, dropout: float) -> torch.Tensor:
    if not dropout:
        return shares
    own = getattr(module, "dropout", None)
    return own(shares) if isinstance(own, Dropout) and own.p == dropout else functional.dropout(shares, dropout)
