"""How long a candidate takes to answer, as a step: the dossier reads it, and is the same when it is made again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sluicegate.manifest import digest_of_file
from sluicegate.pipeline.build import Build
from sluicegate.pipeline.files import read_json, write_json
from sluicegate.registry import archive
from sluicegate.steps import Step, code_version, run_step

_CODE = ("sluicegate.evidence.latency", "sluicegate.evidence.predictions")
_TIMINGS = "latency.json"
_LIBRARIES = ("numpy", "tokenizers", "torch", "transformers")


def time_answers(build: Build, parts: Step, candidate: str) -> Step:
    """Times the candidate on test rows; once for these bytes and rows, and found afterwards."""
    from sluicegate.evidence.latency import time_candidate
    from sluicegate.evidence.parts import read_part

    home, test = build.home, parts.folder / "test.parquet"
    seed, confidence = build.spec.evidence.seed, build.spec.evidence.confidence

    def work(folder: Path, _key: str) -> None:
        found = time_candidate(archive.candidate(home, candidate), candidate, read_part(test), seed, confidence)
        write_json(folder / _TIMINGS, found)

    return run_step(
        home.steps,
        "latency",
        inputs={"candidate": candidate, "test": digest_of_file(test)},
        section={"seed": seed, "confidence": confidence},
        code=code_version(*_CODE, libraries=_LIBRARIES),
        work=work,
    )


def timings(timed: Step) -> dict[str, Any]:
    """What a finished timing found."""
    return read_json(timed.folder / _TIMINGS)
