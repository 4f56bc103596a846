"""The spec's method, done to a model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from torch import nn

from sluicegate.errors import InputRefused
from sluicegate.spec.method import AdaLora, Method, WithAdaLora, WithLora
from sluicegate.training.methods.adapters import add_adapters, chosen_layers
from sluicegate.training.methods.body import freeze_body

if TYPE_CHECKING:
    from peft import AdaLoraConfig


def apply_method(model: nn.Module, method: Method, total_steps: int) -> AdaLoraConfig | None:
    """Has those weights of `model` learn that `method` says, in place; with AdaLoRA, the schedule of its ranks.

    Args:
        model: In fp32; the weights of adapters come from torch's generator.
        method: The spec's field.
        total_steps: Steps of the whole run.

    Raises:
        InputRefused: The model lacks the layers that are named, a head or a body, or the steps are too few.
    """
    match method:
        case WithLora(lora=lora):
            from peft import LoraConfig

            layers = chosen_layers(model, lora.targets, "method.lora.targets")
            given: dict[str, Any] = {"r": lora.rank, "lora_alpha": lora.alpha, "lora_dropout": lora.dropout}
            add_adapters(model, LoraConfig(target_modules=layers, **given))
        case WithAdaLora(adalora=adalora):
            config = _adaptive(adalora, chosen_layers(model, adalora.targets, "method.adalora.targets"), total_steps)
            add_adapters(model, config)
            return config
        case "frozen":
            freeze_body(model)
    return None


def _adaptive(section: AdaLora, layers: list[str], total_steps: int) -> AdaLoraConfig:
    from peft import AdaLoraConfig

    first, last = round(section.initial_share * total_steps), round(section.final_share * total_steps)
    if first + last >= total_steps:
        problem = f"leaves none of {total_steps} steps to take ranks away"
        raise InputRefused("training", "method.adalora", problem, "train for longer, or lower the shares")
    scale: Any = section.alpha  # declared as an integer, and only ever divided
    return AdaLoraConfig(
        target_modules=layers,
        init_r=section.initial_rank,
        target_r=section.target_rank,
        lora_alpha=scale,
        lora_dropout=section.dropout,
        tinit=first,
        tfinal=last,
        deltaT=section.interval_steps,
        orth_reg_weight=section.orthogonality,
        total_step=total_steps,
    )
