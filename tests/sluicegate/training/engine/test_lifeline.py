from __future__ import annotations

import os
import subprocess
import sys
import time

import psutil
import pytest

HELD = """
import os, subprocess, sys, time
from sluicegate.training.engine.lifeline import hold
hold(int(sys.argv[1]))
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(child.pid, flush=True)
time.sleep(600)
"""


def start(parent: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-P", "-c", HELD, str(parent)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True)


def gone(pid: int, within_s: float = 10) -> bool:
    """Whether the process has ended, or ends in time; one that waits to be collected has ended."""
    until = time.monotonic() + within_s
    while time.monotonic() < until:
        try:
            if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.05)
    return False


def test_when_standard_input_ends_so_does_the_process_and_its_group() -> None:
    process = start(os.getpid())
    assert process.stdin is not None
    assert process.stdout is not None
    child = int(process.stdout.readline())
    assert process.poll() is None

    process.stdin.close()
    assert process.wait(timeout=10) == -9
    assert gone(child)


def test_a_process_whose_parent_has_died_before_it_looked_ends() -> None:
    process = start(parent=1)

    assert process.wait(timeout=20) == -9


@pytest.mark.skipif(sys.platform != "linux", reason="prctl is Linux")
def test_when_the_parent_dies_so_does_the_process_though_its_input_is_open() -> None:
    read, write = os.pipe()  # this end stays open here
    middle = (
        "import os, subprocess, sys, time\n"
        "subprocess.Popen([sys.executable, '-P', '-c', sys.argv[1], str(os.getpid())], start_new_session=True)\n"
        "time.sleep(600)"
    )
    parent = subprocess.Popen([sys.executable, "-c", middle, HELD], stdin=read, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    parent.stdout.readline()
    (held,) = psutil.Process(parent.pid).children()

    parent.kill()
    parent.wait()
    assert gone(held.pid)
    for grandchild in (read, write):
        os.close(grandchild)
