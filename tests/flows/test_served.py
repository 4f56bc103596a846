"""Served: a real Prefect server, a real worker, and a build that walks through all three gates.

The first gate is decided with the form's data over the API (once refused), the second waits while server and
worker are killed with -9 and is approved on the command line afterwards, the third is decided in a browser
where there is one.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from tests.flows.conftest import COMMAND, ROOT, environment, run

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


class Api:
    """The Prefect server's own API, as its UI uses it."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._client = httpx.Client(base_url=f"{address}/api", timeout=30)

    def post(self, path: str, body: Any) -> Any:
        return self._client.post(path, json=body).raise_for_status().json()

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

    def artifacts(self, flow_run: str) -> list[dict[str, Any]]:
        return list(self.post("/artifacts/filter", {"artifacts": {"flow_run_id": {"any_": [flow_run]}}}))


def open_gate(home: Path, stage: str) -> dict[str, Any]:
    def found() -> dict[str, Any] | None:
        return next((g for g in run("inbox", "--json", home=home).json if g["stage"] == stage), None)

    return dict(until(found, 300))


def released(home: Path, stage: str) -> bool:
    return any(r["stage"] == stage for r in run("status", "--json", home=home).json["live"])


def test_a_build_walks_through_three_gates(small_world: Path, module_home: Path) -> None:
    home = module_home
    with up(home) as served:
        api = Api(served["prefect"])
        deployments = {d["name"]: d for d in api.post("/deployments/filter", {})}
        assert set(deployments) == {"build", "release"}
        assert [s["active"] for s in deployments["build"]["schedules"]] == [False]
        schema = deployments["build"]["parameter_openapi_schema"]["properties"]
        assert schema["spec"]["type"] == "string"
        parameters = {"spec": str(small_world / "spec.yaml")}
        build = api.post(f"/deployments/{deployments['build']['id']}/create_flow_run", {"parameters": parameters})
        first = open_gate(home, "internal")
        waiting = api.suspended(first["id"], "review-1")
        kinds = {a["key"] for a in api.artifacts(build["id"])}
        assert {"source", "split", "validation", "scrubbing", "loss-curve", "verdicts", "candidate", "dossier"} <= kinds

        # A form that the schema lets through and the gate refuses: the run suspends again, the refusal is recorded.
        assert api.resume(waiting["id"], decision="approve", reviewer="zed", reason="fine")["status"] == "REJECT"
        api.resume(waiting["id"], decision="approve", reviewer="ann", reason="ask joe@example.org")
        again = api.suspended(first["id"], "review-2")
        history = run("history", "small-world", "--json", home=home).json
        assert [e["kind"] for e in history].count("approval_refused") == 1
        api.resume(again["id"], decision="approve", reviewer="ann", reason="the figures hold")
        until(lambda: released(home, "internal"), 180)
        history = run("history", "small-world", "--json", home=home).json
        assert [e["kind"] for e in history].count("approval_refused") == 1  # replayed, not recorded again

        second = open_gate(home, "restricted")
        api.suspended(second["id"], "review-1")
        kill_tree(served["process"])

    assert not released(home, "restricted")
    with up(home) as served:
        api = Api(served["prefect"])
        api.suspended(second["id"], "review-1")
        done = run("approve", second["id"], "--as", "bo", "--reason", "still good", "--json", home=home)
        assert done.code == 0, done.err
        until(lambda: released(home, "restricted"), 180)
        until(lambda: api.release_of(second["id"])["state_name"] == "Released", 120)

        third = open_gate(home, "public")
        waiting = api.suspended(third["id"], "review-1")
        api.resume(waiting["id"], decision="approve", reviewer="bo", reason="ready for everybody")
        until(lambda: released(home, "public"), 180)
        assert len(api.runs("release")) == 3
        assert httpx.get(f"{served['mlflow']}/health", timeout=30).status_code == httpx.codes.OK


@pytest.mark.browser
def test_a_gate_opened_embedded_is_there_when_it_is_up_and_is_decided_in_the_browser(
    small_world: Path, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    with chromium(tmp_path) as browser:
        assert run("run", str(small_world / "spec.yaml"), home=home).code == 0
        gate = open_gate(home, "internal")
        with up(home) as served:
            waiting = Api(served["prefect"]).suspended(gate["id"], "review-1")
            browser.get(f"{served['prefect']}/runs/flow-run/{waiting['id']}")
            fill(browser, decision="reject", reviewer="ann", reason="not yet")
            until(lambda: not run("inbox", "--json", home=home).json, 240)
    (decision,) = [e for e in run("history", "small-world", "--json", home=home).json if e["kind"] == "decision"]
    assert {k: decision["body"][k] for k in ("decision", "reviewer", "reason", "via")} == {
        "decision": "reject",
        "reviewer": "ann",
        "reason": "not yet",
        "via": "prefect-form",
    }


@contextmanager
def chromium(folder: Path) -> Iterator[Any]:
    """A headless Chromium; the test is skipped where there is none."""
    from selenium import webdriver

    binary, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if binary is None or driver is None:
        pytest.skip("chromium and chromedriver are not installed")
    options = webdriver.ChromeOptions()
    options.binary_location = binary
    quiet = ("--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update")
    for argument in (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--window-size=1400,1200",
        "--disable-sync",
        *quiet,
    ):
        options.add_argument(argument)
    options.add_argument(f"--user-data-dir={folder / 'chromium'}")
    browser = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    browser.implicitly_wait(30)
    try:
        yield browser
    finally:
        browser.quit()


def fill(browser: Any, *, decision: str, reviewer: str, reason: str) -> None:
    """Presses Resume, reads the brief over the form, fills the form in and submits it."""
    from selenium.webdriver.common.by import By
    from selenium.webdriver.support.ui import Select

    browser.find_element(By.XPATH, "//button[contains(., 'Resume')]").click()
    modal = browser.find_element(By.CSS_SELECTOR, ".p-modal, [role=dialog]")
    browser.find_element(By.XPATH, "//h1[contains(., 'enter internal of small-world')]")
    for choice in (decision, reviewer):
        Select(
            browser.find_element(By.XPATH, f"//select[option[normalize-space()='{choice}']]")
        ).select_by_visible_text(choice)
    modal.find_element(By.CSS_SELECTOR, "textarea").send_keys(reason)
    browser.implicitly_wait(0)
    for _ in range(5):  # the form takes a moment to hear of what was typed, and stays open until it holds
        time.sleep(2)
        for button in browser.find_elements(By.XPATH, "//button[contains(., 'Submit')]"):
            button.click()
        deadline = time.monotonic() + 15
        while browser.find_elements(By.CSS_SELECTOR, "textarea") and time.monotonic() < deadline:
            time.sleep(0.5)
        if not browser.find_elements(By.CSS_SELECTOR, "textarea"):
            return
    raise AssertionError(f"the form stayed open: {modal.text[-500:]}")
