"""The per-example gradients of two rows against plain autograd, so that a model that they do not fit is refused.

It catches what cannot be read off a model's layers: a parameter that is used past its layer, a layer with a forward
pass of its own, rows that get into each other's losses.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from typing import Any, TypeVar

import torch
from torch import nn

from sluicegate.errors import InputRefused
from sluicegate.training.private.layers import SECTION
from sluicegate.training.private.recording import Recorder

BatchT = TypeVar("BatchT")
_TOLERANCE = {torch.float32: 1e-3, torch.float64: 1e-6}
"""Share of the gradient's length by which the two may differ; what computes in less gets a tenth."""


def check_gradients(
    model: nn.Module, recorder: Recorder, row_losses: Callable[[Any], torch.Tensor], batch: Any
) -> None:
    """Compares the first row's gradient, computed beside the second row, with autograd's for the first row alone.

    Dropout is off meanwhile; nothing random is drawn.

    Raises:
        InputRefused: They differ.
    """
    with _evaluation(model):
        with recorder.recording(2):
            row_losses(first_rows(batch, 2)).sum().backward()  # type: ignore[no-untyped-call]
        recorded = recorder.take()
        loss = row_losses(first_rows(batch, 1))[0]
        plain = torch.autograd.grad(loss, recorder.parameters, allow_unused=True)
    weights_B = torch.tensor([1.0, 0.0], device=loss.device)
    length, differences = 0.0, {}
    for parameter, expected in zip(recorder.parameters, plain, strict=True):
        found = torch.zeros_like(parameter, dtype=torch.float32)
        if parameter in recorded:
            recorded[parameter].add_weighted(weights_B, found)
        if expected is not None:
            length += float(expected.float().square().sum())
            found -= expected
        differences[recorder.name(parameter)] = float(found.square().sum())
    allowed = _TOLERANCE.get(recorder.parameters[0].dtype, 0.1) * math.sqrt(length)
    if not math.sqrt(sum(differences.values())) <= allowed:
        worst = max(differences, key=lambda name: differences[name])
        problem = f"gives {worst} another gradient for a row alone than for that row beside another one"
        raise InputRefused(SECTION, "model", problem, "freeze it, or take a model whose rows do not meet")


def first_rows(batch: BatchT, count: int) -> BatchT:
    """A batch (a dataclass of tensors) of the first rows alone."""
    tensors = {f.name: getattr(batch, f.name) for f in fields(batch)}  # type: ignore[arg-type]
    cut = {name: value[:count] for name, value in tensors.items() if isinstance(value, torch.Tensor)}
    return replace(batch, **cut)  # type: ignore[type-var]


@contextmanager
def _evaluation(model: nn.Module) -> Iterator[None]:
    """Inside the block every layer is in evaluation mode; at the end each is as it was."""
    trained = [module for module in model.modules() if module.training]
    model.eval()
    try:
        yield
    finally:
        for module in trained:
            module.training = True
