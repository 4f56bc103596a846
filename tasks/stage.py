"""What every task of a build does around its one library call: the run's record, the log, the progress."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from prefect.logging import get_run_logger

from sluicegate import progress, runs
from tasks.plan import Plan

_LOG_EVERY_S = 15.0
_RECORD_EVERY_S = 1.0


@contextmanager
def stage(plan: Plan, name: str) -> Iterator[None]:
    """Notes where the run is, logs it to Prefect now and then, and passes it on to whoever listens already."""
    logger, outer = get_run_logger(), progress.current()
    logged, recorded = time.monotonic(), 0.0

    def listener(now: progress.Progress) -> None:
        nonlocal logged, recorded
        moment = time.monotonic()
        if now.stage != name:  # a part of this stage that has a name of its own
            now = replace(now, stage=name, note=f"{now.stage} {now.note}".rstrip())
        if moment - recorded >= _RECORD_EVERY_S:
            recorded = moment
            runs.update(plan.home.runs, plan.run_id, stage=name, done=now.done, total=now.total, unit=now.unit)
        if moment - logged >= _LOG_EVERY_S:
            logged = moment
            logger.info("%s: %s of %s %s %s", name, now.done, now.total or "?", now.unit, now.note)
        if outer is not None:
            outer(now)

    progress.report(name, 0, 0, "")
    with runs.timed(plan.home.runs, plan.run_id, name), progress.listen(listener):
        yield
    progress.report(name, 1, 1, "done")
