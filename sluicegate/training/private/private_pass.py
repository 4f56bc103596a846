"""The gradient of a private step: clipped by row, summed over micro-batches, noise added once."""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import distributed, nn

from sluicegate.errors import InputRefused
from sluicegate.training.private.gradients import Alikeness, PerExample
from sluicegate.training.private.layers import SECTION, check_layers, freeze_unsupported
from sluicegate.training.private.noise import add_noise
from sluicegate.training.private.recording import Recorder
from sluicegate.training.private.sampling import PoissonSampling
from sluicegate.training.private.verification import check_gradients


class LabelledBatch(Protocol):
    """Rows of a batch; a dataclass of tensors with the rows first."""

    @property
    def labels(self) -> torch.Tensor:
        """What each row should give."""


class PrivatePass:
    """DP-SGD's gradient, in place of the plain one.

    So goes a step::

        rows = private.start(step)              # Poisson sampling; may be none
        for chosen in micro_batches(rows, …):
            private(collate(chosen), scale)     # clips each row's gradient and sums
        private.finish()                        # noise, once a step; then optimizer.step()

    Until `finish`, what has been summed is not in any parameter's ``.grad``, and whatever is there then is replaced.
    One forward and one backward pass serve for both the lengths and the sum. Not for compiled models or those with
    gradient checkpointing, and in one process only.

    Args:
        model: In training mode. Parameters without gradients by row are frozen, see `frozen`.
        row_losses: The loss of each row of a batch, shape (B,), from a forward pass of `model`.
        sampling: Draws the rows of every step.
        max_grad_norm: Longest that one row's gradient may be (Euclidean norm over all trainable parameters).
        noise_multiplier: Standard deviation of the noise, over `max_grad_norm`.
        precision: Forward passes run inside of it.

    Raises:
        InputRefused: Rows are not drawn by Poisson sampling, the model mixes rows or has nothing to train, a
            number is out of range, or several processes train together.
    """

    def __init__(
        self,
        model: nn.Module,
        row_losses: Callable[[Any], torch.Tensor],
        *,
        sampling: PoissonSampling,
        max_grad_norm: float,
        noise_multiplier: float,
        precision: Callable[[], AbstractContextManager[object]] = nullcontext,
    ) -> None:
        if not isinstance(sampling, PoissonSampling):
            problem = "are not drawn by Poisson sampling, and without it epsilon does not hold"
            raise InputRefused(SECTION, "rows", problem, "draw them by PoissonSampling")
        for field, value in (("max_grad_norm", max_grad_norm), ("noise_multiplier", noise_multiplier)):
            if not (value > 0 and math.isfinite(value)):
                raise InputRefused(SECTION, field, f"is {value}, not a number above 0")
        if distributed.is_available() and distributed.is_initialized() and distributed.get_world_size() > 1:
            problem = f"would add its noise in each of {distributed.get_world_size()} processes"
            raise InputRefused(SECTION, "noise", problem, "train in one")
        check_layers(model)
        self.frozen = freeze_unsupported(model)
        """Names of the parameters that were frozen, because their gradients cannot be told apart by row."""
        self._model, self._row_losses, self._precision = model, row_losses, precision
        self._sampling, self._max_grad_norm, self._deviation = sampling, max_grad_norm, noise_multiplier * max_grad_norm
        self._recorder = Recorder(model)
        self._sums: dict[nn.Parameter, torch.Tensor] = {}
        self._step: int | None = None
        self._missing = 0
        self._verified = False

    def start(self, step: int) -> NDArray[np.int64]:
        """Begins a step, and says on which rows it must be trained, in any order and any parts; shape (B,).

        What a step that was not finished has summed is thrown away.
        """
        drawn_B = self._sampling.draw(step)
        self._step, self._missing, self._sums = step, len(drawn_B), {}
        return drawn_B

    def __call__(self, batch: LabelledBatch, scale: float = 1.0) -> float:
        """Adds the rows' clipped gradients to the step's sum; returns the sum of their losses, which is not private.

        Args:
            batch: Some of the rows that `start` drew.
            scale: Not used: the sum is divided by the expected number of rows. The number drawn would give away
                whether a row is among them.

        Raises:
            InputRefused: No step was started, the model's gradients cannot be told apart by row, or one is not finite.
        """
        if self._step is None:
            problem = "were given after the step's noise was added, or before it began"
            raise InputRefused(SECTION, "rows", problem, "start each step, and finish it after its last micro-batch")
        rows = len(batch.labels)
        if not self._verified and rows > 1:
            check_gradients(self._model, self._recorder, self._row_losses, batch)
            self._verified = True
        losses_B, gradients = self._gradients(batch, rows)
        weights_B = clip_weights(gradients, self._max_grad_norm)
        if not bool(weights_B.isfinite().all() and (weights_B > 0).all()):  # of an infinite gradient it is 0
            raise InputRefused(
                SECTION, "max_grad_norm", f"cannot bound a gradient that is not finite, at step {self._step}"
            )
        for parameter, gradient in gradients.items():
            gradient.add_weighted(weights_B, self._sum(parameter))
        self._missing -= rows
        return float(losses_B.sum())

    def finish(self) -> None:
        """Adds the step's noise, divides by the expected number of rows and leaves the result in ``.grad``.

        Raises:
            InputRefused: The step was finished before, or was not trained on the very number of rows drawn.
        """
        if self._step is None:
            problem = "would be added a second time, or to no step"
            raise InputRefused(SECTION, "noise", problem, "finish once a step, after its last micro-batch")
        if self._missing:
            problem = f"drawn by Poisson sampling for step {self._step} and rows trained on differ by {self._missing}"
            raise InputRefused(SECTION, "rows", problem, "train on what `start` drew before `finish`")
        sums = [self._sum(parameter) for parameter in self._recorder.parameters]
        add_noise(sums, self._deviation, seed=self._sampling.seed, step=self._step)
        for parameter, total in zip(self._recorder.parameters, sums, strict=True):
            parameter.grad = total.div_(self._sampling.expected_rows).to(parameter.dtype)
        self._step, self._sums = None, {}

    def _gradients(self, batch: LabelledBatch, rows: int) -> tuple[torch.Tensor, dict[nn.Parameter, PerExample]]:
        with self._recorder.recording(rows):
            with self._precision():
                losses_B = self._row_losses(batch)
            if losses_B.shape != (rows,):
                problem = f"have shape {tuple(losses_B.shape)}, not one loss for each of {rows} rows"
                raise InputRefused(SECTION, "row_losses", problem)
            losses_B.sum().backward()  # type: ignore[no-untyped-call]
        return losses_B.detach(), self._recorder.take()

    def _sum(self, parameter: nn.Parameter) -> torch.Tensor:
        if parameter not in self._sums:
            self._sums[parameter] = torch.zeros_like(parameter, dtype=torch.float32)
        return self._sums[parameter]


def clip_weights(gradients: dict[nn.Parameter, PerExample], max_grad_norm: float) -> torch.Tensor:
    """What each row's gradient is multiplied by, in [0, 1], so that none is longer than `max_grad_norm`; shape (B,)."""
    alikeness = Alikeness()
    if not gradients:
        return torch.zeros(0)
    squared_B = torch.stack([gradient.squared_lengths(alikeness) for gradient in gradients.values()]).sum(0)
    return (max_grad_norm / squared_B.clamp(min=torch.finfo(torch.float32).tiny).sqrt()).clamp(max=1.0)
