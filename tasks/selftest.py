"""The self-test: bad candidates on purpose, and what the gate makes of them."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from prefect import task
from prefect.artifacts import create_table_artifact
from prefect.cache_policies import NO_CACHE

from sluicegate import selftest
from sluicegate.errors import ReleaseDenied
from sluicegate.selftest import Bench, Exhibit, Fault, NotTried, Report
from sluicegate.settings import Home
from tasks.plan import Overrides


@dataclass(frozen=True)
class Trial:
    """A self-test under way."""

    bench: Bench
    started: float
    """As `time.monotonic` says it."""


@contextmanager
def trial(spec: str, overrides: Overrides, stage: str | None) -> Iterator[Trial]:
    """The bench, in a home of its own that is cleared away at the end."""
    home = Home.from_environment()
    with selftest.opened(home, Path(spec), overrides, stage, os.environ) as bench:
        yield Trial(bench, time.monotonic())


@task(name="good candidate", cache_policy=NO_CACHE, persist_result=False)
def good_candidate(trial: Trial) -> Exhibit:
    """The candidate that the spec asks for."""
    return selftest.good_candidate(trial.bench)


@task(name="bad candidate", task_run_name="bad candidate: {fault.name}", cache_policy=NO_CACHE, persist_result=False)
def bad_candidate(trial: Trial, good: Exhibit, fault: Fault) -> Exhibit | NotTried:
    """The same with a fault planted, or why there is no place for it."""
    return selftest.bad_candidate(trial.bench, good, fault)


@task(name="send through the gate", cache_policy=NO_CACHE, persist_result=False)
def send(trial: Trial, good: Exhibit, bad: Sequence[Exhibit | NotTried]) -> Report:
    """All of them at the gate; the table says which was caught by which finding.

    Raises:
        ReleaseDenied: A bad one was not caught, or the good one did not pass.
    """
    report = selftest.send(trial.bench, good, bad, trial.started)
    rows = [
        {
            "candidate": result.name,
            "planted": result.planted,
            "verdict": result.verdict,
            "caught by": ", ".join(v.check for v in result.caught_by) or "; ".join(result.tampering) or result.why,
            "as it should be": "yes" if result.right else "NO",
        }
        for result in report.results
    ]
    create_table_artifact(rows, key="self-test", description=report.sentence)
    if report.wrong:
        raise ReleaseDenied(report.failure)
    return report
