"""A Prefect server that can send e-mail, an installation with a gate that has waited, and a web server to be told."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from prefect.settings import PREFECT_HOME

from flows.cli.server import free_port, start_child, stop_child, wait_for
from sluicegate.gates.gate import Gate, open_gate
from sluicegate.ledger.ledger import Ledger, open_ledger
from sluicegate.policy import GateRule
from sluicegate.settings import Home
from tests import channels, people
from tests.channels import Hooks
from tests.flows.conftest import ROOT, environment
from tests.people import person
from tests.prefect_here import prefect_at


@pytest.fixture(scope="session")
def mail_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """A server that can send e-mail, as `sluicegate up` starts it: address of its API, and its folder."""
    folder, port = tmp_path_factory.mktemp("prefect"), free_port()
    address, log = f"http://127.0.0.1:{port}", folder / "server.log"
    command = [sys.executable, "-m", "flows.cli.prefect_with_mail", "server", "start", "--no-ui"]
    settings = {"PREFECT_HOME": str(folder), "PREFECT_SERVER_ANALYTICS_ENABLED": "false"}
    with log.open("wb") as file:
        child = start_child([*command, "--port", str(port)], log=file, cwd=ROOT, environment=settings)
    try:
        wait_for(f"{address}/api/health", child, what="the Prefect server", log=log)
        yield f"{address}/api", folder
    finally:
        stop_child(child)


@pytest.fixture
def server(mail_server: tuple[str, Path]) -> Iterator[str]:
    """That server's address; inside the test, Prefect in this process uses it."""
    address, folder = mail_server
    with prefect_at(address, PREFECT_HOME=folder):
        yield address


@pytest.fixture
def hooks() -> Iterator[Hooks]:
    with channels.hooks() as kept:
        yield kept


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """An installation whose one gate has waited for three days and an hour."""
    monkeypatch.setenv("SLUICEGATE_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("SLUICEGATE_NOTIFY", raising=False)
    home = Home.from_environment()
    opened(home, "public", hours_ago=73)
    return home


def opened(home: Home, stage: str, *, hours_ago: float, open_for_days: float = 14) -> Gate:
    """A gate that was opened a while ago."""
    then = (datetime.now(UTC) - timedelta(hours=hours_ago)).isoformat(timespec="microseconds").replace("+00:00", "Z")
    ledger = Ledger(home.ledger_url, key=home.service_key, clock=lambda: then)
    if not ledger.entries(kinds=("roster_changed",)):
        people.found(ledger, person("ada", "administrator"), person("rita"))
    question = {"model": "reviews", "stage": stage, "candidate": "c1" * 32, "dossier": "d1" * 32, "policy": "e1" * 32}
    rule = GateRule(open_for_days=open_for_days)
    return open_gate(ledger, **question, rule=rule, accountable="otto", facts={})


def until(holds: Callable[[], Any], timeout_s: float = 60) -> Any:
    deadline = time.monotonic() + timeout_s
    while not (found := holds()):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.2)
    return found


def user_of(server: str) -> dict[str, str]:
    """A user's environment that points at this server."""
    return environment(Path("/nowhere")) | {"PREFECT_API_URL": server, "PREFECT_HOME": str(PREFECT_HOME.value())}


def kinds(home: Home) -> list[str]:
    return [e.kind for e in open_ledger(home).entries() if e.kind.startswith(("gate_", "checkpoint_"))]
