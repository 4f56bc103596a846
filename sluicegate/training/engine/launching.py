"""The task's side of a run in several processes."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from sluicegate.cluster import require_ray
from sluicegate.errors import InputRefused, SluicegateError, Unavailable
from sluicegate.progress import current
from sluicegate.spec.model import RayEngine, TorchrunEngine
from sluicegate.training.curve import Line
from sluicegate.training.engine.channel import Reader
from sluicegate.training.engine.job import Job
from sluicegate.training.engine.log import log_of, opened

AGENTS = {"torchrun": "sluicegate.training.engine.agent", "ray": "sluicegate.training.engine.cluster.agent"}
PROCESSES, JOB, LOG = ".processes", "job.json", "log.txt"


def run_ranks(job: Job, engine: TorchrunEngine | RayEngine, on_line: Callable[[Line], None] | None) -> None:
    """Trains in `engine.processes` processes, and returns when the last of them on this machine is gone.

    Progress goes to this context's listener. Whatever ends this function or this process ends all of them.

    Args:
        job: What to train.
        engine: In how many processes, and how.
        on_line: Gets every line of the curve.

    Raises:
        InputRefused: A rank refused its input, or there are fewer GPUs than processes.
        SpecRefused: Ray is asked for and not installed.
        Unavailable: A process was killed, those of an earlier try do not end, or the cluster cannot be had.
        RuntimeError: A rank ended with an error of its own, which is in a file beside ``job.json``.
    """
    check_devices(engine)
    place = job.folder / PROCESSES
    place.mkdir(parents=True, exist_ok=True)
    (place / JOB).write_text(_anywhere(job).model_dump_json(), encoding="utf-8")
    reader = Reader(current(), on_line)
    with opened(place / LOG) as log:
        agent = subprocess.Popen(
            [
                sys.executable,
                "-P",
                "-m",
                AGENTS[engine.kind],
                str(place / JOB),
                str(engine.processes),
                str(os.getpid()),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            env=_environment(engine),
            start_new_session=True,
        )
        with _ended_with_this(agent) as events:
            for event in events:
                reader.take(event)
    if agent.returncode or reader.refusal is not None:
        raise _failure(reader, agent.returncode, engine, place)


def check_devices(engine: TorchrunEngine | RayEngine) -> None:
    """Whether every process can have a device of its own, as far as that can be seen from here.

    Raises:
        InputRefused: There are GPUs, but fewer than processes.
        SpecRefused: Ray is not installed.
    """
    if isinstance(engine, RayEngine):
        require_ray("training.engine", "kind", engine.kind)
        return
    import torch

    found = torch.cuda.device_count()
    if torch.cuda.is_available() and engine.processes > found:
        raise InputRefused("training.engine", "processes", f"is {engine.processes}, this machine has {found} GPUs")


def _anywhere(job: Job) -> Job:
    """The same with paths that do not depend on a process's working folder."""
    paths = {name: getattr(job, name) for name in ("train", "validation", "base_model", "folder")}
    return job.model_copy(update={name: path and path.absolute() for name, path in paths.items()})


@contextmanager
def _ended_with_this(agent: subprocess.Popen[bytes]) -> Iterator[BinaryIO]:
    """The agent's standard output; after the block no process that has it is left."""
    assert agent.stdin is not None
    assert agent.stdout is not None
    try:
        yield agent.stdout  # type: ignore[misc]
    finally:
        agent.stdin.close()
        while agent.stdout.read(65536):
            pass
        agent.wait()
        agent.stdout.close()


def _environment(engine: TorchrunEngine | RayEngine) -> dict[str, str]:
    """This process's own; for torchrun with its threads shared out, and the ranks' connections kept on this machine."""
    if isinstance(engine, RayEngine):
        return dict(os.environ)
    import torch

    loopback = next((name for _, name in socket.if_nameindex() if name in ("lo", "lo0")), "lo")
    return os.environ | {
        "OMP_NUM_THREADS": str(max(1, torch.get_num_threads() // engine.processes)),
        "GLOO_SOCKET_IFNAME": loopback,
        "NCCL_SOCKET_IFNAME": loopback,
    }


def _failure(
    reader: Reader, exit_code: int, engine: TorchrunEngine | RayEngine, place: Path
) -> SluicegateError | RuntimeError:
    if reader.refusal is not None:
        return reader.refusal
    who, log = {"torchrun": "torchrun", "ray": "Ray's driver"}[engine.kind], place / LOG
    if reader.ended:
        log = place / log_of(reader.ended["rank"]) if engine.kind == "ray" else log
        who, exit_code = f"process {reader.ended['rank'] + 1} of {engine.processes}", reader.ended["exit_code"]
    if exit_code < 0:
        what = f"{who} was killed with signal {-exit_code} ({signal.Signals(-exit_code).name})"
        hint = ", as the kernel does where memory is short" if exit_code == -signal.SIGKILL else ""
        return Unavailable(f"training: {what}{hint}; run it again, and it goes on from its last checkpoint")
    return RuntimeError(f"training: {who} ended with exit code {exit_code}; what it printed is in {log}")
