"""A real PostgreSQL server, started for the tests of one module."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest


@contextmanager
def postgresql_server() -> Iterator[str]:
    """Address of an empty PostgreSQL server, without a database's name; the test is skipped where there is none."""
    if not (shutil.which("postgres") and shutil.which("initdb")):
        pytest.skip("no PostgreSQL binaries (postgres, initdb) on the path")
    before = _as_somebody_else()
    if before is None:
        pytest.skip("PostgreSQL does not run as root, and there is no other user to run it")
    with tempfile.TemporaryDirectory(prefix="pg-", dir="/tmp") as folder:
        Path(folder).chmod(0o777)
        data = f"{folder}/data"
        quiet: dict[str, Any] = {"check": True, "capture_output": True, "cwd": "/"}
        subprocess.run([*before, shutil.which("initdb"), "-D", data, "-U", "sluice", "-A", "trust", "-N"], **quiet)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        process = subprocess.Popen(
            [*before, shutil.which("postgres"), "-D", data, "-p", str(port), "-h", "127.0.0.1", "-k", folder, "-F"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
        )
        address = f"postgresql://sluice@127.0.0.1:{port}"
        try:
            _wait_for(address, process)
            yield address
        finally:
            pid = Path(data, "postmaster.pid").read_text().split()[0]  # runuser passes no signal on
            subprocess.run([*before, "kill", "-INT", pid], check=False)
            process.wait(timeout=30)
            subprocess.run([*before, "rm", "-rf", data], check=False, cwd="/")


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(150):
        assert process.poll() is None, "PostgreSQL ended while it started"
        try:
            psycopg.connect(f"{address}/postgres").close()
            return
        except psycopg.OperationalError:
            time.sleep(0.2)
    pytest.fail("PostgreSQL did not answer within 30 s")


def _as_somebody_else() -> list[str] | None:
    """What to put before a command so that it does not run as root; None if there is no way."""
    if os.geteuid() != 0:
        return []
    for name in ("postgres", "nobody"):
        try:
            pwd.getpwnam(name)
        except KeyError:
            continue
        return ["runuser", "-u", name, "--"] if shutil.which("runuser") else None
    return None
