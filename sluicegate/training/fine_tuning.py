"""One training run, from split parts in Parquet to a folder with the model and its loss curve."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from sluicegate.errors import InputRefused
from sluicegate.manifest import digest_of_file, digest_of_value
from sluicegate.spec import Training
from sluicegate.spec.model import FromScratch

if TYPE_CHECKING:
    from sluicegate.training.base_model import Base
    from sluicegate.training.checkpoint import State
    from sluicegate.training.fair.head_threshold import HeadThreshold
    from sluicegate.training.fair.training_rows import FairRows
    from sluicegate.training.loop import Loop
    from sluicegate.training.precision import Placement
    from sluicegate.training.rows import Rows

CHECKPOINTS, ENCODED = ".checkpoints", ".encoded"
CURVE, MODEL, SUMMARY = "curve.jsonl", "model", "summary.json"
LIBRARIES = ("torch", "transformers", "tokenizers", "safetensors", "numpy", "peft")
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
    by byte. A run that was killed goes on from its last checkpoint in `folder` and ends with those bytes too.

    Args:
        train: Parquet with columns text and label (text and spans for token classification), and label_shares where
            the section says `soft_labels`; and the groups that ``fairness`` names.
        validation: The same, for early stopping.
        labels: Every label, or entity type, in the model's order.
        training: The spec's section.
        base_model: Folder of the base model; None where the section says `scratch`.
        folder: Where the output goes; may hold what a killed run left.
        pairs: The files that the section's ``fairness.counterfactual.pairs`` names.
        on_log: Gets every line of the curve; a resumed run may pass on lines that were passed on before.

    Raises:
        InputRefused: The base model or the rows cannot be used, the loss is not finite, or the disk is full.
    """
    from sluicegate.training.base_model import check_folder
    from sluicegate.training.checkpoint import Checkpoints, State
    from sluicegate.training.curve import Curve
    from sluicegate.training.energy import EnergyMeter
    from sluicegate.training.fair.head_threshold import HeadThreshold
    from sluicegate.training.fair.training_rows import fair_rows
    from sluicegate.training.precision import choose_placement, repeatable

    if base_model is not None:
        check_folder(base_model)
    placement = choose_placement(training.precision, max_length_tokens=training.max_length_tokens)
    checkpoints = Checkpoints(folder / CHECKPOINTS)
    fingerprint = _fingerprint((train, validation, *pairs), labels, training, base_model, placement)
    if not _is_finished(folder, fingerprint):
        folder.mkdir(parents=True, exist_ok=True)
        state = checkpoints.newest(fingerprint) or State(fingerprint)
        meter = EnergyMeter(training.country or "", before=state.energy)
        cut = training.fairness.thresholds
        threshold = HeadThreshold(cut, validation, labels) if cut is not None else None
        fair = fair_rows(train, training.fairness, pairs, folder / ENCODED)
        with repeatable(training.seed):
            base = _base(fair.path, labels, training, base_model)
            if threshold is not None:
                threshold.check_model(base.model)
            curve = Curve(folder / CURVE, size=state.curve_size, on_log=on_log)
            loop = _make_loop(fair, validation, labels, training, base, placement, folder, curve)
            with meter:
                state = loop.run(state, meter.reading)
            _merge(base.model, loop.optimizer.all_weights(checkpoints.weights(state.best_step)))
            done = {**fair.report, **({"thresholds": _cut(threshold, loop)} if threshold is not None else {})}
        _write_model(base, base.model.state_dict(), training.stored_as, folder)
        _write_summary(loop, replace(state, energy=meter.reading()), done, folder)
    checkpoints.remove()
    shutil.rmtree(folder / ENCODED, ignore_errors=True)


def _base(train: Path, labels: Sequence[str], training: Training, base_model: Path | None) -> Base:
    """The base model with a new head; from scratch, made of the training rows alone."""
    from sluicegate.training.base_model import load_base
    from sluicegate.training.recipes import recipe_for
    from sluicegate.training.rows import texts
    from sluicegate.training.scratch import make_base

    if isinstance(training.base_model, FromScratch):
        of_train = texts(train, recipe_for(training.task).target)
        return make_base(of_train, labels, training.task, training.base_model.scratch)
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
            "training": training.model_dump(mode="json"),
            "base_model": base_model_digest(base_model) if base_model is not None else "scratch",
            "placement": [str(placement.device), placement.precision, torch.get_num_threads()],
            "libraries": {name: metadata.version(name) for name in LIBRARIES},
        }
    )


def _is_finished(folder: Path, fingerprint: str) -> bool:
    """Whether an earlier try wrote all its output and was killed before anybody took it."""
    try:
        summary = json.loads((folder / SUMMARY).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return False
    return bool(summary["fingerprint"] == fingerprint)


def _make_loop(
    fair: FairRows,
    validation: Path,
    labels: Sequence[str],
    training: Training,
    base: Base,
    placement: Placement,
    folder: Path,
    curve: Any,
) -> Loop:
    import numpy as np

    from sluicegate.training.checkpoint import Checkpoints
    from sluicegate.training.dropout import replace_dropout
    from sluicegate.training.loop import Loop, steps_per_epoch
    from sluicegate.training.methods.choice import apply_method
    from sluicegate.training.objective import Objective, class_weights
    from sluicegate.training.optimizer import MasterAdamW
    from sluicegate.training.recipes import recipe_for
    from sluicegate.training.recipes.soft_labels import SoftLabels
    from sluicegate.training.robust.choice import choose_pass
    from sluicegate.training.robust.noise import Noise
    from sluicegate.training.robust.noisy_rows import noisy_rows
    from sluicegate.training.row_embedding import replace_embedding

    recipe = recipe_for(training.task)
    teaching = SoftLabels() if training.soft_labels else recipe
    most, at = training.max_length_tokens, folder / ENCODED

    def encode(path: Path, to: Path) -> Rows:
        return replace(teaching.encode(path, labels, base.tokenizer, most, to), weights_N=fair.weights_N)

    train = encode(fair.path, at / "0")
    noise, adversarial = training.robustness.noise, training.robustness.adversarial
    changes = Noise(noise.typos, noise.dropped_words) if noise is not None else None
    weights_L = class_weights(training.class_weights, np.asarray(train.labels), recipe.outputs(labels))
    ranks = apply_method(base.model, training.method, steps_per_epoch(len(train), training) * training.epochs)
    model = base.model.to(placement.device)
    objective = Objective(weights_L if weights_L is None else weights_L.to(placement.device), training.label_smoothing)
    coins = replace_dropout(model) if placement.device.type == "cpu" else None
    optimizer = MasterAdamW(model, training, placement.kind, replace_embedding(model), ranks)
    return Loop(
        model=model,
        coins=coins,
        recipe=recipe,
        train=train,
        validation=recipe.encode(validation, labels, base.tokenizer, most, at / "1"),
        objective=objective,
        backward=choose_pass(adversarial, model, objective, placement, coins),
        optimizer=optimizer,
        training=training,
        placement=placement,
        checkpoints=Checkpoints(folder / CHECKPOINTS),
        curve=curve,
        noisy=noisy_rows(fair.path, changes, training.seed, at / "noisy", encode) if changes is not None else None,
    )


def _merge(model: Any, weights: Mapping[str, Any]) -> None:
    """Leaves the model with these weights in fp32, its adapters, if it has any, merged into them."""
    from sluicegate.training.methods.adapters import merge_adapters

    model.float().load_state_dict(weights)
    merge_adapters(model)


def _cut(threshold: HeadThreshold, loop: Loop) -> dict[str, Any]:
    """Puts the threshold into the model, which has its best weights; gives what came of it."""
    return threshold.put_into(
        loop.model,
        loop.validation,
        loop.placement.device,
        batch_size=4 * loop.training.micro_batch_size,
        stored_as=loop.training.stored_as,
    )


def _write_model(base: Base, weights: Any, stored_as: Literal["fp32", "fp16"], folder: Path) -> None:
    """Writes ``model/``: there whole or not at all, with no path and no time in it."""
    import torch

    from sluicegate.training.checkpoint import write_tensors

    partial = folder / f".{MODEL}.partial"
    for leftover in (partial, folder / MODEL):
        shutil.rmtree(leftover, ignore_errors=True)
    partial.mkdir()
    kind = torch.float16 if stored_as == "fp16" else torch.float32
    kept = {name: tensor.to(kind) if tensor.is_floating_point() else tensor for name, tensor in weights.items()}
    write_tensors(kept, partial / "model.safetensors")
    base.config.architectures, base.config.dtype = [type(base.model).__name__], str(kind).removeprefix("torch.")
    base.config.save_pretrained(partial)
    base.tokenizer.save_pretrained(partial)
    settings = partial / "tokenizer_config.json"
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
        "parameters": sum(p.numel() for p in loop.model.parameters()),
        "trained_parameters": loop.optimizer.trained_parameters,
        "steps": state.step,
        "steps_planned": loop.total_steps,
        "best_step": state.best_step,
        f"best_validation_{loop.recipe.quality}": state.best_quality,
        "stopped_early": loop.stopped_early(state),
        "fairness": dict(fairness),
        "seconds": round(state.seconds, 3),
        "energy": asdict(state.energy) if state.energy is not None else None,
        "libraries": {name: metadata.version(name) for name in LIBRARIES},
    }
    partial = folder / f".{SUMMARY}.partial"
    partial.write_text(json.dumps(summary, indent=1), encoding="utf-8")
    partial.rename(folder / SUMMARY)
