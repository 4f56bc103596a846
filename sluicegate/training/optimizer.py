"""AdamW on fp32 weights, whatever format the model computes in, and the learning rate's schedule.

Sources: Loshchilov and Hutter, Decoupled Weight Decay Regularization (2019); Micikevicius et al., Mixed Precision
Training (2018) for the fp32 copy of the weights.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

import torch
from torch import nn
from torch.distributed.tensor import DTensor

from sluicegate.spec import Training
from sluicegate.training.methods.allocation import Allocation
from sluicegate.training.methods.body import is_head
from sluicegate.training.row_embedding import RowEmbedding
from sluicegate.training.shards import like, whole

if TYPE_CHECKING:
    from peft import AdaLoraConfig

BETAS, EPSILON = (0.9, 0.999), 1e-8
_FIRST, _SECOND = "exp_avg", "exp_avg_sq"
_ALLOCATION = "allocation/"


class MasterAdamW:
    """AdamW with the head's own rate, and no decay on biases and normalisation.

    Of a model in bf16 it keeps the weights in fp32, updates those and rounds them into the model: a step is often
    smaller than what bf16 can add. Rows of `embedding` move only at steps that read them, their decay and moments
    with them, as in PyTorch's SparseAdam.

    Args:
        model: In fp32; it is turned into `kind` here.
        training: The spec's section.
        kind: What the model computes in.
        embedding: The token embedding, where its gradient comes by row.
        ranks: AdaLoRA's schedule, where ranks are taken away.
    """

    def __init__(
        self,
        model: nn.Module,
        training: Training,
        kind: torch.dtype,
        embedding: RowEmbedding | None = None,
        ranks: AdaLoraConfig | None = None,
    ) -> None:
        self._model, self._kind = model, kind
        self._trained = {name: p for name, p in model.named_parameters() if p.requires_grad}
        own = kind is not torch.float32
        self._masters = {
            name: nn.Parameter(p.detach().clone()) if own else p for name, p in self._trained.items()
        }  # of the others nothing is lost: they never change
        self._gradients: dict[str, torch.Tensor] = {}
        self._own_names = _own_names(model)
        self._fixed = {
            name: t.detach().clone() for name, t in model.state_dict().items() if own and not self._is_trained(name)
        }
        model.to(kind)
        self._allocation = Allocation(ranks, self._masters) if ranks is not None else None
        self._rows = _rows_of(embedding, self._trained, self._masters, training)
        groups: dict[tuple[float, float], list[nn.Parameter]] = {}
        for name, master in self._masters.items():
            if self._rows is None or name != self._rows.name:
                rate = training.head_learning_rate if is_head(model, name) else training.learning_rate
                groups.setdefault((rate, training.weight_decay if master.ndim > 1 else 0.0), []).append(master)
        self._adamw = torch.optim.AdamW(
            [{"params": p, "lr": rate, "peak": rate, "weight_decay": decay} for (rate, decay), p in groups.items()],
            betas=BETAS,
            eps=EPSILON,
            fused=True,
        )
        self._clip = training.gradient_clip

    def set_rate(self, share: float) -> None:
        """Sets every group's rate to `share` of its peak."""
        for group in self._adamw.param_groups:
            group["lr"] = group["peak"] * share
        if self._rows is not None:
            self._rows.rate = self._rows.peak * share

    def step(self) -> None:
        """One update from the parameters' gradients, which are cleared."""
        taken = self._rows.embedding.take_gradient() if self._rows is not None else None
        if self._kind is not torch.float32:
            self._gather()
        if self._allocation is not None:
            self._allocation.regularise()
        if self._clip is not None:
            self._clip_gradients(self._clip, None if taken is None else taken[1])
        self._adamw.step()
        if self._rows is not None and taken is not None:
            self._rows.step(*taken)
        if self._allocation is not None:
            self._allocation.allocate()
        self._clear()
        if self._kind is not torch.float32:
            self._round()

    def drop_gradients(self) -> None:
        """Forgets the gradients that were added since the last step."""
        if self._rows is not None:
            self._rows.embedding.take_gradient()
        self._clear()

    @property
    def trained_parameters(self) -> int:
        """How many weights learn."""
        return sum(master.numel() for master in self._masters.values())

    def weights(self) -> dict[str, torch.Tensor]:
        """What changes while the model learns, by name, weights in fp32: those that learn, and buffers."""
        fixed = {name for name, parameter in self._model.named_parameters() if name not in self._trained}
        masters = {name: master.detach() for name, master in self._masters.items()}
        state = self._model.state_dict()
        own = {name: t for name, t in state.items() if self._own_names.get(name, name) == name and name not in fixed}
        return {name: masters.get(name, self._fixed.get(name, t)) for name, t in own.items()}

    def all_weights(self, changed: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        """The whole model in fp32, by name, where `changed` is what `weights` gave at a step; for all ranks to call."""
        found = {}
        for name, tensor in self._model.state_dict().items():
            own = self._own_names.get(name, name)
            fixed = self._fixed.get(name)
            found[name] = changed[own] if own in changed else whole(tensor) if fixed is None else fixed
        return found

    @torch.no_grad()
    def load_weights(self, weights: Mapping[str, torch.Tensor]) -> None:
        """Puts back what `weights` gave."""
        state = self._model.state_dict()
        for name in weights:
            value = like(state[name], weights, name)
            state[name].copy_(value)
            if name in self._masters:
                self._masters[name].copy_(value)

    def moments(self) -> dict[str, torch.Tensor]:
        """AdamW's state as plain tensors, named ``parameter/moment``."""
        found = {
            f"{name}/{key}": value
            for name, master in self._masters.items()
            for key, value in self._adamw.state.get(master, {}).items()
        }
        if self._allocation is not None:
            found |= {f"{_ALLOCATION}{name}": value for name, value in self._allocation.state().items()}
        return found | (self._rows.moments() if self._rows is not None else {})

    def load_moments(self, tensors: Mapping[str, torch.Tensor]) -> None:
        """Puts back what `moments` gave."""
        if self._allocation is not None:
            named = {name: value for name, value in tensors.items() if name.startswith(_ALLOCATION)}
            self._allocation.load({name.removeprefix(_ALLOCATION): value for name, value in named.items()})
        for full_name, value in tensors.items():
            if full_name.startswith(_ALLOCATION):
                continue
            name, key = full_name.rsplit("/", 1)
            if self._rows is not None and name == self._rows.name:
                self._rows.load(key, value)
            else:  # AdamW counts its steps on the CPU unless fused kernels want them on the device
                master = self._masters[name]
                whole = key == "step"
                self._adamw.state[master][key] = value.to(master.device) if whole else like(master, tensors, full_name)

    def _is_trained(self, name: str) -> bool:
        return self._own_names.get(name, name) in self._trained

    def _clear(self) -> None:
        for parameter in (*self._trained.values(), *self._masters.values()):
            parameter.grad = None

    @torch.no_grad()
    def _gather(self) -> None:
        """Turns the gradients into fp32, in memory that is kept from step to step: new pages cost more than the sum."""
        found = {name: p.grad for name, p in self._trained.items() if p.grad is not None}
        self._gradients |= {name: torch.empty_like(self._masters[name]) for name in found.keys() - self._gradients}
        torch._foreach_copy_([self._gradients[name] for name in found], list(found.values()))
        for name in found:
            self._masters[name].grad, self._trained[name].grad = self._gradients[name], None

    def _round(self) -> None:
        with torch.no_grad():
            skipped = self._rows.name if self._rows is not None else ""
            pairs = [(p, self._masters[name]) for name, p in self._trained.items() if name != skipped]
            torch._foreach_copy_([p for p, _ in pairs], [master for _, master in pairs])

    def _clip_gradients(self, most: float, of_rows: torch.Tensor | None) -> None:
        """Shortens the gradient of all parameters together to a norm of `most`."""
        gradients = [master.grad for master in self._masters.values() if master.grad is not None]
        gradients += [] if of_rows is None else [of_rows]
        norm = torch.nn.utils.get_total_norm(gradients)
        if isinstance(norm, DTensor):  # of each rank's rows by themselves
            norm, gradients = norm.full_tensor(), [cast(DTensor, gradient).to_local() for gradient in gradients]
        torch._foreach_mul_(gradients, torch.clamp(most / (norm + 1e-6), max=1.0))


class _Rows:
    """AdamW on the rows of an embedding."""

    def __init__(self, embedding: RowEmbedding, name: str, master: nn.Parameter, rate: float, decay: float) -> None:
        self.embedding, self.name, self.peak, self.rate = embedding, name, rate, rate
        self._master, self._decay, self._steps = master, decay, 0
        self._first, self._second = torch.zeros_like(master.data), torch.zeros_like(master.data)

    @torch.no_grad()
    def step(self, tokens_R: torch.Tensor, gradient_RD: torch.Tensor) -> None:
        self._steps += 1
        first = self._first[tokens_R].lerp_(gradient_RD, 1 - BETAS[0])
        second = self._second[tokens_R].mul_(BETAS[1]).addcmul_(gradient_RD, gradient_RD, value=1 - BETAS[1])
        spread = (second / (1 - BETAS[1] ** self._steps)).sqrt_().add_(EPSILON)
        rows = self._master[tokens_R].mul_(1 - self.rate * self._decay)
        rows.addcdiv_(first, spread, value=-self.rate / (1 - BETAS[0] ** self._steps))
        self._first[tokens_R], self._second[tokens_R], self._master[tokens_R] = first, second, rows
        if self.embedding.weight is not self._master:
            self.embedding.weight[tokens_R] = rows.to(self.embedding.weight.dtype)

    def moments(self) -> dict[str, torch.Tensor]:
        steps = torch.tensor(float(self._steps))
        made = {_FIRST: self._first, _SECOND: self._second, "step": steps}
        return {f"{self.name}/{key}": value for key, value in made.items()}

    def load(self, key: str, value: torch.Tensor) -> None:
        if key == "step":
            self._steps = int(value)
        else:
            (self._first if key == _FIRST else self._second).copy_(value)


def _rows_of(
    embedding: RowEmbedding | None,
    trained: Mapping[str, nn.Parameter],
    masters: Mapping[str, nn.Parameter],
    training: Training,
) -> _Rows | None:
    if embedding is None:
        return None
    name = next(name for name, parameter in trained.items() if parameter is embedding.weight)
    return _Rows(embedding, name, masters[name], training.learning_rate, training.weight_decay)


def _own_names(model: nn.Module) -> dict[str, str]:
    """Every name of a parameter → the one by which it is trained: tied weights have several."""
    first = {parameter: name for name, parameter in model.named_parameters()}
    return {name: first[parameter] for name, parameter in model.named_parameters(remove_duplicate=False)}


def rate_share(step: int, total: int, warmup_share: float) -> float:
    """The share of the peak rate at `step` of `total` (from 1): up in a line over the warm-up, then down to near 0."""
    warmup = max(1, round(total * warmup_share))
    return step / warmup if step <= warmup else (total - step + 1) / (total - warmup + 1)
