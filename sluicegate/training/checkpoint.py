"""What a killed run goes on from: weights and optimizer state in safetensors, JSON beside them.

    step-00000150/            the newest: model.safetensors, optimizer.safetensors, state.json
    step-00000100/            the one with the best weights so far (may be the newest)
    .step-00000200.partial/   was being written when the run was killed; ignored and removed

A checkpoint is written beside the others and renamed into place, and what it replaces is removed only
then: at any moment there is a whole one.
"""

from __future__ import annotations

import json
import math
import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from sluicegate.errors import InputRefused
from sluicegate.training.energy import EnergyUse

_WEIGHTS, _MOMENTS, _STATE = "model.safetensors", "optimizer.safetensors", "state.json"


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
    window_losses: tuple[float, ...] = ()
    """Losses of the steps since the last line of the curve."""
    curve_size: int = 0
    """Bytes of the curve written so far."""
    seconds: float = 0.0
    """Time trained, over all tries."""
    energy: EnergyUse | None = None
    """What that took, as far as it is known; None before the first checkpoint."""


class Checkpoints:
    """The checkpoints of one run, in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def newest(self, fingerprint: str) -> State | None:
        """The state to go on from; None where there is none of this very run (what there is is removed)."""
        if not self.folder.is_dir():
            return None
        for partial in self.folder.glob(".*.partial"):
            shutil.rmtree(partial)
        for path in sorted(self.folder.glob("step-*"), reverse=True):
            file = path / _STATE
            state = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
            if state.get("fingerprint") == fingerprint:
                energy = EnergyUse(**state["energy"]) if state["energy"] else None
                return replace(State(**state), window_losses=tuple(state["window_losses"]), energy=energy)
            break  # of another run, or a removal that was killed
        self.remove()
        return None

    def save(self, state: State, weights: Mapping[str, torch.Tensor], moments: Mapping[str, torch.Tensor]) -> None:
        """Writes a checkpoint; then removes all others but the one with the best weights.

        Raises:
            InputRefused: It cannot be written.
        """
        path, partial = self._path(state.step), self.folder / f".step-{state.step:08}.partial"
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        write_tensors(weights, partial / _WEIGHTS)
        write_tensors(moments, partial / _MOMENTS)
        (partial / _STATE).write_text(json.dumps(asdict(state)), encoding="utf-8")
        for file in partial.iterdir():
            _flush(file)
        partial.rename(path)
        for other in self.folder.glob("step-*"):
            if other not in (path, self._path(state.best_step)):
                shutil.rmtree(other)

    def weights(self, step: int) -> dict[str, torch.Tensor]:
        """The weights as they stood after `step`."""
        return dict(load_file(self._path(step) / _WEIGHTS))

    def moments(self, step: int) -> dict[str, torch.Tensor]:
        """The optimizer's state as it stood after `step`."""
        return dict(load_file(self._path(step) / _MOMENTS))

    def remove(self) -> None:
        """Removes every checkpoint."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _path(self, step: int) -> Path:
        return self.folder / f"step-{step:08}"


def write_tensors(tensors: Mapping[str, torch.Tensor], path: Path) -> None:
    """Writes tensors as safetensors; the same tensors always give the same bytes.

    Raises:
        InputRefused: The disk is full or the folder cannot be written.
    """
    own: dict[str, torch.Tensor] = {}
    places: set[int] = set()
    for name, tensor in tensors.items():
        plain = tensor.detach().cpu().contiguous()
        own[name] = plain.clone() if plain.data_ptr() in places else plain  # tied weights are written out
        places.add(plain.data_ptr())
    try:
        save_file(own, path, metadata={"format": "pt"})
    except SafetensorError as error:
        remedy = "free some room and run again; finished work is kept"
        raise InputRefused(path, "", f"cannot be written: {error}", remedy) from error
    path.chmod(0o644)


def _flush(path: Path) -> None:
    """Has the file's bytes on the disk before anything is renamed, so that a power cut leaves no empty file."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
