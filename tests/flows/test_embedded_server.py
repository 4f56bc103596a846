"""The Prefect server that a command starts for itself."""

from __future__ import annotations

import socket
from pathlib import Path

import httpx
import pytest

from flows.cli.server import _start_temporary_server, prefect_settings, stop_child, wait_for
from sluicegate.settings import Home


@pytest.mark.slow
def test_its_port_is_taken_before_it_answers_and_free_after_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows" / "__init__.py").write_text("raise ImportError('the flows of whoever calls')")
    monkeypatch.chdir(tmp_path)
    for name, value in prefect_settings(Home.at(tmp_path / "home")).items():
        monkeypatch.setenv(name, value)
    log = tmp_path / "server.log"
    address, server = _start_temporary_server(log)
    url = httpx.URL(address)
    try:
        socket.create_connection((url.host, url.port or 0)).close()
        with pytest.raises(OSError, match="in use"):
            socket.create_server((url.host, url.port or 0))
        wait_for(f"{address}/api/health", server, what="the server", log=log)
    finally:
        stop_child(server)
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{address}/api/health")
