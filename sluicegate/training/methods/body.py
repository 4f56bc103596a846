"""Where the body of a model ends and its head begins."""

from __future__ import annotations

from typing import Any

from torch import nn

from sluicegate.errors import InputRefused


def is_head(model: Any, parameter: str) -> bool:
    """Whether a parameter is new with this task: outside the base model, or its pooler."""
    prefix = str(getattr(model, "base_model_prefix", ""))
    return not parameter.startswith(f"{prefix}.") or "pooler" in parameter


def freeze_body(model: nn.Module) -> None:
    """Leaves the head alone to learn.

    Raises:
        InputRefused: There is no body, or no head beside it that has weights of its own.
    """
    heads = {name: is_head(model, name) for name, _ in model.named_parameters()}
    if all(heads.values()) or not any(heads.values()):
        lacks = "head of its own that could learn" if heads and not any(heads.values()) else "body to be frozen"
        raise InputRefused("training", "method", f"cannot be `frozen`: the model has no {lacks}", "take `full`")
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(heads[name])
