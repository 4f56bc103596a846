"""The task's side of a run in several processes."""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from sluicegate.errors import InputRefused, SluicegateError, Unavailable
from sluicegate.progress import current
from sluicegate.spec.model import TorchrunEngine
from sluicegate.training.curve import Line
from sluicegate.training.engine.channel import Reader
from sluicegate.training.engine.job import Job

AGENT = "sluicegate.training.engine.agent"
PROCESSES, JOB, LOG = ".processes", "job.json", "log.txt"
_LAST_TRY_ENDS_S = 30


def run_ranks(job: Job, engine: TorchrunEngine, on_line: Callable[[Line], None] | None) -> None:
    """Trains in `engine.processes` processes, and returns when the last of them is gone.

    Progress goes to this context's listener. Whatever ends this function or this process ends all of them.

    Args:
        job: What to train.
        engine: In how many processes, and how.
        on_line: Gets every line of the curve.

    Raises:
        InputRefused: A rank refused its input, or there are fewer GPUs than processes.
        Unavailable: A process was killed, or those of an earlier try do not end.
        RuntimeError: A rank ended with an error of its own, which is in ``log.txt``.
    """
    check_devices(engine)
    place = job.folder / PROCESSES
    place.mkdir(parents=True, exist_ok=True)
    (place / JOB).write_text(job.model_dump_json(), encoding="utf-8")
    reader = Reader(current(), on_line)
    with _log(place / LOG) as log:
        agent = subprocess.Popen(
            [sys.executable, "-P", "-m", AGENT, str(place / JOB), str(engine.processes), str(os.getpid())],
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
        raise _failure(reader, agent.returncode, engine, place / LOG)


def check_devices(engine: TorchrunEngine) -> None:
    """Whether every process can have a device of its own.

    Raises:
        InputRefused: There are GPUs, but fewer than processes.
    """
    import torch

    found = torch.cuda.device_count()
    if torch.cuda.is_available() and engine.processes > found:
        raise InputRefused("training.engine", "processes", f"is {engine.processes}, this machine has {found} GPUs")


@contextmanager
def _log(path: Path) -> Iterator[BinaryIO]:
    """The file for what the processes print, once nobody has it open any more.

    Raises:
        Unavailable: Processes of an earlier try do not end.
    """
    with path.open("ab") as file:
        until = time.monotonic() + _LAST_TRY_ENDS_S
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > until:
                    raise Unavailable(f"training: processes of an earlier try still have {path} open") from None
                time.sleep(0.1)
        file.truncate(0)
        yield file


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


def _environment(engine: TorchrunEngine) -> dict[str, str]:
    """This process's own, with its threads shared out, and the ranks' connections kept on this machine."""
    import torch

    loopback = next((name for _, name in socket.if_nameindex() if name in ("lo", "lo0")), "lo")
    return os.environ | {
        "OMP_NUM_THREADS": str(max(1, torch.get_num_threads() // engine.processes)),
        "GLOO_SOCKET_IFNAME": loopback,
        "NCCL_SOCKET_IFNAME": loopback,
    }


def _failure(reader: Reader, exit_code: int, engine: TorchrunEngine, log: Path) -> SluicegateError | RuntimeError:
    if reader.refusal is not None:
        return reader.refusal
    who = "torchrun"
    if reader.ended:
        who, exit_code = f"process {reader.ended['rank'] + 1} of {engine.processes}", reader.ended["exit_code"]
    if exit_code < 0:
        what = f"{who} was killed with signal {-exit_code} ({signal.Signals(-exit_code).name})"
        hint = ", as the kernel does where memory is short" if exit_code == -signal.SIGKILL else ""
        return Unavailable(f"training: {what}{hint}; run it again, and it goes on from its last checkpoint")
    return RuntimeError(f"training: {who} ended with exit code {exit_code}; what it printed is in {log}")
