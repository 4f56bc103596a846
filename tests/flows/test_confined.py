"""Without a network, with a full disk, and at a terminal."""

from __future__ import annotations

import os
import pty
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.confined import confined
from tests.flows.conftest import COMMAND, ROOT, Cli, environment

pytestmark = pytest.mark.slow


@pytest.mark.skipif(shutil.which("ip") is None, reason="`ip` is not installed")
def test_the_whole_way_needs_no_network(sluicegate: Cli, small_world: Path, tmp_path: Path) -> None:
    alone = confined("-n", 'ip link set lo up && exec "$@"')
    offline = {"HF_HUB_OFFLINE": "1"}
    done = sluicegate("run", str(small_world / "spec.yaml"), home=tmp_path / "home", inside=alone, **offline)
    assert (done.code, done.err) == (0, "")
    assert "Awaiting review" in done.out


def test_a_full_home_is_refused_and_the_run_goes_on_when_there_is_room(
    sluicegate: Cli, small_world: Path, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    full = confined("-m", f'mount -t tmpfs -o size=1500k tmpfs {home} && exec "$@"')
    done = sluicegate("run", str(small_world / "spec.yaml"), home=home, inside=full)
    assert (done.code, done.err.count("\n")) == (2, 1), done.err
    assert "SLUICEGATE_HOME: has 2 MB free, at least 100 MB are needed" in done.err
    assert sluicegate("run", str(small_world / "spec.yaml"), home=home).code == 0


STEP = """
import sys
from pathlib import Path
from sluicegate.errors import InputRefused
from sluicegate.steps import run_step

def work(folder, key):
    (folder / "large").write_bytes(bytes(2_000_000))

try:
    run_step(Path(sys.argv[1]), "large", inputs={}, section={}, code="1", work=work)
except InputRefused as refused:
    print(refused, [p.name for p in Path(sys.argv[1]).iterdir() if not p.name.startswith(".")])
"""


def test_a_disk_that_fills_up_in_a_step_is_refused_and_leaves_no_finished_step(tmp_path: Path) -> None:
    full = confined("-m", f'mount -t tmpfs -o size=1000k tmpfs {tmp_path} && exec "$@"')
    command = [*full, sys.executable, "-c", STEP, str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert "cannot be written: No space left on device" in done.stdout, done.stderr
    assert done.stdout.endswith(" []\n")


def test_at_a_terminal_the_roster_is_founded_and_the_decision_asked_for(small_world: Path, tmp_path: Path) -> None:
    terminal, theirs = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, "run", str(small_world / "spec.yaml")],
        env=environment(tmp_path / "home", TERM="xterm", HOME=str(tmp_path), SLUICEGATE_PASSPHRASE_FILE=""),
        cwd=ROOT,
        start_new_session=True,  # without a terminal of its own, passphrases are asked for on standard input
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        close_fds=True,
    )
    os.close(theirs)
    answers = [
        ("Your reviewer id", "ann"),
        ("New passphrase", "correct horse"),
        ("same again", "correct horse"),
        ("Your decision", "approve"),
        ("reviewer id", "ann"),
        ("Your reason", "the figures hold"),
        ("Your decision", "later"),
    ]
    seen, at = "", 0
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline:
        if not select.select([terminal], [], [], 1)[0]:
            if process.poll() is not None:
                break
            continue
        try:
            seen += os.read(terminal, 65536).decode(errors="replace")
        except OSError:  # the other end is closed
            break
        if answers and answers[0][0] in seen[at:]:
            at = len(seen)
            os.write(terminal, (answers.pop(0)[1] + "\n").encode())
    assert process.wait(30) == 0, seen[-2000:]
    assert answers == []
    assert "released" in seen
    assert "enter restricted of small-world?" in seen
