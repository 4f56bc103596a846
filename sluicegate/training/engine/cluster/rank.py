"""One rank, on a node of the cluster."""

from __future__ import annotations

import os
import traceback
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ray.train
import torch
from torch.distributed import DistError

from sluicegate.errors import InputRefused, SluicegateError, Unavailable
from sluicegate.progress import listen
from sluicegate.settings import silence_telemetry
from sluicegate.spec.model import RayEngine
from sluicegate.steps import code_version
from sluicegate.training.engine.cluster.post import PostChannel
from sluicegate.training.engine.job import Job
from sluicegate.training.engine.log import log_of, opened
from sluicegate.training.engine.ranks import Ranks
from sluicegate.training.engine.strategy import STRATEGIES


@dataclass(frozen=True)
class Order:
    """What every rank is told through Ray."""

    path: Path
    """The job's file, absolute."""
    job: bytes
    """What is in it."""
    code: str
    """Version of the code and the libraries that the run itself works with."""
    post: Any
    """The `Post`."""


class Stopped(Exception):
    """A rank ended by itself, and has said why: it would again."""


class Deserted(Exception):
    """A rank lost another one."""


def train(config: dict[str, Any]) -> None:
    """What Ray Train calls in every worker.

    What it raises holds no words of the original: Ray writes it to its logs.

    Raises:
        Stopped: The rank ended by itself.
        Deserted: It lost another one.
    """
    order: Order = config["order"]
    context = ray.train.get_context()
    ranks = Ranks(context.get_world_rank(), context.get_world_size(), context.get_local_rank())
    channel = PostChannel(order.post)
    try:
        _work(order, ranks, channel)
    except SluicegateError as error:
        channel.refused(error)
        raise Stopped(type(error).__name__) from None
    except Exception as error:
        os.write(2, traceback.format_exc().encode())
        if _is_of_others(error):
            raise Deserted from None
        channel.ended(ranks.rank, 1)
        raise Stopped(type(error).__name__) from None
    finally:
        channel.flush()


def _work(order: Order, ranks: Ranks, channel: PostChannel) -> None:
    silence_telemetry()
    from sluicegate.training.fine_tuning import train_rank
    from sluicegate.training.full_disk import writing

    job = _seen(order)
    engine = job.training.engine
    assert isinstance(engine, RayEngine)
    with opened(order.path.parent / log_of(ranks.rank)) as log:
        for stream in (1, 2):
            os.dup2(log.fileno(), stream)  # the lock is free when this process is gone, not when the block ends
        torch.set_num_threads(engine.processors)
        with listen(channel.progress) if ranks.leads else nullcontext(), writing(job.folder):
            train_rank(job, STRATEGIES[engine.strategy](ranks), channel.line)


def _seen(order: Order) -> Job:
    """The job, from its file.

    Raises:
        Unavailable: This node has other code.
        InputRefused: It does not see the files of the run.
    """
    host = os.uname().nodename
    if code_of() != order.code:
        raise Unavailable(f"node {host} of the cluster has another Sluicegate, or other libraries, than this machine")
    if not order.path.is_file() or order.path.read_bytes() != order.job:
        raise _unseen(order.path, host)
    job = Job.model_validate_json(order.job)
    for path in (job.train, job.validation, job.base_model):
        if path is not None and not path.exists():
            raise _unseen(path, host)
    return job


def _unseen(path: Path, host: str) -> InputRefused:
    remedy = "put it, and SLUICEGATE_HOME, on a file system that all nodes share under the same path"
    return InputRefused("training.engine", "kind", f"`ray`: node {host} does not see {path}", remedy)


def _is_of_others(error: Exception) -> bool:
    """Whether it says that another rank is gone: NCCL's errors have a type of their own, gloo's have not."""
    return isinstance(error, DistError) or (isinstance(error, RuntimeError) and "gloo" in str(error))


def code_of() -> str:
    """Version of the code that trains, and of the libraries that the weights depend on."""
    from sluicegate.training.fine_tuning import LIBRARIES

    return code_version("sluicegate.training", "sluicegate.spec", "sluicegate.terms", libraries=LIBRARIES)
