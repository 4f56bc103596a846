"""Served: a real Prefect server, a real worker, and a build that walks through all three gates.

The first gate is decided with a one-time code over the form's API (after several that are refused). At the
second, somebody with access to Prefect tries everything there is, server and worker are killed with -9, and
a reviewer without access to the ledger signs. The third takes two people, one of whom has no connection.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from sluicegate.gates.codes import make_master
from sluicegate.gates.gate import find_gate
from sluicegate.gates.roster import roster_now
from sluicegate.ledger.ledger import open_ledger
from sluicegate.settings import Home
from sluicegate.signing import ocra
from tests import people
from tests.browser import chromium
from tests.flows.conftest import COMMAND, ROOT, Team, environment, run
from tests.prefect_api import PrefectApi

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@contextmanager
def up(home: Path) -> Iterator[dict[str, Any]]:
    """`sluicegate up` on free ports, killed with everything that it started at the end."""
    log = home.parent / f"up-{time.monotonic_ns()}.log"
    process = subprocess.Popen(
        [*COMMAND, "up", "--prefect-port", "0", "--mlflow-port", "0"],
        env=environment(home),
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=log.open("wb"),
        stderr=subprocess.STDOUT,
    )
    try:
        until(lambda: _record(home).get("pid") == process.pid or process.poll() is not None, 180)
        assert process.poll() is None, log.read_text()
        yield _record(home) | {"process": psutil.Process(process.pid)}
    finally:
        kill_tree(psutil.Process(process.pid) if process.poll() is None else None)
        process.wait()


def _record(home: Path) -> dict[str, Any]:
    path = home / "served.json"
    return dict(json.loads(path.read_text())) if path.exists() else {}


def kill_tree(process: psutil.Process | None) -> None:
    """Kills a process and all its descendants with -9, so that nobody can tidy up."""
    if process is None or not process.is_running():
        return
    for one in [process, *process.children(recursive=True)]:
        try:
            os.kill(one.pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


def until(holds: Callable[[], Any], timeout_s: float) -> Any:
    deadline = time.monotonic() + timeout_s
    while not (found := holds()):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.5)
    return found


class Api(PrefectApi):
    """What these tests ask of Prefect."""

    def __init__(self, address: str) -> None:
        super().__init__(f"{address}/api")

    def runs(self, flow: str) -> list[dict[str, Any]]:
        return list(self.post("/flow_runs/filter", {"flows": {"name": {"any_": [flow]}}}))

    def release_of(self, gate: str) -> dict[str, Any]:
        (found,) = self.releases_of(gate)
        return found

    def releases_of(self, gate: str) -> list[dict[str, Any]]:
        """The deployment's runs for a gate; a run that was embedded and has ended is not among them."""
        return [r for r in self.runs("release") if r["parameters"]["gate"] == gate and r["deployment_id"]]

    def suspended(self, gate: str, key: str) -> dict[str, Any]:
        """The gate's run, once it waits under this key."""

        def waiting() -> dict[str, Any] | None:
            for found in self.releases_of(gate):
                assert found["state"]["type"] not in ("FAILED", "CRASHED"), found["state"]
                if found["state_name"] == "Suspended" and found["state"]["state_details"]["pause_key"] == key:
                    return found
            return None

        return dict(until(waiting, 180))

    def resume(self, run_id: str, **form: str) -> dict[str, Any]:
        return dict(self.post(f"/flow_runs/{run_id}/resume", {"run_input": form}))

    def description(self, run_id: str, key: str) -> str:
        """What stands over the form."""
        return str(self.get(f"/flow_runs/{run_id}/input/suspended-{key}-description"))

    def write_input(self, run_id: str, key: str, value: Any) -> None:
        """An answer put into Prefect's database behind the form."""
        body = {"key": f"suspended-{key}-response", "value": json.dumps(value), "sender": None}
        self.post(f"/flow_runs/{run_id}/input", body)

    def delete_input(self, run_id: str, key: str) -> None:
        self.delete(f"/flow_runs/{run_id}/input/suspended-{key}-response")

    def force(self, run_id: str) -> None:
        """Wakes a run whatever its state allows."""
        self.post(f"/flow_runs/{run_id}/set_state", {"state": {"type": "SCHEDULED"}, "force": True})

    def artifacts(self, flow_run: str) -> list[dict[str, Any]]:
        return list(self.post("/artifacts/filter", {"artifacts": {"flow_run_id": {"any_": [flow_run]}}}))


def open_gate(home: Path, stage: str) -> dict[str, Any]:
    def found() -> dict[str, Any] | None:
        return next((g for g in run("inbox", "--json", home=home).json if g["stage"] == stage), None)

    return dict(until(found, 450))


def released(home: Path, stage: str) -> bool:
    return any(r["stage"] == stage for r in run("status", "--json", home=home).json["live"])


def give_codes(home: Path, team: Team, who: str) -> bytes:
    """A secret for one-time codes, as `sluicegate reviewer codes` gives it."""
    ledger = open_ledger(Home.at(home))
    now = roster_now(ledger)
    member = now.member(who)
    assert member is not None
    after = now.with_member(member.model_copy(update={"code": member.code + 1}))
    people.change(ledger, after, "codes", who, team.people["ada"])
    return ocra.reviewer_secret(make_master(Home.at(home).code_key), who, member.code + 1)


def code(secret: bytes, gate: str, decision: str, counter: int) -> str:
    return ocra.decision_code(secret, gate, decision, counter, datetime.now(UTC))


def history(home: Path, kind: str) -> list[dict[str, Any]]:
    return [e for e in run("history", "small-world", "--json", home=home).json if e["kind"] == kind]


@pytest.fixture(scope="module")
def walked(small_world: Path, module_home: Path, team: Team) -> Path:
    team.found(module_home)
    return module_home


def test_the_first_gate_takes_a_one_time_code_and_nothing_less(small_world: Path, walked: Path, team: Team) -> None:
    home = walked
    secret = give_codes(home, team, "ann")
    with up(home) as served:
        api = Api(served["prefect"])
        deployments = {d["name"]: d for d in api.post("/deployments/filter", {})}
        assert {"build", "release", "watch", "rollback"} <= set(deployments)
        assert [s["active"] for s in deployments["build"]["schedules"]] == [False]
        schema = deployments["build"]["parameter_openapi_schema"]["properties"]
        assert schema["spec"]["type"] == "string"
        parameters = {"spec": str(small_world / "spec.yaml")}
        build = api.post(f"/deployments/{deployments['build']['id']}/create_flow_run", {"parameters": parameters})
        first = open_gate(home, "internal")
        waiting = api.suspended(first["id"], "review-1")
        kinds = {a["key"] for a in api.artifacts(build["id"])}
        assert {"source", "split", "validation", "scrubbing", "loss-curve", "verdicts", "candidate", "dossier"} <= kinds
        no_worker_is_busy(served)
        # Prefect's own scheduler works with the packages that are installed: it has planned the next watch.
        until(lambda: [r for r in api.runs("watch") if r["auto_scheduled"]], 60)

        assert api.resume(waiting["id"], decision="approve", reviewer="zed", reason="fine")["status"] == "REJECT"
        tries = (
            ("", "neither a signature nor a one-time code"),
            ("12345678", "the one-time code is wrong"),
            (code(secret, first["id"], "reject", 1), "the one-time code is wrong"),
        )
        for number, (typed, why) in enumerate(tries, start=1):
            form = {"decision": "approve", "reviewer": "ann", "reason": "the figures hold", "code": typed}
            waiting = api.suspended(first["id"], f"review-{number}")
            api.resume(waiting["id"], **form)
            waiting = api.suspended(first["id"], f"review-{number + 1}")
            assert why in api.description(waiting["id"], f"review-{number + 1}")
        assert len(history(home, "decision_refused")) == len(tries)
        right = code(secret, first["id"], "approve", 2)
        api.resume(waiting["id"], decision="approve", reviewer="ann", reason="the figures hold", code=right)
        until(lambda: released(home, "internal"), 180)
        assert len(history(home, "decision_refused")) == len(tries)  # replayed, not recorded again
        (decision,) = history(home, "decision")
        assert (decision["body"]["grade"], decision["body"]["signature"]) == ("attested", None)
        api.suspended(open_gate(home, "restricted")["id"], "review-1")
        kill_tree(served["process"])


def test_whoever_has_prefect_still_has_no_approval(walked: Path, team: Team) -> None:
    home, gate = walked, open_gate(walked, "restricted")
    secret = give_codes(home, team, "bo")
    with up(home) as served:
        api = Api(served["prefect"])
        waiting = api.suspended(gate["id"], "review-1")
        form = {"decision": "approve", "reviewer": "bo", "reason": "still good", "code": "", "letter": ""}
        forged = team.people["bo"].approves(find_gate(open_ledger(Home.at(home)), gate["id"]))
        forged = forged.model_copy(update={"statement": forged.statement | {"reason": "something else"}})

        # An answer written into the database behind the form, and the run woken by force.
        api.write_input(waiting["id"], "review-1", form | {"letter": forged.to_text()})
        api.force(waiting["id"])
        api.suspended(gate["id"], "review-2")
        assert "signature of bo does not hold" in str(history(home, "decision_refused")[-1]["body"]["why"])

        # The answer that was refused is taken away and another one put in its place: it stays refused.
        api.delete_input(waiting["id"], "review-1")
        api.write_input(waiting["id"], "review-1", form | {"code": code(secret, gate["id"], "approve", 1)})
        api.resume(waiting["id"], **(form | {"code": code(secret, gate["id"], "approve", 1)}))
        api.suspended(gate["id"], "review-3")
        assert "a signature is needed in restricted" in str(history(home, "decision_refused")[-1]["body"]["why"])

        # Woken without any answer.
        api.force(waiting["id"])
        api.suspended(gate["id"], "review-4")
        assert not released(home, "restricted")
        assert not [e for e in history(home, "decision") if e["body"]["gate"] == gate["id"]]


def test_a_reviewer_without_the_ledger_signs_through_prefect_and_one_without_a_connection_by_file(
    walked: Path, team: Team, tmp_path: Path
) -> None:
    home, gate = walked, open_gate(walked, "restricted")
    with up(home) as served:
        api = Api(served["prefect"])
        waiting = api.suspended(gate["id"], "review-4")
        away = {"PREFECT_API_URL": f"{served['prefect']}/api", "MLFLOW_TRACKING_URI": served["mlflow"]}
        elsewhere = tmp_path / "elsewhere"
        page = run("brief", gate["id"][:12], home=elsewhere, **away)
        assert "enter restricted of small-world" in page.out, page.err
        refused = run(
            "approve", gate["id"], "--as", "bo", *team.by("ann")[2:], "--reason", "x y", home=elsewhere, **away
        )
        assert (refused.code, refused.err.count("\n")) == (3, 1), refused.err
        assert "signature of bo does not hold" in refused.err
        api.suspended(gate["id"], "review-5")
        done = run("approve", gate["id"], *team.by("bo"), "--reason", "still good", "--json", home=elsewhere, **away)
        assert done.code == 0, done.err
        assert len(list((elsewhere / "receipts").glob("*-bo-approve.json"))) == 1
        until(lambda: released(home, "restricted"), 180)
        until(lambda: api.release_of(gate["id"])["state_name"] == "Released", 120)

        third = open_gate(home, "public")
        waiting = api.suspended(third["id"], "review-1")
        letter = tmp_path / "letter.json"
        done = run("approve", third["id"], *team.by("cy"), "--reason", "for all", "--out", str(letter), home=home)
        assert done.code == 0, done.err
        form = {"decision": "approve", "reviewer": "cy", "reason": "for all", "letter": letter.read_text()}
        api.resume(waiting["id"], **form)
        api.suspended(third["id"], "review-2")
        assert not released(home, "public")  # it takes two
        done = run("approve", third["id"], *team.by("bo"), "--reason", "ready for everybody", home=home)
        assert done.code == 0, done.err
        assert released(home, "public")
        assert len(api.runs("release")) == 3

        # Somebody sets an alias and a tag by hand, on the server itself.
        registry = f"{served['mlflow']}/api/2.0/mlflow"
        first = {"name": "small-world-candidate", "version": "1"}
        httpx.post(f"{registry}/registered-models/alias", json=first | {"alias": "live"}, timeout=30).raise_for_status()
        tag = {"name": "small-world-public", "version": "1", "key": "sluicegate.gate", "value": "by hand"}
        httpx.post(f"{registry}/model-versions/set-tag", json=tag, timeout=30).raise_for_status()
        found = run("doctor", home=home)
        assert (found.code, "small-world-candidate" in found.out, "sluicegate.gate" in found.out) == (2, True, True)
        mended = run("doctor", "--repair", home=home)
        assert mended.code == 0, mended.out
        assert httpx.get(f"{served['mlflow']}/health", timeout=30).status_code == httpx.codes.OK


def no_worker_is_busy(served: dict[str, Any]) -> None:
    """While a gate waits, no flow's process is held."""

    def flows() -> list[str]:
        lines = []
        for process in served["process"].children(recursive=True):
            with suppress(psutil.Error):  # it has ended
                lines.append(" ".join(process.cmdline()))
        return [line for line in lines if "prefect.flow_engine" in line or "flow-run execute" in line]

    until(lambda: not flows(), 60)


@pytest.mark.browser
def test_a_gate_opened_embedded_is_decided_in_the_browser_once_refused(
    small_world: Path, tmp_path: Path, team: Team
) -> None:
    home = tmp_path / "home"
    with chromium(tmp_path, width=1400, height=1200) as browser:
        browser.implicitly_wait(30)
        team.found(home)
        secret = give_codes(home, team, "ann")
        hostile = "{{7*7}} <img src=x onerror=\"document.title='owned'\"> [click](javascript:alert(1))"
        assert (
            run("run", str(small_world / "spec.yaml"), "--set", f"description={json.dumps(hostile)}", home=home).code
            == 0
        )
        gate = open_gate(home, "internal")
        with up(home) as served:
            api = Api(served["prefect"])
            page = f"{served['prefect']}/runs/flow-run/{api.suspended(gate['id'], 'review-1')['id']}"
            read_the_dossier(browser, api, served["prefect"], page)
            fill(browser, page, decision="approve", reviewer="ann", reason="the figures hold", code="00000000")
            api.suspended(gate["id"], "review-2")
            right = code(secret, gate["id"], "approve", 1)
            said = fill(browser, page, decision="approve", reviewer="ann", reason="the figures hold", code=right)
            assert "Refused: gate" in said
            assert "the one-time code is wrong" in said
            assert "7*7" in said, said  # what somebody wrote is seen, and does nothing
            assert browser.title != "owned"
            until(lambda: released(home, "internal"), 240)
    (decision,) = history(home, "decision")
    assert {k: decision["body"][k] for k in ("decision", "reviewer", "reason", "via", "grade")} == {
        "decision": "approve",
        "reviewer": "ann",
        "reason": "the figures hold",
        "via": "prefect-form",
        "grade": "attested",
    }


def read_the_dossier(browser: Any, api: Api, prefect: str, page: str) -> None:
    """Reads the dossier's first screen in the Prefect UI, and follows the link of the brief to its page in MLflow."""
    from selenium.webdriver.common.by import By

    (artifact,) = api.post("/artifacts/latest/filter", {"artifacts": {"key": {"any_": ["dossier"]}}})
    browser.get(f"{prefect}/artifacts/artifact/{artifact['latest_id']}")
    browser.find_element(By.XPATH, "//*[contains(text(), 'Furthest from ideal')]")
    assert len(browser.find_elements(By.XPATH, "//*[contains(text(), 'Furthest from ideal')]/following::ol[1]/li")) == 3
    assert "7*7" in browser.find_element(By.TAG_NAME, "body").text
    assert browser.title != "owned"
    browser.get(page)
    browser.find_element(By.XPATH, "//button[contains(., 'Resume')]").click()
    link = browser.find_element(By.XPATH, "//a[normalize-space()='dossier in MLflow']").get_attribute("href")
    browser.get(link)
    browser.switch_to.frame(browser.find_element(By.CSS_SELECTOR, "iframe[src^='blob:']"))
    assert len(browser.find_elements(By.CSS_SELECTOR, ".first li")) == 3
    assert "7*7" in browser.find_element(By.TAG_NAME, "body").text
    browser.switch_to.default_content()


def fill(browser: Any, page: str, *, decision: str, reviewer: str, reason: str, code: str) -> str:
    """Presses Resume, reads the brief over the form, fills the form in and submits it; returns what was read."""
    from selenium.webdriver.common.by import By
    from selenium.webdriver.support.ui import Select

    browser.get(page)
    browser.find_element(By.XPATH, "//button[contains(., 'Resume')]").click()
    modal = browser.find_element(By.CSS_SELECTOR, ".p-modal, [role=dialog]")
    browser.find_element(By.XPATH, "//h1[contains(., 'enter internal of small-world')]")
    for choice in (decision, reviewer):
        Select(
            browser.find_element(By.XPATH, f"//select[option[normalize-space()='{choice}']]")
        ).select_by_visible_text(choice)
    read = str(modal.text)
    texts = modal.find_elements(By.CSS_SELECTOR, "textarea, input[type=text]")
    named = {t.find_element(By.XPATH, "ancestor::*[.//label][1]").text.split("\n")[0].lower(): t for t in texts}
    next(t for name, t in named.items() if name.startswith("reason")).send_keys(reason)
    next(t for name, t in named.items() if name.startswith("one-time")).send_keys(code)
    browser.implicitly_wait(0)
    try:
        for _ in range(5):  # the form takes a moment to hear of what was typed, and stays open until it holds
            time.sleep(2)
            for button in browser.find_elements(By.XPATH, "//button[contains(., 'Submit')]"):
                button.click()
            deadline = time.monotonic() + 15
            while browser.find_elements(By.CSS_SELECTOR, "textarea") and time.monotonic() < deadline:
                time.sleep(0.5)
            if not browser.find_elements(By.CSS_SELECTOR, "textarea"):
                return read
    finally:
        browser.implicitly_wait(30)
    raise AssertionError(f"the form stayed open: {modal.text[-500:]}")
