"""What commands print: text for people, JSON for machines, and the progress of long work."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from sluicegate import progress

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
_PLAIN_EVERY_S = 10.0

_PLAIN_WIDTH = 110  # of tables where there is no terminal; `COLUMNS` sets another
_width = None if sys.stdout.isatty() or "COLUMNS" in os.environ else _PLAIN_WIDTH
console = Console(highlight=False, markup=False, width=_width)


def say(line: str) -> None:
    """Prints a line as it is; the terminal wraps it where it must, and a path can be copied whole."""
    print(line, flush=True)


def print_json(value: Any) -> None:
    """Prints a JSON value, and nothing else."""
    print(json.dumps(value, indent=1, ensure_ascii=False))


@contextmanager
def showing_progress() -> Iterator[None]:
    """Shows stage, step, rate and time left of everything inside: a live line on a terminal, plain lines elsewhere."""
    if console.is_terminal:
        with _LiveProgress() as live, progress.listen(live):
            yield
    else:
        with progress.listen(_PlainProgress()):
            yield


def _speed(done: int, total: int, unit: str, seconds: float) -> str:
    if not unit or done <= 0 or seconds <= 0:
        return ""
    rate = done / seconds
    left = f", {_span((total - done) / rate)} left" if total > done else ""
    return f"{rate:,.0f} {unit}/s{left}" if rate >= 10 else f"{rate:,.1f} {unit}/s{left}"


def _span(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


class _Clock:
    """Since when each stage has been under way, and how much was done when it was first heard of."""

    def __init__(self) -> None:
        self._since: dict[str, tuple[float, int]] = {}

    def speed(self, now: progress.Progress) -> str:
        since, done_before = self._since.setdefault(now.stage, (time.monotonic(), now.done))
        done, total = now.done - done_before, now.total - done_before
        return _speed(done, total, now.unit, time.monotonic() - since)


class _LiveProgress:
    def __init__(self) -> None:
        self._progress = Progress(
            SpinnerColumn(finished_text="✓"),
            TextColumn("{task.description:<10}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TextColumn("{task.fields[speed]}"),
            TimeElapsedColumn(),
            console=console,
        )
        self._tasks: dict[str, Any] = {}
        self._clock = _Clock()

    def __enter__(self) -> _LiveProgress:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def __call__(self, now: progress.Progress) -> None:
        if now.stage not in self._tasks:
            self._tasks[now.stage] = self._progress.add_task(now.stage, total=None, speed="")
        task = self._tasks[now.stage]
        if now.unit == "done":
            self._progress.update(task, total=1, completed=1, speed="")
        else:
            speed = " ".join(part for part in (self._clock.speed(now), now.note) if part)
            self._progress.update(task, total=now.total or None, completed=now.done, speed=speed)


class _PlainProgress:
    def __init__(self) -> None:
        self._clock, self._printed = _Clock(), {}  # type: ignore[var-annotated]
        self._started: dict[str, float] = {}

    def __call__(self, now: progress.Progress) -> None:
        moment = time.monotonic()
        if now.stage not in self._started:
            self._started[now.stage] = self._printed[now.stage] = moment
            print(f"{now.stage}: begins", flush=True)
        elif now.unit == "done":
            print(f"{now.stage}: done in {_span(moment - self._started[now.stage])}", flush=True)
        else:
            speed = self._clock.speed(now)
            if moment - self._printed[now.stage] >= _PLAIN_EVERY_S:
                self._printed[now.stage] = moment
                total = f"{now.total:,}" if now.total else "?"
                print(f"{now.stage}: {now.done:,} of {total} {now.unit} {speed} {now.note}".rstrip(), flush=True)
