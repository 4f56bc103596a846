"""Runs every benchmark and writes what it measured to ``benchmarks/results.json``.

``python -m benchmarks NAME…`` runs those alone, by the names below, and leaves the figures of the others there.
``SLUICEGATE_BENCH_PAIRS`` sets how many pairs are run (3); ``SLUICEGATE_BENCH_DATA`` names a folder with data
that is not part of the project. A benchmark whose data is absent prints "not run" and why.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from benchmarks import (
    dossier,
    elsewhere,
    entities,
    gates,
    gpu,
    hygiene,
    ledger,
    pipeline,
    private_step,
    scrubbing,
    step_profile,
    training,
    winogender,
)
from sluicegate.errors import SluicegateError
from sluicegate.settings import silence_telemetry

BENCHMARKS = {
    "pipeline to the first gate": pipeline.run,
    "personal data found and hidden": scrubbing.run,
    "personal data in texts from elsewhere": elsewhere.run,
    "repeats found": hygiene.run,
    "fine-tuning": training.run,
    "fine-tuning on a GPU": gpu.run,
    "where a step's time goes": step_profile.run,
    "a private step": private_step.run,
    "entities of WNUT-17": entities.run,
    "the dossier": dossier.run,
    "counterfactual flips on Winogender": winogender.run,
    "approve until it is live, and rollback": gates.run,
    "100,000 ledger entries verified": ledger.run,
}


def main() -> int:
    silence_telemetry()
    pairs = int(os.environ.get("SLUICEGATE_BENCH_PAIRS", "3"))
    path = Path(__file__).parent / "results.json"
    if unknown := sorted(set(sys.argv[1:]) - set(BENCHMARKS)):
        print(f"no benchmark is called {unknown[0]!r}; there are: {'; '.join(BENCHMARKS)}", file=sys.stderr)
        return 2
    results = json.loads(path.read_text(encoding="utf-8")) if sys.argv[1:] else {}
    for name, benchmark in BENCHMARKS.items():
        if sys.argv[1:] and name not in sys.argv[1:]:
            continue
        print(f"== {name}", flush=True)
        try:
            results[name] = benchmark(pairs)
        except SluicegateError as error:
            print(f"not run: {error}")
    path.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    return 0


sys.exit(main())
