"""Training on a real Ray of two nodes: the same model as in one process, whatever becomes of a worker or the task."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from uuid import uuid4

import pandas as pd
import psutil
import pytest
from test_torchrun import ALONE, LABELS, Line, check_alike, losses, of_world, section

from sluicegate.errors import InputRefused, SpecRefused, Unavailable
from sluicegate.manifest import Manifest
from sluicegate.progress import Progress, listen
from sluicegate.training.engine.cluster.agent import PATIENCE_S
from sluicegate.training.fine_tuning import fine_tune
from tests.ray_nodes import TwoNodes, two_nodes

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not find_spec("ray"), reason="Ray is not installed: pip install 'sluicegate[cluster]'"),
]

ENDS_S = 20
OUTPUT = ["curve.jsonl", "model", "summary.json"]
Tune = Callable[..., Path]


@pytest.fixture(scope="module")
def nodes() -> Iterator[TwoNodes]:
    with two_nodes() as found:
        yield found


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, small_base: Callable[[Path], None]) -> Path:
    folder = tmp_path_factory.mktemp("world")
    small_base(folder)
    return folder


@pytest.fixture(scope="module")
def tune(world: Path) -> Tune:
    def run(
        engine: dict[str, Any], folder: str | Path, on_log: Callable[[Line], None] | None = None, **changes: Any
    ) -> Path:
        parts = {part: world / f"{part}.parquet" for part in ("train", "validation")}
        fine_tune(
            **parts, labels=LABELS, training=section(engine, **changes), base_model=world / "base",
            folder=world / folder, on_log=on_log,
        )  # fmt: skip
        return world / folder

    return run


def ray_on(address: str | None, **changes: Any) -> dict[str, Any]:
    return {"kind": "ray", "address": address, "processes": 2, **changes}


@pytest.fixture(scope="module")
def of_one(tune: Tune) -> Path:
    return tune({"kind": "torchrun", "processes": 1}, "one")


@pytest.fixture(scope="module")
def of_two(tune: Tune, nodes: TwoNodes) -> Path:
    return tune(ray_on(nodes.address), "two")


def ranks() -> list[psutil.Process]:
    """The workers of Ray Train on this process's nodes."""
    found = []
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            if process.cmdline()[:1] == ["ray::RayTrainWorker"]:
                found.append(process)
    return found


def lives(process: psutil.Process) -> bool:
    with suppress(psutil.Error):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


def actors() -> set[str]:
    """What Ray runs for anybody, besides what belongs to the nodes themselves."""
    found = set()
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            name = (process.cmdline() or [""])[0]
            if name.startswith("ray::") and not name.endswith(("Agent", "CoordinatorActor", "IDLE")):
                found.add(name)
    return found


def wait_until(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + ENDS_S
    while not holds() and time.monotonic() < until:
        time.sleep(0.2)
    assert holds()


def kill_at(step: int, seen: list[int]) -> Callable[[Line], None]:
    """Kills one of the workers with -9 at the first line from `step` on; notes every line's step."""
    killed: list[psutil.Process] = []

    def on_log(line: Line) -> None:
        seen.append(line["step"])
        if line["step"] >= step and not killed:
            killed.append(ranks()[-1])
            killed[0].kill()

    return on_log


def test_two_nodes_have_the_curve_and_the_model_of_one_process(of_one: Path, of_two: Path) -> None:
    check_alike(of_two, of_one)
    assert json.loads((of_two / "summary.json").read_text(encoding="utf-8"))["processes"] == 2
    assert sorted(p.name for p in of_two.iterdir()) == OUTPUT


def test_shards_on_two_nodes_come_to_the_same_and_say_where_they_stand(
    tune: Tune, nodes: TwoNodes, of_one: Path
) -> None:
    progress: list[Progress] = []
    parents: set[int] = set()
    with listen(progress.append):
        found = tune(
            ray_on(nodes.address, strategy="fsdp"), "sharded", lambda _: parents.update(p.ppid() for p in ranks())
        )

    check_alike(found, of_one)
    assert len(parents) == 2  # a worker on each node
    assert [p.done for p in progress] == [10, 13, 20, 26, 30, 39, 40, 50, 52, 60, 65, 70, 78]
    assert {(p.stage, p.total) for p in progress} == {("fine-tune", 78)}


def test_after_a_worker_was_killed_with_9_the_run_goes_on_by_itself_to_the_same_bytes(
    tune: Tune, nodes: TwoNodes, of_two: Path
) -> None:
    seen: list[int] = []
    notes: list[str] = []
    with listen(lambda at: notes.append(at.note)):
        killed = tune(ray_on(nodes.address, restarts=1), "killed", kill_at(40, seen))

    again = seen[seen.index(40) + 1 :]
    assert max(again) == 78
    assert min(again) > 30  # what was done was not done again
    (note,) = [note for note in notes if "lost" in note]
    assert re.fullmatch(r"(process . of 2|a process) was lost; goes on from the last checkpoint, restart 1 of 1", note)
    assert Manifest.of_folder(killed / "model") == Manifest.of_folder(of_two / "model")
    assert losses(killed) == losses(of_two)
    assert sorted(p.name for p in killed.iterdir()) == OUTPUT


def test_when_the_task_is_killed_with_9_no_worker_lives_on_and_the_next_try_ends_with_the_same_bytes(
    world: Path, tune: Tune, nodes: TwoNodes, of_two: Path
) -> None:
    training = section(ray_on(nodes.address)).model_dump()
    order = {"world": str(world), "labels": LABELS, "folder": "orphaned", "training": training}
    task = subprocess.Popen(
        [sys.executable, "-P", "-c", ALONE, json.dumps(order)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert task.stdout is not None
    assert [int(task.stdout.readline()) for _ in range(3)] == [10, 13, 13]
    workers = ranks()
    assert len(workers) == 2

    task.kill()
    task.wait()
    wait_until(lambda: not any(map(lives, workers)) and actors() == set() and of_world(world) == [])

    seen: list[int] = []
    tune(ray_on(nodes.address), "orphaned", lambda line: seen.append(line["step"]))
    assert min(seen) > 10
    assert Manifest.of_folder(world / "orphaned" / "model") == Manifest.of_folder(of_two / "model")
    assert losses(world / "orphaned") == losses(of_two)


def test_what_a_worker_refuses_is_one_line_and_a_ray_started_for_the_run_ends_with_it(
    tune: Tune, world: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLUICEGATE_TEST_RUN", mine := uuid4().hex)  # what the run starts inherits it
    with pytest.raises(InputRefused) as refused:
        tune(ray_on(None, processes=1), "refused", learning_rate=1e38, head_learning_rate=1e38)
    words = str(refused.value)
    assert words.startswith("training: learning_rate: the loss is not finite at step ")
    assert "\n" not in words
    assert of_world(world) == []
    assert started_with("SLUICEGATE_TEST_RUN", mine) == []


STARTED = """
from contextlib import suppress
import psutil
from sluicegate.cluster import started
with started(1):
    family = psutil.Process().children(recursive=True)
    connections = []
    for process in family:
        with suppress(psutil.Error):  # it has ended
            connections += process.net_connections()
    print(sorted({c.laddr.ip.removeprefix("::ffff:") for c in connections if c.status == psutil.CONN_LISTEN}))
"""


def test_a_ray_started_for_a_run_is_out_of_the_reach_of_other_machines() -> None:
    done = subprocess.run([sys.executable, "-P", "-c", STARTED], capture_output=True, text=True, check=True)
    assert done.stdout == "['127.0.0.1']\n"


INHERITED = """
import os
from contextlib import suppress
import psutil
from sluicegate.cluster import started
with started(1):
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):  # it has ended
            if process.environ().get("SLUICEGATE_TEST_RUN") == os.environ["SLUICEGATE_TEST_RUN"]:
                print(process.name())
"""


def test_what_a_ray_of_a_runs_own_starts_is_known_by_the_environment() -> None:
    order = [sys.executable, "-P", "-c", INHERITED]
    marked = os.environ | {"SLUICEGATE_TEST_RUN": uuid4().hex}
    done = subprocess.run(order, env=marked, capture_output=True, text=True, check=True)
    assert {"gcs_server", "raylet"} <= set(done.stdout.split())


def started_with(name: str, value: str) -> list[list[str]]:
    """Commands of the processes that live and began with that in their environment."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.environ().get(name) == value and lives(process):
                found.append(process.cmdline())
    return found


def test_a_node_that_does_not_see_the_folder_is_named(
    tune: Tune, world: Path, nodes: TwoNodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder's path leads elsewhere in every process that was started elsewhere, as on a disk of its own."""
    monkeypatch.chdir(world)
    with pytest.raises(InputRefused) as refused:
        tune(ray_on(nodes.address), Path("/proc/self/cwd/unseen"))
    said = str(refused.value)
    assert said.startswith(f"training.engine: kind: `ray`: node {os.uname().nodename} does not see /proc/self/cwd")
    assert "SLUICEGATE_HOME" in said


def test_an_error_of_a_worker_s_own_names_the_file_with_its_traceback_and_ends_those_that_wait_for_it(
    tune: Tune, world: Path, nodes: TwoNodes
) -> None:
    (world / "broken").mkdir()
    (world / "broken" / ".encoded").write_text("where a folder should be", encoding="utf-8")
    with pytest.raises(RuntimeError) as failed:
        tune(ray_on(nodes.address), "broken")
    log = world / "broken" / ".processes" / "rank-00001.txt"
    assert str(failed.value) == f"training: process 1 of 2 ended with exit code 1; what it printed is in {log}"
    assert "NotADirectoryError" in log.read_text(encoding="utf-8")
    wait_until(lambda: ranks() == [])


def test_no_text_and_no_refusal_is_in_the_logs_of_ray(world: Path, nodes: TwoNodes) -> None:
    """After the tests above, in which workers read texts, and refused, and failed."""
    texts = pd.read_parquet(world / "train.parquet")["text"]
    words = [max(texts, key=len), "does not see", "Not a directory"]
    logs = [path for path in nodes.folder.rglob("*") if path.is_file() and not path.is_symlink()]
    assert sum(path.stat().st_size for path in logs) > 10_000
    found = re.compile(b"|".join(re.escape(each.encode()) for each in words))
    assert [(path.name, found.findall(path.read_bytes())[:3]) for path in logs if found.search(path.read_bytes())] == []


def test_more_processes_than_the_cluster_has_processors_for_are_refused(tune: Tune, nodes: TwoNodes) -> None:
    with pytest.raises(InputRefused, match=r"processes: is 2, with 2 processors each; the cluster has 2 \("):
        tune(ray_on(nodes.address, processors=2), "wide")


def test_where_nothing_listens_it_is_said_at_once(tune: Tune) -> None:
    with pytest.raises(Unavailable, match=r"^cluster 127.0.0.1:1: nothing answers there \(Connection refused\)$"):
        tune(ray_on("127.0.0.1:1"), "nowhere")


def test_what_listens_and_does_not_answer_is_waited_for_no_longer_than_said(tune: Tune) -> None:
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        address = f"127.0.0.1:{mute.getsockname()[1]}"
        began = time.monotonic()
        with pytest.raises(Unavailable, match=rf"^cluster {address}: Ray does not answer there within 60 s$"):
            tune(ray_on(address), "mute")

    assert PATIENCE_S <= time.monotonic() - began < PATIENCE_S + ENDS_S


def test_without_ray_the_line_names_the_extra(tune: Tune, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(SpecRefused) as refused:
        tune(ray_on("auto"), "without")
    words = "training.engine: kind: 'ray' needs Ray (pip install 'sluicegate[cluster]')"
    assert str(refused.value) == words


def test_when_a_node_is_lost_once_too_often_it_is_one_line_and_the_next_run_goes_on_with_what_is_left(
    tune: Tune, nodes: TwoNodes, of_one: Path
) -> None:
    """The last one: it leaves one node."""
    killed: list[int] = []

    def on_log(line: Line) -> None:
        if line["step"] >= 13 and not killed:
            nodes.kill_second()
            killed.append(line["step"])

    with pytest.raises(Unavailable, match=r"was lost on the cluster, after 0 restarts; run it again, and it goes on"):
        tune(ray_on(nodes.address, restarts=0), "shrunk", on_log)
    seen: list[int] = []
    check_alike(tune(ray_on(nodes.address, processes=1), "shrunk", lambda line: seen.append(line["step"])), of_one)
    assert 10 not in seen
