"""Commands that are told to end half-way: no half file and no raw text stays behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sluicegate.data.scrubbing.names import SHIPPED

ROOT = Path(__file__).resolve().parents[2]
SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


@pytest.fixture(autouse=True)
def heard() -> Iterator[None]:
    """Signals as a terminal gives them: a child inherits what is ignored, as all of this is under `nohup … &`."""
    usual = {signal.SIGINT: signal.default_int_handler, signal.SIGTERM: signal.SIG_DFL, signal.SIGHUP: signal.SIG_DFL}
    before = {number: signal.signal(number, handler) for number, handler in usual.items()}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    """Enough rows to be told to end in the middle of them."""
    path = tmp_path / "rows.csv"
    lines = (f"a kettle of number {i},{'good' if i % 2 else 'bad'}" for i in range(100_000))
    path.write_text("\n".join(["text,label", *lines]))
    return path


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    """Where the command has its temporary files."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    return folder


def stopped(command: list[object], scratch: Path, number: signal.Signals, busy: Callable[[], bool]) -> tuple[int, str]:
    """Exit status and standard error of a command that is sent a signal as soon as it is busy."""
    arguments = [sys.executable, "-m", "flows.cli", *map(str, command)]
    environment = os.environ | {"TMPDIR": str(scratch), "PYTHONDONTWRITEBYTECODE": "1"}
    with subprocess.Popen(
        arguments, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            end = time.monotonic() + 120
            while not busy():
                assert process.poll() is None, "it was done before it could be told to end"
                assert time.monotonic() < end, "it never began"
                time.sleep(0.01)
            process.send_signal(number)
            return process.wait(120), process.communicate()[1]
        finally:
            process.kill()


@pytest.mark.parametrize("number", SIGNALS)
def test_suggest_suite_leaves_no_copy_of_the_texts(rows: Path, scratch: Path, number: signal.Signals) -> None:
    status, told = stopped(["suggest-suite", rows], scratch, number, lambda: any(scratch.glob("*/*")))
    assert (status, told) == (128 + number, "sluicegate: stopped before the end; no file is left half done\n")
    assert list(scratch.iterdir()) == []


@pytest.mark.skipif(not (SHIPPED / "config.json").is_file(), reason="no tagger is shipped yet")
@pytest.mark.parametrize("number", SIGNALS)
def test_scrub_leaves_no_half_file(rows: Path, scratch: Path, number: signal.Signals) -> None:
    out = scratch / "out.csv"
    status, told = stopped(["scrub", rows, out], scratch, number, lambda: any(scratch.glob("*.partial")))
    assert (status, told) == (128 + number, "sluicegate: stopped before the end; no file is left half done\n")
    assert list(scratch.iterdir()) == []


def test_a_hang_up_that_is_ignored_stays_ignored(rows: Path, scratch: Path, tmp_path: Path) -> None:
    suite = tmp_path / "suite.json"
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as `nohup` does; a child inherits it
    try:
        command = ["suggest-suite", rows, "--out", suite]
        status, told = stopped(command, scratch, signal.SIGHUP, lambda: any(scratch.glob("*/*")))
    finally:
        signal.signal(signal.SIGHUP, before)
    assert (status, told) == (0, "")
    assert suite.is_file()
