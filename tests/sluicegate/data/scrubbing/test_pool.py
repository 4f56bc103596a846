import json
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from sluicegate.data.scrubbing.pool import Chunk, ScrubbingPool, Setup
from sluicegate.errors import InputRefused, Unavailable
from tests.sluicegate.data.scrubbing.conftest import section_of

ROOT = Path(__file__).parents[4]
KEY = b"sixteen letters!"


@pytest.fixture
def setup(pipeline: Path) -> Setup:
    return Setup(section_of(), str(pipeline))


def children() -> list[psutil.Process]:
    alive = []
    for child in psutil.Process().children():
        with suppress(psutil.Error):
            if child.status() != psutil.STATUS_ZOMBIE:
                alive.append(child)
    return alive


def test_answers_come_in_the_order_of_the_chunks(setup):
    chunks = [Chunk("scrub", [f"Ada Quill {i}"] * (40 if i % 2 else 1)) for i in range(30)]
    with ScrubbingPool(setup, 2) as pool:
        next(pool.ask([Chunk("find", ["x"])] * 20))  # what nobody fetches is forgotten
        answers = list(pool.ask(chunks))
    assert [answer["texts"] for answer in answers] == [[f"<PERSON> {i}"] * len(c.texts) for i, c in enumerate(chunks)]


def test_chunks_are_taken_only_as_fast_as_they_are_done(pool):
    taken = []

    def chunks():
        for i in range(60):
            taken.append(i)
            yield Chunk("scrub", ["Ada Quill"])

    for done, _ in enumerate(pool.ask(chunks())):
        assert len(taken) - done <= 4
    assert len(taken) == 60


def test_a_process_that_is_killed_is_noticed_and_the_others_end(setup):
    before = children()
    with ScrubbingPool(setup, 2) as pool:
        answers = pool.ask(Chunk("scrub", ["Ada Quill"] * 100) for _ in range(10_000))
        next(answers)
        victim = next(c for c in children() if c not in before)
        os.kill(victim.pid, signal.SIGKILL)
        with pytest.raises(Unavailable, match="a scrubbing process ended with status -9"):
            list(answers)
    assert children() == before


def test_a_refused_set_up_is_raised_and_nobody_waits_for_the_types(pipeline):
    setup = Setup(section_of(entities={"PERSONS": {"operator": "mask"}}), str(pipeline))
    with ScrubbingPool(setup, 2) as pool:
        assert pool.entity_types == []
        with pytest.raises(InputRefused, match="PERSONS"):
            list(pool.ask([Chunk("find", ["x"])]))


def test_leaving_the_block_early_ends_everything(setup):
    before, threads = children(), threading.active_count()
    with ScrubbingPool(setup, 2) as pool:
        next(pool.ask(Chunk("find", ["x"]) for _ in range(100)))
    assert (children(), threading.active_count()) == (before, threads)


def test_the_key_is_in_no_command_line_and_no_environment(pipeline):
    setup = Setup(section_of(default={"operator": "hash"}), str(pipeline), key=KEY)
    assert KEY.decode() not in repr(setup)
    before = children()
    with ScrubbingPool(setup, 1) as pool:
        next(pool.ask([Chunk("scrub", ["x"])]))
        (child,) = [c for c in children() if c not in before]
        told = json.dumps([child.cmdline(), child.environ()])
    assert KEY.decode() not in told
    assert KEY.hex() not in told


def test_a_process_needs_no_key_where_no_operator_uses_one(pipeline):
    assert json.loads(Setup(section_of(), str(pipeline), key=KEY).to_json())["key"] is None


WORK_FOR_LONG = """
import sys
from sluicegate.data.scrubbing.pool import Chunk, ScrubbingPool, Setup
from sluicegate.spec import Scrubbing
with ScrubbingPool(Setup(Scrubbing(), sys.argv[1]), 2) as pool:
    for _ in pool.ask(Chunk("scrub", ["a kettle " * 50] * 100) for _ in range(100_000)):
        print("working", flush=True)
"""


@pytest.mark.slow
def test_scrubbing_processes_do_not_outlive_a_killed_parent(pipeline):
    command = [sys.executable, "-c", WORK_FOR_LONG, str(pipeline)]
    parent = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT)
    assert parent.stdout is not None
    assert parent.stdout.readline() == b"working\n"
    started = psutil.Process(parent.pid).children()
    assert len(started) == 2
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    deadline = time.monotonic() + 5
    while any(c.is_running() and c.status() != psutil.STATUS_ZOMBIE for c in started) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not [c for c in started if c.is_running() and c.status() != psutil.STATUS_ZOMBIE]
