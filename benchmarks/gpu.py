"""Fine-tuning on one GPU beside plain loops: the textbook one (whole padding, fp32) and one bucketed, in bf16 autocast.

A BERT as large as MiniLM and the texts are made on the spot, so nothing is fetched; the texts mean nothing, so only
speed is measured. Both plain loops are `baselines/gpu_baseline.py`. All leave their first steps out, in which
kernels are loaded and memory is taken.
"""

from __future__ import annotations

import json
import random
import re
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks.flop import flop_per_row
from sluicegate.errors import Unavailable
from sluicegate.spec import Training

BASELINES = Path(__file__).parent / "baselines"
LABELS = ("negative", "neutral", "positive")
WORDS, SHORTEST, LONGEST = 30_000, 10, 60
SIZE = {"num_hidden_layers": 12, "hidden_size": 384, "num_attention_heads": 12, "intermediate_size": 1536}
BATCH_SIZES, WARM_UP, STEPS = (32, 256), 120, 120
PRODUCT = 8192
"""Rows and columns of the matrices by whose product the card's peak is found."""
_LINE = re.compile(r"([0-9.]+) examples/s")


def run(pairs: int) -> dict[str, Any]:
    """Runs `pairs` pairs for each size of a batch, and prints medians, ratios and the share of the card's peak.

    Raises:
        Unavailable: There is no GPU.
    """
    import torch

    if not torch.cuda.is_available():
        raise Unavailable("there is no GPU")
    with tempfile.TemporaryDirectory(prefix="sluicegate-bench-") as name:
        folder = Path(name)
        base_model = write_base_model(folder / "base")
        validation = write_rows(folder / "validation.parquet", 64, seed=1)
        flop = flop_per_row(write_rows(folder / "some.parquet", 4000), base_model, 128)
        found: dict[str, Any] = {
            "gpu": torch.cuda.get_device_name(),
            "torch": torch.__version__,
            "gflop_per_row": flop / 1e9,
        }
        print(f"{found['gpu']}, torch {found['torch']}", flush=True)
        for batch_size in BATCH_SIZES:
            runs, train = [], write_rows(folder / f"{batch_size}.parquet", batch_size * (WARM_UP + STEPS))
            for pair in range(pairs):
                plain = ["--rows", str(train), "--model", str(base_model), "--batch", str(batch_size)]
                plain += ["--warm-up", str(WARM_UP)]
                speeds = {
                    "textbook": _baseline([*plain, "--batching", "pad"]),
                    "bucketed": _baseline([*plain, "--batching", "bucket", "--bf16"]),
                    "ours": _ours(train, validation, base_model, folder / f"{batch_size}-{pair}", batch_size),
                }
                runs.append({"peak_tflop_per_second": _peak(), **speeds})
                print(json.dumps({f"batches of {batch_size}": runs[-1]}), flush=True)
            found[f"batches of {batch_size}"] = _summary(runs, batch_size, flop)
    return found


def write_rows(path: Path, count: int, seed: int = 0) -> Path:
    """`count` rows of words, some more frequent than others as in a language, with labels by chance."""
    draw = random.Random(seed)
    words = [f"w{i}" for i in range(WORDS)]
    cumulative, total = [], 0.0
    for place in range(1, WORDS + 1):
        total += 1 / place
        cumulative.append(total)
    rows = [
        (" ".join(draw.choices(words, cum_weights=cumulative, k=draw.randint(SHORTEST, LONGEST) - 2)), LABELS[i % 3])
        for i in range(count)
    ]
    pd.DataFrame(rows, columns=["text", "label"]).to_parquet(path)
    return path


def write_base_model(folder: Path, **size: int) -> Path:
    """A BERT of `SIZE` from random weights, to which every word is a token."""
    import torch
    from transformers import BertConfig, BertModel, BertTokenizerFast

    folder.mkdir()
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *(f"w{i}" for i in range(WORDS))]
    (folder / "vocab.txt").write_text("\n".join(vocabulary), encoding="utf-8")
    BertTokenizerFast(vocab=str(folder / "vocab.txt")).save_pretrained(folder)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        BertModel(BertConfig(vocab_size=len(vocabulary), **{**SIZE, **size})).save_pretrained(folder)
    return folder


def _ours(train: Path, validation: Path, base_model: Path, folder: Path, batch_size: int) -> float:
    """Examples per second of `fine_tune`'s steps after the first."""
    from sluicegate.training.fine_tuning import fine_tune

    training = Training(
        base_model=str(base_model),
        base_model_licence="Apache-2.0",
        epochs=1,
        micro_batch_size=batch_size,
        evaluations_per_epoch=1,
        checkpoint_every_steps=2 * (WARM_UP + STEPS),
    )
    fine_tune(
        train=train, validation=validation, labels=LABELS, training=training, base_model=base_model, folder=folder
    )
    lines = [json.loads(line) for line in (folder / "curve.jsonl").read_text(encoding="utf-8").splitlines()]
    rates = [line["examples_per_second"] for line in lines if "loss" in line and line["step"] > WARM_UP]
    return round(len(rates) / sum(1 / rate for rate in rates), 1)


def _baseline(arguments: list[str]) -> float:
    command = [sys.executable, str(BASELINES / "gpu_baseline.py"), *arguments]
    found = _LINE.search(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert found is not None
    return float(found[1])


def _peak() -> float:
    """TFLOP/s of a large bf16 matrix product here and now, of random numbers; the median of 20."""
    import torch

    a, b = (torch.randn(PRODUCT, PRODUCT, device="cuda", dtype=torch.bfloat16) for _ in range(2))
    for _ in range(5):
        a @ b
    took_ms = []
    for _ in range(20):
        start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        start.record()
        a @ b
        end.record()
        torch.cuda.synchronize()
        took_ms.append(start.elapsed_time(end))
    return round(2 * PRODUCT**3 / statistics.median(took_ms) / 1e9, 1)


def _summary(runs: list[dict[str, float]], batch_size: int, flop: float) -> dict[str, Any]:
    def ratio(of: str) -> list[float]:
        return sorted(round(run["ours"] / run[of], 2) for run in runs)

    middle = {name: statistics.median(run[name] for run in runs) for name in runs[0]}
    share = statistics.median(run["ours"] * flop / (run["peak_tflop_per_second"] * 1e12) for run in runs)
    summary = {
        "pairs": len(runs),
        **{f"{name}_examples_per_second": middle[name] for name in ("textbook", "bucketed", "ours")},
        "ratios_textbook": ratio("textbook"),
        "ratios_bucketed": ratio("bucketed"),
        "peak_tflop_per_second": middle["peak_tflop_per_second"],
        "share_of_peak": round(share, 4),
        "runs": runs,
    }
    print(
        f"batches of {batch_size}: textbook {middle['textbook']:.0f} examples/s, bucketed bf16 "
        f"{middle['bucketed']:.0f}, ours {middle['ours']:.0f}: {statistics.median(ratio('textbook')):.2f} times and "
        f"{statistics.median(ratio('bucketed')):.2f} times; median of {len(runs)} pairs; {share:.1%} of the bf16 "
        f"matrix product's {middle['peak_tflop_per_second']:.0f} TFLOP/s",
        flush=True,
    )
    return summary
