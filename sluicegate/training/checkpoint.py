"""What a killed run goes on from: weights and optimizer state in safetensors, JSON beside them.

    step-00000150/            the newest: model and optimizer as in `shards.py`, and state.json
    step-00000100/            the one with the best weights so far (may be the newest)
    .step-00000200.partial/   was being written when the run was killed; ignored and removed

A checkpoint is written beside the others and renamed into place, and what it replaces is removed only
then: at any moment there is a whole one. Where several processes train, each writes what it holds, and the one
that leads renames it when all have.
"""

from __future__ import annotations

import json
import math
import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import torch

from sluicegate.training.energy import EnergyUse
from sluicegate.training.engine.ranks import ALONE, Ranks
from sluicegate.training.losses import StepLoss
from sluicegate.training.shards import Stored, write_index, write_shard

_WEIGHTS, _MOMENTS, _STATE = "model", "optimizer", "state.json"


@dataclass(frozen=True)
class State:
    """Where a run stands, apart from tensors."""

    fingerprint: str
    """Digest of all that the run depends on; a checkpoint of another run is not used."""
    step: int = 0
    """Optimizer steps done."""
    best_step: int = 0
    """The step whose weights scored best on the validation rows; 0 before the first evaluation."""
    best_quality: float = -math.inf
    """How well, by the recipe's measure."""
    evaluations_without_gain: int = 0
    """Evaluations since then."""
    window: tuple[StepLoss, ...] = ()
    """Losses of the steps since the last line of the curve."""
    recent: tuple[StepLoss, ...] = ()
    """Losses of the last few steps, by which a run that diverges is known."""
    first_loss: float | None = None
    """Mean loss of the first few steps; None before them."""
    micro_batch_size: int = 0
    """Sequences per forward pass, where the device has shown how many fit; 0 is as the section says."""
    curve_size: int = 0
    """Bytes of the curve written so far."""
    seconds: float = 0.0
    """Time trained, over all tries."""
    energy: EnergyUse | None = None
    """What that took, as far as it is known; None before the first checkpoint."""


class Checkpoints:
    """The checkpoints of one run, in one folder."""

    def __init__(self, folder: Path, ranks: Ranks = ALONE) -> None:
        self.folder, self._ranks = folder, ranks

    def newest(self, fingerprint: str) -> State | None:
        """The state to go on from; None where there is none of this very run (what there is is removed)."""
        if not self._ranks.leads:
            self._ranks.wait()
            return self._newest(fingerprint)
        state = self._newest(fingerprint)
        self._ranks.wait()
        return state

    def _newest(self, fingerprint: str) -> State | None:
        if not self.folder.is_dir():
            return None
        for partial in self.folder.glob(".*.partial"):
            shutil.rmtree(partial)
        for path in sorted(self.folder.glob("step-*"), reverse=True):
            file = path / _STATE
            state = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
            if state.get("fingerprint") == fingerprint and set(state) == {f.name for f in fields(State)}:
                return _state(state)
            break  # of another run, or written by another version, or a removal that was killed
        self.remove()
        return None

    def save(self, state: State, weights: Mapping[str, torch.Tensor], moments: Mapping[str, torch.Tensor]) -> None:
        """Writes a checkpoint; then removes all others but the one with the best weights.

        Raises:
            InputRefused: It cannot be written.
        """
        path, partial = self._path(state.step), self.folder / f".step-{state.step:08}.partial"
        rank, world_size = self._ranks.rank, self._ranks.world_size
        if self._ranks.leads:
            shutil.rmtree(partial, ignore_errors=True)
            partial.mkdir(parents=True)
        self._ranks.wait()
        for kind, tensors in ((_WEIGHTS, weights), (_MOMENTS, moments)):
            _flush(write_shard(tensors, partial, kind, rank=rank, world_size=world_size))
        self._ranks.wait()
        if self._ranks.leads:
            self._put_in_place(state, partial, path)
        self._ranks.wait()

    def _put_in_place(self, state: State, partial: Path, path: Path) -> None:
        """Makes a checkpoint of what all processes have written to `partial`."""
        for kind in (_WEIGHTS, _MOMENTS):
            write_index(partial, kind, self._ranks.world_size)
        (partial / _STATE).write_text(json.dumps(asdict(state)), encoding="utf-8")
        for file in partial.glob("*.json"):
            _flush(file)
        partial.rename(path)
        for other in self.folder.glob("step-*"):
            if other not in (path, self._path(state.best_step)):
                shutil.rmtree(other)

    def weights(self, step: int) -> Stored:
        """The weights as they stood after `step`."""
        return Stored(self._path(step), _WEIGHTS)

    def moments(self, step: int) -> Stored:
        """The optimizer's state as it stood after `step`."""
        return Stored(self._path(step), _MOMENTS)

    def remove(self) -> None:
        """Removes every checkpoint."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _path(self, step: int) -> Path:
        return self.folder / f"step-{step:08}"


def _flush(path: Path) -> None:
    """Has the file's bytes on the disk before anything is renamed, so that a power cut leaves no empty file."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _state(stored: Mapping[str, Any]) -> State:
    """The state of a checkpoint's JSON."""
    lists = {key: tuple(StepLoss(*step) for step in stored[key]) for key in ("window", "recent")}
    energy = EnergyUse(**stored["energy"]) if stored["energy"] else None
    return State(**{**stored, **lists, "energy": energy})
