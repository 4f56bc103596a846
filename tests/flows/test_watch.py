"""The watch against a real Prefect server: what it records, whom it tells, and what it leaves alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from prefect.blocks.notifications import SlackWebhook
from prefect.blocks.webhook import Webhook

from flows.cli.server import start_child, stop_child
from flows.watch import watch
from sluicegate.errors import Unavailable
from sluicegate.gates.gate import Gate, gates
from sluicegate.ledger.checkpoint import checkpoint_faults, read_checkpoint
from sluicegate.ledger.ledger import open_ledger
from sluicegate.settings import Home
from tasks.gates import release_key
from tests.channels import Hooks
from tests.flows.conftest import COMMAND, ROOT, run
from tests.flows.watch_fixtures import home, hooks, kinds, mail_server, opened, server, until, user_of
from tests.prefect_api import PrefectApi

__all__ = ["home", "hooks", "mail_server", "server"]  # fixtures
pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def events(server: str, gate: Gate) -> list[dict[str, Any]]:
    wanted = {"filter": {"resource": {"id": [f"sluicegate.gate.{gate.id}"]}}}
    return list(PrefectApi(server).post("/events/filter", wanted)["events"])


def test_what_is_due_is_recorded_told_and_announced_once(
    server: str, home: Home, hooks: Hooks, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    Webhook(url=hooks.url("on-call")).save("on-call", overwrite=True)
    SlackWebhook(url=hooks.url("reviewers", "json")).save("reviewers", overwrite=True)
    monkeypatch.setenv("SLUICEGATE_NOTIFY", "webhook/on-call,slack-webhook/reviewers")
    monkeypatch.setenv("SLUICEGATE_CHECKPOINTS", str(tmp_path / "checkpoints.jsonl"))
    (gate,) = gates(open_ledger(home))
    assert [notice.kind for notice in watch()] == ["remind", "escalate"]
    assert watch() == ()

    assert kinds(home) == ["gate_opened", "gate_reminded", "gate_escalated", "checkpoint_published"]
    assert [said["kind"] for said in hooks.at("on-call")] == ["remind", "escalate"]
    assert {said["gate"] for said in hooks.at("on-call")} == {gate.id}
    assert [said["title"] for said in hooks.at("reviewers")] == [said["subject"] for said in hooks.at("on-call")]
    found = until(lambda: announced if len(announced := events(server, gate)) == 2 else None)
    assert {e["event"] for e in found} == {"sluicegate.gate.reminded", "sluicegate.gate.escalated"}
    assert checkpoint_faults(read_checkpoint(tmp_path / "checkpoints.jsonl"), open_ledger(home).entries()) == ()


def test_a_block_that_fails_stops_neither_the_record_nor_the_other_block(
    server: str, home: Home, hooks: Hooks, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    Webhook(url=hooks.url("fail?token=hush")).save("broken", overwrite=True)
    Webhook(url=hooks.url("on-call")).save("on-call", overwrite=True)
    monkeypatch.setenv("SLUICEGATE_NOTIFY", "webhook/broken,webhook/on-call")
    watch()
    assert kinds(home) == ["gate_opened", "gate_reminded", "gate_escalated"]
    assert len(hooks.at("on-call")) == 2
    assert len(hooks.at("fail?token=hush")) == 2 * 3  # each message is tried three times
    assert "webhook/broken did not take: reviews: public waits for a decision" in caplog.text
    assert "hush" not in caplog.text


def test_a_run_that_told_nobody_fails_and_has_recorded(
    server: str, home: Home, hooks: Hooks, monkeypatch: pytest.MonkeyPatch
) -> None:
    Webhook(url=hooks.url("fail")).save("broken", overwrite=True)
    monkeypatch.setenv("SLUICEGATE_NOTIFY", "webhook/broken")
    with pytest.raises(Unavailable, match="in the ledger, but no block of SLUICEGATE_NOTIFY took the message"):
        watch()
    assert kinds(home) == ["gate_opened", "gate_reminded", "gate_escalated"]


def test_a_checkpoint_that_nobody_takes_fails_the_run_after_everybody_was_told(
    server: str, home: Home, hooks: Hooks, monkeypatch: pytest.MonkeyPatch
) -> None:
    Webhook(url=hooks.url("on-call")).save("on-call", overwrite=True)
    monkeypatch.setenv("SLUICEGATE_NOTIFY", "webhook/on-call")
    monkeypatch.setenv("SLUICEGATE_CHECKPOINTS", hooks.url("fail"))
    with pytest.raises(Unavailable, match="SLUICEGATE_CHECKPOINTS"):
        watch()
    assert len(hooks.at("on-call")) == 2


def test_the_deployment_runs_every_quarter_of_an_hour_and_does_its_work(server: str, home: Home, hooks: Hooks) -> None:
    """And the run that waited at a gate which expired ends by itself: its gate is asked in the ledger."""
    Webhook(url=hooks.url("on-call")).save("on-call", overwrite=True)
    settings = user_of(server) | {"SLUICEGATE_HOME": str(home.root), "SLUICEGATE_NOTIFY": "webhook/on-call"}

    def prefect(*arguments: str) -> None:
        subprocess.run([sys.executable, "-m", "prefect", *arguments], env=settings, cwd=ROOT, check=True)

    api = PrefectApi(server)
    api.post("/work_pools/", {"name": "sluicegate", "type": "process"})
    prefect("--no-prompt", "deploy", "--name", "watch", "--name", "release")
    deployed = api.get("/deployments/name/watch/watch")
    (schedule,) = deployed["schedules"]
    assert (schedule["active"], schedule["schedule"]["cron"]) == (True, "*/15 * * * *")

    expired = opened(home, "internal", hours_ago=73, open_for_days=2)
    waiting = _suspended_run(api, expired)
    api.post(f"/deployments/{deployed['id']}/create_flow_run", {})
    prefect("worker", "start", "--pool", "sluicegate", "--run-once")
    until(lambda: len(hooks.at("on-call")) == 3, 120)
    assert sorted(kinds(home)) == sorted(
        ["gate_opened", "gate_opened", "gate_reminded", "gate_escalated", "gate_expired"]
    )
    until(lambda: _state(api, waiting) == "Resuming")
    prefect("worker", "start", "--pool", "sluicegate", "--run-once")
    until(lambda: _state(api, waiting) == "Ended", 120)


def _suspended_run(api: PrefectApi, gate: Gate) -> str:
    release = api.get("/deployments/name/release/release")["id"]
    body = {"parameters": {"gate": gate.id}, "idempotency_key": release_key(gate.id)}
    made = api.post(f"/deployments/{release}/create_flow_run", body)["id"]
    suspended = {"state": {"type": "PAUSED", "name": "Suspended"}, "force": True}
    api.post(f"/flow_runs/{made}/set_state", suspended)
    return str(made)


def _state(api: PrefectApi, run_id: str) -> str:
    return str(api.get(f"/flow_runs/{run_id}")["state_name"])


def test_embedded_it_needs_no_prefect_and_says_what_it_recorded(home: Home) -> None:
    file = home.root / "checkpoints.jsonl"
    done = run("watch", home=home.root, SLUICEGATE_CHECKPOINTS=str(file))
    assert done.code == 0, done.err
    assert done.out.startswith("reviews: public waits for a decision\nMay candidate c1c1c1c1c1c1 enter public")
    assert not home.prefect.exists()
    assert file.exists()
    assert run("watch", "--json", home=home.root).json == []
    assert run("watch", home=home.root).out == "Nothing is due.\n"


def test_where_another_process_writes_the_ledger_that_one_records(home: Home, tmp_path: Path) -> None:
    socket, log = tmp_path / "ledgerd.sock", tmp_path / "ledgerd.log"
    command = [*COMMAND, "ledgerd", "--socket", str(socket)]
    with log.open("wb") as file:
        ledgerd = start_child(command, log=file, cwd=ROOT, environment={"SLUICEGATE_HOME": str(home.root)})
    try:
        until(lambda: socket.is_socket() or ledgerd.poll() is not None)
        named = {"SLUICEGATE_LEDGERD": str(socket), "SLUICEGATE_CHECKPOINTS": str(tmp_path / "checkpoints.jsonl")}
        done = run("watch", "--json", home=home.root, **named)
    finally:
        stop_child(ledgerd)
    assert done.code == 0, done.err + log.read_text()
    assert [notice["kind"] for notice in done.json] == ["remind", "escalate"]
    assert kinds(home) == ["gate_opened", "gate_reminded", "gate_escalated", "checkpoint_published"]


def test_embedded_it_tells_through_the_blocks_that_are_named(server: str, home: Home, hooks: Hooks) -> None:
    Webhook(url=hooks.url("on-call")).save("on-call", overwrite=True)
    named = {"SLUICEGATE_NOTIFY": "webhook/on-call", "PREFECT_API_URL": server}
    told = run("watch", "--json", home=home.root, **named)
    assert told.code == 0, told.err
    assert [notice["kind"] for notice in told.json] == ["remind", "escalate"]
    assert [said["kind"] for said in hooks.at("on-call")] == ["remind", "escalate"]
    shown = run("alarms", "--test", home=home.root, **named)
    assert shown.code == 0, shown.err
    assert "Sent     through webhook/on-call" in shown.out
    assert hooks.at("on-call")[-1]["subject"] == "Sluicegate: a trial"


@pytest.mark.parametrize(
    ("command", "setting", "line"),
    [
        pytest.param("watch", "on-call", "SLUICEGATE_NOTIFY: on-call is not type/name", id="not a slug"),
        pytest.param("alarms", "", "SLUICEGATE_NOTIFY: names no block", id="no block"),
        pytest.param("alarms", "webhook/on-call", "alarms come from a Prefect server that stays up", id="no server"),
    ],
)
def test_a_setting_that_cannot_be_used_is_one_line(home: Home, command: str, setting: str, line: str) -> None:
    done = run(command, home=home.root, SLUICEGATE_NOTIFY=setting)
    assert done.code in (2, 5)
    assert line in done.err
    assert done.err.count("\n") == 1
    assert kinds(home) == ["gate_opened"]
