"""The whole way to the first gate against the same job as a plain script, on the same 3,000 rows, one epoch.

Both are whole processes, imports included, run in turn, and after them the library alone: what ours takes
longer than that is orchestration. The Prefect server is started beforehand, since a
user's is up already. Every run of ours has an empty home but for the pinned archives.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from benchmarks.scrubbing import SMALL_SPACY
from flows.cli.server import free_port, prefect_settings, start_child, stop_child, wait_for
from sluicegate import pipeline
from sluicegate.data.sources import packages
from sluicegate.settings import Home
from sluicegate.spec import load_spec

ROOT = Path(__file__).resolve().parents[1]
SPEC = ROOT / "deployments" / "reviews-en.yaml"
ROWS = 3000
TARGET_RATIO, TARGET_ORCHESTRATION = 0.65, 0.10


def run(pairs: int) -> dict[str, Any]:
    """Runs `pairs` pairs and prints medians and the ratio pair by pair."""
    home = Home.from_environment()
    inputs = pipeline.fetch_inputs(pipeline.Build(home, load_spec(SPEC)))
    archive, entity_package = _unpacked(home)
    figures: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        spec = _same_rows(archive, folder)
        with _server(folder) as address:
            for pair in range(pairs):
                theirs = _baseline(archive, inputs.base_model, entity_package, folder / f"glue-{pair}")
                ours = _ours(spec, home, folder / f"home-{pair}", address)
                library = _library_alone(spec, home, folder / f"library-{pair}")
                figures.append(
                    {
                        "baseline": theirs,
                        "ours": ours,
                        "library_seconds": library,
                        "ratio": round(ours["seconds"] / theirs["seconds"], 3),
                        "orchestration_share": round(1 - library / ours["seconds"], 3),
                    }
                )
                print(json.dumps(figures[-1]), flush=True)
    return _summary(figures)


def _summary(figures: list[dict[str, Any]]) -> dict[str, Any]:
    def median(*path: str) -> float:
        values = []
        for figure in figures:
            value: Any = figure
            for key in path:
                value = value[key]
            values.append(float(value))
        return statistics.median(values)

    summary = {
        "pairs": len(figures),
        "baseline_seconds": median("baseline", "seconds"),
        "ours_seconds": median("ours", "seconds"),
        "library_seconds": median("library_seconds"),
        "ratio": median("ratio"),
        "orchestration_share": median("orchestration_share"),
        "baseline_macro_f1": median("baseline", "macro_f1"),
        "ours_macro_f1": median("ours", "macro_f1"),
        "runs": figures,
    }
    print(
        f"plain script {summary['baseline_seconds']:.1f} s, ours {summary['ours_seconds']:.1f} s: "
        f"ratio {summary['ratio']:.2f} (target at most {TARGET_RATIO}); "
        f"orchestration {summary['orchestration_share']:.1%} (target at most {TARGET_ORCHESTRATION:.0%}); "
        f"macro-F1 {summary['baseline_macro_f1']:.3f} and {summary['ours_macro_f1']:.3f}; "
        f"median of {len(figures)} pairs"
    )
    return summary


def _unpacked(home: Home) -> tuple[Path, Path]:
    """The archive of the texts, and the folder from which the named-entity package can be imported."""
    spec = load_spec(SPEC).spec
    texts = spec.data.source.archive  # type: ignore[union-attr]
    return packages.unpack(texts, home.inputs), packages.unpack(SMALL_SPACY, home.inputs)


def _same_rows(archive: Path, folder: Path) -> Path:
    """The demo's spec on exactly the rows that the plain script draws."""
    frames = []
    with tarfile.open(archive) as tar:
        for domain in ("tweets", "movieReviewSnippets", "amazonReviewSnippets", "nytEditorialSnippets"):
            member = tar.extractfile(f"hutto_ICWSM_2014/{domain}_GroundTruth.txt")
            assert member is not None
            fields = [line.split("\t") for line in member.read().decode("utf-8").replace("\r", "").split("\n")]
            rows = [(domain, float(f[1]), f[2]) for f in fields if len(f) >= 3]
            frames.append(pd.DataFrame(rows, columns=["domain", "rating", "text"]))
    table = pd.concat(frames).sample(ROWS, random_state=0, ignore_index=True)
    names = {"movieReviewSnippets": "movies", "amazonReviewSnippets": "products", "nytEditorialSnippets": "editorials"}
    table["domain"] = table["domain"].replace(names)
    table.to_parquet(folder / "rows.parquet", index=False)
    value = yaml.safe_load(SPEC.read_text(encoding="utf-8"))
    value["data"] |= {"source": {"kind": "parquet", "path": "rows.parquet"}, "rows": None}
    value["validation"]["suite"] = str(SPEC.parent / value["validation"]["suite"])
    value["policy"] = str(SPEC.parent / value["policy"])
    value["split"] |= {"test_share": 0.2, "validation_share": 0.05}
    value["training"]["epochs"] = 1
    value["training"]["evaluations_per_epoch"] = 1
    (folder / "spec.yaml").write_text(yaml.safe_dump(value, sort_keys=False), encoding="utf-8")
    return folder / "spec.yaml"


@contextlib.contextmanager
def _server(folder: Path) -> Iterator[str]:
    port = free_port()
    os.environ |= prefect_settings(Home.at(folder / "server"))
    with (folder / "server.log").open("wb") as log:
        command = [
            sys.executable,
            "-m",
            "prefect",
            "server",
            "start",
            "--host",
            "127.0.0.1",
            "--port",
            str(port),
            "--no-ui",
        ]
        server = start_child(command, log=log)
    try:
        wait_for(f"http://127.0.0.1:{port}/api/health", server, what="the Prefect server", log=folder / "server.log")
        yield f"http://127.0.0.1:{port}/api"
    finally:
        stop_child(server)


def _baseline(archive: Path, model: Path, entity_package: Path, out: Path) -> dict[str, Any]:
    script = Path(__file__).parent / "baselines" / "glue_pipeline.py"
    command = [
        sys.executable,
        str(script),
        "--archive",
        str(archive),
        "--model",
        str(model),
        "--rows",
        str(ROWS),
        "--out",
        str(out),
    ]
    start = time.perf_counter()
    environment = os.environ | {"PYTHONPATH": str(entity_package)}
    out.mkdir()  # MLflow puts its artifacts where the script is started
    done = subprocess.run(command, env=environment, cwd=out, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - start
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    found = re.search(r"accuracy ([\d.]+) macro-F1 ([\d.]+)", done.stdout)
    assert found
    laps = dict(re.findall(r"^(\w+) +([\d.]+) s$", done.stdout, re.MULTILINE))
    return {"seconds": round(seconds, 1), "macro_f1": float(found[2]), "steps": {k: float(v) for k, v in laps.items()}}


def _ours(spec: Path, home: Home, fresh: Path, address: str) -> dict[str, Any]:
    command = [sys.executable, "-P", "-m", "flows.cli", "run", str(spec), "--json"]
    seconds = _in_a_fresh_home(command, home, fresh, {"PREFECT_API_URL": address})
    record = json.loads(next((fresh / "runs").glob("*.json")).read_text(encoding="utf-8"))
    dossier = json.loads(next((fresh / "dossiers").glob("*/dossier.json")).read_text(encoding="utf-8"))
    macro_f1 = next(f["value"] for f in dossier["findings"] if f["check"] == "performance.macro_f1")
    shutil.rmtree(fresh)
    return {"seconds": round(seconds, 1), "macro_f1": round(macro_f1, 4), "steps": record["seconds"]}


def _library_alone(spec: Path, home: Home, fresh: Path) -> float:
    """Seconds of the same build without Prefect and without the command line."""
    seconds = _in_a_fresh_home([sys.executable, "-m", "benchmarks.library", str(spec)], home, fresh, {})
    shutil.rmtree(fresh)
    return round(seconds, 1)


def _in_a_fresh_home(command: list[str], home: Home, fresh: Path, more: dict[str, str]) -> float:
    shutil.copytree(home.inputs, fresh / "inputs")
    environment = os.environ | {"SLUICEGATE_HOME": str(fresh)} | more
    none = subprocess.DEVNULL
    start = time.perf_counter()
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False, stdin=none)
    seconds = time.perf_counter() - start
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    return seconds
