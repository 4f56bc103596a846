"""A private step beside the plain one: DP-SGD with LoRA, and of the whole model by ghost clipping.

All steps of a pair are of the same drawn rows, in the same micro-batches and the same number format, of the ICWSM-14
texts; a step is forward, backward, noise where it is private, and the optimizer's update. The plain step of the whole
model updates embeddings by row, as `fine_tune` does; a private one cannot, for its noise is on every row, so the
plain step with whole embeddings is there as well.
"""

from __future__ import annotations

import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.training import LABELS, inputs, split_parts
from sluicegate.spec import Training

BATCH_SIZE, CLIP, NOISE = 32, 1.0, 1.0
STEPS, WARM_UP = int(os.environ.get("SLUICEGATE_BENCH_PRIVATE_STEPS", "8")), 2
TARGETS = {"lora": 1.3, "full": 2.0}
METHODS: dict[str, Any] = {"lora": {"lora": {"rank": 8, "alpha": 16}}, "full": "full"}
Step = Callable[[int, list[Any]], None]


def run(pairs: int) -> dict[str, Any]:
    """Runs `pairs` pairs of `STEPS` steps of each kind, in one process; prints medians of their ratios."""
    base_model, archive = inputs()
    with tempfile.TemporaryDirectory(prefix="sluicegate-bench-") as name:
        train = split_parts(archive, Path(name))["train"]
        return {method: _measure(method, train, base_model, Path(name) / method, pairs) for method in METHODS}


def _measure(method: str, train: Path, base_model: Path, folder: Path, pairs: int) -> dict[str, Any]:
    from sluicegate.training.base_model import load_base
    from sluicegate.training.precision import choose_placement, repeatable
    from sluicegate.training.private.sampling import PoissonSampling
    from sluicegate.training.recipes import recipe_for

    placement = choose_placement("auto", max_length_tokens=128)
    rows = recipe_for("sequence-classification").encode(
        train, LABELS, load_base(base_model, LABELS).tokenizer, 128, folder
    )
    sampling = PoissonSampling.expecting(BATCH_SIZE, rows=len(rows), seed=1)
    with repeatable(0):
        kinds: dict[str, Step] = {
            "plain": plain_step(method, base_model, placement, by_row=True),
            "private": _private_step(method, base_model, placement, sampling),
        }
        if method == "full":
            kinds["plain, whole embeddings"] = plain_step(method, base_model, placement, by_row=False)
        runs = []
        for pair in range(-1, pairs):  # the first warms up
            steps = range(1, WARM_UP + 1) if pair < 0 else range(pair * STEPS + 1, (pair + 1) * STEPS + 1)
            order = list(kinds) if pair % 2 else list(kinds)[::-1]
            took = {kind: _timed(kinds[kind], rows, sampling, steps, placement) for kind in order}
            if pair >= 0:
                runs.append(took)
                print(json.dumps({method: took}), flush=True)
    return _summary(method, placement.precision, runs)


def _timed(step: Step, rows: Any, sampling: Any, numbers: range, placement: Any) -> dict[str, float]:
    """Seconds a step, by the wall and by the processor, without drawing and collating."""
    from sluicegate.training.batches import collate
    from sluicegate.training.private.sampling import micro_batches

    wall_s = processor_s = 0.0
    for number in numbers:
        drawn = micro_batches(sampling.draw(number), np.asarray(rows.lengths_N), BATCH_SIZE)
        batches = [collate(rows, chosen_B, placement.device) for chosen_B in drawn]
        wall, processor = time.perf_counter(), time.process_time()
        step(number, batches)
        wall_s += time.perf_counter() - wall
        processor_s += time.process_time() - processor
    return {"wall_s": wall_s / len(numbers), "processor_s": processor_s / len(numbers)}


def _model(method: str, base_model: Path, placement: Any) -> tuple[Any, Training, Any]:
    from sluicegate.training.base_model import load_base
    from sluicegate.training.methods.choice import apply_method
    from sluicegate.training.quick_parts import take_quick_parts

    training = Training(base_model=str(base_model), base_model_licence="Apache-2.0", method=METHODS[method])
    model = load_base(base_model, LABELS).model
    apply_method(model, training.method, 1000)
    coins = take_quick_parts(model, placement)
    return model.train(), training, coins


def plain_step(method: str, base_model: Path, placement: Any, *, by_row: bool) -> Step:
    """A step that is not private, given its number and its batches; `by_row` as `fine_tune` updates embeddings."""
    from sluicegate.training.objective import Objective
    from sluicegate.training.optimizer import MasterAdamW
    from sluicegate.training.passes import PlainPass
    from sluicegate.training.row_embedding import replace_embedding

    model, training, coins = _model(method, base_model, placement)
    optimizer = MasterAdamW(model, training, placement.kind, replace_embedding(model) if by_row else None)
    backward = PlainPass(model, Objective(), placement)

    def step(number: int, batches: list[Any]) -> None:
        coins.start(seed=0, step=number)
        for batch in batches:
            backward(batch, 1 / BATCH_SIZE)
        optimizer.step()

    return step


def _private_step(method: str, base_model: Path, placement: Any, sampling: Any) -> Step:
    from sluicegate.training.objective import Objective
    from sluicegate.training.optimizer import MasterAdamW
    from sluicegate.training.private.private_pass import PrivatePass

    model, training, coins = _model(method, base_model, placement)
    objective = Objective()
    backward = PrivatePass(
        model,
        lambda batch: objective.row_losses(model(**batch.inputs).logits, batch.labels),
        sampling=sampling,
        max_grad_norm=CLIP,
        noise_multiplier=NOISE,
        precision=placement.forward,
    )
    optimizer = MasterAdamW(model, training, placement.kind)

    def step(number: int, batches: list[Any]) -> None:
        coins.start(seed=0, step=number)
        backward.start(number)
        for batch in batches:
            backward(batch)
        backward.finish()
        optimizer.step()

    return step


def _summary(method: str, precision: str, runs: list[dict[str, Any]]) -> dict[str, Any]:
    def ratio(of: str, clock: str) -> float:
        return round(statistics.median(run["private"][clock] / run[of][clock] for run in runs), 3)

    others = [kind for kind in runs[0] if kind != "private"]
    summary = {
        "pairs": len(runs),
        "steps": STEPS,
        "precision": precision,
        "ratios": {of: {clock: ratio(of, clock) for clock in ("wall_s", "processor_s")} for of in others},
        "runs": runs,
    }
    for of in others:
        found = summary["ratios"][of]  # type: ignore[index]
        print(
            f"{method}, {precision}: a private step takes {found['wall_s']:.2f} times the {of} one by the wall, "
            f"{found['processor_s']:.2f} by the processor (target at most {TARGETS[method]}); median of {len(runs)} "
            f"pairs of {STEPS} steps",
            flush=True,
        )
    return summary
