"""One rank.

python -P -m sluicegate.training.engine.worker JOB.json PARENT_PID
"""

from __future__ import annotations

import datetime
import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import torch
from torch import distributed

from sluicegate.errors import SluicegateError
from sluicegate.progress import listen
from sluicegate.settings import silence_telemetry
from sluicegate.spec.model import TorchrunEngine
from sluicegate.training.engine.channel import Channel
from sluicegate.training.engine.job import Job
from sluicegate.training.engine.lifeline import hold
from sluicegate.training.engine.ranks import Ranks
from sluicegate.training.engine.strategy import STRATEGIES

# One rank reads the rows while the others wait. One that dies is noticed by the agent, not by this.
_TIMEOUT = datetime.timedelta(hours=12)


def main(job: str, parent: str) -> int:
    """Trains; 0 when the run is finished."""
    hold(int(parent))
    channel = Channel.alone()
    silence_telemetry()
    from sluicegate.training.fine_tuning import train_rank
    from sluicegate.training.full_disk import writing

    try:
        run = Job.model_validate_json(Path(job).read_bytes())
        assert isinstance(run.training.engine, TorchrunEngine)
        with joined() as ranks, listen(channel.progress) if ranks.leads else nullcontext(), writing(run.folder):
            train_rank(run, STRATEGIES[run.training.engine.strategy](ranks), channel.line)
    except SluicegateError as error:
        channel.refused(error)
        return 1
    return 0


@contextmanager
def joined() -> Iterator[Ranks]:
    """Inside the block this process is a rank among the others, each on a device of its own."""
    if torch.cuda.is_available():
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
    distributed.init_process_group("nccl" if torch.cuda.is_available() else "gloo", timeout=_TIMEOUT)
    yield Ranks(distributed.get_rank(), distributed.get_world_size(), int(os.environ["LOCAL_RANK"]))
    distributed.destroy_process_group()


if __name__ == "__main__":
    try:
        code = main(*sys.argv[1:])
    except Exception:
        traceback.print_exc()
        code = 1
    sys.stderr.flush()
    os._exit(code)  # the others may be gone, and taking leave of them would wait for them
