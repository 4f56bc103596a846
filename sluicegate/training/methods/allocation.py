"""AdaLoRA: which ranks are kept.

Each layer's change is P Λ Q with Λ diagonal. How much the loss feels each entry is averaged over the steps, and the
entries of Λ that it feels least are set to zero, fewer being left from step to step. P and Q are held near orthogonal,
so that an entry of Λ says how much its rank does.

All of it works on fp32 weights and gradients, whatever format the model computes in.

Source: Zhang et al., AdaLoRA: Adaptive Budget Allocation for Parameter-Efficient Fine-Tuning (2023).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from sluicegate.training.methods.adapters import ADAPTER
from sluicegate.training.precision import lenient

if TYPE_CHECKING:
    from peft import AdaLoraConfig

_STEP, _IMPORTANCE, _UNCERTAINTY, _KEPT = "step", "importance", "uncertainty", "kept"


@dataclass(frozen=True)
class _Weights:
    """What peft asks a model for."""

    named: Mapping[str, nn.Parameter]

    def named_parameters(self) -> Iterator[tuple[str, nn.Parameter]]:
        return iter(self.named.items())


class Allocation:
    """Takes ranks away while a model learns.

    Args:
        config: Of the adapters, with the schedule.
        weights: The trained weights by name, in fp32; the adapters' are among them.
    """

    def __init__(self, config: AdaLoraConfig, weights: Mapping[str, nn.Parameter]) -> None:
        from peft.tuners.adalora import RankAllocator

        self._orthogonality, self._last = config.orth_reg_weight, (config.total_step or 0) - config.tfinal
        self._weights = _Weights({name: p for name, p in weights.items() if f".{ADAPTER}" in name and ".lora_" in name})
        self._allocator: Any = RankAllocator(self._weights, config, ADAPTER)  # type: ignore[no-untyped-call]
        self._kept: dict[str, list[bool]] = {}
        self._step = 0

    def regularise(self) -> None:
        """Before the optimizer's step: adds the gradient of the outer factors' mean distance from orthogonal."""
        factors = {name: p for name, p in self._weights.named.items() if ".lora_E." not in name}
        copies = {name: p.detach().requires_grad_() for name, p in factors.items()}
        products = [p @ p.T if ".lora_A." in name else p.T @ p for name, p in copies.items()]
        distances = [torch.linalg.matrix_norm(p - torch.eye(len(p), device=p.device)) for p in products]
        loss = self._orthogonality * torch.stack(distances).mean()
        for parameter, gradient in zip(factors.values(), torch.autograd.grad(loss, list(copies.values())), strict=True):
            parameter.grad = gradient if parameter.grad is None else parameter.grad + gradient
        for parameter in self._weights.named.values():
            if parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)

    def allocate(self) -> None:
        """After the optimizer's step, while there are gradients: takes the ranks away that this step's budget lacks."""
        self._step += 1
        if self._step <= self._last:
            forced = self._step == self._last
            with lenient():  # the k-th largest is asked for; of equals, any may be said to be it
                _, kept = self._allocator.update_and_allocate(self._weights, self._step, force_mask=forced)
            self._kept = kept or self._kept
            if forced:
                self._allocator.reset_ipt()
        else:
            self._allocator.mask_using_rank_pattern(self._weights, self._kept)

    def state(self) -> dict[str, torch.Tensor]:
        """What a killed run goes on from."""
        found = {_STEP: torch.tensor(self._step)}
        found |= {f"{_IMPORTANCE}/{name}": value for name, value in self._allocator.exp_avg_ipt.items()}
        found |= {f"{_UNCERTAINTY}/{name}": value for name, value in self._allocator.exp_avg_unc.items()}
        return found | {f"{_KEPT}/{name}": torch.tensor(value) for name, value in self._kept.items()}

    def load(self, tensors: Mapping[str, torch.Tensor]) -> None:
        """Puts back what `state` gave."""
        for full_name, value in tensors.items():
            kind, _, name = full_name.partition("/")
            if kind == _STEP:
                self._step = int(value)
            elif kind == _KEPT:
                self._kept[name] = value.tolist()
            else:
                moved = value.to(self._weights.named[name].device)
                (self._allocator.exp_avg_ipt if kind == _IMPORTANCE else self._allocator.exp_avg_unc)[name] = moved
                self._allocator.ipt.setdefault(name, torch.zeros_like(moved))
