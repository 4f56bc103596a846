"""One training run, from split parts in Parquet to a folder with the model and its loss curve."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sluicegate.errors import InputRefused
from sluicegate.manifest import digest_of_file, digest_of_value
from sluicegate.spec import ImageScratch, Training
from sluicegate.spec.model import FromScratch, LocalEngine

if TYPE_CHECKING:
    from sluicegate.training.base_model import Base
    from sluicegate.training.checkpoint import Checkpoints, State
    from sluicegate.training.curve import Curve, MutedCurve
    from sluicegate.training.engine.job import Job
    from sluicegate.training.engine.ranks import Ranks
    from sluicegate.training.engine.strategy import Local
    from sluicegate.training.fair.head_threshold import HeadThreshold
    from sluicegate.training.fair.training_rows import FairRows
    from sluicegate.training.loop import Loop
    from sluicegate.training.precision import Placement
    from sluicegate.training.rows import Rows

CHECKPOINTS, ENCODED = ".checkpoints", ".encoded"
SECRET_SEED = "private/seed"
"""Of a private run, beside its checkpoints: it goes when they go, so no two runs have the same noise."""
CURVE, MODEL, SUMMARY = "curve.jsonl", "model", "summary.json"
LIBRARIES = ("torch", "transformers", "tokenizers", "safetensors", "numpy", "peft", "opacus", "pillow")
# What transformers notes in a tokenizer's configuration about where it was loaded from.
_WHEREABOUTS = ("is_local", "local_files_only", "name_or_path")


def fine_tune(
    *,
    train: Path,
    validation: Path,
    labels: Sequence[str],
    training: Training,
    base_model: Path | None,
    folder: Path,
    pairs: Sequence[Path] = (),
    on_log: Callable[[dict[str, float | int | str]], None] | None = None,
) -> None:
    """Fills `folder` with ``model/``, ``curve.jsonl`` and ``summary.json``.

    The same inputs on the same type of machine with the same number of threads give the same model, byte
    by byte; on a GPU that holds for models of the types in `attention.REPEATABLE`. A run that was killed goes on
    from its last checkpoint in `folder` and ends with those bytes too. A private run draws its noise from a seed of its
    own, so two of them differ; one that was killed and goes on has its own.

    Args:
        train: Parquet with columns text and label (text and spans for token classification, text alone for the
            language tasks, image and label for images), and label_shares where the section says `soft_labels`; and the
            groups that ``fairness`` names.
        validation: The same, for early stopping.
        labels: Every label, or entity type, in the model's order.
        training: The spec's section.
        base_model: Folder of the base model; None where the section says `scratch`.
        folder: Where the output goes; may hold what a killed run left.
        pairs: The files that the section's ``fairness.counterfactual.pairs`` names.
        on_log: Gets every line of the curve; a resumed run may pass on lines that were passed on before.

    Raises:
        InputRefused: The base model or the rows cannot be used, the loss is not finite or diverges, the device has too
            little memory for one row, or the disk is full.
    """
    from sluicegate.training.base_model import check_folder
    from sluicegate.training.checkpoint import Checkpoints
    from sluicegate.training.engine.job import Job
    from sluicegate.training.engine.launching import PROCESSES, run_ranks
    from sluicegate.training.engine.strategy import Local
    from sluicegate.training.full_disk import writing

    if base_model is not None:
        check_folder(base_model)
    placement = placement_of(training)
    fingerprint = _fingerprint((train, validation, *pairs), labels, training, base_model, placement)
    if not _is_finished(folder, fingerprint):
        folder.mkdir(parents=True, exist_ok=True)
        job = Job(
            train=train,
            validation=validation,
            labels=tuple(labels),
            training=training,
            base_model=base_model,
            folder=folder,
            fingerprint=fingerprint,
            pairs=tuple(pairs),
        )
        with writing(folder):
            if isinstance(training.engine, LocalEngine):
                train_rank(job, Local(), on_log)
            else:
                run_ranks(job, training.engine, on_log)
    Checkpoints(folder / CHECKPOINTS).remove()
    for leftover in (ENCODED, PROCESSES):
        shutil.rmtree(folder / leftover, ignore_errors=True)


def train_rank(job: Job, strategy: Local, on_log: Callable[[dict[str, float | int | str]], None] | None) -> None:
    """What every process of a run does; the rank that leads writes its output.

    Raises:
        InputRefused: As `fine_tune`.
    """
    from sluicegate.training.checkpoint import Checkpoints, State
    from sluicegate.training.curve import Curve, MutedCurve
    from sluicegate.training.fair.head_threshold import HeadThreshold
    from sluicegate.training.fair.training_rows import fair_rows
    from sluicegate.training.precision import repeatable
    from sluicegate.training.shared_energy import SharedMeter

    training, folder, leads = job.training, job.folder, strategy.ranks.leads
    placement = placement_of(training)
    _check_alike(placement, strategy.ranks)
    checkpoints = Checkpoints(folder / CHECKPOINTS, strategy.ranks)
    state = checkpoints.newest(job.fingerprint) or State(job.fingerprint)
    meter = SharedMeter(training.country or "", strategy.ranks, before=state.energy)
    cut = training.fairness.thresholds
    threshold = HeadThreshold(cut, job.validation, job.labels) if cut is not None else None
    fair = fair_rows(job.train, training.fairness, job.pairs, folder / ENCODED)
    curve = Curve(folder / CURVE, size=state.curve_size, on_log=on_log) if leads else MutedCurve()
    with repeatable(training.seed):
        base = _base(fair.path, job.labels, training, job.base_model)
        if threshold is not None:
            threshold.check_model(base.model)
        loop = _make_loop(job, fair, base, placement, strategy, checkpoints, curve)
        with meter:
            state = loop.run(state, meter.known)
        state = replace(state, energy=meter.reading())
        weights = loop.optimizer.all_weights(checkpoints.weights(state.best_step))
        if not leads:
            return
        base = replace(base, model=strategy.whole(base.model))
        _merge(base.model, weights)
        done = {**fair.report, **({"thresholds": _cut(threshold, loop)} if threshold is not None else {})}
    _write_model(base, base.model.state_dict(), training, folder)
    _write_summary(loop, state, done, folder)


def placement_of(training: Training) -> Placement:
    """Where and how the section's model is computed on this machine."""
    from sluicegate.training.precision import choose_placement

    longest = training.max_length_tokens
    if training.task == "image-classification":  # of a base model it is not known before it is loaded
        scratch = training.base_model.scratch if isinstance(training.base_model, FromScratch) else None
        longest = scratch.tokens if isinstance(scratch, ImageScratch) else sys.maxsize
    return choose_placement(training.precision, max_length_tokens=longest)


def _check_alike(placement: Placement, ranks: Ranks) -> None:
    """Whether all ranks compute in the same format.

    Raises:
        InputRefused: They do not.
    """
    if ranks.total(float(placement.precision == "bf16")) not in (0, ranks.world_size):
        problem = "is `auto`, and only some of the machines compute in bf16"
        raise InputRefused("training", "precision", problem, "say which: bf16 or fp32")


def _base(train: Path, labels: Sequence[str], training: Training, base_model: Path | None) -> Base:
    """The base model with a new head; from scratch, made of the training rows alone."""
    from sluicegate.training.base_model import load_base
    from sluicegate.training.rows import texts
    from sluicegate.training.scratch import make_base, make_image_base

    if isinstance(training.base_model, FromScratch):
        if isinstance(training.base_model.scratch, ImageScratch):
            return make_image_base(labels, training.base_model.scratch)
        return make_base(texts(train), labels, training.task, training.base_model.scratch)
    if base_model is None:
        raise InputRefused("training", "base_model", "has no folder to be loaded from")
    return load_base(base_model, labels, training.task, max_length_tokens=training.max_length_tokens)


def _fingerprint(
    parts: Sequence[Path], labels: Sequence[str], training: Training, base_model: Path | None, placement: Placement
) -> str:
    """Digest of all that the weights depend on."""
    import torch

    from sluicegate.training.base_model import base_model_digest

    return digest_of_value(
        {
            "rows": [digest_of_file(path) if path.is_file() else "" for path in parts],
            "labels": list(labels),
            "training": training.model_dump(mode="json", exclude={"engine"}),  # a run may go on with more processes
            "base_model": base_model_digest(base_model) if base_model is not None else "scratch",
            "placement": [str(placement.device), placement.precision, torch.get_num_threads()],
            "libraries": {name: metadata.version(name) for name in LIBRARIES},
        }
    )


def _is_finished(folder: Path, fingerprint: str) -> bool:
    """Whether an earlier try, on whatever engine, wrote all its output and was killed before anybody took it."""
    try:
        summary = json.loads((folder / SUMMARY).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return False
    return bool(summary["fingerprint"] == fingerprint)


def _make_loop(
    job: Job,
    fair: FairRows,
    base: Base,
    placement: Placement,
    strategy: Local,
    checkpoints: Checkpoints,
    curve: Curve | MutedCurve,
) -> Loop:
    import numpy as np

    from sluicegate.training.attention import REPEATABLE
    from sluicegate.training.loop import Loop, steps_per_epoch
    from sluicegate.training.methods.choice import apply_method
    from sluicegate.training.objective import Objective, class_weights
    from sluicegate.training.optimizer import MasterAdamW
    from sluicegate.training.precision import insist
    from sluicegate.training.private.run import private_run
    from sluicegate.training.quick_parts import take_quick_parts
    from sluicegate.training.recipes import recipe_for
    from sluicegate.training.recipes.soft_labels import SoftLabels
    from sluicegate.training.robust.choice import choose_pass
    from sluicegate.training.robust.noise import Noise
    from sluicegate.training.robust.noisy_rows import noisy_rows

    training, recipe = job.training, recipe_for(job.training.task)
    teaching = SoftLabels() if training.soft_labels else recipe
    most, at = training.max_length_tokens, job.folder / ENCODED

    def encode(path: Path, to: Path) -> Rows:
        return replace(teaching.encode(path, job.labels, base.tokenizer, most, to), weights_N=fair.weights_N)

    train, validation = _encoded(job, fair, base, strategy.ranks)
    noise = training.robustness.noise
    changes = Noise(noise.typos, noise.dropped_words) if noise is not None else None
    weights_L = class_weights(training.class_weights, np.asarray(train.labels), recipe.outputs(job.labels))
    steps = steps_per_epoch(len(train), training) * training.epochs
    schedule = apply_method(base.model, training.method, steps)
    model = base.model.to(placement.device)
    objective = Objective(weights_L if weights_L is None else weights_L.to(placement.device), training.label_smoothing)
    coins = take_quick_parts(model, placement)
    if model.config.model_type in REPEATABLE:
        insist(placement.device)
    strategy.shard(model, placement)
    seed_file = job.folder / CHECKPOINTS / SECRET_SEED
    private = private_run(training, model, objective, placement, rows=len(train), steps=steps, seed_file=seed_file)
    embedding = strategy.row_embedding(model) if private is None else None  # noise is on every row of it
    optimizer = MasterAdamW(model, training, strategy.kind(placement), embedding, schedule)
    plain = choose_pass(training.robustness.adversarial, strategy.replicate(model), objective, placement, coins)
    return Loop(
        model=model,
        coins=coins,
        recipe=recipe,
        train=train,
        validation=validation,
        objective=objective,
        backward=plain if private is None else private.backward,
        optimizer=optimizer,
        training=training,
        placement=placement,
        checkpoints=checkpoints,
        curve=curve,
        strategy=strategy,
        noisy=noisy_rows(fair.path, changes, training.seed, at / "noisy", encode) if changes is not None else None,
        private=private,
    )


def _encoded(job: Job, fair: FairRows, base: Base, ranks: Ranks) -> tuple[Rows, Rows]:
    """The rows for training and for validation, as token ids in files; the rank that leads writes them."""
    from sluicegate.training.recipes import recipe_for
    from sluicegate.training.recipes.soft_labels import SoftLabels

    recipe, most = recipe_for(job.training.task), job.training.max_length_tokens
    teaching = SoftLabels() if job.training.soft_labels else recipe
    for i, (how, part) in enumerate(((teaching, fair.path), (recipe, job.validation))):
        if ranks.leads:
            how.encode(part, job.labels, base.tokenizer, most, job.folder / ENCODED / str(i))
    ranks.wait()
    train, validation = (recipe.open(job.folder / ENCODED / str(i)) for i in range(2))
    return replace(train, weights_N=fair.weights_N), validation


def _merge(model: Any, weights: Mapping[str, Any]) -> None:
    """Leaves the model with these weights in fp32, its adapters, if it has any, merged into them."""
    from sluicegate.training.methods.adapters import merge_adapters

    model.float().load_state_dict(weights, assign=next(model.parameters()).is_meta)
    merge_adapters(model)


def _cut(threshold: HeadThreshold, loop: Loop) -> dict[str, Any]:
    """Puts the threshold into the model, which has its best weights; gives what came of it."""
    return loop.scored(
        loop.total_steps,
        lambda at_once: threshold.put_into(
            loop.model,
            loop.validation,
            loop.placement.device,
            batch_size=at_once,
            stored_as=loop.training.stored_as,
        ),
    )


def _write_model(base: Base, weights: Any, training: Training, folder: Path) -> None:
    """Writes ``model/``: there whole or not at all, with no path and no time in it."""
    import torch

    from sluicegate.training.recipes import recipe_for
    from sluicegate.training.shards import write_tensors

    partial = folder / f".{MODEL}.partial"
    for leftover in (partial, folder / MODEL):
        shutil.rmtree(leftover, ignore_errors=True)
    partial.mkdir()
    kind = torch.float16 if training.stored_as == "fp16" else torch.float32
    kept = {name: tensor.to(kind) if tensor.is_floating_point() else tensor for name, tensor in weights.items()}
    write_tensors(kept, partial / "model.safetensors")
    base.config.architectures, base.config.dtype = [type(base.model).__name__], str(kind).removeprefix("torch.")
    base.config.save_pretrained(partial)
    base.tokenizer.save_pretrained(partial)
    settings = partial / recipe_for(training.task).reader_files[-1]
    said = {k: v for k, v in json.loads(settings.read_text(encoding="utf-8")).items() if k not in _WHEREABOUTS}
    settings.write_text(json.dumps(said, indent=2, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")
    partial.rename(folder / MODEL)


def _write_summary(loop: Loop, state: State, fairness: Mapping[str, Any], folder: Path) -> None:
    """Writes ``summary.json`` last of all: where it is, the run is finished."""
    import torch

    summary = {
        "fingerprint": state.fingerprint,
        "settings": loop.training.model_dump(mode="json"),
        "device": str(loop.placement.device),
        "precision": loop.placement.precision,
        "threads": torch.get_num_threads(),
        "rows": {"train": len(loop.train), "validation": len(loop.validation)},
        loop.train.unit: {"train": loop.train.units, "validation": loop.validation.units},
        "cut": {"train": loop.train.cut, "validation": loop.validation.cut},
        "processes": loop.strategy.ranks.world_size,
        "parameters": sum(p.numel() for p in loop.model.parameters()),
        "trained_parameters": loop.optimizer.trained_parameters,
        "steps": state.step,
        "steps_planned": loop.total_steps,
        "best_step": state.best_step,
        f"best_validation_{loop.recipe.quality}": loop.recipe.shown(state.best_quality),
        "stopped_early": loop.stopped_early(state),
        "micro_batch_size": loop.micro_batch_size,
        "fairness": dict(fairness),
        "privacy": loop.private.report(state.step) if loop.private is not None else None,
        "seconds": round(state.seconds, 3),
        "energy": asdict(state.energy) if state.energy is not None else None,
        "libraries": {name: metadata.version(name) for name in LIBRARIES},
    }
    partial = folder / f".{SUMMARY}.partial"
    partial.write_text(json.dumps(summary, indent=1), encoding="utf-8")
    partial.rename(folder / SUMMARY)
