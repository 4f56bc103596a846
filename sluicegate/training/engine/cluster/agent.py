"""Ray's driver, as a process of its own: joins the cluster, has the ranks trained there, and leaves it.

python -P -m sluicegate.training.engine.cluster.agent JOB.json PROCESSES PARENT_PID
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from threading import Timer

from sluicegate.cluster import joined, started
from sluicegate.errors import SluicegateError, Unavailable
from sluicegate.settings import silence_telemetry
from sluicegate.spec.model import RayEngine
from sluicegate.training.engine.channel import Channel
from sluicegate.training.engine.job import Job
from sluicegate.training.engine.lifeline import hold

PATIENCE_S = 60.0
"""A cluster that has not let the driver in by then does not answer."""
START_S = 300.0
"""A Ray of the run's own that is not up by then, on a machine however busy, will not be."""
_SETTINGS = {
    "RAY_TRAIN_V2_ENABLED": "1",
    "RAY_TRAIN_METRICS_ENABLED": "0",
    "RAY_TRAIN_HEALTH_CHECK_INTERVAL_S": "1",
    "RAY_CHDIR_TO_TRIAL_DIR": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
}


def main(job: str, processes: str, parent: str) -> int:
    """Has the run trained to its end; 0 where all ended well."""
    hold(int(parent))
    channel = Channel.alone()
    silence_telemetry()
    os.environ.update(_SETTINGS)
    run = Job.model_validate_json(Path(job).read_bytes())
    assert isinstance(run.training.engine, RayEngine)
    try:
        with ExitStack() as stack:
            with _bounded(run.training.engine, channel):
                stack.enter_context(_cluster(run.training.engine))
            from sluicegate.training.engine.cluster.driving import drive

            return drive(run, Path(job), channel)
    except SluicegateError as error:
        channel.refused(error)
        return 1


def _cluster(engine: RayEngine) -> AbstractContextManager[None]:
    if engine.address is None:
        return started(engine.processes * engine.processors)
    return joined(engine.address)


@contextmanager
def _bounded(engine: RayEngine, channel: Channel) -> Iterator[None]:
    """Ends this process where the block takes too long: Ray itself tries on for ever."""
    patience_s = START_S if engine.address is None else PATIENCE_S

    def give_up() -> None:
        where = engine.address or "on this machine"
        channel.refused(Unavailable(f"cluster {where}: Ray does not answer there within {patience_s:.0f} s"))
        os._exit(1)

    timer = Timer(patience_s, give_up)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


if __name__ == "__main__":
    try:
        code = main(*sys.argv[1:])
    except Exception:
        traceback.print_exc()
        code = 1
    sys.stderr.flush()
    os._exit(code)  # Ray's threads may wait for a cluster that is gone
