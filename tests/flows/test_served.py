"""Served: a real Prefect server, a real worker, and a build that walks through all three gates.

The first gate is decided with the form's data over the API (once refused), the second waits while server and
worker are killed with -9 and is approved on the command line afterwards, the third is decided in a browser
where there is one.
"""

from __future__ import annotations

import json
import os
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
        env=environment(home), cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log.open("wb"), stderr=subprocess.STDOUT,
    )  # fmt: skip
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
        (found,) = [r for r in self.runs("release") if r["parameters"]["gate"] == gate]
        return found

    def suspended(self, gate: str, key: str) -> dict[str, Any]:
        """The gate's run, once it waits under this key."""

        def waiting() -> dict[str, Any] | None:
            found = (
                self.release_of(gate) if any(r["parameters"]["gate"] == gate for r in self.runs("release")) else None
            )
            if found and found["state"]["type"] in ("FAILED", "CRASHED"):
                raise AssertionError(found["state"])
            at = found and found["state_name"] == "Suspended" and found["state"]["state_details"]["pause_key"] == key
            return found if at else None

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
        assert {"validation", "scrubbing", "loss-curve", "verdicts", "candidate", "dossier"} <= kinds

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


def test_gates_that_were_opened_embedded_are_there_when_it_is_up(small_world: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert run("run", str(small_world / "spec.yaml"), home=home).code == 0
    gate = open_gate(home, "internal")
    with up(home) as served:
        waiting = Api(served["prefect"]).suspended(gate["id"], "review-1")
        Api(served["prefect"]).resume(waiting["id"], decision="reject", reviewer="ann", reason="not yet")
        until(lambda: not run("inbox", "--json", home=home).json, 120)
