"""The dossier of the demo's candidate: seconds and most memory by test rows, beside the same with each part on its own.

All that the demo's spec asks for is measured by `measure`, its imports included, in a process of its own; nothing is
live. "Each part on its own" is the same code with what is shared taken out: groups, simple models, robustness,
identity, what looks inside and the attack each ask the candidate for the test rows again, every kind of question is a
pass of its own, whether or not another asks the same, and the base model embeds for drift and once more for the attack.

``SLUICEGATE_BENCH_DOSSIER_ROWS`` sets the numbers of test rows (1000,3000,10000), of which the second is the one that
is compared in pairs; ``SLUICEGATE_BENCH_TRAIN_ROWS`` how many rows the candidate learns from (6,000).
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.demo_candidate import DemoCandidate, demo_spec, make
from benchmarks.peak_memory import peak_mb
from sluicegate.data.scrubbing.pool import cores
from sluicegate.errors import Unavailable
from sluicegate.settings import silence_telemetry

TARGET_SECONDS = 180
TARGET_MEMORY = 1.25
"""Most memory with the most test rows over that with the fewest."""


def run(pairs: int) -> dict[str, Any]:
    """Measures each number of rows once and the second in `pairs` pairs; prints medians and what a row costs."""
    sizes = [int(size) for size in os.environ.get("SLUICEGATE_BENCH_DOSSIER_ROWS", "1000,3000,10000").split(",")]
    with tempfile.TemporaryDirectory(prefix="sluicegate-bench-") as name:
        folder = Path(name)
        candidate = make(folder)
        if max(sizes) > len(candidate.others):
            raise Unavailable(f"SLUICEGATE_BENCH_DOSSIER_ROWS asks for {max(sizes)} of {len(candidate.others)} rows")
        compared = sizes[min(1, len(sizes) - 1)]
        runs = []
        for number in range(pairs):
            kinds = ("shared", "apart") if number % 2 else ("apart", "shared")
            runs.append({kind: _measured(candidate, compared, kind, folder) for kind in kinds})
            print(json.dumps(runs[-1]), flush=True)
        by_rows = {size: _measured(candidate, size, "shared", folder) for size in sizes if size != compared}
        by_rows[compared] = _median([pair["shared"] for pair in runs])
    return _summary(compared, runs, dict(sorted(by_rows.items())))


def _measured(candidate: DemoCandidate, rows: int, kind: str, folder: Path) -> dict[str, float]:
    """Seconds and most memory of one dossier, made by a process of its own and thrown away."""
    split = folder / f"split-{rows}"
    if not split.exists():
        split.mkdir()
        shutil.copyfile(candidate.train, split / "train.parquet")
        shutil.copyfile(candidate.validation, split / "validation.parquet")
        candidate.others[:rows].to_parquet(split / "test.parquet", index=False)
    given = [str(candidate.folder), candidate.digest, str(candidate.base_model), str(split)]
    child = [sys.executable, "-m", "benchmarks.dossier", kind, *given, str(folder / "dossier")]
    found: dict[str, float] = json.loads(subprocess.run(child, check=True, stdout=subprocess.PIPE, text=True).stdout)
    return found


def _median(runs: list[dict[str, float]]) -> dict[str, float]:
    return {name: statistics.median(run[name] for run in runs) for name in runs[0]}


def _summary(
    compared: int, runs: list[dict[str, dict[str, float]]], by_rows: dict[int, dict[str, float]]
) -> dict[str, Any]:
    shared, apart = (_median([run[kind] for run in runs]) for kind in ("shared", "apart"))
    ratio = statistics.median(run["apart"]["seconds"] / run["shared"]["seconds"] for run in runs)
    fewest, most = min(by_rows), max(by_rows)
    summary = {
        "cores": cores(),
        "rows": compared,
        "shared": shared,
        "apart": apart,
        "ratio": round(ratio, 2),
        "by_rows": {str(rows): figures for rows, figures in by_rows.items()},
        "memory_ratio": round(by_rows[most]["peak_mb"] / by_rows[fewest]["peak_mb"], 2),
        "runs": runs,
    }
    print(
        f"{compared:,} test rows on {cores()} cores: {shared['seconds']:.1f} s (target at most {TARGET_SECONDS} of "
        f"3,000), at most {shared['peak_mb']:.0f} MB; each part on its own {apart['seconds']:.1f} s, "
        f"{ratio:.2f} times as long; median of {len(runs)} pairs"
    )
    for rows, figures in by_rows.items():
        print(f"  {rows:,} rows: {figures['seconds']:.1f} s, at most {figures['peak_mb']:.0f} MB")
    if most > fewest:
        each = 1000 * (by_rows[most]["seconds"] - by_rows[fewest]["seconds"]) / (most - fewest)
        print(f"  {each:.1f} s for 1,000 rows more; memory {summary['memory_ratio']:.2f} (target {TARGET_MEMORY})")
    return summary


def _child(kind: str, candidate: str, digest: str, base_model: str, split: str, folder: str) -> None:
    """Makes the dossier; prints how long it took and the most memory that was held."""
    silence_telemetry()
    start, spec = time.perf_counter(), demo_spec()
    from sluicegate.evidence.measure import measure

    if kind == "apart":
        _take_apart()
    Path(folder).mkdir(exist_ok=True)
    measure(
        candidate=Path(candidate),
        candidate_digest=digest,
        split=Path(split),
        spec_evidence=spec.evidence,
        labels=spec.data.labels,
        groups=spec.data.groups,
        live=[],
        lineage={"model": spec.model},
        data_reports={},
        folder=Path(folder),
        base_model=Path(base_model),
    )
    seconds = time.perf_counter() - start
    print(json.dumps({"seconds": round(seconds, 1), "peak_mb": round(peak_mb())}))


def _take_apart() -> None:
    """From here on, nothing is asked for two parts at once in this process."""
    from sluicegate.evidence import looking_inside, measure_labels
    from sluicegate.evidence.measurement import Measurement
    from sluicegate.evidence.questions import Answer, Questions
    from sluicegate.evidence.text_questions import TextQuestions

    def on_its_own(part: Callable[..., None]) -> Callable[..., None]:
        def asking_first(*given: Any) -> None:
            at = next(one for one in given if isinstance(one, Measurement))
            at.answers = measure_labels.answer(at.candidate, at.parts["test"], at.answers.labels, "evaluate, again")
            at.__dict__.pop("features", None)  # the base model's are kept there
            part(*given)

        return asking_first

    for owner, name in (
        (measure_labels, "groups"),
        (measure_labels, "baselines"),
        (measure_labels, "_attack"),
        (looking_inside, "measure_inside"),
        (TextQuestions, "measure_robustness"),
        (TextQuestions, "measure_identity"),
    ):
        setattr(owner, name, on_its_own(getattr(owner, name)))

    def one_by_one(questions: Questions, answer: Answer) -> dict[str, Any]:
        return {asker: answer(list(subjects)) for asker, subjects in questions._asked.items()}

    Questions.answered = one_by_one  # type: ignore[method-assign]


if __name__ == "__main__":
    _child(*sys.argv[1:])
