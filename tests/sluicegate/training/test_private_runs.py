"""Private runs from files to files."""

from __future__ import annotations

import json
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import torch

from sluicegate.errors import InputRefused
from sluicegate.manifest import Manifest
from sluicegate.spec import Training
from sluicegate.training.fine_tuning import fine_tune
from sluicegate.training.objective import Objective
from tests.sluicegate.training.conftest import LABELS, write_base_model, write_rows
from tests.sluicegate.training.test_token_tagger import write_rows as write_tagged

ROWS, MANY = 240, 2000
PRIVACY = {"target_epsilon": 8.0, "delta": 1e-3, "max_grad_norm": 1.0}
LORA = {"lora": {"rank": 2, "alpha": 4}}


class Interrupted(Exception):
    """Stands for anything that ends a run between two steps."""


def training(**changes: Any) -> Training:
    fields = {
        "base_model": "tiny-bert", "base_model_licence": "Apache-2.0", "epochs": 4, "micro_batch_size": 8,
        "batch_size": 24, "max_length_tokens": 16, "learning_rate": 0.02, "head_learning_rate": 0.02,
        "precision": "fp32", "patience": 99, "checkpoint_every_steps": 7, "privacy": PRIVACY,
    }  # fmt: skip
    return Training(**{**fields, **changes})


@pytest.fixture
def parts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("parts")
    return {
        "train": write_rows(folder / "train.parquet", ROWS, 1),
        "validation": write_rows(folder / "validation.parquet", 60, 2),
    }


@pytest.fixture
def run(parts: dict[str, Path], base_model: Path, tmp_path: Path) -> Callable[..., Path]:
    """Trains with changes to the section, and gives the folder."""

    def go(name: str = "run", on_log: Any = None, **changes: Any) -> Path:
        fine_tune(
            **parts,
            labels=LABELS,
            training=training(**changes),
            base_model=base_model,
            folder=tmp_path / name,
            on_log=on_log,
        )
        return tmp_path / name

    return go


def summary(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    return found


def digest(folder: Path) -> str:
    return Manifest.of_folder(folder / "model").digest


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Rows among which a single one need not show."""
    folder = tmp_path_factory.mktemp("many")
    train = write_rows(folder / "train.parquet", MANY, 1)
    table, others = pd.read_parquet(train), {"bad": "fair", "fair": "good", "good": "bad"}
    table["label_shares"] = [json.dumps({label: 0.75, others[label]: 0.25}) for label in table["label"]]
    table.to_parquet(train)
    return {"train": train, "validation": write_rows(folder / "validation.parquet", 90, 2)}


def learn(rows: dict[str, Path], base_model: Path, folder: Path, **changes: Any) -> dict[str, Any]:
    """The summary of 50 steps over many rows."""
    fields = {
        "batch_size": MANY // 10, "micro_batch_size": 64, "epochs": 5, "learning_rate": 0.05,
        "head_learning_rate": 0.05, "privacy": {"target_epsilon": 8.0, "delta": 1e-4},
    }  # fmt: skip
    section = training(**{**fields, **changes})
    fine_tune(**rows, labels=LABELS, training=section, base_model=base_model, folder=folder)
    return summary(folder)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changes", "macro_f1"),
    [
        pytest.param({}, 0.8, id="full"),
        pytest.param({"method": LORA}, 0.65, id="lora"),
        pytest.param({"method": "frozen"}, 0.5, id="head alone"),
        pytest.param({"precision": "bf16"}, 0.8, id="bf16"),
        pytest.param({"soft_labels": True}, 0.7, id="soft labels"),
        pytest.param({"class_weights": {"bad": 2.0}, "label_smoothing": 0.1}, 0.7, id="given weights"),
        pytest.param({"robustness": {"noise": {"typos": 0.1}}}, 0.7, id="noise in texts"),
    ],
)
def test_a_private_run_learns_and_says_what_it_spent_as_opacus_does(
    many: dict[str, Path], base_model: Path, tmp_path: Path, changes: dict[str, Any], macro_f1: float
) -> None:
    """The seed is secret, so each time it is another run; the floors are far under what such runs reach."""
    from opacus.accountants import PRVAccountant, RDPAccountant

    found = learn(many, base_model, tmp_path, **changes)
    spent = found["privacy"]
    rdp, prv = RDPAccountant(), PRVAccountant()
    rdp.history = prv.history = [(spent["noise_multiplier"], 0.1, 50)]

    assert (spent["steps"], spent["sampling_rate"], spent["rows"], found["steps"]) == (50, 0.1, MANY, 50)
    assert spent["epsilon_rdp"] == pytest.approx(rdp.get_epsilon(1e-4), rel=1e-6)
    assert spent["epsilon_prv"] == pytest.approx(prv.get_epsilon(1e-4, eps_error=0.01), abs=0.1)
    assert 7.9 < max(spent["epsilon_rdp"], spent["epsilon_prv"]) <= 8.0
    assert spent["frozen_parameters"] == []
    assert found["best_validation_macro_f1"] > macro_f1


@pytest.mark.slow
def test_where_next_to_nothing_may_be_spent_nothing_is_learned(
    many: dict[str, Path], base_model: Path, tmp_path: Path
) -> None:
    """Without the noise it would be as good as any."""
    found = learn(many, base_model, tmp_path, privacy={"target_epsilon": 0.05, "delta": 1e-4})

    assert found["privacy"]["noise_multiplier"] > 20
    assert found["best_validation_macro_f1"] < 0.65


def test_a_run_that_patience_ends_has_spent_what_its_steps_did(run: Callable[..., Path]) -> None:
    found = summary(run(patience=1, evaluations_per_epoch=5, epochs=8))

    assert found["stopped_early"]
    assert found["privacy"]["steps"] == found["steps"] < found["steps_planned"]
    assert found["privacy"]["epsilon_rdp"] < 0.95 * PRIVACY["target_epsilon"]


KILLED = """
import json, os, signal, sys
from pathlib import Path
from sluicegate.settings import silence_telemetry
silence_telemetry()
from sluicegate.spec import Training
from sluicegate.training.fine_tuning import fine_tune
from sluicegate.training.objective import Objective

order = json.loads(sys.argv[1])
def on_log(line):
    if line["step"] == 30:
        os.kill(os.getpid(), signal.SIGKILL)
paths = {name: Path(order[name]) for name in ("train", "validation", "base_model", "folder")}
fine_tune(**paths, labels=order["labels"], training=Training(**order["training"]), on_log=on_log)
"""


@pytest.mark.slow
@pytest.mark.parametrize("method", ["full", pytest.param(LORA, id="lora")])
def test_a_killed_run_ends_with_the_weights_and_the_account_of_one_that_nothing_stopped(
    run: Callable[..., Path], parts: dict[str, Path], base_model: Path, tmp_path: Path, method: Any
) -> None:
    killed = tmp_path / "killed"

    def copy(line: dict[str, Any]) -> None:
        if line["step"] == 10 and "loss" in line:
            shutil.copytree(tmp_path / "whole", killed)  # as it is at step 10, with its seed

    whole = run("whole", on_log=copy, method=method)
    section = training(method=method).model_dump()
    paths = {**parts, "base_model": base_model, "folder": killed}
    order = {**{name: str(path) for name, path in paths.items()}, "labels": LABELS, "training": section}
    done = subprocess.run([sys.executable, "-P", "-c", KILLED, json.dumps(order)], capture_output=True, text=True)
    assert done.returncode == -9, done.stderr
    assert (killed / ".checkpoints" / "step-00000028").is_dir()
    run("killed", method=method)

    assert digest(killed) == digest(whole)
    assert summary(killed)["privacy"] == summary(whole)["privacy"]
    assert (killed / "curve.jsonl").read_text().count("\n") == (whole / "curve.jsonl").read_text().count("\n")


def test_the_seed_of_the_noise_is_read_by_its_owner_alone_and_nothing_keeps_it(
    run: Callable[..., Path], tmp_path: Path
) -> None:
    seeds: dict[str, str] = {}

    def look(name: str) -> Callable[[dict[str, Any]], None]:
        def on_log(line: dict[str, Any]) -> None:
            file = tmp_path / name / ".checkpoints" / "private" / "seed"
            assert stat.S_IMODE(file.stat().st_mode) == 0o600
            seeds[name] = file.read_text(encoding="ascii").strip()

        return on_log

    first = run("first", look("first"), epochs=1)
    second = run("second", look("second"), epochs=1)

    assert seeds["first"] != seeds["second"]
    assert digest(first) != digest(second)
    assert sorted(p.name for p in first.iterdir()) == ["curve.jsonl", "model", "summary.json"]
    kept = b"".join(path.read_bytes() for path in first.rglob("*") if path.is_file())
    for said in (seeds["first"], str(int(seeds["first"], 16))):
        assert said.encode() not in kept


def test_another_run_in_the_same_folder_has_another_seed(run: Callable[..., Path], tmp_path: Path) -> None:
    seeds = []

    def interrupt(line: dict[str, Any]) -> None:
        seeds.append((tmp_path / "run" / ".checkpoints" / "private" / "seed").read_text(encoding="ascii"))
        if line["step"] > 10:
            raise Interrupted

    for changes in ({}, {}, {"learning_rate": 0.01}):
        with pytest.raises(Interrupted):
            run(on_log=interrupt, **changes)
    assert len(set(seeds)) == 2
    assert seeds[-1] != seeds[0]


def test_steps_without_rows_are_steps_and_the_curve_shows_the_mean_of_the_rows_drawn(
    tmp_path: Path, parts: dict[str, Path]
) -> None:
    rows = pd.read_parquet(write_rows(tmp_path / "few.parquet", 30, 3))
    rows["text"], rows["label"] = rows["text"].iloc[0], rows["label"].iloc[0]  # with one loss, all of them
    rows.to_parquet(tmp_path / "few.parquet")
    rate = 1e-6  # of one row a step there is more noise than gradient
    section = training(
        batch_size=1, epochs=2, patience=999, learning_rate=rate, head_learning_rate=rate,
        privacy={**PRIVACY, "delta": 1e-2, "target_epsilon": 50},
    )  # fmt: skip
    fine_tune(
        train=tmp_path / "few.parquet",
        validation=parts["validation"],
        labels=LABELS,
        training=section,
        base_model=write_base_model(tmp_path / "base", dropout=0.0),
        folder=tmp_path / "run",
    )
    # 1 row in a step on average of 30: none in (29/30)^30 = 36% of 60 steps
    assert summary(tmp_path / "run")["privacy"]["steps"] == 60
    curve = [json.loads(line) for line in (tmp_path / "run" / "curve.jsonl").read_text().splitlines()]
    losses = [line["loss"] for line in curve if "loss" in line]
    assert losses == pytest.approx([losses[0]] * len(losses), rel=1e-3)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        pytest.param(
            {"privacy": {**PRIVACY, "delta": 1 / ROWS}},
            f"training.privacy: delta: is 0.00416667, not above 0 and under 1 / {ROWS} training rows",
            id="delta",
        ),
        pytest.param(
            {"batch_size": ROWS + 1},
            f"sampling_rate: expects {ROWS + 1} rows in a step, and there are {ROWS} to draw from",
            id="rows of a step",
        ),
        pytest.param({"privacy": {**PRIVACY, "delta": 1e-300}}, r"training\.privacy: ", id="out of reach"),
    ],
)
def test_what_cannot_be_met_with_these_rows_is_refused_before_the_first_step(
    run: Callable[..., Path], tmp_path: Path, changes: dict[str, Any], problem: str
) -> None:
    with pytest.raises(InputRefused, match=problem) as refused:
        run(**changes)
    assert "\n" not in str(refused.value)
    assert (tmp_path / "run" / "curve.jsonl").read_bytes() == b""


def test_the_losses_of_rows_are_those_of_batches_of_one() -> None:
    generator = torch.Generator().manual_seed(3)
    objective = Objective(torch.tensor([1.0, 2.0, 0.5]), 0.1)
    logits_BTL = torch.randn(4, 5, 3, generator=generator)
    tags_BT = torch.tensor([[0, 1, 2, -100, -100], [2, -100, -100, -100, -100], [-100] * 5, [1, 1, 0, 2, 0]])
    shares_BL = torch.rand(4, 3, generator=generator).softmax(-1)
    for logits, labels in ((logits_BTL, tags_BT), (logits_BTL[:, 0], tags_BT[:, 0]), (logits_BTL[:, 0], shares_BL)):
        found_B = objective.row_losses(logits, labels)
        for row in range(4):
            alone = objective.loss_sum(logits[row : row + 1], labels[row : row + 1])
            taught = max(1, int((labels[row] != -100).sum())) if labels.ndim == 2 and labels is tags_BT else 1
            assert found_B[row].item() == pytest.approx(alone.item() / taught, abs=1e-6)


def test_the_tags_of_a_rows_tokens_are_learned_as_one_row(tmp_path: Path, base_model: Path) -> None:
    section = training(task="token-classification", epochs=2)
    fine_tune(
        train=write_tagged(tmp_path / "train.parquet", ROWS, 1),
        validation=write_tagged(tmp_path / "validation.parquet", 60, 2),
        labels=("PERSON", "PLACE"),
        training=section,
        base_model=base_model,
        folder=tmp_path / "run",
    )
    spent = summary(tmp_path / "run")["privacy"]
    assert (spent["rows"], spent["steps"]) == (ROWS, 20)
    assert spent["epsilon_rdp"] <= 8.0
