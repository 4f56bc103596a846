"""Where the processes of a run print, and by whose lock a new try knows that the last one is gone."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from sluicegate.errors import Unavailable

_LAST_TRY_ENDS_S = 30


def log_of(rank: int) -> str:
    """The name of a rank's own log, where its node is not the task's."""
    return f"rank-{rank + 1:05}.txt"


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """The file for what the processes print, once nobody has it open any more.

    Raises:
        Unavailable: Processes of an earlier try do not end.
    """
    with path.open("ab") as file:
        until = time.monotonic() + _LAST_TRY_ENDS_S
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > until:
                    raise Unavailable(f"training: processes of an earlier try still have {path} open") from None
                time.sleep(0.1)
        file.truncate(0)
        yield file
