"""Training on perturbed embeddings: each row's words are moved, by no more than a radius, to where its loss is higher.

    fgm      one step along the gradient; the gradient of clean plus perturbed loss. 2 forward and backward passes.
             Miyato et al., Adversarial Training Methods for Semi-Supervised Text Classification (2017)
    pgd      K steps from a random start, each back into the ball; the gradient of clean plus perturbed loss at the
             last. K + 2 passes, K of them for the embeddings alone. Madry et al., Towards Deep Learning Models
             Resistant to Adversarial Attacks (2018), in the notation of Zhu et al. (2020)
    freelb   K steps as well, but the mean gradient over all of them trains the model. K passes.
             Zhu et al., FreeLB: Enhanced Adversarial Training for Natural Language Understanding (2020)

The balls are of the Frobenius norm of a row over its real tokens, in the units of the embeddings. A perturbation is
added to what the layer of word embeddings gives, so positions, token types and anything else a model adds
are as they are without one, and the layer itself is trained as usual. All passes over a micro-batch drop
the same units, as FreeLB's authors do: otherwise the perturbation would be against another network.

Random starts come from torch's generator, which the loop seeds by seed and step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import torch

from sluicegate.errors import InputRefused
from sluicegate.training.batches import Batch
from sluicegate.training.dropout import CoinSource
from sluicegate.training.robust.ball import direction, project, random_start

LossSum = Callable[[torch.Tensor, torch.Tensor, torch.Tensor | None], torch.Tensor]
"""From logits, labels and, where they have any, the rows' weights to the sum of the rows' losses."""


@dataclass(frozen=True)
class Attack:
    """How the embeddings are perturbed."""

    method: Literal["fgm", "pgd", "freelb"] = "freelb"
    """As above."""
    radius: float = 1.0
    """Largest norm of a row's perturbation; 0 perturbs nothing. A token of BERT has a norm of about 1.4."""
    steps: int = 3
    """K; fgm always takes one."""
    step_size: float = 0.5
    """Norm of one step; fgm's is the radius."""


class AdversarialPass:
    """Adds the gradients of one micro-batch after another.

    Args:
        model: One of transformers, with a layer of input embeddings.
        loss_sum: From logits, labels and weights of rows to the sum of the rows' losses.
        forward: Makes the context that forward passes run in, for example autocast.
        attack: How the embeddings are perturbed.
        coins: The source of the quick dropout's coins, where the model has it.

    Raises:
        InputRefused: The model has no input embeddings.
    """

    def __init__(
        self,
        model: Any,
        loss_sum: LossSum,
        forward: Callable[[], AbstractContextManager[None]],
        attack: Attack,
        coins: CoinSource | None = None,
    ) -> None:
        try:
            self._embeddings: torch.nn.Module = model.get_input_embeddings()
            self._width = int(self._embeddings.weight.shape[1])
        except (AttributeError, NotImplementedError, IndexError):
            problem = f"{type(model).__name__} has no layer of word embeddings to perturb"
            raise InputRefused("training", "adversarial", problem) from None
        self._model, self._loss_sum, self._forward = model, loss_sum, forward
        self._attack, self._coins = attack, coins

    def __call__(self, batch: Batch, scale: float) -> float:
        """Adds the gradients of `scale` times the loss to `.grad`.

        Returns:
            The sum of the rows' losses without perturbation; for freelb, their mean over its steps.
        """
        ways = {"fgm": self._fgm, "pgd": self._pgd, "freelb": self._freelb}
        return ways[self._attack.method](batch, scale)

    def finish(self) -> None:
        """Nothing is left to do at the end of a step."""

    def _fgm(self, batch: Batch, scale: float) -> float:
        again = _same_units(batch.ids_BT.device, self._coins)
        delta_BTH = self._nowhere(batch).requires_grad_()
        clean = self._loss(batch, delta_BTH)
        (clean * scale).backward()  # type: ignore[no-untyped-call]
        assert delta_BTH.grad is not None
        again()
        moved_BTH = self._attack.radius * direction(delta_BTH.grad, batch.mask_BT)
        (self._loss(batch, moved_BTH) * scale).backward()  # type: ignore[no-untyped-call]
        return float(clean.detach())

    def _pgd(self, batch: Batch, scale: float) -> float:
        delta_BTH = random_start(batch.mask_BT, self._width, self._attack.radius)
        again = _same_units(batch.ids_BT.device, self._coins)
        clean = self._loss(batch, self._nowhere(batch))
        (clean * scale).backward()  # type: ignore[no-untyped-call]
        for _ in range(self._attack.steps):
            again()
            delta_BTH.requires_grad_()
            (gradient_BTH,) = torch.autograd.grad(self._loss(batch, delta_BTH), delta_BTH)
            delta_BTH = self._step(delta_BTH.detach(), gradient_BTH, batch)
        again()
        (self._loss(batch, delta_BTH) * scale).backward()  # type: ignore[no-untyped-call]
        return float(clean.detach())

    def _freelb(self, batch: Batch, scale: float) -> float:
        steps, total = self._attack.steps, torch.zeros((), device=batch.ids_BT.device)
        delta_BTH = random_start(batch.mask_BT, self._width, self._attack.radius)
        again = _same_units(batch.ids_BT.device, self._coins)
        for step in range(steps):
            if step:
                assert delta_BTH.grad is not None
                delta_BTH = self._step(delta_BTH.detach(), delta_BTH.grad, batch)
                again()
            delta_BTH.requires_grad_()
            loss = self._loss(batch, delta_BTH)
            (loss * (scale / steps)).backward()  # type: ignore[no-untyped-call]
            total += loss.detach()
        return float(total) / steps

    def _nowhere(self, batch: Batch) -> torch.Tensor:
        return torch.zeros(*batch.ids_BT.shape, self._width, device=batch.ids_BT.device)

    def _step(self, delta_BTH: torch.Tensor, gradient_BTH: torch.Tensor, batch: Batch) -> torch.Tensor:
        moved_BTH = delta_BTH + self._attack.step_size * direction(gradient_BTH, batch.mask_BT)
        return project(moved_BTH, self._attack.radius)

    def _loss(self, batch: Batch, delta_BTH: torch.Tensor) -> torch.Tensor:
        with _added(self._embeddings, delta_BTH), self._forward():
            logits = self._model(input_ids=batch.ids_BT, attention_mask=batch.mask_BT).logits
        return self._loss_sum(logits, batch.labels, batch.weights_B)


@contextmanager
def _added(embeddings: torch.nn.Module, delta_BTH: torch.Tensor) -> Iterator[None]:
    """Inside the block, the layer gives its embeddings with the perturbation added."""
    hook = embeddings.register_forward_hook(lambda _module, _given, found: found + delta_BTH.to(found.dtype))
    try:
        yield
    finally:
        hook.remove()


def _same_units(device: torch.device, coins: CoinSource | None) -> Callable[[], None]:
    """Goes back to where the generators stand now, so that the next pass drops the same units."""
    torch_state = torch.get_rng_state()
    device_state = torch.cuda.get_rng_state(device) if device.type == "cuda" else None
    mark = coins.mark() if coins is not None else None

    def again() -> None:
        torch.set_rng_state(torch_state)
        if device_state is not None:
            torch.cuda.set_rng_state(device_state, device)
        if coins is not None:
            coins.rewind(mark)

    return again
