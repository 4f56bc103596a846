"""What becomes of the model where several processes train it.

Sources: Li et al., PyTorch Distributed (2020) for DDP; Zhao et al., PyTorch FSDP (2023), here in its second form,
`torch.distributed.fsdp.fully_shard`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from copy import deepcopy
from typing import Any

import torch
from torch import nn
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import FSDPModule, MixedPrecisionPolicy, fully_shard
from torch.nn.parallel import DistributedDataParallel

from sluicegate.training.engine.ranks import ALONE, Ranks
from sluicegate.training.precision import Placement
from sluicegate.training.row_embedding import RowEmbedding, replace_embedding


class Local:
    """One process. Its methods are called in this order, between making the model and the first step."""

    def __init__(self, ranks: Ranks = ALONE) -> None:
        self.ranks = ranks

    def shard(self, model: nn.Module, placement: Placement) -> None:
        """Before there is an optimizer: spreads the weights over the ranks, in place."""

    def whole(self, model: nn.Module) -> nn.Module:
        """At the end: a model of the same make, not sharded, into which weights can be loaded."""
        return model

    def row_embedding(self, model: nn.Module) -> RowEmbedding | None:
        """The token embedding, where it can be updated by row."""
        return replace_embedding(model)

    def kind(self, placement: Placement) -> torch.dtype:
        """The format in which the optimizer keeps the model's own weights."""
        return placement.kind

    def replicate(self, model: nn.Module) -> Any:
        """After the optimizer is made: what forward passes call."""
        return model

    def micro_batch(self, *, last: bool) -> AbstractContextManager[None]:
        """Around a micro-batch's forward and backward pass; `last` of its step."""
        return nullcontext()


class _Spread(Local):
    """Several processes, whose gradients are averaged."""

    def row_embedding(self, model: nn.Module) -> None:
        """None: gradients are averaged as whole matrices, so the embedding's has to be one too."""


class DDP(_Spread):
    """Every rank holds the whole model; gradients are averaged in the last backward pass of a step."""

    def replicate(self, model: nn.Module) -> Any:
        """The model in `DistributedDataParallel`; the model itself keeps its names and its weights."""
        self._model = DistributedDataParallel(model, broadcast_buffers=False)
        return self._model

    @contextmanager
    def micro_batch(self, *, last: bool) -> Iterator[None]:
        """Before the last, gradients only add up."""
        with nullcontext() if last else self._model.no_sync():
            yield


class FSDP(_Spread):
    """Every rank holds its rows of each weight, in fp32, and of the optimizer's state.

    A layer is put together where it is computed: in bf16 where the run is, and its gradients are added in fp32.
    """

    def shard(self, model: nn.Module, placement: Placement) -> None:
        """Shards every layer by itself, and the rest together."""
        self._whole = deepcopy(model).to("meta")  # the make of it, without the weights
        mesh = init_device_mesh(placement.device.type, (self.ranks.world_size,))
        policy = MixedPrecisionPolicy()
        if placement.kind is not torch.float32:
            policy = MixedPrecisionPolicy(param_dtype=placement.kind, reduce_dtype=torch.float32)
        for module in (*layers(model), model):
            fully_shard(module, mesh=mesh, mp_policy=policy)
        self._model = model

    def whole(self, model: nn.Module) -> nn.Module:
        """On the meta device, without weights."""
        return self._whole

    def kind(self, placement: Placement) -> torch.dtype:
        """The shards are the fp32 weights."""
        return torch.float32

    @contextmanager
    def micro_batch(self, *, last: bool) -> Iterator[None]:
        """Before the last, gradients only add up."""
        assert isinstance(self._model, FSDPModule)
        self._model.set_requires_gradient_sync(last)
        yield


STRATEGIES = {"ddp": DDP, "fsdp": FSDP}


def layers(module: nn.Module) -> list[nn.Module]:
    """The layers of a model: what its outermost lists of modules hold, in order."""
    if isinstance(module, nn.ModuleList):
        return list(module)
    return [layer for child in module.children() for layer in layers(child)]
