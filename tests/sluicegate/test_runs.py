import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from sluicegate import runs


def test_a_run_whose_process_is_gone_was_interrupted(tmp_path: Path) -> None:
    run = runs.start(tmp_path, model="m", spec=Path("s.yaml"))
    assert runs.read(tmp_path)[0].state == "running"
    other = subprocess.Popen([sys.executable, "-c", ""])
    other.wait()
    runs.write(tmp_path, replace(run, pid=other.pid))
    assert runs.read(tmp_path)[0].state == "interrupted"


def test_a_run_of_another_process_with_the_same_number_was_interrupted(tmp_path: Path) -> None:
    run = runs.start(tmp_path, model="m", spec=Path("s.yaml"))
    runs.write(tmp_path, replace(run, process_started=run.process_started - 100))
    assert runs.read(tmp_path)[0].state == "interrupted"


def test_a_stage_is_noted_while_it_lasts_and_its_time_afterwards(tmp_path: Path) -> None:
    run = runs.start(tmp_path, model="m", spec=Path("s.yaml"))
    with runs.timed(tmp_path, run.id, "scrub"):
        assert runs.read(tmp_path)[0].stage == "scrub"
    assert runs.read(tmp_path)[0].seconds["scrub"] >= 0
