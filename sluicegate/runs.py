"""Where each run stands, as one small JSON file: read by `sluicegate status`, written by whoever runs a build.

The file says which process writes it; a run whose process is gone without an end was interrupted.
"""

from __future__ import annotations

import json
import os
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import psutil

State = Literal["running", "finished", "failed", "interrupted"]


@dataclass(frozen=True)
class Run:
    """One build, as far as it came."""

    id: str
    model: str
    spec: str
    started: str
    pid: int
    process_started: float
    state: State = "running"
    stage: str = ""
    done: int = 0
    total: int = 0
    unit: str = ""
    why: str = ""
    gate: str = ""
    seconds: dict[str, float] = field(default_factory=dict)
    """Step → how long it took in this run; finding a finished step takes next to nothing."""


def start(folder: Path, *, model: str, spec: Path) -> Run:
    """A new run of this process."""
    stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    run = Run(
        id=f"{stamp.replace(':', '')}-{uuid.uuid4().hex[:6]}",
        model=model,
        spec=str(spec),
        started=stamp,
        pid=os.getpid(),
        process_started=psutil.Process().create_time(),
    )
    write(folder, run)
    return run


def write(folder: Path, run: Run) -> None:
    """Replaces the run's file in one move."""
    partial = folder / f".{run.id}.{os.getpid()}.partial"
    partial.write_text(json.dumps(asdict(run)), encoding="utf-8")
    partial.replace(folder / f"{run.id}.json")


def update(folder: Path, run_id: str, **changes: Any) -> Run:
    """Changes fields of a run's file."""
    run = replace(_load(folder / f"{run_id}.json"), **changes)
    write(folder, run)
    return run


def read(folder: Path, *, most: int = 20) -> tuple[Run, ...]:
    """The newest runs first; one that says `running` while its process is gone is `interrupted`."""
    newest = sorted(folder.glob("*.json"), reverse=True)[:most]
    return tuple(_as_it_is(_load(path)) for path in newest)


@contextmanager
def timed(folder: Path, run_id: str, stage: str) -> Iterator[None]:
    """Notes that the run is at `stage`, and afterwards how long it took."""
    run = update(folder, run_id, stage=stage, done=0, total=0, unit="")
    start_s = time.perf_counter()
    yield
    spent = {**run.seconds, stage: round(time.perf_counter() - start_s, 3)}
    update(folder, run_id, seconds=spent)


def _load(path: Path) -> Run:
    return Run(**json.loads(path.read_text(encoding="utf-8")))


def _as_it_is(run: Run) -> Run:
    return replace(run, state="interrupted") if run.state == "running" and not _alive(run) else run


def _alive(run: Run) -> bool:
    try:
        return bool(abs(psutil.Process(run.pid).create_time() - run.process_started) < 1)
    except psutil.NoSuchProcess:
        return False
