"""`kill -9` in any step: the next run goes on, redoes nothing that was finished, and ends with the same candidate."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import psutil
import pytest

from sluicegate import releasing
from sluicegate.gates.gate import find_gate
from sluicegate.ledger.ledger import open_ledger
from sluicegate.settings import Home
from tests.flows.conftest import COMMAND, ROOT, Cli, Team, environment

pytestmark = pytest.mark.slow
STAGES = ("source", "validate", "scrub", "split", "fine-tune", "evaluate", "register", "open gate")


def kill_at(stage: str, spec: Path, home: Path, **more: str) -> bool:
    """Starts a run and kills it as soon as it says that `stage` begins; whether that was in time."""
    process = subprocess.Popen(
        [*COMMAND, "run", str(spec)],
        env=environment(home, **more),
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    seen = False
    for line in process.stdout:
        if line.startswith(f"{stage}: begins"):
            seen = True
            if stage != STAGES[-1]:  # which takes no longer than that
                time.sleep(0.05)  # into the step
            os.kill(process.pid, signal.SIGKILL)
            break
    process.stdout.close()
    process.wait()
    return seen


def test_a_run_that_is_killed_at_every_step_ends_as_an_undisturbed_one(
    sluicegate: Cli, prefect_server: dict[str, str], small_world: Path, tmp_path: Path
) -> None:
    disturbed, calm = tmp_path / "disturbed", tmp_path / "calm"
    finished: dict[str, int] = {}
    for stage in STAGES:
        assert kill_at(stage, small_world / "spec.yaml", disturbed, **prefect_server), stage
        now = {
            p.parent.name: p.stat().st_mtime_ns
            for p in (disturbed / "steps").glob("*/step.json")
            if not p.parent.name.startswith(".")
        }
        assert finished.items() <= now.items(), "a finished step was done again"
        finished = now
    runs = sluicegate("status", "--json", home=disturbed).json["runs"]
    assert {run["state"] for run in runs} == {"interrupted"}
    done = sluicegate("run", str(small_world / "spec.yaml"), "--json", home=disturbed, **prefect_server)
    assert done.code == 0, done.err
    assert sluicegate("run", str(small_world / "spec.yaml"), home=calm, **prefect_server).code == 0
    assert {p.name for p in (disturbed / "candidates").iterdir()} == {p.name for p in (calm / "candidates").iterdir()}
    assert len(sluicegate("inbox", "--json", home=disturbed).json) == 1
    shutil.rmtree(disturbed)


def test_a_killed_run_leaves_no_process_behind(small_world: Path, tmp_path: Path) -> None:
    assert kill_at("fine-tune", small_world / "spec.yaml", tmp_path / "home")
    deadline = time.monotonic() + 30
    while left := [
        p.pid
        for p in psutil.process_iter(["environ"])
        if (p.info["environ"] or {}).get("SLUICEGATE_HOME") == str(tmp_path / "home")
    ]:
        assert time.monotonic() < deadline, left
        time.sleep(0.2)


def test_an_approval_killed_before_the_next_gate_opened_is_finished_by_the_same_command(
    sluicegate: Cli, prefect_server: dict[str, str], small_world: Path, tmp_path: Path, team: Team
) -> None:
    team.found(tmp_path)
    assert sluicegate("run", str(small_world / "spec.yaml"), home=tmp_path, **prefect_server).code == 0
    (first,) = sluicegate("inbox", "--json", home=tmp_path).json
    home = Home.at(tmp_path)
    letter = team.people["ann"].approves(find_gate(open_ledger(home), first["id"]), "the figures hold")
    releasing.put(home, letter, via="command-line")
    releasing.promote(home, first["id"])  # as far as a process came that was killed here
    assert sluicegate("inbox", "--json", home=tmp_path).json == []
    done = sluicegate("approve", first["id"], *team.by("ann"), "--reason", "the figures hold", home=tmp_path)
    assert done.code == 0, done.err
    (following,) = sluicegate("inbox", "--json", home=tmp_path).json
    assert following["stage"] == "restricted"
