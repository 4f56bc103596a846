"""The loss curve: a JSON object a line, where a resumed run never writes a step twice."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

Line = dict[str, float | int | str]


class Curve:
    """Appends to ``curve.jsonl`` and tells a listener."""

    def __init__(self, path: Path, *, size: int, on_log: Callable[[Line], None] | None) -> None:
        """Opens the curve at `size` bytes: what a killed run wrote after its last checkpoint is cut off."""
        self._path, self._on_log = path, on_log
        with path.open("ab") as file:
            file.truncate(size)

    @property
    def size(self) -> int:
        """Bytes written; a checkpoint keeps it."""
        return self._path.stat().st_size

    def add(self, line: Line) -> None:
        """Writes one line and passes it on."""
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + os.linesep)
        if self._on_log is not None:
            self._on_log(line)


class MutedCurve:
    """What a rank that does not lead has in the place of the curve."""

    size = 0

    def add(self, line: Line) -> None:
        """Nothing: the rank that leads writes it."""
