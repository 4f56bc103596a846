"""How long a decision takes to come true: `sluicegate approve` until the candidate is live, and `sluicegate rollback`.

Whole processes, imports included, embedded, with MiniLM fine-tuned on 3,000 of the demo's texts: the candidate's
90 MB are hashed, copied, fetched back and verified. Signed with an encrypted key, like a reviewer's.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import yaml

from sluicegate.settings import Home

SPEC = Path(__file__).resolve().parents[1] / "deployments" / "reviews-en.yaml"
ROWS, MOST_SECONDS = 3000, 10
_PASSPHRASE = "only for measuring"


def run(pairs: int) -> dict[str, Any]:
    """Approves and rolls back `pairs` times, and prints the medians."""
    inputs = Home.from_environment().inputs
    figures: dict[str, list[float]] = {"approve": [], "rollback": []}
    with tempfile.TemporaryDirectory(prefix="sluicegate-bench-") as name:
        bench = _Bench(Path(name), inputs)
        first = bench.build(seed=0)
        bench.timed("approve", first, *bench.by, "--reason", "to have something to return to")
        gate = bench.build(seed=1)
        for _ in range(pairs):
            figures["approve"].append(bench.timed("approve", gate, *bench.by, "--reason", "measured"))
            back = ("rollback", "reviews-en", "internal", *bench.by, "--reason", "measured")
            figures["rollback"].append(bench.timed(*back))
            gate = json.loads(bench.command("reopen", gate, "--json"))["id"]
    medians = {what: round(statistics.median(seconds), 1) for what, seconds in figures.items()}
    total = round(sum(medians.values()), 1)
    print(
        f"approve until it is live {medians['approve']:.1f} s, rollback {medians['rollback']:.1f} s, "
        f"together {total:.1f} s (target at most {MOST_SECONDS}); median of {pairs}, whole processes",
        flush=True,
    )
    return {"runs": figures, **medians, "together": total, "limit_s": MOST_SECONDS}


class _Bench:
    """A home with one person on its roster, and the demo's spec with fewer rows and one limit."""

    def __init__(self, folder: Path, inputs: Path) -> None:
        self._folder = folder
        home = folder / "home"
        home.mkdir()
        (home / "inputs").symlink_to(inputs, target_is_directory=True)
        (folder / "passphrase").write_text(_PASSPHRASE)
        own = {"SLUICEGATE_HOME": str(home), "SLUICEGATE_PASSPHRASE_FILE": str(folder / "passphrase")}
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("SLUICEGATE_", "PREFECT_", "MLFLOW_TRACKING"))}
        self._environment = kept | own
        key = str(folder / "ann.key")
        self.by = ("--as", "ann", "--key", key)
        self.command("reviewer", "key", "ann", "--file", key)
        self.command("init-ledger", *self.by)
        policy = {"stages": {"internal": [{"check": "data.test_rows", "min": 300}]}}
        (folder / "policy.yaml").write_text(yaml.safe_dump(policy), encoding="utf-8")
        spec = yaml.safe_load(SPEC.read_text(encoding="utf-8"))
        spec["policy"], spec["data"]["rows"] = "policy.yaml", ROWS
        spec["validation"]["suite"] = str(SPEC.parent / spec["validation"]["suite"])
        (folder / "spec.yaml").write_text(yaml.safe_dump(spec), encoding="utf-8")

    def build(self, *, seed: int) -> str:
        """The id of the gate at which another candidate stands."""
        set_ = ("--set", f"training.seed={seed}", "--set", "training.epochs=1")
        return str(json.loads(self.command("run", str(self._folder / "spec.yaml"), *set_, "--json"))["gate"])

    def timed(self, *arguments: str) -> float:
        """Seconds of one command."""
        start = time.perf_counter()
        self.command(*arguments)
        return round(time.perf_counter() - start, 2)

    def command(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "flows.cli", *arguments],
            env=self._environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{' '.join(arguments[:2])}: {done.stderr[-2000:]}")
        return done.stdout
