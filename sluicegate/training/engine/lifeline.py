"""Why no process outlives the task.

A task that is killed with -9 cleans up nothing, and its children would go on training beside the next try. Two
things hold a process here. Its standard input is a pipe that only the task could write to; where it ends, the task
is gone. And the kernel is asked for SIGKILL when the parent dies, which holds even while a thread cannot run.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from threading import Thread

_PR_SET_PDEATHSIG = 1  # prctl(2), Linux


def hold(parent: int) -> None:
    """Ties this process to standard input and to process `parent`; its own process group goes with it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before it was watched
        _end()
    Thread(target=_watch, daemon=True).start()


def _watch() -> None:
    while os.read(0, 1):
        pass
    _end()


def _end() -> None:
    if os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os.kill(os.getpid(), signal.SIGKILL)
