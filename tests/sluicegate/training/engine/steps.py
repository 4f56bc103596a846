"""The loop on a small model, with every step's gradients written down; as a script, one rank of it.

python -P steps.py FOLDER STRATEGY PRECISION
"""

from __future__ import annotations

import os
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch.distributed.tensor import DTensor

from sluicegate.spec import Training
from sluicegate.training.base_model import load_base
from sluicegate.training.batches import Batch
from sluicegate.training.checkpoint import Checkpoints, State
from sluicegate.training.curve import Curve, MutedCurve
from sluicegate.training.engine.strategy import STRATEGIES, Local
from sluicegate.training.engine.worker import joined
from sluicegate.training.loop import Loop
from sluicegate.training.objective import Objective
from sluicegate.training.optimizer import MasterAdamW
from sluicegate.training.passes import PlainPass
from sluicegate.training.precision import choose_placement, repeatable
from sluicegate.training.recipes import recipe_for

LABELS = ("bad", "fair", "good")
TRAINING: dict[str, Any] = {
    "base_model": "tiny-bert", "base_model_licence": "Apache-2.0", "epochs": 1, "batch_size": 7, "micro_batch_size": 2,
    "max_length_tokens": 16, "learning_rate": 0.003, "head_learning_rate": 0.003, "gradient_clip": 3.0,
    "checkpoint_every_steps": 1000, "evaluations_per_epoch": 1,
}  # fmt: skip


def whole(tensor: torch.Tensor) -> torch.Tensor:
    """The tensor itself, or what the shards make up."""
    return (tensor.full_tensor() if isinstance(tensor, DTensor) else tensor).detach().clone()


class Recorded:
    """A pass, and the gradients that it left at each step."""

    def __init__(self, inner: PlainPass, model: torch.nn.Module) -> None:
        self.inner, self.model, self.steps = inner, model, list[dict[str, torch.Tensor]]()

    def __call__(self, batch: Batch, scale: float) -> float:
        return self.inner(batch, scale)

    def finish(self) -> None:
        self.inner.finish()
        grads = {name: p.grad for name, p in self.model.named_parameters()}
        self.steps.append({name: whole(grad).float() for name, grad in grads.items() if grad is not None})


class Dense(Local):
    """One process that keeps the embedding's gradient as a matrix, as several do."""

    def row_embedding(self, model: torch.nn.Module) -> None:
        """None."""


def train(folder: Path, strategy: Local, precision: str, out: Path) -> tuple[Loop, Recorded]:
    """Trains one epoch; curve and checkpoint go to `out`."""
    training = Training(**TRAINING, precision=precision)
    placement, recipe = choose_placement(training.precision, max_length_tokens=16), recipe_for(training.task)
    with repeatable(seed=1):
        base = load_base(folder / "base", LABELS)
        rows = [
            recipe.encode(folder / f"{part}.parquet", LABELS, base.tokenizer, 16, out / f"{part}-{strategy.ranks.rank}")
            for part in ("train", "validation")
        ]
        model = base.model.to(placement.device)
        strategy.shard(model, placement)
        optimizer = MasterAdamW(model, training, strategy.kind(placement), strategy.row_embedding(model))
        objective = Objective()
        recorded = Recorded(PlainPass(strategy.replicate(model), objective, placement), model)
        loop = Loop(
            model=model, coins=None, recipe=recipe, train=rows[0], validation=rows[1], objective=objective,
            backward=recorded, optimizer=optimizer, training=training, placement=placement,
            checkpoints=Checkpoints(out / "checkpoints", strategy.ranks),
            curve=Curve(out / "curve.jsonl", size=0, on_log=None) if strategy.ranks.leads else MutedCurve(),
            strategy=strategy,
        )  # fmt: skip
        loop.run(State("f"))
    return loop, recorded


def main(folder: Path, name: str, precision: str) -> None:
    """One rank: writes gradients by step, weights, and what it holds itself."""
    out = folder / f"{name}-{precision}"
    out.mkdir(exist_ok=True)
    with joined() as ranks:
        loop, recorded = train(folder, STRATEGIES[name](ranks), precision, out)
        weights = {key: whole(tensor) for key, tensor in loop.optimizer.weights().items()}
        held = {key: p.to_local() for key, p in loop.model.named_parameters() if isinstance(p, DTensor)}
        save_file({key: p.clone() for key, p in held.items()}, out / f"held-{ranks.rank}.safetensors")
        with torch.no_grad(), nullcontext():
            logits = loop.model(input_ids=torch.tensor([[2, 5, 3]])).logits
        (out / f"logits-{ranks.rank}.txt").write_text(str(logits.dtype), encoding="utf-8")
        if ranks.leads:
            flat = {f"{i}/{key}": grad for i, step in enumerate(recorded.steps) for key, grad in step.items()}
            save_file(flat, out / "gradients.safetensors")
            save_file(weights, out / "weights.safetensors")


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
    os._exit(0)  # as the product's ranks do: FSDP leaves a thread, and now and then Python's end aborts over it
