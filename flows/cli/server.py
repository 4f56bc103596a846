"""The Prefect API for embedded runs: the server that is up, or one of our own for as long as the command runs.

Our own dies with the command even when that is killed, so no server is left behind on the database.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import psutil

from sluicegate.errors import Unavailable
from sluicegate.settings import Home

SERVED = "served.json"
_START_TIMEOUT_S = 120
_PR_SET_PDEATHSIG = 1


@contextmanager
def prefect_api(home: Home) -> Iterator[bool]:
    """Points Prefect at its API for the block; yields whether that is a server that stays up.

    Prefect must not have been imported before: it reads its settings once.
    """
    os.environ |= prefect_settings(home)
    if address := served_api(home):
        _require(address)
        os.environ["PREFECT_API_URL"] = address
        yield True
        return
    log = home.root / "prefect-server.log"
    address, server = _start_temporary_server(log)
    os.environ["PREFECT_API_URL"] = f"{address}/api"
    try:
        import flows.build  # noqa: F401  # takes as long as the server takes to start
        import flows.release  # noqa: F401

        wait_for(f"{address}/api/health", server, what="the Prefect server", log=log)
        try:
            yield False
        finally:
            send_what_is_waiting()
    finally:
        stop_child(server)
        os.environ.pop("PREFECT_API_URL", None)


def _start_temporary_server(log: Path) -> tuple[str, subprocess.Popen[bytes]]:
    """Address of a server without UI, with the settings that Prefect gives a temporary one: only what a run needs."""
    with socket.create_server(("127.0.0.1", 0)) as listener, log.open("wb") as file:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        settings = {
            "PREFECT_API_URL": f"{address}/api",
            "PREFECT_UI_ENABLED": "0",
            "PREFECT__SERVER_EPHEMERAL": "1",
            "PREFECT__SERVER_FINAL": "1",
        }
        command = [sys.executable, "-P", "-m", "flows.cli.embedded_prefect", str(listener.fileno())]
        return address, start_child(command, log=file, environment=settings, inherits=(listener.fileno(),))


def send_what_is_waiting() -> None:
    """Sends the logs and events that Prefect still holds.

    At its exit it would try for more than a minute to reach a server that is gone.
    """
    from prefect.events.worker import EventsWorker
    from prefect.logging.handlers import APILogWorker

    APILogWorker.drain_all(timeout=10)
    EventsWorker.drain_all(timeout=10)


def _require(address: str) -> None:
    try:
        httpx.get(f"{address}/health", timeout=10).raise_for_status()
    except httpx.HTTPError as error:
        problem = f"the Prefect server at {address} does not answer ({type(error).__name__})"
        raise Unavailable(f"{problem}; start it, or unset PREFECT_API_URL to run without one") from None


def prefect_settings(home: Home) -> dict[str, str]:
    """Environment of everything that imports Prefect: our home, JSON results, no telemetry, no log on the console."""
    return {
        "PREFECT_HOME": str(home.prefect),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_RESULTS_DEFAULT_SERIALIZER": "json",
        "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": os.environ.get("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "CRITICAL"),
        "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "false",
        "PREFECT_CLI_WRAP_LINES": "false",
    }


def served_api(home: Home) -> str | None:
    """The API's address, if the environment names one or `sluicegate up` is running on this home."""
    if named := os.environ.get("PREFECT_API_URL"):
        return named
    if (record := served(home)) is not None:
        return str(record["prefect"]) + "/api"
    return None


def served(home: Home) -> dict[str, Any] | None:
    """What `sluicegate up` wrote about itself, if it is running."""
    try:
        record: dict[str, Any] = json.loads((home.root / SERVED).read_text(encoding="utf-8"))
        alive = abs(psutil.Process(record["pid"]).create_time() - record["process_started"]) < 1
    except (FileNotFoundError, json.JSONDecodeError, psutil.NoSuchProcess):
        return None
    return record if alive else None


def free_port() -> int:
    """A port on 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start_child(
    command: list[str],
    *,
    log: Any,
    cwd: Path | None = None,
    environment: dict[str, str] | None = None,
    told: signal.Signals = signal.SIGTERM,
    inherits: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    """Starts a process that is told to end when this one does, however that comes about (on Linux).

    Args:
        command: Program and arguments.
        log: Where its output goes.
        cwd: The folder in which it starts.
        environment: What is set besides this process's environment.
        told: The signal that it gets when this process is gone.
        inherits: File descriptors that are open in it, too.
    """
    environment = os.environ | (environment or {})
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        cwd=cwd,
        env=environment,
        preexec_fn=partial(_end_with_parent, told),
        pass_fds=inherits,
    )


def _end_with_parent(told: signal.Signals) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, told)


def stop_child(process: subprocess.Popen[bytes], *, patience_s: float = 10) -> None:
    """Asks the process to end, and ends it if it does not."""
    process.terminate()
    try:
        process.wait(patience_s)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def wait_for(url: str, process: subprocess.Popen[bytes], *, what: str, log: Path) -> None:
    """Returns when `url` answers.

    Raises:
        Unavailable: The process ended, or nothing answered in two minutes.
    """
    deadline = time.monotonic() + _START_TIMEOUT_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise Unavailable(f"{what} ended with code {process.returncode} as it started; see {log}")
        try:
            if httpx.get(url, timeout=5).status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    raise Unavailable(f"{what} did not answer within {_START_TIMEOUT_S} s; see {log}")
