"""What ranks and agent report to the task: a JSON object a line on standard output."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from sluicegate.errors import DataRejected, InputRefused, SluicegateError, SpecRefused, Unavailable
from sluicegate.progress import Listener, Progress
from sluicegate.training.curve import Line

_REFUSALS: dict[str, type[SluicegateError]] = {
    kind.__name__: kind for kind in (InputRefused, SpecRefused, DataRejected, Unavailable)
}


class Channel:
    """The sending end, on an open file."""

    def __init__(self, file: int = 1) -> None:
        self._file = file

    @classmethod
    def alone(cls) -> Channel:
        """Has standard output to itself: what anything else prints there goes to standard error from now on."""
        channel = cls(os.dup(1))
        os.dup2(2, 1)
        return channel

    def progress(self, at: Progress) -> None:
        """A `Listener`."""
        self._send(progress=asdict(at))

    def line(self, line: Line) -> None:
        """A line of the curve."""
        self._send(line=line)

    def refused(self, error: SluicegateError) -> None:
        """Why this rank stops."""
        kind = type(error).__name__
        known = kind in _REFUSALS
        arguments = [str(argument) for argument in error.args] if known else [str(error)]
        self._send(refused={"kind": kind if known else Unavailable.__name__, "arguments": arguments})

    def ended(self, rank: int, exit_code: int) -> None:
        """Which rank ended badly; a signal's number is negative, as in `subprocess`."""
        self._send(ended={"rank": rank, "exit_code": exit_code})

    def pass_on(self, lines: bytes) -> None:
        """Lines of another channel."""
        os.write(self._file, lines)

    def _send(self, **event: Any) -> None:
        self.pass_on(json.dumps(event).encode() + b"\n")


@dataclass
class Reader:
    """The task's end: passes on progress and lines, and keeps what went wrong."""

    listener: Listener | None
    on_line: Callable[[Line], None] | None
    refusal: SluicegateError | None = None
    ended: dict[str, int] = field(default_factory=dict)

    def take(self, text: bytes) -> None:
        """One line of the channel."""
        ((kind, content),) = json.loads(text).items()
        if kind == "progress" and self.listener is not None:
            self.listener(Progress(**content))
        elif kind == "line" and self.on_line is not None:
            self.on_line(content)
        elif kind == "refused" and self.refusal is None:
            self.refusal = _REFUSALS[content["kind"]](*content["arguments"])
        elif kind == "ended":
            self.ended = content
