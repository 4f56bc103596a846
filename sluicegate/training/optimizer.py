"""AdamW's parameter groups, and the learning rate's schedule.

Source: Loshchilov and Hutter, Decoupled Weight Decay Regularization (2019).
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import nn

from sluicegate.spec import Training


def make_optimizer(model: nn.Module, training: Training) -> torch.optim.AdamW:
    """AdamW with the head's own rate, and no decay on biases and normalisation.

    Each group carries its `peak` rate, which `set_rate` scales.
    """
    groups: dict[tuple[float, float], list[nn.Parameter]] = {}
    for name, parameter in model.named_parameters():
        rate = training.head_learning_rate if is_head(model, name) else training.learning_rate
        decay = training.weight_decay if parameter.ndim > 1 else 0.0
        groups.setdefault((rate, decay), []).append(parameter)
    return torch.optim.AdamW(
        [{"params": p, "lr": rate, "peak": rate, "weight_decay": decay} for (rate, decay), p in groups.items()],
        fused=True,
    )


def is_head(model: nn.Module, parameter: str) -> bool:
    """Whether a parameter is new with this task: outside the base model, or its pooler."""
    prefix = str(getattr(model, "base_model_prefix", ""))
    return not parameter.startswith(f"{prefix}.") or "pooler" in parameter


def rate_share(step: int, total: int, warmup_share: float) -> float:
    """The share of the peak rate at `step` of `total` (from 1): up in a line over the warm-up, then down to near 0."""
    warmup = max(1, round(total * warmup_share))
    return step / warmup if step <= warmup else (total - step + 1) / (total - warmup + 1)


def set_rate(optimizer: torch.optim.Optimizer, share: float) -> None:
    """Sets every group's rate to `share` of its peak."""
    for group in optimizer.param_groups:
        group["lr"] = group["peak"] * share


def moments(model: nn.Module, optimizer: torch.optim.Optimizer) -> dict[str, torch.Tensor]:
    """AdamW's state as plain tensors, named ``parameter/moment``."""
    return {
        f"{name}/{key}": value
        for name, parameter in model.named_parameters()
        for key, value in optimizer.state.get(parameter, {}).items()
    }


def restore_moments(model: nn.Module, optimizer: torch.optim.Optimizer, tensors: Mapping[str, torch.Tensor]) -> None:
    """Puts back what `moments` took."""
    parameters = dict(model.named_parameters())
    for full_name, value in tensors.items():
        name, key = full_name.rsplit("/", 1)
        parameter = parameters[name]
        # AdamW counts its steps on the CPU unless it is captured in a graph; fused kernels want them on the device
        optimizer.state[parameter][key] = value.to(parameter.device)
