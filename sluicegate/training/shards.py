"""Tensors in several files, one from each process, which can be read back by any number of processes.

    model-00001-of-00002.safetensors   what the first process held
    model-00002-of-00002.safetensors
    model.index.json                   each tensor's shape, and its pieces: file, first row, number of rows

A sharded tensor (`torch.distributed.tensor.DTensor`, by rows) is written by every process that holds some of it;
of a tensor that all hold whole, one process writes it, by turns. PyTorch's own distributed checkpoints keep their
index in a pickle; those it writes as safetensors have none, and its processes exchange pickles to plan them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch.distributed.tensor import DTensor, Shard

from sluicegate.errors import InputRefused

_LAYOUT = "layout"


@dataclass(frozen=True)
class Piece:
    """Some rows of a tensor, in a file."""

    file: str
    start: int
    rows: int


def own_pieces(
    tensors: Mapping[str, torch.Tensor], *, rank: int, world_size: int
) -> tuple[dict[str, torch.Tensor], dict[str, tuple[int, list[int]]]]:
    """What process `rank` has to write: its tensors, and by name their first row and the whole tensor's shape."""
    kept, layout = {}, {}
    for place, (name, tensor) in enumerate(sorted(tensors.items())):
        if isinstance(tensor, DTensor):
            local, start = tensor.to_local(), first_row(tensor)
            if not len(local):
                continue
        elif place % world_size == rank:
            local, start = tensor, 0
        else:
            continue
        kept[name], layout[name] = local, (start, list(tensor.shape))
    return kept, layout


def first_row(tensor: DTensor) -> int:
    """The row of the whole tensor that is this process's first; rows are dealt out as by `torch.chunk`."""
    (placement,) = tensor.placements
    assert placement == Shard(0), f"sharded as {placement}, not by rows"
    each = -(-tensor.shape[0] // tensor.device_mesh.size())
    return min(tensor.device_mesh.get_local_rank() * each, tensor.shape[0])


def shard_name(kind: str, rank: int, world_size: int) -> str:
    """The file of one process."""
    return f"{kind}-{rank + 1:05}-of-{world_size:05}.safetensors"


def write_tensors(
    tensors: Mapping[str, torch.Tensor], path: Path, note: Mapping[str, str] = MappingProxyType({"format": "pt"})
) -> None:
    """Writes tensors as safetensors; the same tensors with a `note` of one entry always give the same bytes.

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
        save_file(own, path, metadata=dict(note))
    except SafetensorError as error:
        remedy = "free some room and run again; finished work is kept"
        raise InputRefused(path, "", f"cannot be written: {error}", remedy) from error
    path.chmod(0o644)


def write_shard(tensors: Mapping[str, torch.Tensor], folder: Path, kind: str, *, rank: int, world_size: int) -> Path:
    """Writes this process's file, and returns its path.

    Raises:
        InputRefused: The disk is full or the folder cannot be written.
    """
    path = folder / shard_name(kind, rank, world_size)
    kept, layout = own_pieces(tensors, rank=rank, world_size=world_size)
    write_tensors(kept, path, {_LAYOUT: json.dumps(layout)})
    return path


def write_index(folder: Path, kind: str, world_size: int) -> None:
    """Writes the index of what all processes wrote; once they have.

    Raises:
        InputRefused: It cannot be written.
    """
    tensors: dict[str, dict[str, Any]] = {}
    for rank in range(world_size):
        name_of_file = shard_name(kind, rank, world_size)
        with safe_open(folder / name_of_file, "pt") as file:
            for name, (start, shape) in json.loads(file.metadata()[_LAYOUT]).items():
                found = tensors.setdefault(name, {"shape": shape, "pieces": []})
                held = file.get_slice(name).get_shape()
                found["pieces"].append({"file": name_of_file, "start": start, "rows": held[0] if held else 0})
    path = _index(folder, kind)
    try:
        path.write_text(json.dumps({"tensors": tensors}, indent=1, sort_keys=True), encoding="utf-8")
    except OSError as error:
        raise InputRefused(path, "", f"cannot be written: {error.strerror}", "free some room and run again") from None


class Stored(Mapping[str, torch.Tensor]):
    """Tensors that were written by `write_shard`, read when they are asked for."""

    def __init__(self, folder: Path, kind: str) -> None:
        index = json.loads(_index(folder, kind).read_text(encoding="utf-8"))
        self._pieces = {
            name: [Piece(**piece) for piece in sorted(tensor["pieces"], key=lambda piece: piece["start"])]
            for name, tensor in index["tensors"].items()
        }
        self._shapes = {name: tensor["shape"] for name, tensor in index["tensors"].items()}
        self._open = cache(lambda file: safe_open(folder / file, "pt"))

    def __iter__(self) -> Iterator[str]:
        return iter(self._pieces)

    def __len__(self) -> int:
        return len(self._pieces)

    def __getitem__(self, name: str) -> torch.Tensor:
        """The whole tensor."""
        if not self._shapes[name]:
            scalar: torch.Tensor = self._open(self._pieces[name][0].file).get_tensor(name)  # type: ignore[no-untyped-call]
            return scalar
        return self.rows(name, 0, self._shapes[name][0])

    def rows(self, name: str, start: int, stop: int) -> torch.Tensor:
        """Rows `start` to `stop`, the last not included."""
        found = []
        for piece in self._pieces[name]:
            first, last = max(start, piece.start), min(stop, piece.start + piece.rows)
            if first < last:
                tensor = self._open(piece.file).get_slice(name)  # type: ignore[no-untyped-call]
                found.append(tensor[first - piece.start : last - piece.start])
        return torch.cat(found) if found else torch.empty(0, *self._shapes[name][1:])


def like(tensor: torch.Tensor, stored: Mapping[str, torch.Tensor], name: str) -> torch.Tensor:
    """The stored tensor `name`, on the device of `tensor`, and sharded as that is."""
    if not isinstance(tensor, DTensor):
        return stored[name].to(tensor.device)
    held = len(tensor.to_local())
    start = first_row(tensor)
    rows = stored.rows(name, start, start + held) if isinstance(stored, Stored) else stored[name][start : start + held]
    local = rows.to(tensor.to_local().device, tensor.dtype)
    return DTensor.from_local(
        local,
        tensor.device_mesh,
        tensor.placements,
        run_check=False,
        shape=tensor.shape,
        stride=tensor.stride(),
    )


def whole(tensor: torch.Tensor) -> torch.Tensor:
    """The tensor itself; a sharded one put together on the CPU, for which every process has to ask."""
    return tensor.full_tensor().cpu() if isinstance(tensor, DTensor) else tensor


def _index(folder: Path, kind: str) -> Path:
    return folder / f"{kind}.index.json"
