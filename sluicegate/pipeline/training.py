"""Fine-tuning, and the candidate that comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sluicegate.manifest import digest_of_file
from sluicegate.pipeline.build import Build, pair_files
from sluicegate.pipeline.files import read_json
from sluicegate.pipeline.inputs import Inputs
from sluicegate.registry import archive
from sluicegate.registry.transfer import scratch
from sluicegate.steps import Step, code_version, run_step

TRAINING_LIBRARIES = ("torch", "transformers", "tokenizers", "safetensors", "peft", "opacus", "pillow")


def fine_tune(build: Build, inputs: Inputs, taught: Step) -> Step:
    """The fine-tuned weights (``model/``), the loss curve and the settings; a killed run goes on from its checkpoint.

    It may go on with another engine. The curve appears in MLflow while the training goes on.

    Args:
        build: What is built.
        inputs: The base model.
        taught: The rows to train on and to stop by: a split, or what `plant_canaries` made of it.
    """
    from sluicegate.registry.tracking import TrainingRun
    from sluicegate.training.fine_tuning import fine_tune as train

    training, labels = build.spec.training, build.spec.data.labels
    pairs = pair_files(build)
    files = {part: taught.folder / f"{part}.parquet" for part in ("train", "validation")}

    def work(folder: Path, key: str) -> None:
        run = TrainingRun.start(build.home, build.spec.model, key, training.model_dump(mode="json", exclude={"engine"}))

        def on_log(point: Mapping[str, float | int | str]) -> None:
            run.log(int(point["step"]), point)

        train(
            **files,
            labels=labels,
            training=training,
            base_model=inputs.base_model,
            folder=folder,
            pairs=pairs,
            on_log=on_log,
        )
        summary = read_json(folder / "summary.json")
        run.log(int(summary["steps"]), _outcome(summary))
        run.catch_up(folder / "curve.jsonl")

    return run_step(
        build.home.steps,
        "fine-tune",
        inputs={
            "base_model": inputs.base_model_digest,
            **{name: digest_of_file(path) for name, path in files.items()},
            **{f"pairs {i}": digest_of_file(path) for i, path in enumerate(pairs)},
        },
        section={"training": training.model_dump(mode="json", exclude={"base_model", "engine"}), "labels": labels},
        code=code_version("sluicegate.training", "sluicegate.terms", libraries=TRAINING_LIBRARIES),
        work=work,
    )


def training_summary(trained: Step) -> dict[str, Any]:
    """What a finished training says of itself."""
    return read_json(trained.folder / "summary.json")


def _outcome(summary: Mapping[str, Any]) -> dict[str, float]:
    """Figures of a whole run, as MLflow's metrics: what it took and spent, and the difference between groups."""
    energy, cut = summary["energy"] or {}, summary["fairness"].get("thresholds", {})
    spent = summary["privacy"] or {}
    found = {f"training_{name}_{energy.get('source')}": energy.get(name) for name in ("energy_kwh", "carbon_kg")}
    found |= {f"privacy_{name}": spent.get(name) for name in ("epsilon_rdp", "epsilon_prv", "delta")}
    found |= {f"validation_{name}": cut.get(name) for name in ("disparity_before", "disparity")}
    return {name: value for name, value in found.items() if value is not None}


def pack(build: Build, trained: Step) -> str:
    """Packs what is loaded or executed into a candidate, keeps it in the archive, and returns its digest."""
    from sluicegate.training.candidate import pack as pack_candidate

    labels, training = build.spec.data.labels, build.spec.training
    with scratch(build.home) as folder:
        pack_candidate(
            trained.folder / "model",
            folder,
            labels=labels,
            max_length_tokens=training.max_length_tokens,
            task=training.task,
        )
        return archive.keep(folder, build.home.candidates).name
