"""Which layers have per-example gradients, and how they follow from a layer's input and its output's gradient.

Linear layers, embeddings and layer norms are done here; convolutions, group and RMS norms by Opacus's samplers.
What is neither is frozen: parameters that a model uses outside a layer (a vision transformer's class token), and
layers of unknown kinds. Layers that mix the rows of a batch are refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import torch
from torch import nn
from torch.nn import functional
from torch.nn.modules.batchnorm import _BatchNorm

from sluicegate.errors import InputRefused
from sluicegate.training.private.gradients import Lookups, OuterProducts, PerExample, Written

SECTION = "training.privacy"
_BY_OPACUS = (nn.Conv1d, nn.Conv2d, nn.Conv3d, nn.GroupNorm, nn.RMSNorm)

Gradients = dict[str, PerExample]
"""A layer's own name of a parameter → its per-example gradients."""


def check_layers(model: nn.Module) -> None:
    """Whether every row's loss depends on that row alone.

    Raises:
        InputRefused: The model normalises over the batch, so that each row is in every row's gradient.
    """
    if mixed := [name for name, module in model.named_modules() if isinstance(module, _BatchNorm)]:
        problem = f"{mixed[0]!r} normalises over the rows of a batch, so no row's part can be bounded"
        raise InputRefused(SECTION, "model", problem, "take a model with layer or group norms")


def freeze_unsupported(model: nn.Module) -> tuple[str, ...]:
    """Freezes the trainable parameters that have no per-example gradients, and names them.

    Raises:
        InputRefused: Nothing trainable is left.
    """
    unsupported = {
        id(parameter)
        for module in model.modules()
        if not is_supported(module)
        for parameter in module.parameters(recurse=False)
    }
    frozen = []
    for name, parameter in model.named_parameters():
        if parameter.requires_grad and id(parameter) in unsupported:
            parameter.requires_grad_(False)
            frozen.append(name)
    if not any(parameter.requires_grad for parameter in model.parameters()):
        problem = f"has no trainable parameters with gradients by row ({len(frozen)} were frozen)"
        raise InputRefused(SECTION, "model", problem, "train it whole or with LoRA")
    return tuple(frozen)


def is_supported(module: nn.Module) -> bool:
    """Whether the gradients of the layer's own parameters can be told apart by row."""
    if type(module) is nn.Embedding:
        return module.max_norm is None and not module.scale_grad_by_freq
    return type(module) in _rules() or type(module) in _BY_OPACUS


def per_example_gradients(module: nn.Module, given: torch.Tensor, gradient: torch.Tensor) -> Gradients:
    """Gradients of the layer's own parameters.

    Args:
        module: A supported layer.
        given: Its input, shape (B, …).
        gradient: Gradient of the sum of the rows' losses by its output, shape (B, …).
    """
    rule = _rules().get(type(module))
    return rule(module, given, gradient) if rule is not None else _by_opacus(module, given, gradient)


@cache
def _rules() -> Mapping[type[nn.Module], Callable[[Any, torch.Tensor, torch.Tensor], Gradients]]:
    from transformers.pytorch_utils import Conv1D

    return {nn.Linear: _linear, Conv1D: _transposed_linear, nn.Embedding: _embedding, nn.LayerNorm: _layer_norm}


def _linear(module: nn.Module, given: torch.Tensor, gradient: torch.Tensor) -> Gradients:
    gradient_BTP, given_BTD = _as_places(gradient), _as_places(given).to(gradient.dtype)
    return {"weight": OuterProducts(gradient_BTP, given_BTD), "bias": _sum_over_places(gradient_BTP)}


def _transposed_linear(module: nn.Module, given: torch.Tensor, gradient: torch.Tensor) -> Gradients:
    gradient_BTP, given_BTD = _as_places(gradient), _as_places(given).to(gradient.dtype)
    return {"weight": OuterProducts(given_BTD, gradient_BTP), "bias": _sum_over_places(gradient_BTP)}


def _embedding(module: nn.Embedding, given: torch.Tensor, gradient: torch.Tensor) -> Gradients:
    return {"weight": Lookups(given.flatten(1), _as_places(gradient), module.padding_idx)}


def _layer_norm(module: nn.LayerNorm, given: torch.Tensor, gradient: torch.Tensor) -> Gradients:
    normal = functional.layer_norm(given, module.normalized_shape, eps=module.eps)
    places = tuple(range(1, given.ndim - len(module.normalized_shape)))
    products = normal * gradient
    if not places:
        return {"weight": Written(products), "bias": Written(gradient)}
    return {
        "weight": Written(products.sum(places, dtype=torch.float32)),
        "bias": Written(gradient.sum(places, dtype=torch.float32)),
    }


def _by_opacus(module: nn.Module, given: torch.Tensor, gradient: torch.Tensor) -> Gradients:
    from opacus.grad_sample import GradSampleModule

    own = dict(module.named_parameters(recurse=False))
    for parameter in own.values():
        parameter.requires_grad_(True)
    found = GradSampleModule.GRAD_SAMPLERS[type(module)](module, [given], gradient)
    for parameter in own.values():
        parameter.requires_grad_(False)
    return {name: Written(found[parameter]) for name, parameter in own.items()}


def _as_places(values: torch.Tensor) -> torch.Tensor:
    """Shape (B, D) or (B, …, D) as (B, T, D)."""
    return values.unsqueeze(1) if values.ndim == 2 else values.flatten(1, -2)


def _sum_over_places(gradient_BTP: torch.Tensor) -> Written:
    return Written(gradient_BTP.sum(1, dtype=torch.float32))
