"""Low-rank changes beside the linear layers of a body, and how they are merged into it.

peft puts them into the model itself, which keeps its class, its names outside the layers and its forward pass.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from sluicegate.errors import InputRefused
from sluicegate.training.methods.body import is_head

if TYPE_CHECKING:
    from peft import PeftConfig

ADAPTER = "default"
"""The name that peft's layers have for the only adapter there is."""


def linear_layers(model: nn.Module) -> list[str]:
    """Names of the body's linear layers, in the model's order."""
    from transformers.pytorch_utils import Conv1D

    return [
        name
        for name, layer in model.named_modules()
        if isinstance(layer, nn.Linear | Conv1D) and not is_head(model, f"{name}.weight")
    ]


def chosen_layers(model: nn.Module, targets: Sequence[str] | None, field: str) -> list[str]:
    """Names of the linear layers that `targets` name, in the model's order; None names them all.

    Args:
        model: The model.
        targets: Whole names of layers, or the ends of names: ``query`` or ``attention.output.dense``.
        field: Where they stand in the spec, for a refusal.

    Raises:
        InputRefused: One of them names no linear layer of the body, or there is none.
    """
    layers = linear_layers(model)
    if not layers:
        raise InputRefused("training", field, "the body has no linear layer", "take `full`")
    if targets is None:
        return layers
    named = {target: [layer for layer in layers if f".{layer}".endswith(f".{target}")] for target in targets}
    if unknown := [target for target, found in named.items() if not found]:
        there = ", ".join(sorted({layer.rpartition(".")[2] for layer in layers}))
        problem = f"{unknown[0]!r} is the name of no linear layer of the body"
        raise InputRefused("training", field, problem, f"there are {there}")
    taken = {layer for found in named.values() for layer in found}
    return [layer for layer in layers if layer in taken]


def add_adapters(model: nn.Module, config: PeftConfig) -> None:
    """Puts adapters into `model`, with weights from torch's generator: they and the head learn, the body does not."""
    from peft import inject_adapter_in_model

    inject_adapter_in_model(config, model, adapter_name=ADAPTER)
    for name, parameter in model.named_parameters():
        if is_head(model, name):
            parameter.requires_grad_(True)


@torch.no_grad()
def merge_adapters(model: Any) -> None:
    """Adds what the adapters have learned to the layers' own weights, in the number format of those, and removes them.

    The model computes the same as before, to rounding. One without adapters is left as it is.
    """
    from peft.tuners.lora import LoraLayer

    adapted = [(name, layer) for name, layer in model.named_modules() if isinstance(layer, LoraLayer)]
    for name, layer in adapted:
        layer.merge()
        parent, _, own = name.rpartition(".")
        setattr(model.get_submodule(parent), own, layer.get_base_layer())
    if adapted:
        del model.peft_config
