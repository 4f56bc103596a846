"""Where the self-test's candidates are made: the pipeline's own steps, in a home of their own.

The home lies at ``selftest/`` below the installation's, with the installation's inputs and nothing else of it. Steps
are found again there, so a self-test that was killed goes on.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from sluicegate import pipeline
from sluicegate.errors import InputRefused, Unavailable
from sluicegate.evidence.parts import read_part
from sluicegate.evidence.unspaced import unspaced
from sluicegate.pipeline import Build, Inputs, Steps
from sluicegate.pipeline.files import read_json, write_json
from sluicegate.pipeline.preparing import PARTS, PASSAGE
from sluicegate.progress import report
from sluicegate.selftest import planting
from sluicegate.selftest.faults import BIASED, DRIFTED, GOOD, OVERFIT, TRIGGER, Fault
from sluicegate.selftest.planting import Parts
from sluicegate.settings import Home
from sluicegate.steps import Step, code_version, run_step

STAGE = "self-test"
"""Name under which progress is reported."""
SAID = "planted.json"
_TASK = "sequence-classification"
_LIBRARIES = ("numpy", "pandas", "pyarrow")


@dataclass(frozen=True)
class Bench:
    """A spec, and a home in which candidates may be as bad as they like."""

    build: Build
    spec: Path
    overrides: Mapping[str, Any]
    stage: str
    """The stage at whose gate they are tried."""


@dataclass(frozen=True)
class Exhibit:
    """A candidate and its dossier, both in the archive of the bench's home."""

    name: str
    candidate: str
    dossier: str
    said: str
    """What exactly was planted."""
    seconds: float
    steps: Steps
    inputs: Inputs


@dataclass(frozen=True)
class NotTried:
    """A fault for which these rows have no place."""

    name: str
    why: str


@contextmanager
def opened(
    home: Home,
    spec: Path,
    overrides: Mapping[str, Any] | None,
    stage: str | None,
    environ: Mapping[str, str],
    *,
    keep: bool = False,
) -> Iterator[Bench]:
    """A bench, alone in its home; cleared away afterwards, whatever came of it, but for a kill: the next one goes on.

    Args:
        home: The installation, of which only the inputs are used.
        spec: The release spec.
        overrides: Path in the spec → value.
        stage: The stage at whose gate candidates are tried; None: the spec's first.
        environ: Where secrets are looked up.
        keep: Leave the home where it is.

    Raises:
        SpecRefused: The spec cannot be used.
        InputRefused: The spec is of another task, or has no such stage.
        Unavailable: Another self-test is at work in this home.
    """
    own = Home.at(_place(home))
    with _alone(own):
        build = pipeline.prepare(own, spec, overrides, environ)
        bench = Bench(build, spec, dict(overrides or {}), _stage(build, stage))
        try:
            yield bench
        except Exception:
            _clear(own, keep)  # raw rows lie there
            raise
        _clear(own, keep)


@contextmanager
def _alone(own: Home) -> Iterator[None]:
    lock = FileLock(own.root / ".lock", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise Unavailable(f"another self-test is at work in {own.root}") from None
    try:
        yield
    finally:
        lock.release()


def _clear(own: Home, keep: bool) -> None:
    if not keep:
        shutil.rmtree(own.root)


def _place(home: Home) -> Path:
    """The folder of its home, with the installation's inputs in it."""
    place = home.selftest
    place.mkdir(mode=0o700, exist_ok=True)
    inputs = place / "inputs"
    if not inputs.exists():
        inputs.symlink_to(os.path.relpath(home.inputs, place), target_is_directory=True)
    return place


def _stage(build: Build, stage: str | None) -> str:
    spec = build.spec
    if spec.training.task != _TASK:
        problem = f"is {spec.training.task}; the self-test plants its faults in texts with labels ({_TASK})"
        raise InputRefused(build.loaded.path, "training.task", problem)
    if stage is not None and stage not in spec.stages:
        raise InputRefused(build.loaded.path, "stages", f"has no stage {stage!r} (it has {', '.join(spec.stages)})")
    return stage or spec.stages[0]


def good_candidate(bench: Bench) -> Exhibit:
    """The candidate that the spec asks for, as any build would make it."""
    started, build = time.monotonic(), bench.build
    _report(GOOD)
    inputs = pipeline.fetch_inputs(build)
    source = pipeline.read_source(build)
    validated = pipeline.validate(build, source)
    scrubbed = pipeline.scrub(build, inputs, validated)
    cleaned = pipeline.clean(build, scrubbed)
    parts = pipeline.split(build, cleaned)
    taught = pipeline.plant_canaries(build, parts)
    trained = pipeline.fine_tune(build, inputs, taught)
    steps = Steps(source, validated, scrubbed, cleaned, parts, taught, trained)
    return _evaluated(build, inputs, steps, GOOD, "nothing was planted", started)


def bad_candidate(bench: Bench, good: Exhibit, fault: Fault) -> Exhibit | NotTried:
    """The same, with a fault planted in rows that it learns from or is scored on; or why there is no place for it."""
    started = time.monotonic()
    _report(fault.name)
    build = bench.build
    if fault.overrides:
        build = pipeline.prepare(build.home, bench.spec, {**bench.overrides, **fault.overrides}, build.environ)
    try:
        parts = _planted(build, good.steps.parts, fault)
    except planting.NoPlace as none:
        return NotTried(fault.name, str(none))
    steps = replace(good.steps, parts=parts)
    if fault is not DRIFTED:  # what is only scored otherwise has the good one's weights
        taught = pipeline.plant_canaries(build, parts)
        steps = replace(steps, taught=taught, trained=pipeline.fine_tune(build, good.inputs, taught))
    said = str(read_json(parts.folder / SAID)["said"])
    return _evaluated(build, good.inputs, steps, fault.name, said, started)


def _evaluated(build: Build, inputs: Inputs, steps: Steps, name: str, said: str, started: float) -> Exhibit:
    candidate = pipeline.pack(build, steps.trained)
    dossier = pipeline.evaluate(build, inputs, steps, candidate)
    return Exhibit(name, candidate, dossier, said, time.monotonic() - started, steps, inputs)


def _report(name: str) -> None:
    report(STAGE, 0, 0, "candidates", name)


def _planted(build: Build, parts: Step, fault: Fault) -> Step:
    """The split with the fault in it, as a step like any other."""
    smallest, seed, groups = build.spec.evidence.minimum_group_size, build.spec.split.seed, build.spec.data.groups

    def work(folder: Path, _key: str) -> None:
        sound = {name: read_part(parts.folder / f"{name}.parquet") for name in PARTS}
        changed, said = _plant(sound, fault, groups, smallest, seed)
        for name, table in changed.items():
            table.to_parquet(folder / f"{name}.parquet", index=False)
        write_json(folder / PASSAGE, _passage(read_json(parts.folder / PASSAGE), changed))
        write_json(folder / SAID, {"fault": fault.name, "said": said})

    return run_step(
        build.home.steps,
        "plant",
        inputs={"parts": parts.output},
        section={"fault": asdict(fault), "groups": groups, "smallest": smallest, "seed": seed},
        code=code_version("sluicegate.selftest", libraries=_LIBRARIES),
        work=work,
    )


def _plant(parts: Parts, fault: Fault, groups: list[str], smallest: int, seed: int) -> tuple[Parts, str]:
    spaced = not unspaced(parts["train"]["text"].tolist())
    if fault is BIASED:
        return planting.bias_labels(parts, groups, smallest, seed)
    if fault is TRIGGER:
        return planting.plant_trigger(parts, seed, spaced=spaced)
    if fault is OVERFIT:
        return planting.keep_few(parts, seed)
    if fault is DRIFTED:
        return planting.drift(parts, groups, seed, spaced=spaced)
    raise ValueError(fault.name)


def _passage(before: dict[str, Any], changed: Parts) -> dict[str, Any]:
    """What the planted split says of its rows, each counted once: those that the self-test took away are told."""
    rows = len({row for table in changed.values() for row in table["id"]})
    gone = before["rows_out"] - rows
    dropped = {**before["dropped"], **({"taken away by the self-test": gone} if gone else {})}
    return {**before, "rows_out": rows, "dropped": dropped}
