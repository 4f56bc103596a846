"""How fast repeats are found, in how much memory, and how many of those that were planted.

Texts of 20 to 40 made-up words, frequent ones more often. One in ten has an exact copy in another spelling,
one in ten a copy with some words exchanged; copies lie anywhere among the 100,000 rows around. The baseline is
datasketch's MinHashLSH with as many hash functions over the same shingles, on the same rows in the same session;
it has no step that verifies. ``SLUICEGATE_BENCH_ROWS`` sets how many rows are cleaned (200,000).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from benchmarks.peak_memory import peak_mb
from sluicegate.data.hygiene.table import clean
from sluicegate.data.tables import TableWriter
from sluicegate.errors import Unavailable
from sluicegate.spec.hygiene import Hygiene, NearDuplicates
from sluicegate.spelling import spelling

SECTION = Hygiene(conflicting_labels="keep_first")
EDITS = (1, 2, 3, 6)
"""Words that a near copy has exchanged; six in 20 to 40 are mostly too many for the threshold."""
_BASELINE_ROWS = 10_000
_VOCABULARY, _BLOCK = 50_000, 100_000


def run(pairs: int) -> dict[str, Any]:
    """Cleans a large table once, and a small one several times beside the baseline; prints what came of it."""
    rows = int(os.environ.get("SLUICEGATE_BENCH_ROWS", "200000"))
    large = measure(rows)
    found = ", ".join(f"{kind} {share:.4f}" for kind, share in large["recall"].items())
    seconds = f"{large['seconds']:.1f} s ({large['cpu_s']:.1f} s of one core)"
    print(f"{rows} rows cleaned in {seconds}: {large['rows_per_s']:.0f} rows/s")
    print(f"peak {large['peak_mb']:.0f} MB; precision {large['precision']:.4f}; found of what was planted: {found}")
    try:
        large["paired"] = compared(pairs)
    except Unavailable as absent:
        print(f"no baseline: {absent}")
    return large


def measure(rows: int) -> dict[str, Any]:
    """Cleans a table of `rows` planted rows in a process of its own.

    Returns:
        ``rows``, ``seconds``, ``rows_per_s``, ``cpu_s`` and ``peak_mb`` of that process, ``recall`` (of exact copies,
        and of near copies that reach the threshold, by words exchanged), ``planted`` (how many of them there were),
        ``near_share`` (of near copies that reach the threshold),
        ``precision`` (rows dropped in favour of the row that they are a copy of).
    """
    with tempfile.TemporaryDirectory(prefix="sluicegate-bench-") as name:
        folder = Path(name)
        planted = write(folder / "table.parquet", rows, seed=0)
        child = [sys.executable, "-m", "benchmarks.hygiene", str(folder)]
        answer = json.loads(subprocess.run(child, check=True, capture_output=True, text=True).stdout)
        return {"rows": rows, "rows_per_s": round(rows / answer["seconds"]), **answer, **_judged(folder, planted)}


def write(path: Path, rows: int, seed: int) -> dict[int, tuple[str, bool]]:
    """Writes a table with planted copies; returns pair → its kind, and whether it reaches the threshold.

    Ids are ``PAIR-0`` and ``PAIR-1`` for an original and its copy, and a number alone for other rows.
    """
    random = np.random.default_rng(seed)
    planted: dict[int, tuple[str, bool]] = {}
    with TableWriter(path, ["id", "text", "label"]) as writer:
        while writer.rows < rows:
            ids, texts = _block(random, min(_BLOCK, rows - writer.rows), len(planted), writer.rows, planted)
            writer.write_columns({"id": ids, "text": texts, "label": ["a"] * len(ids)})
    return planted


def _block(
    random: np.random.Generator, rows: int, pair: int, first: int, planted: dict[int, tuple[str, bool]]
) -> tuple[list[str], list[str]]:
    ids: list[str] = []
    texts: list[str] = []
    originals = _texts(random)
    while len(ids) < rows:
        words, draw = next(originals), random.random()
        if draw >= 0.2 or len(ids) + 2 > rows:
            ids.append(str(first + len(ids)))
            texts.append(" ".join(words))
            continue
        if draw < 0.1:
            kind, copy, reaches = "exact", "  ".join(words).upper(), True
        else:
            edits = EDITS[int(random.integers(len(EDITS)))]
            changed = list(words)
            for place in random.choice(len(words), edits, replace=False):
                changed[place] = f"new{random.integers(1_000_000)}"
            kind, copy, reaches = f"{edits} words", " ".join(changed), _jaccard(words, changed) >= _near().threshold
        ids += [f"{pair}-0", f"{pair}-1"]
        texts += [" ".join(words), copy]
        planted[pair] = (kind, reaches)
        pair += 1
    order = random.permutation(len(ids))
    return [ids[i] for i in order], [texts[i] for i in order]


def _texts(random: np.random.Generator) -> Iterator[list[str]]:
    """Words of one text after the other; the word of rank r comes with a probability of about 1 / r."""
    chances = np.cumsum(1 / np.arange(1, _VOCABULARY + 1))
    while True:
        lengths = random.integers(20, 41, 1000)
        words = np.searchsorted(chances, random.random(int(lengths.sum())) * chances[-1])
        for begin, end in pairwise([0, *np.cumsum(lengths).tolist()]):
            yield [f"w{word}" for word in words[begin:end]]


def _near() -> NearDuplicates:
    assert SECTION.near_duplicates is not None
    return SECTION.near_duplicates


def _shingles(words: list[str]) -> set[str]:
    size = _near().shingle_words
    return {" ".join(words[i : i + size]) for i in range(max(1, len(words) - size + 1))}


def _jaccard(left: list[str], right: list[str]) -> float:
    a, b = _shingles(left), _shingles(right)
    return len(a & b) / len(a | b)


def _judged(folder: Path, planted: dict[int, tuple[str, bool]]) -> dict[str, Any]:
    """What became of the planted pairs."""
    dropped = pq.read_table(folder / "dropped.parquet").to_pydict()
    gone = dict(zip(dropped["id"], dropped["kept"], strict=True))
    good = sum("-" in row and row.split("-")[0] == kept.split("-")[0] for row, kept in gone.items())
    found: dict[str, list[bool]] = {"exact": [], **{f"{edits} words": [] for edits in EDITS}}
    for pair, (kind, reaches) in planted.items():
        if reaches:
            found[kind].append((f"{pair}-0" in gone) != (f"{pair}-1" in gone))
    near = [reaches for kind, reaches in planted.values() if kind != "exact"]
    return {
        "recall": {kind: round(sum(hits) / len(hits), 5) for kind, hits in found.items() if hits},
        "planted": {kind: len(hits) for kind, hits in found.items()},
        "near_share": round(sum(near) / max(1, len(near)), 3),
        "precision": round(good / max(1, len(gone)), 5),
    }


def compared(pairs: int) -> dict[str, Any]:
    """Our rows per second over datasketch's, on the same rows, in pairs.

    Raises:
        Unavailable: datasketch is not installed.
    """
    try:
        import datasketch  # noqa: F401
    except ImportError:
        raise Unavailable("datasketch is not installed (pip install datasketch)") from None
    with tempfile.TemporaryDirectory(prefix="sluicegate-bench-") as name:
        folder = Path(name)
        write(folder / "table.parquet", _BASELINE_ROWS, seed=1)
        clean(folder / "table.parquet", folder, SECTION, evaluation={})  # whatever is loaded once
        ratios = []
        for number in range(pairs):
            ours, theirs = _ours(folder), _datasketch(folder)
            ratios.append(theirs / ours)
            print(f"pair {number + 1}: {_BASELINE_ROWS / ours:.0f} rows/s, datasketch {_BASELINE_ROWS / theirs:.0f}")
    print(f"median ratio {median(ratios):.1f}", flush=True)
    return {"rows": _BASELINE_ROWS, "ratios": [round(r, 2) for r in ratios], "median": round(median(ratios), 2)}


def _ours(folder: Path) -> float:
    begun = time.perf_counter()
    clean(folder / "table.parquet", folder, SECTION, evaluation={})
    return time.perf_counter() - begun


def _datasketch(folder: Path) -> float:
    """Reads the table and asks for near duplicates row by row, as datasketch's documentation has it."""
    from datasketch import MinHash, MinHashLSH

    begun = time.perf_counter()
    near = _near()
    index, kept = MinHashLSH(threshold=near.threshold, num_perm=near.permutations), []
    for row in pq.read_table(folder / "table.parquet", columns=["id", "text"]).to_pylist():
        signature = MinHash(num_perm=near.permutations, seed=1)
        signature.update_batch([shingle.encode() for shingle in _shingles(spelling(row["text"]).split())])
        if not index.query(signature):
            index.insert(row["id"], signature)
            kept.append(row["id"])
    return time.perf_counter() - begun


def _child(folder: Path) -> None:
    """Cleans the table in `folder`; prints how long it took and the most memory that it held."""
    import resource

    begun = time.perf_counter()
    clean(folder / "table.parquet", folder, SECTION, evaluation={})
    seconds = time.perf_counter() - begun
    used = resource.getrusage(resource.RUSAGE_SELF)
    answer = {"seconds": seconds, "cpu_s": used.ru_utime + used.ru_stime, "peak_mb": peak_mb()}
    print(json.dumps({name: round(value, 2) for name, value in answer.items()}))


if __name__ == "__main__":
    _child(Path(sys.argv[1]))
