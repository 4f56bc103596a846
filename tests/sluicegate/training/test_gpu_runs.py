"""Runs on a GPU, of texts long enough that attention has several blocks of keys."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import torch

from sluicegate.manifest import Manifest
from sluicegate.spec import Training
from sluicegate.training.fine_tuning import fine_tune

pytestmark = [pytest.mark.gpu, pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")]

LABELS = ("bad", "good")
WORDS = [f"w{i}" for i in range(200)]
SCRATCH = {"layers": 2, "hidden": 64, "heads": 2, "vocabulary": 300, "longest": 512}
ADAPTERS = {"rank": 4, "alpha": 8, "dropout": 0.1}
RUNS: dict[str, dict[str, Any]] = {
    "fp32": {"precision": "fp32"},
    "bf16": {},
    "clipped": {"gradient_clip": 1.0},
    "lora": {"method": {"lora": ADAPTERS}},
    "adalora": {"method": {"adalora": {"initial_rank": 6, "target_rank": 3, "alpha": 12}}},
    "freelb": {"robustness": {"adversarial": {"kind": "freelb", "radius": 0.1, "steps": 2}}},
    "masked-lm": {"task": "masked-lm", "base_model": {"scratch": SCRATCH}},
    "causal-lm": {"task": "causal-lm", "base_model": {"scratch": SCRATCH}},
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A base model and rows of 10 to 500 words."""
    from transformers import BertConfig, BertModel, BertTokenizerFast

    folder, draw = tmp_path_factory.mktemp("world"), random.Random(0)
    for part, count in (("train", 200), ("validation", 20)):
        rows = [(" ".join(draw.choices(WORDS, k=draw.randint(10, 500))), LABELS[i % 2]) for i in range(count)]
        pd.DataFrame(rows, columns=["text", "label"]).to_parquet(folder / f"{part}.parquet")
    (folder / "base").mkdir()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    (folder / "base" / "vocab.txt").write_text("\n".join([*special, *WORDS]), encoding="utf-8")
    BertTokenizerFast(vocab=str(folder / "base" / "vocab.txt")).save_pretrained(folder / "base")
    size = {"hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 128}
    BertModel(BertConfig(vocab_size=len(special) + len(WORDS), **size)).save_pretrained(folder / "base")
    return folder


def order(world: Path, folder: Path, **changes: Any) -> dict[str, Any]:
    section = Training(
        **{
            "base_model": "base", "base_model_licence": "MIT", "epochs": 2, "micro_batch_size": 8,
            "max_length_tokens": 512, "precision": "bf16", "checkpoint_every_steps": 7, **changes,
        }
    )  # fmt: skip
    paths = {"train": world / "train.parquet", "validation": world / "validation.parquet", "folder": folder}
    base_model = world / "base" if isinstance(section.base_model, str) else None
    return {**paths, "base_model": base_model, "labels": () if "task" in changes else LABELS, "training": section}


@pytest.mark.parametrize("kind", RUNS)
def test_the_same_run_ends_with_the_same_bytes(world: Path, tmp_path: Path, kind: str) -> None:
    for name in ("one", "other"):
        fine_tune(**order(world, tmp_path / name, **RUNS[kind]))

    assert Manifest.of_folder(tmp_path / "one" / "model") == Manifest.of_folder(tmp_path / "other" / "model")


KILLED = """
import json, os, signal, sys
from pathlib import Path
from sluicegate.spec import Training
from sluicegate.training.fine_tuning import fine_tune

def on_log(line):
    if line["step"] == 30:
        os.kill(os.getpid(), signal.SIGKILL)
order = json.loads(sys.argv[1])
paths = {name: Path(order[name]) for name in ("train", "validation", "base_model", "folder")}
fine_tune(**paths, labels=order["labels"], training=Training(**order["training"]), on_log=on_log)
"""


def test_a_run_killed_with_9_goes_on_and_ends_with_the_same_bytes(world: Path, tmp_path: Path) -> None:
    fine_tune(**order(world, tmp_path / "whole"))
    killed = order(world, tmp_path / "killed")
    said = json.dumps({**killed, "training": killed["training"].model_dump()}, default=str)
    done = subprocess.run([sys.executable, "-c", KILLED, said], capture_output=True, text=True)
    assert done.returncode == -9, done.stderr
    assert list((tmp_path / "killed" / ".checkpoints").glob("step-*"))
    steps: list[int] = []
    fine_tune(**killed, on_log=lambda line: steps.append(line["step"]))

    assert min(steps) > 25  # what was done was not done again
    assert Manifest.of_folder(tmp_path / "killed" / "model") == Manifest.of_folder(tmp_path / "whole" / "model")
