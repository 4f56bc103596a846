"""torchrun, as a process of its own: starts the ranks, and ends them all when one of them ends badly.

python -P -m sluicegate.training.engine.agent JOB.json PROCESSES PARENT_PID
"""

from __future__ import annotations

import os
import signal
import sys

from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
from torch.distributed.run import get_args_parser, run

from sluicegate.training.engine import rendezvous
from sluicegate.training.engine.channel import Channel
from sluicegate.training.engine.lifeline import hold

WORKER = "sluicegate.training.engine.worker"
_GRACE_S = 2  # a rank that waits for a dead one is in a C++ call and has nothing to save


def main(job: str, processes: str, parent: str) -> int:
    """Runs the ranks to their end; 0 where all ended well."""
    hold(int(parent))
    rendezvous.register()
    arguments = get_args_parser().parse_args(
        [
            *("--nnodes", "1", "--nproc-per-node", processes, "--max-restarts", "0"),
            *("--rdzv-backend", rendezvous.NAME, "--rdzv-endpoint", f"{rendezvous.LOOPBACK}:0", "--rdzv-id", "run"),
            *("--local-addr", rendezvous.LOOPBACK, "--shutdown-timeout", str(_GRACE_S)),
            *("--log-dir", os.path.join(os.path.dirname(job), "torchrun")),
            *("--no-python", sys.executable, "-P", "-m", WORKER, job, str(os.getpid())),
        ]
    )
    try:
        run(arguments)  # type: ignore[no-untyped-call]
    except ChildFailedError as error:
        rank, exit_code = _cause({rank: failure.exitcode for rank, failure in error.failures.items()})
        Channel().ended(rank, exit_code)
        return 1
    return 0


def _cause(exit_codes: dict[int, int]) -> tuple[int, int]:
    """The rank that ended first: one that was killed, rather than those that missed it."""
    killed = {rank: code for rank, code in exit_codes.items() if code < 0 and code != -signal.SIGTERM}
    return min((killed or exit_codes).items())


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
