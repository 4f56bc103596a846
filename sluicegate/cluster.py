"""A Ray cluster joined for as long as there is work on it; on a single machine nothing here imports Ray."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from tempfile import TemporaryDirectory
from typing import Any

from sluicegate.errors import SpecRefused, Unavailable
from sluicegate.settings import silence_telemetry

_PATIENCE_S = 5.0
_CHATTER = ("ray", "ray.data", "ray.train")
_LOOPBACK = "127.0.0.1"
_OBJECT_STORE_BYTES = 100_000_000


def require_ray(section: str, field: str, value: str) -> None:
    """Refuses a spec whose `field` says `value` where Ray is not installed.

    Raises:
        SpecRefused: It is not.
    """
    if find_spec("ray") is None:
        raise SpecRefused(section, field, f"{value!r} needs Ray", "pip install 'sluicegate[cluster]'")


@contextmanager
def joined(address: str) -> Iterator[None]:
    """Inside the block this process belongs to the cluster; it leaves it, unless it had joined one before.

    Args:
        address: ``auto``, the Ray that runs on this machine, or ``host:port`` of its head.

    Raises:
        Unavailable: Nothing answers there, or it does not let this machine in.
    """
    with _quiet():
        import ray

        if ray.is_initialized():
            yield
            return
        _require_somebody(address)
        with _initialised(address, address=address):
            yield


@contextmanager
def started(processors: int) -> Iterator[None]:
    """Inside the block there is a Ray of this machine alone, on the loopback address; it ends with the block.

    Ray must not have been imported before.

    Args:
        processors: How many it may use.

    Raises:
        Unavailable: It does not start.
    """
    os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"  # else Ray takes the machine's own address for the loopback's
    with (
        _quiet(),
        TemporaryDirectory(prefix="ray-", ignore_cleanup_errors=True) as folder,
        _initialised(
            "on this machine",
            address="local",
            num_cpus=processors,
            include_dashboard=False,
            object_store_memory=_OBJECT_STORE_BYTES,
            _node_ip_address=_LOOPBACK,
            _temp_dir=folder,
        ),
    ):
        yield


@contextmanager
def _initialised(name: str, **settings: Any) -> Iterator[None]:
    import ray

    try:
        ray.init(**settings, logging_level=logging.ERROR, log_to_driver=False)
    except (ConnectionError, RuntimeError, ValueError, TimeoutError) as error:
        raise Unavailable(f"cluster {name}: {_first_line(error)}") from None
    try:
        yield
    finally:
        ray.shutdown()


def _require_somebody(address: str) -> None:
    """Asks whether anything listens there, since Ray itself would wait for minutes."""
    if address == "auto":
        return
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), _PATIENCE_S).close()
    except (OSError, OverflowError) as error:
        why = getattr(error, "strerror", None) or type(error).__name__
        raise Unavailable(f"cluster {address}: nothing answers there ({why})") from None


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__).strip().rstrip(".")


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence from Ray: where the work stands, Sluicegate says itself."""
    silence_telemetry()
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")  # what its C++ writes to our standard error
    loggers = [logging.getLogger(name) for name in _CHATTER]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
