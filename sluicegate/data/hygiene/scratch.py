"""Arrays that a killed try leaves behind for the next one."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

_Number = TypeVar("_Number", np.uint64, np.int64, np.float64)


class Scratch:
    """A folder of arrays that all follow from one plan; under another plan it is emptied.

    Args:
        folder: Where they lie.
        plan: Everything that they follow from, as a JSON value.
    """

    def __init__(self, folder: Path, plan: Mapping[str, Any]) -> None:
        self.folder = folder
        text, path = json.dumps(plan, sort_keys=True), folder / "plan.json"
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True, mode=0o700)
            path.write_text(text, encoding="utf-8")

    def has(self, name: str) -> bool:
        """Whether the array is there whole."""
        return self.path(name).is_file()

    def numbers(self, name: str) -> frozenset[int]:
        """The numbers of those arrays ``NAME-NUMBER`` that are there whole."""
        return frozenset(int(path.stem.rpartition("-")[2]) for path in self.folder.glob(f"{name}-*.array"))

    def path(self, name: str) -> Path:
        """The file of an array: its numbers and nothing else."""
        return self.folder / f"{name}.array"

    def save(self, name: str, array: NDArray[Any]) -> None:
        """Writes an array, which is there whole or not at all."""
        partial = self.folder / f".{name}.partial"
        partial.write_bytes(np.ascontiguousarray(array).data)  # unlike tofile it says when the disk is full
        os.replace(partial, self.path(name))

    def load(
        self, name: str, kind: type[_Number], *, begin: int = 0, count: int | None = None
    ) -> np.ndarray[tuple[int], np.dtype[_Number]]:
        """Reads `count` numbers (None: all) of an array, flat, from number `begin` on."""
        size = np.dtype(kind).itemsize
        return np.fromfile(self.path(name), kind, -1 if count is None else count, offset=begin * size)

    def made(
        self, name: str, kind: type[_Number], make: Callable[[], NDArray[_Number]]
    ) -> np.ndarray[tuple[int], np.dtype[_Number]]:
        """The array, made and saved if it is not there."""
        if not self.has(name):
            self.save(name, make())
        return self.load(name, kind)

    def remove(self) -> None:
        """Deletes the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)
