"""How long work says where it stands.

Library code calls `report`; whoever runs it decides what becomes of that by `listen` (the command line
draws a line, a Prefect task writes a log, a notebook may ignore it). Without a listener it costs a
dictionary look-up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True)
class Progress:
    """Where one stage stands: `done` of `total` in `unit`; `total` 0 means not known."""

    stage: str
    done: int
    total: int
    unit: str
    note: str = ""


Listener = Callable[[Progress], None]
_listener: ContextVar[Listener | None] = ContextVar("progress_listener", default=None)


def report(stage: str, done: int, total: int, unit: str, note: str = "") -> None:
    """Tells the listener, if there is one, where `stage` stands."""
    if (listener := _listener.get()) is not None:
        listener(Progress(stage, done, total, unit, note))


def current() -> Listener | None:
    """The listener of this context, so that another can pass on to it."""
    return _listener.get()


@contextmanager
def listen(listener: Listener) -> Iterator[None]:
    """Sends the progress of everything inside the block to `listener`."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)
