"""Where a training step's time goes: PyTorch's profiler over steps of the whole of MiniLM, by kind of operation."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.private_step import BATCH_SIZE, plain_step
from benchmarks.training import LABELS, inputs, split_parts

STEPS, WARM_UP = 24, 4
KINDS = {
    "matrix products": ("aten::mm", "aten::addmm"),
    "attention's products and softmax": (
        "aten::bmm",
        "aten::baddbmm",
        "aten::_softmax",
        "aten::_softmax_backward_data",
    ),
    "activations (GELU)": ("aten::gelu", "aten::gelu_backward"),
    "copies and changes of format": ("aten::copy_", "aten::_to_copy", "aten::clone", "aten::contiguous"),
    "AdamW": ("aten::_fused_adamw_", "Optimizer.step#AdamW.step"),
    "normalisation": ("aten::native_layer_norm", "aten::native_layer_norm_backward"),
    "gradients of biases": ("aten::sum",),
    "dropout and other element-wise work": ("aten::mul", "aten::mul_", "aten::ge", "aten::add", "aten::add_"),
}
REST = "the rest: views, allocation, embeddings, autograd and Python's part of each call"


def run(pairs: int) -> dict[str, Any]:
    """Profiles `STEPS` steps once and prints the share of each kind; `pairs` is not used."""
    import torch

    from sluicegate.training.base_model import load_base
    from sluicegate.training.batches import collate, plan
    from sluicegate.training.precision import choose_placement
    from sluicegate.training.recipes import recipe_for

    base_model, archive = inputs()
    with tempfile.TemporaryDirectory(prefix="sluicegate-bench-") as name:
        placement = choose_placement("auto", max_length_tokens=128)
        tokenizer = load_base(base_model, LABELS).tokenizer
        train = split_parts(archive, Path(name))["train"]
        rows = recipe_for("sequence-classification").encode(train, LABELS, tokenizer, 128, Path(name) / "encoded")
        step = plain_step("full", base_model, placement, by_row=True)
        batches = plan(np.asarray(rows.lengths_N), BATCH_SIZE, seed=0, epoch=0)[: STEPS + WARM_UP]
        for number, chosen_B in enumerate(batches[:WARM_UP]):
            step(number, [collate(rows, chosen_B, placement.device)])
        with torch.profiler.profile() as profile:
            for number, chosen_B in enumerate(batches[WARM_UP:], start=WARM_UP):
                step(number, [collate(rows, chosen_B, placement.device)])
        spent = {event.key: float(event.self_cpu_time_total) for event in profile.key_averages()}
    return _summary(spent)


def _summary(spent: dict[str, float]) -> dict[str, Any]:
    """Microseconds by operation → the share of each kind."""
    kind_of = {operation: kind for kind, operations in KINDS.items() for operation in operations}
    shares = Counter[str]()
    for operation, microseconds in spent.items():
        shares[kind_of.get(operation, REST)] += microseconds / sum(spent.values())
    for kind, share in shares.most_common():
        print(f"  {share:5.1%}  {kind}", flush=True)
    return {"steps": STEPS, "shares": {kind: round(share, 4) for kind, share in shares.most_common()}}
