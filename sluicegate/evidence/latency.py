"""How long the candidate takes to answer: timed once in a step of its own, and read from there by the dossier.

What is timed is the candidate's own loader, from a text (or an image's bytes) to its answer, tokenizer included, on
test rows drawn at random. Figures are of the machine and the threads that they name, and of no other.
"""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sluicegate.evidence.checks import check_of
from sluicegate.evidence.finding import Finding, measured, not_evaluated
from sluicegate.evidence.parts import subjects
from sluicegate.evidence.predictions import load_model
from sluicegate.manifest import verify_folder

BATCH = 32
Timed = Mapping[str, Any]
"""What `time_candidate` gives; empty where nothing was timed."""
_MOST, _WARM_UP = 300, 3
_SECONDS, _MOST_SECONDS = 2.0, 30.0
"""What each kind of question is given, and what it is given where an interval needs more timings."""
_PROCESSORS = Path("/proc/cpuinfo")
_FINDINGS = {
    "footprint.latency": ("single_ms", 0.5),
    "footprint.latency_p95": ("single_ms", 0.95),
    "footprint.batch_latency": ("batch_ms", 0.5),
}
"""Check → the timings that it is a quantile of."""


def time_candidate(
    candidate: Path, candidate_digest: str, test: pd.DataFrame, seed: int, confidence: float
) -> dict[str, Any]:
    """Times a candidate for about four seconds, or until there are intervals, but a minute at most.

    Args:
        candidate: Its folder.
        candidate_digest: Its digest; the bytes are verified before any of them is run.
        test: The test rows.
        seed: Of the draw among them, with replacement.
        confidence: Level of the intervals.

    Returns:
        ``single_ms``, milliseconds for each single row; ``batch_ms``, milliseconds a row for each batch of ``batch``;
        and ``seed``, ``threads``, ``processors``, ``processor`` and, of texts, ``median_characters`` of those timed.

    Raises:
        TamperingDetected: The candidate's bytes are not those of the digest.
        InputRefused: It cannot be loaded.
    """
    import torch

    verify_folder(candidate, candidate_digest, f"candidate {candidate_digest[:12]}…")
    model, asked = load_model(candidate), subjects(test)
    answer = model.predict_proba if hasattr(model, "predict_proba") else model.predict
    drawn_MB = np.random.default_rng(seed).integers(0, len(asked), (_MOST, BATCH))
    single_ms = time_questions(answer, [[asked[row]] for row in drawn_MB[:, 0]], _enough("single_ms", confidence))
    batches = [[asked[row] for row in rows] for rows in drawn_MB]
    batch_ms = time_questions(answer, batches, _enough("batch_ms", confidence))
    found = {
        "single_ms": single_ms,
        "batch_ms": [round(ms / BATCH, 4) for ms in batch_ms],
        "batch": BATCH,
        "seed": seed,
        "threads": torch.get_num_threads(),
        "processors": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "processor": _processor(),
    }
    if "text" in test.columns:
        found["median_characters"] = float(np.median([len(asked[row]) for row in drawn_MB[: len(single_ms), 0]]))
    return found


def time_questions(
    answer: Callable[[list[Any]], Any],
    questions: Sequence[list[Any]],
    enough: int,
    clock: Callable[[], float] = time.perf_counter,
) -> list[float]:
    """Milliseconds of each question, as many as are answered in the time; the first are asked twice and timed once.

    Args:
        answer: What is timed.
        questions: In order; there may be more than are asked.
        enough: With fewer timings it goes on beyond two seconds, up to 30 with what was not timed.
        clock: Seconds.
    """
    latest = clock() + _MOST_SECONDS
    for question in questions[:_WARM_UP]:
        answer(question)
    found: list[float] = []
    until = clock() + _SECONDS
    for question in questions:
        start = clock()
        answer(question)
        end = clock()
        found.append(round(1000 * (end - start), 4))
        if end > latest or (end > until and len(found) >= enough):
            break
    return found


def latency_findings(timed: Timed, confidence: float) -> list[Finding]:
    """Medians and the 95th percentile with their intervals, in milliseconds."""
    found = []
    for check, (of, share) in _FINDINGS.items():
        unit, timings = check_of(check).unit, timed.get(of) or []
        interval = quantile_interval(timings, share, confidence)
        if not timings:
            found.append(not_evaluated(check, "it was not timed", unit=unit))
        elif interval is None:
            why = (
                f"{len(timings)} timings are too few for an interval of this quantile; "
                f"there are no more than fit in {_MOST_SECONDS:.0f} s"
            )
            found.append(not_evaluated(check, why, unit=unit, n=len(timings)))
        else:
            value, seed = float(np.quantile(timings, share)), timed.get("seed")
            found.append(
                measured(check, value, unit=unit, n=len(timings), interval=interval, confidence=confidence, seed=seed)
            )
    return found


def quantile_interval(values: Sequence[float], share: float, confidence: float) -> tuple[float, float] | None:
    """An interval of a quantile whatever the distribution: two of the values in order; None of too few values.

    Source: David & Nagaraja, Order Statistics (2003), section 7.1.
    """
    from scipy.stats import binom

    ordered, tail = sorted(values), (1 - confidence) / 2
    low, high = (int(binom.ppf(p, len(ordered), share)) for p in (tail, 1 - tail))  # ranks from 1: low and high + 1
    return (ordered[low - 1], ordered[high]) if ordered and low >= 1 and high < len(ordered) else None


def latency_in_words(timed: Timed, findings: Sequence[Finding]) -> list[str]:
    """A sentence with the figures, and what they were measured on; none where nothing was timed."""
    found = {finding.check: finding for finding in findings}
    single, tail, batch = (found.get(check) for check in _FINDINGS)
    if single is None or single.value is None:
        return []
    said = f"One row at a time takes {single.value:.3g} ms"
    if tail is not None and tail.value is not None:
        said += f", and 95 of 100 take {tail.value:.3g} ms at most"
    if batch is not None and batch.value is not None:
        said += f"; in batches of {timed['batch']} it is {batch.value:.3g} ms each"
    length = f", texts of {timed['median_characters']:,.0f} characters" if "median_characters" in timed else ""
    threads = f"{timed['threads']} thread" + ("" if timed["threads"] == 1 else "s")
    return [f"{said} ({threads} of {timed['processors']} processors, {timed['processor']}{length})."]


def _enough(timed: str, confidence: float) -> int:
    """The fewest timings of this kind of which every quantile has an interval."""
    shares = [share for of, share in _FINDINGS.values() if of == timed]
    return next(
        (n for n in range(1, _MOST) if all(quantile_interval([0.0] * n, share, confidence) for share in shares)), _MOST
    )


def _processor() -> str:
    """The processor's name, as the machine says it."""
    try:
        lines = _PROCESSORS.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return (named or [platform.processor() or platform.machine() or "an unnamed processor"])[0]
