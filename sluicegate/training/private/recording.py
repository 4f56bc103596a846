"""What one forward and backward pass leaves behind for per-example gradients: layers' inputs, outputs' gradients."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn

from sluicegate.errors import InputRefused
from sluicegate.training.private.gradients import PerExample, combine
from sluicegate.training.private.layers import SECTION, is_supported, per_example_gradients


class Recorder:
    """Hooks on every layer with trainable parameters; they do nothing outside of `recording`.

    The parameters themselves get no gradient while it records: a sum over rows that are not clipped is of no use,
    and is not computed.
    """

    def __init__(self, model: nn.Module) -> None:
        self.parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
        """The trainable parameters, each once."""
        self._names = {id(parameter): name for name, parameter in model.named_parameters() if parameter.requires_grad}
        self._rows: int | None = None
        self._parts: dict[int, list[PerExample]] = {}
        for module in model.modules():
            if is_supported(module) and any(id(p) in self._names for p in module.parameters(recurse=False)):
                if isinstance(module, nn.Embedding):
                    module.register_forward_pre_hook(self._before_embedding)
                module.register_forward_hook(self._after, with_kwargs=True)

    @contextmanager
    def recording(self, rows: int) -> Iterator[None]:
        """Inside the block, a forward and a backward pass over `rows` rows are recorded."""
        self._rows, self._parts = rows, {}
        for parameter in self.parameters:
            parameter.requires_grad_(False)
        try:
            yield
        finally:
            self._rows = None
            for parameter in self.parameters:
                parameter.requires_grad_(True)

    def take(self) -> dict[nn.Parameter, PerExample]:
        """Parameter → its per-example gradients, of those that had a part in the losses; the record is then empty."""
        parts, self._parts = self._parts, {}
        return {p: combine(parts[id(p)]) for p in self.parameters if id(p) in parts}

    def name(self, parameter: nn.Parameter) -> str:
        """The parameter's name in the model."""
        return self._names[id(parameter)]

    def _before_embedding(self, module: nn.Module, args: tuple[Any, ...]) -> tuple[Any, ...] | None:
        """One row of ids for the whole batch (BERT's positions) becomes one for every row of it."""
        if self._rows is None or not args or args[0].ndim < 2 or args[0].shape[0] != 1:
            return None
        return (args[0].expand(self._rows, *args[0].shape[1:]), *args[1:])

    def _after(self, module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any], output: torch.Tensor) -> Any:
        if self._rows is None:
            return None
        given = (args[0] if args else next(iter(kwargs.values()))).detach()
        self._check_rows(module, given, output)
        if not output.requires_grad:
            output = output.requires_grad_().clone()  # a leaf could not be added to in place
        version = given._version

        def record(gradient: torch.Tensor) -> None:
            if given._version != version:
                self._refuse(module, "is given values that are changed in place later")
            self._record(module, given, gradient.detach())

        output.register_hook(record)  # type: ignore[no-untyped-call]
        return output

    def _record(self, module: nn.Module, given: torch.Tensor, gradient: torch.Tensor) -> None:
        own = dict(module.named_parameters(recurse=False))
        for name, found in per_example_gradients(module, given, gradient).items():
            parameter = own.get(name)
            if parameter is not None and id(parameter) in self._names:
                self._parts.setdefault(id(parameter), []).append(found)

    def _check_rows(self, module: nn.Module, given: torch.Tensor, output: torch.Tensor) -> None:
        if given.ndim < 2 or given.shape[0] != self._rows or output.shape[0] != self._rows:
            self._refuse(module, f"is given {tuple(given.shape)} for {self._rows} rows, not one part for each row")

    def _refuse(self, module: nn.Module, problem: str) -> None:
        own = (self._names[id(p)] for p in module.parameters(recurse=False) if id(p) in self._names)
        raise InputRefused(SECTION, "model", f"the layer of {next(own)} {problem}", "freeze it")
