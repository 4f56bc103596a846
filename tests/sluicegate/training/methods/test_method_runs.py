from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from safetensors import safe_open

from sluicegate.errors import InputRefused, SpecRefused
from sluicegate.manifest import Manifest
from sluicegate.spec import Training, parse
from sluicegate.training.candidate import pack
from sluicegate.training.fine_tuning import fine_tune

LABELS = ("bad", "fair", "good")
LORA = {"lora": {"rank": 4, "alpha": 8, "dropout": 0.1}}
ADALORA = {"adalora": {"initial_rank": 6, "target_rank": 3, "alpha": 12, "dropout": 0.1}}
METHODS = {
    "frozen": {"method": "frozen"},
    "lora": {"method": LORA},
    "lora-bf16": {"method": LORA, "precision": "bf16"},
    "adalora": {"method": ADALORA},
    "adalora-bf16": {"method": ADALORA, "precision": "bf16"},
}


class Interrupted(Exception):
    """Stands for anything that ends a run between two steps."""


def training(**changes: Any) -> Training:
    fields = {
        "base_model": "tiny-bert", "base_model_licence": "Apache-2.0", "epochs": 4, "micro_batch_size": 8,
        "max_length_tokens": 16, "learning_rate": 0.02, "head_learning_rate": 0.02, "precision": "fp32",
        "patience": 9, "checkpoint_every_steps": 5,
    }  # fmt: skip
    return Training(**{**fields, **changes})


@pytest.fixture(scope="module")
def knowing(tmp_path_factory: pytest.TempPathFactory, rows: dict[str, Path], base_model: Path) -> Path:
    """A body that knows the words from other labels: low-rank changes to one drawn at random teach it little."""
    from transformers import AutoModel, AutoTokenizer

    folder = tmp_path_factory.mktemp("knowing")
    renamed = {}
    for part, path in rows.items():
        table = pd.read_parquet(path)
        table["label"] = table["label"].map({"bad": "x", "fair": "y", "good": "z"})
        table.to_parquet(folder / f"{part}.parquet")
        renamed[part] = folder / f"{part}.parquet"
    fine_tune(**renamed, labels="xyz", training=training(), base_model=base_model, folder=folder / "run")
    AutoModel.from_pretrained(folder / "run" / "model").save_pretrained(folder / "base")
    AutoTokenizer.from_pretrained(folder / "run" / "model").save_pretrained(folder / "base")
    return folder / "base"


@pytest.fixture
def settings(rows: dict[str, Path], knowing: Path) -> dict[str, Any]:
    return {**rows, "labels": LABELS, "base_model": knowing}


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory, rows: dict[str, Path], knowing: Path) -> dict[str, Path]:
    """A run of each method that nothing interrupted."""
    folder = tmp_path_factory.mktemp("finished")
    for name, changes in METHODS.items():
        fine_tune(**rows, labels=LABELS, training=training(**changes), base_model=knowing, folder=folder / name)
    return {name: folder / name for name in METHODS}


def summary(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    return found


def tensors(folder: Path) -> dict[str, Any]:
    with safe_open(folder / "model" / "model.safetensors", "pt") as file:
        return {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 – the file is no mapping


@pytest.mark.parametrize("name", METHODS)
def test_every_method_learns_the_task_with_few_of_the_weights(finished: dict[str, Path], name: str) -> None:
    found = summary(finished[name])

    assert found["best_validation_macro_f1"] > 0.8
    assert found["trained_parameters"] < found["parameters"]


@pytest.mark.parametrize("name", METHODS)
def test_the_model_is_an_ordinary_one_whatever_the_method(finished: dict[str, Path], name: str, tmp_path: Path) -> None:
    from transformers import AutoModelForSequenceClassification

    pack(finished[name] / "model", tmp_path / "candidate", labels=LABELS, max_length_tokens=16)
    model = AutoModelForSequenceClassification.from_pretrained(tmp_path / "candidate", local_files_only=True)

    assert set(tensors(finished[name])) == set(model.state_dict())
    assert "peft" not in (tmp_path / "candidate" / "requirements.txt").read_text(encoding="utf-8")
    assert "peft" not in (tmp_path / "candidate" / "config.json").read_text(encoding="utf-8")


def test_a_frozen_body_is_that_of_the_base_model(finished: dict[str, Path], knowing: Path) -> None:
    import torch

    with safe_open(knowing / "model.safetensors", "pt") as file:
        base = {f"bert.{name}": file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    found = tensors(finished["frozen"])

    for name, tensor in base.items():
        assert torch.equal(found[name], tensor) == ("pooler" not in name)


@pytest.mark.parametrize(("name", "step"), [*((name, 20) for name in METHODS), ("adalora", 12), ("adalora", 40)])
def test_an_interrupted_run_ends_with_the_same_bytes(
    finished: dict[str, Path], tmp_path: Path, settings: dict[str, Any], name: str, step: int
) -> None:
    def interrupt(line: dict[str, Any]) -> None:
        if line["step"] == step:
            raise Interrupted

    settings["training"] = training(**METHODS[name])
    with pytest.raises(Interrupted):
        fine_tune(**settings, folder=tmp_path / "run", on_log=interrupt)
    fine_tune(**settings, folder=tmp_path / "run")

    assert Manifest.of_folder(tmp_path / "run" / "model") == Manifest.of_folder(finished[name] / "model")


@pytest.mark.parametrize("name", ["frozen", "adalora"])
def test_another_seed_gives_another_model(
    finished: dict[str, Path], tmp_path: Path, settings: dict[str, Any], name: str
) -> None:
    fine_tune(**settings, training=training(**METHODS[name], seed=1), folder=tmp_path)

    assert Manifest.of_folder(tmp_path / "model").digest != Manifest.of_folder(finished[name] / "model").digest


@pytest.mark.parametrize("name", ["frozen", "lora", "adalora"])
def test_training_stops_when_patience_ends_and_keeps_the_best_weights(
    tmp_path: Path, settings: dict[str, Any], name: str
) -> None:
    # rates too small to change any prediction: the first evaluation is the best, three more change nothing
    slow = training(**METHODS[name], learning_rate=1e-12, head_learning_rate=1e-12, patience=3)
    fine_tune(**settings, training=slow, folder=tmp_path)
    found = summary(tmp_path)

    assert (found["best_step"], found["steps"], found["stopped_early"]) == (6, 24, True)


@pytest.mark.parametrize("name", ["lora", "adalora"])
def test_a_checkpoint_holds_no_weight_that_never_changes(tmp_path: Path, settings: dict[str, Any], name: str) -> None:
    def interrupt(line: dict[str, Any]) -> None:
        if line["step"] == 12:
            raise Interrupted

    with pytest.raises(Interrupted):
        fine_tune(**settings, training=training(**METHODS[name]), folder=tmp_path, on_log=interrupt)
    newest = max((tmp_path / ".checkpoints").glob("step-*"))
    with safe_open(next(newest.glob("model*.safetensors")), "pt") as file:
        names = set(file.keys())

    assert all(".lora_" in name or "pooler" in name or "classifier" in name for name in names)


def test_a_target_that_is_no_layer_is_refused(tmp_path: Path, settings: dict[str, Any]) -> None:
    unknown = training(method={"lora": {"rank": 2, "alpha": 4, "targets": ["q_proj"]}})

    with pytest.raises(InputRefused, match=r"method\.lora\.targets: 'q_proj' is the name of no linear layer"):
        fine_tune(**settings, training=unknown, folder=tmp_path)


@pytest.mark.parametrize(
    ("method", "problem"),
    [
        pytest.param("lorra", r"method: must be `full`, `frozen`, `{lora: .*, not 'lorra'", id="no such method"),
        pytest.param({"lora": {"rank": 2, "alpha": 4}, "adalora": {}}, "method: must be `full`", id="two methods"),
        pytest.param({"lora": {"alpha": 4}}, r"method\.LoRA\.lora\.rank: is missing", id="no rank"),
        pytest.param(
            {"adalora": {"initial_rank": 4, "target_rank": 4, "alpha": 4}},
            r"`target_rank` must be less than `initial_rank` \(4\)",
            id="no rank to take away",
        ),
        pytest.param(
            {"adalora": {"initial_rank": 4, "target_rank": 2, "alpha": 4, "initial_share": 0.7}},
            "must leave steps to take ranks away",
            id="no steps between",
        ),
    ],
)
def test_a_method_that_cannot_be_is_refused_in_a_line(method: Any, problem: str) -> None:
    with pytest.raises(SpecRefused, match=problem) as refused:
        parse(Training, {"base_model": "x", "base_model_licence": "MIT", "method": method}, "spec.yaml")
    assert "\n" not in str(refused.value)


def test_a_model_from_scratch_has_no_body_to_keep() -> None:
    scratch = {"layers": 1, "hidden": 8, "heads": 1, "vocabulary": 100, "longest": 128}

    with pytest.raises(SpecRefused, match="`method` must be `full`"):
        parse(
            Training,
            {"base_model": {"scratch": scratch}, "base_model_licence": "MIT", "method": "frozen"},
            "spec.yaml",
        )
