"""Ray Train started, and started again where a process or a node was lost."""

from __future__ import annotations

from pathlib import Path
from threading import Thread
from typing import Any

import ray
from ray.exceptions import RayError
from ray.train import ControllerError, FailureConfig, RunConfig, ScalingConfig, TrainingFailedError, WorkerGroupError
from ray.train.torch import TorchTrainer
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from sluicegate.errors import InputRefused, Unavailable
from sluicegate.progress import Progress
from sluicegate.spec.model import RayEngine
from sluicegate.training.engine.channel import Channel
from sluicegate.training.engine.cluster.network import OwnNetwork
from sluicegate.training.engine.cluster.post import END, Post
from sluicegate.training.engine.cluster.rank import Deserted, Order, Stopped, code_of, train
from sluicegate.training.engine.job import Job
from sluicegate.training.loop import STAGE

_STORAGE = "ray"
_TIMEOUT_S = 12 * 3600  # one rank reads the rows while the others wait


def drive(job: Job, path: Path, channel: Channel) -> int:
    """Has `job` trained on the cluster that this process has joined; 0 where it ended well.

    Args:
        job: What to train.
        path: Where it lies as a file, in a folder that every node sees.
        channel: Gets what the ranks report.

    Raises:
        InputRefused: The cluster has too little for so many processes.
        Unavailable: Processes were lost more often than the run goes on by itself.
    """
    here = NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=False)
    post = ray.remote(num_cpus=0)(Post).options(scheduling_strategy=here).remote()
    relay = Thread(target=_relay, args=(post, channel), daemon=True)
    relay.start()
    try:
        return _tries(job, path, Order(path.absolute(), path.read_bytes(), code_of(), post), channel)
    finally:
        ray.get(post.put.remote(END))
        relay.join()


def _relay(post: Any, channel: Channel) -> None:
    while (line := ray.get(post.take.remote())) != END:
        channel.pass_on(line)


def _tries(job: Job, path: Path, order: Order, channel: Channel) -> int:
    engine = job.training.engine
    assert isinstance(engine, RayEngine)
    number = lost = 0
    while True:
        resources = _resources(engine)
        number += 1
        try:
            _trainer(engine, resources, order, storage=path.absolute().parent / _STORAGE, name=str(number)).fit()
            return 0
        except (TrainingFailedError, RayError) as error:
            if _has_said_why(error):
                return 1
            if _waited_in_vain(error):
                channel.progress(Progress(STAGE, 0, 0, "steps", "waits for processors of the cluster"))
                continue
            what = _who(error, engine)
        lost += 1
        if lost > engine.restarts:
            raise Unavailable(
                f"training: {what} was lost on the cluster, after {engine.restarts} restarts; run it again, and it "
                "goes on from its last checkpoint"
            )
        note = f"{what} was lost; goes on from the last checkpoint, restart {lost} of {engine.restarts}"
        channel.progress(Progress(STAGE, 0, 0, "steps", note))


def _has_said_why(error: Exception) -> bool:
    """Whether a rank ended by itself: it would again."""
    failures = error.worker_failures.values() if isinstance(error, WorkerGroupError) else ()
    return any(isinstance(failure, Stopped) for failure in failures)


def _waited_in_vain(error: Exception) -> bool:
    """Whether there is room for all processes, and others have it now; Ray Train waits a minute for it."""
    failure = error.controller_failure if isinstance(error, ControllerError) else None
    return type(failure).__name__ == "WorkerGroupStartupTimeoutError"


def _resources(engine: RayEngine) -> dict[str, float]:
    """What each process gets.

    Raises:
        InputRefused: The whole cluster has less than what all of them need.
    """
    found = ray.cluster_resources()
    processors, gpus = int(found.get("CPU", 0)), int(found.get("GPU", 0))
    if engine.processes * engine.processors > processors:
        problem = f"is {engine.processes}, with {engine.processors} processors each; the cluster has {processors}"
        raise InputRefused("training.engine", "processes", problem, "lower it, or add nodes and run it again")
    if 0 < gpus < engine.processes:
        problem = f"is {engine.processes}, the cluster has {gpus} GPUs"
        raise InputRefused("training.engine", "processes", problem, "lower it, or add nodes and run it again")
    return {"CPU": engine.processors, "GPU": 1} if gpus else {"CPU": engine.processors}


class _Trainer(TorchTrainer):  # type: ignore[misc]  # Ray has no types
    """Ray Train without the actor that outlives its driver to free the processors.

    Ray frees them itself, and without a dashboard that actor never learns that it has nothing left to wait for.
    """

    def _create_default_callbacks(self) -> list[Any]:
        made = super()._create_default_callbacks()
        return [callback for callback in made if type(callback).__name__ != "PlacementGroupCleanerCallback"]


def _trainer(engine: RayEngine, resources: dict[str, float], order: Order, *, storage: Path, name: str) -> _Trainer:
    return _Trainer(
        train,
        train_loop_config={"order": order},
        torch_config=OwnNetwork(timeout_s=_TIMEOUT_S),
        scaling_config=ScalingConfig(
            num_workers=engine.processes,
            use_gpu="GPU" in resources,
            resources_per_worker=resources,
            placement_strategy="SPREAD" if "GPU" not in resources else "PACK",
        ),
        run_config=RunConfig(
            name=name,
            storage_path=str(storage),
            failure_config=FailureConfig(max_failures=0, controller_failure_limit=0, max_preemption_failures=0),
        ),
    )


def _who(error: Exception, engine: RayEngine) -> str:
    """The rank that was lost, rather than those that missed it."""
    failures = error.worker_failures if isinstance(error, WorkerGroupError) else {}
    gone = [rank for rank, failure in failures.items() if not isinstance(failure, Deserted)]
    return f"process {min(gone) + 1} of {engine.processes}" if gone else "a process"
