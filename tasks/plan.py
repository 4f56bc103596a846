"""A planned build: what its tasks share, and the record of how far it came."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from sluicegate import pipeline, runs
from sluicegate.errors import SluicegateError
from sluicegate.pipeline import Build
from sluicegate.settings import Home
from tasks.secret import secret_of

SpecPath = Annotated[str, Field(title="Release spec", min_length=1)]
Overrides = Annotated[dict[str, str | int | float | bool | None] | None, Field(title="Settings to change")]
Start = Annotated[dict[str, Any] | None, Field(title="Signed start", description="Written by `sluicegate run --as`.")]


@dataclass(frozen=True)
class Plan:
    """One build of one spec, under way."""

    build: Build
    run_id: str

    @property
    def home(self) -> Home:
        """The installation that the build belongs to."""
        return self.build.home

    def finish(self, gate: str) -> str:
        """Notes at which gate the run ended, and returns it."""
        runs.update(self.home.runs, self.run_id, state="finished", gate=gate)
        return gate


@contextmanager
def plan(spec: str, overrides: Overrides, start: Start = None) -> Iterator[Plan]:
    """Reads the spec, refuses what cannot be used, and keeps the run's record up to its end."""
    home = Home.from_environment()
    build = pipeline.prepare(home, Path(spec), overrides, os.environ, start, secret_of=secret_of)
    run = runs.start(home.runs, model=build.spec.model, spec=build.loaded.path)
    try:
        yield Plan(build, run.id)
    except SluicegateError as refusal:
        runs.update(home.runs, run.id, state="failed", why=str(refusal))
        raise
    except BaseException as error:  # noted and passed on: the record must not say "running" of a run that has ended
        runs.update(home.runs, run.id, state="failed", why=type(error).__name__)
        raise
