"""A Ray cluster joined for as long as a step works on it."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sluicegate.errors import SpecRefused, Unavailable
from sluicegate.settings import silence_telemetry

if TYPE_CHECKING:
    from sluicegate.data.cluster.mapping import Cluster

_PATIENCE_S = 5.0
_CHATTER = ("ray", "ray.data")


@contextmanager
def joined(address: str) -> Iterator[Cluster]:
    """The cluster at `address`; left again at the end, unless this process had joined one before.

    Args:
        address: ``auto``, the Ray that runs on this machine, or ``host:port`` of its head.

    Raises:
        SpecRefused: Ray is not installed.
        Unavailable: Nothing answers there, or it does not let this machine in.
    """
    silence_telemetry()
    try:
        import ray
    except ImportError:
        raise SpecRefused("spec", "cluster", f"{address!r} needs Ray", "pip install sluicegate[cluster]") from None
    from sluicegate.data.cluster.mapping import Cluster

    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")  # what its C++ writes to our standard error
    with _quiet():
        if ray.is_initialized():
            yield Cluster(address)
            return
        _require_somebody(address)
        try:
            ray.init(address=address, logging_level=logging.ERROR, log_to_driver=False)
        except (ConnectionError, RuntimeError, ValueError, TimeoutError) as error:
            raise Unavailable(f"cluster {address}: {_first_line(error)}") from None
        try:
            yield Cluster(address)
        finally:
            ray.shutdown()


def _require_somebody(address: str) -> None:
    """Asks whether anything listens there, since Ray itself would wait for minutes."""
    if address == "auto":
        return
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), _PATIENCE_S).close()
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise Unavailable(f"cluster {address}: nothing answers there ({why})") from None


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__).strip().rstrip(".")


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence from Ray: where the work stands, Sluicegate says itself."""
    loggers = [logging.getLogger(name) for name in _CHATTER]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
