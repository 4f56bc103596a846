"""Alarms that the Prefect server itself raises, declared in deployments/automations.yaml and set off for real."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from prefect import flow
from prefect.blocks.notifications import SlackWebhook
from prefect.blocks.webhook import Webhook

from flows.watch import watch
from sluicegate.gates.gate import gates
from sluicegate.ledger.ledger import open_ledger
from sluicegate.settings import Home
from tasks.automations import FILE, apply_automations
from tasks.mail import Mail
from tests import channels
from tests.channels import Hooks
from tests.flows.watch_fixtures import home, hooks, mail_server, server, until, user_of
from tests.prefect_api import PrefectApi

__all__ = ["home", "hooks", "mail_server", "server"]  # fixtures
pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
NAMES = [automation["name"] for automation in yaml.safe_load(FILE.read_text(encoding="utf-8"))["automations"]]


@pytest.fixture
def alarms(server: str) -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """The server's automations; none before, none after."""
    api = PrefectApi(server)

    def read() -> list[dict[str, Any]]:
        return list(api.post("/automations/filter", {}))

    def remove() -> None:
        for automation in read():
            api.delete(f"/automations/{automation['id']}")

    remove()
    yield read
    remove()


def test_prefect_takes_the_file_as_it_is(server: str, alarms: Any) -> None:
    command = [sys.executable, "-m", "prefect", "automation", "create", "--from-file", str(FILE)]
    done = subprocess.run(command, env=user_of(server), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert sorted(a["name"] for a in alarms()) == sorted(NAMES)


def test_the_file_is_applied_through_each_block_once_and_keeps_what_was_switched_off(
    server: str, alarms: Any, hooks: Hooks
) -> None:
    Webhook(url=hooks.url("on-call")).save("on-call", overwrite=True)
    SlackWebhook(url=hooks.url("reviewers", "json")).save("reviewers", overwrite=True)
    blocks = ("webhook/on-call", "slack-webhook/reviewers", "webhook/nowhere")
    first = apply_automations(blocks)
    assert (list(first.automations), first.missing) == (NAMES, ("webhook/nowhere",))
    off = alarms()[0]
    PrefectApi(server).patch(f"/automations/{off['id']}", {"enabled": False})
    apply_automations(blocks)
    assert sorted(a["name"] for a in alarms()) == sorted(NAMES)
    assert [a["name"] for a in alarms() if not a["enabled"]] == [off["name"]]
    for automation in alarms():
        assert [action["type"] for action in automation["actions"]] == ["call-webhook", "send-notification"]


def test_nothing_is_made_while_no_block_is_there(server: str, alarms: Any) -> None:
    applied = apply_automations(("webhook/nowhere",))
    assert (applied.automations, applied.missing) == ((), ("webhook/nowhere",))
    assert alarms() == []


def test_alarms_go_off(server: str, alarms: Any, hooks: Hooks, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """A watch that fails, a release that fails, one that waits, an escalation: by webhook and by e-mail."""

    @flow(name="release", flow_run_name="release c0ffee")
    def release() -> None:
        raise ValueError("ann@example.org")

    with channels.post_office() as post:
        Webhook(url=hooks.url("alarm")).save("on-call", overwrite=True)
        address = {"server": "127.0.0.1", "port": post.port, "security": "insecure", "sender": "gates@example.org"}
        Mail(**address, recipients=["on-call@example.org"]).save("on-call", overwrite=True)
        apply_automations(("webhook/on-call", "mail/on-call"))
        time.sleep(2)  # the server reads its automations again
        release(return_state=True)
        watch()  # escalates
        monkeypatch.setenv("SLUICEGATE_CHECKPOINTS", "/no/such/folder/file")
        watch(return_state=True)
        wanted = {
            "Sluicegate: release c0ffee failed",
            "Sluicegate: reviews: public has waited too long for a decision",
            "Sluicegate: the watch failed",
        }
        until(lambda: wanted <= {said["subject"] for said in hooks.at("alarm")})
        until(lambda: wanted <= {str(mail["Subject"]) for mail in post.mails})
    escalated = next(said for said in hooks.at("alarm") if "too long" in said["subject"])
    assert f"  sluicegate approve {gates(open_ledger(home))[0].id[:12]}" in escalated["text"]
    assert "@" not in json.dumps(hooks.posted)  # what the exception said went nowhere


def test_silence_is_told(server: str, alarms: Any, hooks: Hooks, tmp_path: Path) -> None:
    declared = yaml.safe_load(FILE.read_text(encoding="utf-8"))["automations"]
    (silent,) = (automation for automation in declared if automation["trigger"]["posture"] == "Proactive")
    silent["trigger"]["within"] = 10  # seconds: as short as the server lets it be
    (tmp_path / "automations.yaml").write_text(yaml.safe_dump({"automations": [silent]}))
    Webhook(url=hooks.url("alarm")).save("on-call", overwrite=True)
    apply_automations(("webhook/on-call",), tmp_path / "automations.yaml")
    until(lambda: hooks.at("alarm"))
    assert hooks.at("alarm")[0]["subject"] == "Sluicegate: the watch is silent"


def test_a_release_that_waits_is_told(server: str, alarms: Any, hooks: Hooks) -> None:
    """The event is what Prefect sends of a suspended run; `test_served` suspends real ones."""
    Webhook(url=hooks.url("alarm")).save("on-call", overwrite=True)
    apply_automations(("webhook/on-call",))
    time.sleep(2)
    api = PrefectApi(server)
    flow_id = api.post("/flows/", {"name": "release"})["id"]
    body = {"flow_id": flow_id, "name": "release c0ffee", "state": {"type": "RUNNING"}}
    made = api.post("/flow_runs/", body)
    suspended = {"state": {"type": "PAUSED", "name": "Suspended"}, "force": True}
    api.post(f"/flow_runs/{made['id']}/set_state", suspended)
    until(lambda: hooks.at("alarm"))
    assert hooks.at("alarm")[0]["subject"] == "Sluicegate: release c0ffee waits for a decision"
