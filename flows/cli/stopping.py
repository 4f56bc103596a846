"""Commands that are told to end before they are done, and leave nothing half done."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_TOLD = (signal.SIGTERM, signal.SIGHUP)


@contextmanager
def all_or_nothing() -> Iterator[None]:
    """Lets everything inside clear up after itself when the process is told to end, and says so in one line.

    Python does so for Ctrl-C alone: SIGTERM and SIGHUP would end it on the spot, with raw texts left in temporary
    files. A signal that is ignored, as under `nohup`, stays ignored.

    Raises:
        SystemExit: 128 and the number of the signal.
    """
    before = {each: signal.getsignal(each) for each in _TOLD}
    for each in _TOLD:
        if before[each] is signal.SIG_DFL:
            signal.signal(each, _end)
    try:
        yield
    except KeyboardInterrupt:
        _say_so()
        raise SystemExit(128 + signal.SIGINT) from None
    except _Told as told:
        _say_so()
        raise SystemExit(128 + told.number) from None
    finally:
        for each, was in before.items():
            signal.signal(each, was)


class _Told(BaseException):
    """The process was told to end; no `except Exception` may swallow it."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def _end(number: int, _: FrameType | None) -> None:
    raise _Told(number)


def _say_so() -> None:
    print("sluicegate: stopped before the end; no file is left half done", file=sys.stderr)
