from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import torch

from sluicegate.errors import InputRefused
from sluicegate.manifest import Manifest
from sluicegate.progress import Progress, listen
from sluicegate.spec import Training
from sluicegate.training.fine_tuning import fine_tune
from tests.confined import confined

LABELS = ("bad", "fair", "good")
# Losses of the tiny model, by step; a change here is a change of what every user's model becomes.
GOLDEN = {10: 1.12421, 20: 0.52767, 30: 0.26138, 40: 0.14262, 48: 0.06362}


class Interrupted(Exception):
    """Stands for anything that ends a run between two steps."""


@pytest.fixture
def settings(rows: dict[str, Path], base_model: Path, training: Training) -> dict[str, Any]:
    return {**rows, "labels": LABELS, "training": training, "base_model": base_model}


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory, rows: dict[str, Path], base_model: Path) -> Path:
    """A run that nothing interrupted."""
    folder = tmp_path_factory.mktemp("finished") / "run"
    fine_tune(**rows, labels=LABELS, training=_training(), base_model=base_model, folder=folder)
    return folder


def _training(**changes: Any) -> Training:
    fields = {
        "base_model": "tiny-bert", "base_model_licence": "Apache-2.0", "epochs": 4, "micro_batch_size": 8,
        "max_length_tokens": 16, "learning_rate": 0.02, "head_learning_rate": 0.02, "precision": "fp32",
        "patience": 9, "checkpoint_every_steps": 5,
    }  # fmt: skip
    return Training(**{**fields, **changes})


def lines(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "curve.jsonl").read_text(encoding="utf-8").splitlines()]


def without_speed(folder: Path) -> list[dict[str, Any]]:
    return [{k: v for k, v in line.items() if k != "examples_per_second"} for line in lines(folder)]


@pytest.mark.skipif(torch.cuda.is_available(), reason="the curve is a processor's; dropout draws others on a GPU")
def test_the_loss_falls_along_the_golden_curve(finished: Path) -> None:
    losses = {line["step"]: line["loss"] for line in lines(finished) if "loss" in line}

    assert {step: losses[step] for step in GOLDEN} == pytest.approx(GOLDEN, rel=2e-3)


def test_the_folder_holds_the_model_the_curve_and_the_summary_and_nothing_else(finished: Path) -> None:
    assert [f.path for f in Manifest.of_folder(finished).files] == [
        "curve.jsonl",
        "model/config.json",
        "model/model.safetensors",
        "model/tokenizer.json",
        "model/tokenizer_config.json",
        "summary.json",
    ]
    assert not (finished / ".checkpoints").exists()


def test_the_summary_says_how_the_run_went(finished: Path) -> None:
    summary = json.loads((finished / "summary.json").read_text(encoding="utf-8"))
    scores = {line["step"]: line["validation_macro_f1"] for line in lines(finished) if "validation_macro_f1" in line}

    assert summary["steps"] == summary["steps_planned"] == 48  # 90 rows in batches of 8, four times
    assert summary["rows"] == {"train": 90, "validation": 30}
    assert summary["precision"] == "fp32"
    assert summary["best_validation_macro_f1"] == max(scores.values()) > 0.9
    assert scores[summary["best_step"]] == max(scores.values())
    assert sorted(scores) == [6, 12, 18, 24, 30, 36, 42, 48]


def test_the_saved_model_is_the_best_one_and_not_the_last(
    finished: Path, tmp_path: Path, settings: dict[str, Any]
) -> None:
    summary = json.loads((finished / "summary.json").read_text(encoding="utf-8"))
    scores = [(line["validation_macro_f1"], -line["step"]) for line in lines(finished) if "validation_macro_f1" in line]

    assert summary["best_step"] == -max(scores)[1]


def test_the_same_inputs_give_the_same_bytes(finished: Path, tmp_path: Path, settings: dict[str, Any]) -> None:
    fine_tune(**{**settings, "training": _training()}, folder=tmp_path / "again")

    assert Manifest.of_folder(tmp_path / "again" / "model") == Manifest.of_folder(finished / "model")
    assert without_speed(tmp_path / "again") == without_speed(finished)


def test_another_seed_gives_another_model(finished: Path, tmp_path: Path, settings: dict[str, Any]) -> None:
    fine_tune(**{**settings, "training": _training(seed=1)}, folder=tmp_path / "other")

    assert Manifest.of_folder(tmp_path / "other" / "model").digest != Manifest.of_folder(finished / "model").digest


def test_no_path_of_this_machine_is_written_into_the_model(finished: Path, base_model: Path) -> None:
    for path in (finished / "model").glob("*.json"):
        content = path.read_text(encoding="utf-8")
        assert str(base_model) not in content
        assert base_model.name not in content


@pytest.mark.parametrize("step", [10, 12, 20, 24, 40, 48])
def test_an_interrupted_run_ends_with_the_same_bytes(
    finished: Path, tmp_path: Path, settings: dict[str, Any], step: int
) -> None:
    def interrupt(line: dict[str, Any]) -> None:
        if line["step"] == step:
            raise Interrupted

    settings["training"] = _training()
    with pytest.raises(Interrupted):
        fine_tune(**settings, folder=tmp_path / "run", on_log=interrupt)
    fine_tune(**settings, folder=tmp_path / "run")

    assert Manifest.of_folder(tmp_path / "run" / "model") == Manifest.of_folder(finished / "model")
    assert without_speed(tmp_path / "run") == without_speed(finished)


KILLED = """
import json, os, signal, sys
from pathlib import Path
from sluicegate.settings import silence_telemetry
silence_telemetry()
from sluicegate.spec import Training
from sluicegate.training.fine_tuning import fine_tune

order = json.loads(sys.argv[1])
def on_log(line):
    if line["step"] == order["die_at"]:
        os.kill(os.getpid(), signal.SIGKILL)
paths = {name: Path(order[name]) for name in ("train", "validation", "base_model", "folder")}
fine_tune(**paths, labels=order["labels"], training=Training(**order["training"]), on_log=on_log)
"""


FULL = """
import json, sys
from pathlib import Path
from sluicegate.errors import InputRefused
from sluicegate.settings import silence_telemetry
silence_telemetry()
from sluicegate.manifest import Manifest
from sluicegate.spec import Training
from sluicegate.training.fine_tuning import fine_tune

order = json.loads(sys.argv[1])
paths = {name: Path(order[name]) for name in ("train", "validation", "base_model", "folder")}
filler = paths["folder"] / "filler"
def fill(line):
    if line["step"] == 20 and not filler.exists():
        with filler.open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(512))
            except OSError:
                pass
def run(**more):
    fine_tune(**paths, labels=order["labels"], training=Training(**order["training"]), **more)
try:
    run(on_log=fill)
except InputRefused as refused:
    print(refused)
print(sorted(p.name for p in (paths["folder"] / ".checkpoints").glob("step-*")))
filler.unlink()
steps = []
run(on_log=lambda line: steps.append(line["step"]))
print(min(steps), Manifest.of_folder(paths["folder"] / "model").digest)
"""


@pytest.mark.slow
def test_a_disk_that_fills_up_leaves_the_last_checkpoint_whole(
    finished: Path, tmp_path: Path, settings: dict[str, Any]
) -> None:
    (tmp_path / "run").mkdir()
    order = {
        **{name: str(settings[name]) for name in ("train", "validation", "base_model")},
        "folder": str(tmp_path / "run"), "labels": LABELS, "training": _training().model_dump(),
    }  # fmt: skip
    full = confined("-m", f'mount -t tmpfs -o size=2m tmpfs {tmp_path / "run"} && exec "$@"')
    done = subprocess.run([*full, sys.executable, "-c", FULL, json.dumps(order)], capture_output=True, text=True)

    refusal, kept, again = done.stdout.splitlines()
    assert refusal.startswith(str(tmp_path / "run")), done.stderr
    assert "cannot be written: " in refusal
    assert "No space left on device" in refusal
    assert "step-00000018" in kept
    first_step, digest = again.split()
    assert int(first_step) > 18
    assert digest == Manifest.of_folder(finished / "model").digest


@pytest.mark.slow
def test_a_run_killed_with_9_twice_goes_on_and_ends_with_the_same_bytes(
    finished: Path, tmp_path: Path, settings: dict[str, Any]
) -> None:
    folder = tmp_path / "run"
    settings["training"] = _training()
    for die_at in (18, 40):
        order = {
            **{name: str(settings[name]) for name in ("train", "validation", "base_model")},
            "folder": str(folder), "labels": LABELS, "training": _training().model_dump(), "die_at": die_at,
        }  # fmt: skip
        done = subprocess.run([sys.executable, "-c", KILLED, json.dumps(order)], capture_output=True, text=True)
        assert done.returncode == -9, done.stderr
    assert sorted(p.name for p in (folder / ".checkpoints").iterdir())[-1] == "step-00000036"

    steps: list[int] = []
    fine_tune(**settings, folder=folder, on_log=lambda line: steps.append(int(line["step"])))

    assert min(steps) > 36  # what was done was not done again
    assert Manifest.of_folder(folder / "model") == Manifest.of_folder(finished / "model")
    assert without_speed(folder) == without_speed(finished)


def test_output_that_was_half_written_when_the_run_was_killed_is_written_anew(
    finished: Path, tmp_path: Path, settings: dict[str, Any]
) -> None:
    def interrupt(line: dict[str, Any]) -> None:
        if line["step"] == 48:
            raise Interrupted

    settings["training"] = _training()
    with pytest.raises(Interrupted):
        fine_tune(**settings, folder=tmp_path, on_log=interrupt)
    for name in (".model.partial", "model"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "model.safetensors.tmp").write_bytes(b"half of it")
    (tmp_path / ".summary.json.partial").write_text("{", encoding="utf-8")
    fine_tune(**settings, folder=tmp_path)

    assert Manifest.of_folder(tmp_path / "model") == Manifest.of_folder(finished / "model")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["curve.jsonl", "model", "summary.json"]


def test_a_finished_run_is_not_trained_again(finished: Path, settings: dict[str, Any]) -> None:
    before = Manifest.of_folder(finished)
    settings["training"] = _training()
    fine_tune(**settings, folder=finished, on_log=lambda line: pytest.fail("it trained"))

    assert Manifest.of_folder(finished) == before


def test_a_run_that_is_finished_is_not_trained_again_on_another_engine(
    finished: Path, settings: dict[str, Any]
) -> None:
    before = Manifest.of_folder(finished)
    settings["training"] = _training(engine={"kind": "torchrun", "processes": 2})
    fine_tune(**settings, folder=finished, on_log=lambda line: pytest.fail("it trained"))

    assert Manifest.of_folder(finished) == before


def test_checkpoints_of_other_settings_are_not_used(finished: Path, tmp_path: Path, settings: dict[str, Any]) -> None:
    def interrupt(line: dict[str, Any]) -> None:
        if line["step"] == 20:
            raise Interrupted

    with pytest.raises(Interrupted):
        fine_tune(**{**settings, "training": _training(seed=5)}, folder=tmp_path / "run", on_log=interrupt)
    fine_tune(**{**settings, "training": _training()}, folder=tmp_path / "run")

    assert Manifest.of_folder(tmp_path / "run" / "model") == Manifest.of_folder(finished / "model")
    assert without_speed(tmp_path / "run") == without_speed(finished)


def test_training_stops_when_patience_ends_and_keeps_the_best_weights(tmp_path: Path, settings: dict[str, Any]) -> None:
    # rates too small to change any prediction: the first evaluation is the best, three more change nothing
    settings["training"] = _training(learning_rate=1e-12, head_learning_rate=1e-12, patience=3)
    fine_tune(**settings, folder=tmp_path)
    summary = json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))

    assert (summary["best_step"], summary["steps"], summary["stopped_early"]) == (6, 24, True)


def test_a_loss_that_is_not_a_number_is_refused_with_the_rate(tmp_path: Path, settings: dict[str, Any]) -> None:
    settings["training"] = _training(learning_rate=1e38, head_learning_rate=1e38)

    with pytest.raises(InputRefused, match=r"training: learning_rate: the loss is not finite at step \d+"):
        fine_tune(**settings, folder=tmp_path)
    assert not (tmp_path / "summary.json").exists()


def test_weights_that_are_broken_by_the_last_step_are_refused(tmp_path: Path, settings: dict[str, Any]) -> None:
    only_step = {"epochs": 1, "micro_batch_size": 90, "evaluations_per_epoch": 1, "warmup_share": 0.0}
    settings["training"] = _training(learning_rate=1e30, head_learning_rate=1e30, **only_step)

    with pytest.raises(InputRefused, match="the loss on the validation rows is not finite after step 1"):
        fine_tune(**settings, folder=tmp_path)
    assert not (tmp_path / "summary.json").exists()


def test_it_says_where_it_stands(tmp_path: Path, settings: dict[str, Any]) -> None:
    seen: list[Progress] = []
    with listen(seen.append):
        fine_tune(**{**settings, "training": _training(epochs=1)}, folder=tmp_path)

    assert (seen[-1].stage, seen[-1].done, seen[-1].total, seen[-1].unit) == ("fine-tune", 12, 12, "steps")
    assert "epoch 1/1, loss" in seen[-1].note


def test_texts_that_are_longer_than_the_model_is_to_read_are_counted_and_told(
    tmp_path: Path, settings: dict[str, Any]
) -> None:
    words = {part: pd.read_parquet(settings[part])["text"].str.split().str.len() for part in ("train", "validation")}
    longer = {part: int((count > 6).sum()) for part, count in words.items()}  # of 8 tokens two are not words
    seen: list[Progress] = []
    with listen(seen.append):
        fine_tune(**{**settings, "training": _training(epochs=1, max_length_tokens=8)}, folder=tmp_path)

    assert json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))["cut"] == longer
    assert longer["train"] > 0
    assert seen[0].note == f"{longer['train']} of 90 texts are longer than 8 tokens, and lose their ends"


def test_bf16_learns_the_same_task(tmp_path: Path, settings: dict[str, Any]) -> None:
    fine_tune(**{**settings, "training": _training(precision="bf16")}, folder=tmp_path)
    summary = json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))

    assert summary["precision"] == "bf16"
    assert summary["best_validation_macro_f1"] > 0.85


def test_torch_is_left_as_it_was_found(tmp_path: Path, settings: dict[str, Any]) -> None:
    torch.manual_seed(99)
    state = torch.get_rng_state()
    fine_tune(**{**settings, "training": _training(epochs=1)}, folder=tmp_path)

    assert torch.equal(torch.get_rng_state(), state)
    assert not torch.are_deterministic_algorithms_enabled()
