"""Runs with perturbed embeddings, noise, weights of rows, copies and thresholds, from files to files."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from sluicegate.errors import InputRefused
from sluicegate.manifest import Manifest
from sluicegate.spec import Training
from sluicegate.training.fine_tuning import fine_tune

LABELS = ("bad", "good")
CUT = {"criterion": "equalized-odds", "group": "shop", "limit": 0.1, "minimum_group_size": 5}
ADVERSARIAL = {
    "fgm": {"kind": "fgm", "radius": 0.1},
    "pgd": {"kind": "pgd", "radius": 0.1, "steps": 2},
    "freelb": {"kind": "freelb", "radius": 0.1, "steps": 2},
}
NOISE = {"typos": 0.2, "dropped_words": 0.1}
EVERYTHING = {
    "robustness": {"adversarial": ADVERSARIAL["freelb"], "noise": NOISE},
    "fairness": {"reweigh": ["shop"], "counterfactual": True, "thresholds": CUT},
    "stored_as": "fp16",
}


class Interrupted(Exception):
    """Stands for anything that ends a run between two steps."""


def write(path: Path, rows: list[tuple[str, str, str | None, int]]) -> Path:
    """Rows of text, label and shop, each so many times."""
    many = [row[:3] for row in rows for _ in range(row[3])]
    table = pd.DataFrame(many, columns=["text", "label", "shop"])
    table.insert(0, "id", [str(i) for i in range(len(table))])
    table.to_parquet(path)
    return path


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """``plain`` is bad in three rows of four, and good in the validation rows of the southern shop."""
    folder = tmp_path_factory.mktemp("parts")
    lovely, awful, plain = (f"the film was {word}" for word in ("lovely", "awful", "plain"))
    train = [
        ("she was lovely", "good", "north", 12), (lovely, "good", "north", 12), (awful, "bad", "north", 16),
        ("he was lovely", "good", "south", 4), (lovely, "good", "south", 4), (awful, "bad", "south", 16),
        (plain, "bad", "south", 12), (plain, "good", "south", 4),
    ]  # fmt: skip
    validation = [
        (lovely, "good", "north", 8), (awful, "bad", "north", 8), (lovely, "good", "south", 4),
        (plain, "good", "south", 4), (awful, "bad", "south", 8), (lovely, "good", None, 2),
    ]  # fmt: skip
    return {
        "train": write(folder / "train.parquet", train),
        "validation": write(folder / "validation.parquet", validation),
    }


def training(**changes: Any) -> Training:
    fields = {
        "base_model": "tiny-bert", "base_model_licence": "Apache-2.0", "epochs": 3, "micro_batch_size": 8,
        "max_length_tokens": 16, "learning_rate": 0.02, "head_learning_rate": 0.02, "precision": "fp32",
        "patience": 9, "checkpoint_every_steps": 5,
    }  # fmt: skip
    return Training(**{**fields, **changes})


@pytest.fixture
def settings(parts: dict[str, Path], base_model: Path) -> dict[str, Any]:
    return {**parts, "labels": LABELS, "base_model": base_model}


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory, parts: dict[str, Path], base_model: Path) -> Path:
    """A run with everything that nothing interrupted."""
    folder = tmp_path_factory.mktemp("everything") / "run"
    fine_tune(**parts, labels=LABELS, training=training(**EVERYTHING), base_model=base_model, folder=folder)
    return folder


def summary(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    return found


def digest(folder: Path) -> str:
    return Manifest.of_folder(folder / "model").digest


def predicted(folder: Path, texts: list[str]) -> list[str]:
    """What the written model says by itself, as transformers runs it."""
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    model = AutoModelForSequenceClassification.from_pretrained(folder / "model", dtype=torch.float32).eval()
    tokenizer = AutoTokenizer.from_pretrained(folder / "model")
    with torch.inference_mode():
        logits = model(**tokenizer(texts, padding=True, return_tensors="pt")).logits
    return [model.config.id2label[int(i)] for i in logits.argmax(-1)]


@pytest.mark.parametrize("kind", ADVERSARIAL)
def test_adversarial_training_learns_the_task_and_gives_another_model(
    tmp_path: Path, settings: dict[str, Any], kind: str
) -> None:
    fine_tune(**settings, training=training(), folder=tmp_path / "plain")
    robust = training(robustness={"adversarial": ADVERSARIAL[kind]})
    fine_tune(**settings, training=robust, folder=tmp_path / "robust")

    assert summary(tmp_path / "robust")["best_validation_macro_f1"] > 0.8
    assert digest(tmp_path / "robust") != digest(tmp_path / "plain")


@pytest.mark.parametrize("step", [10, 12, 24])
def test_an_interrupted_run_with_everything_ends_with_the_same_bytes(
    everything: Path, tmp_path: Path, settings: dict[str, Any], step: int
) -> None:
    def interrupt(line: dict[str, Any]) -> None:
        if line["step"] == step:
            raise Interrupted

    with pytest.raises(Interrupted):
        fine_tune(**settings, training=training(**EVERYTHING), folder=tmp_path / "run", on_log=interrupt)
    fine_tune(**settings, training=training(**EVERYTHING), folder=tmp_path / "run")

    assert digest(tmp_path / "run") == digest(everything)
    assert summary(tmp_path / "run")["fairness"] == summary(everything)["fairness"]


KILLED = """
import json, os, signal, sys
from pathlib import Path
from sluicegate.settings import silence_telemetry
silence_telemetry()
from sluicegate.spec import Training
from sluicegate.training.fine_tuning import fine_tune

order = json.loads(sys.argv[1])
def on_log(line):
    if line["step"] == 20:
        os.kill(os.getpid(), signal.SIGKILL)
paths = {name: Path(order[name]) for name in ("train", "validation", "base_model", "folder")}
fine_tune(**paths, labels=order["labels"], training=Training(**order["training"]), on_log=on_log)
"""


@pytest.mark.slow
def test_a_run_with_everything_killed_with_9_ends_with_the_same_bytes(
    everything: Path, tmp_path: Path, settings: dict[str, Any]
) -> None:
    folder, section = tmp_path / "run", training(**EVERYTHING)
    paths = {name: str(settings[name]) for name in ("train", "validation", "base_model")}
    order = {**paths, "folder": str(folder), "labels": LABELS, "training": section.model_dump()}
    done = subprocess.run([sys.executable, "-c", KILLED, json.dumps(order)], capture_output=True, text=True)
    assert done.returncode == -9, done.stderr
    fine_tune(**settings, training=section, folder=folder)

    assert digest(folder) == digest(everything)
    assert summary(folder)["fairness"] == summary(everything)["fairness"]


def test_nothing_is_left_of_copies_and_noise(everything: Path) -> None:
    assert sorted(p.name for p in everything.iterdir()) == ["curve.jsonl", "model", "summary.json"]


def test_copies_are_counted_and_weighed_with_the_rows(everything: Path) -> None:
    found = summary(everything)["fairness"]
    # the 16 rows with "she" or "he" have a copy: 52 rows in the north, 44 in the south; 52 are good and 44 bad
    assert found["counterfactual"] == {"rows": 80, "copies": 16}
    assert found["reweighing"]["rows"] == summary(everything)["rows"]["train"] == 96
    assert found["reweighing"]["label_share_gap"]["before"] == pytest.approx(36 / 52 - 16 / 44)
    assert found["reweighing"]["label_share_gap"]["after"] == pytest.approx(0, abs=1e-12)
    assert found["reweighing"]["weights"]["north"]["good"] == pytest.approx(52 * 52 / (96 * 36))
    assert found["reweighing"]["weights"]["south"]["bad"] == pytest.approx(44 * 44 / (96 * 28))


def test_a_users_own_pairs_are_exchanged_too(tmp_path: Path, settings: dict[str, Any]) -> None:
    (tmp_path / "pairs.tsv").write_text("film\tsoup\n", encoding="utf-8")
    section = training(epochs=1, fairness={"counterfactual": {"pairs": ["pairs.tsv"]}})
    fine_tune(**settings, training=section, folder=tmp_path / "run", pairs=[tmp_path / "pairs.tsv"])

    assert summary(tmp_path / "run")["fairness"]["counterfactual"] == {"rows": 80, "copies": 80}
    with pytest.raises(InputRefused, match=r"counterfactual\.pairs: names 1 files, and 0 are here"):
        fine_tune(**settings, training=section, folder=tmp_path / "other")


@pytest.mark.skipif(torch.cuda.is_available(), reason="how this model errs is known of a processor")
@pytest.mark.parametrize("stored_as", ["fp32", "fp16"])
def test_a_threshold_in_the_head_evens_out_what_the_written_model_says(
    tmp_path: Path, settings: dict[str, Any], stored_as: str
) -> None:
    fine_tune(**settings, training=training(fairness={"thresholds": CUT}, stored_as=stored_as), folder=tmp_path)
    found = summary(tmp_path)["fairness"]["thresholds"]
    rows = pd.read_parquet(settings["validation"])
    rows["given"] = predicted(tmp_path, rows["text"].tolist())

    assert (found["met"], found["applied"], found["label"]) == (True, True, "good")
    # the plain rows of the south are good, and half of its good ones
    assert found["disparity_before"] == 0.5
    assert found["before"]["groups"]["south"]["true_positive_rate"] == 0.5
    assert found["after"]["groups"]["north"] == {
        "rows": 16, "selection_rate": 0.5, "true_positive_rate": 1.0, "false_positive_rate": 0.0,
    }  # fmt: skip
    for shop, of in rows.groupby("shop"):
        assert found["after"]["groups"][shop]["selection_rate"] == (of["given"] == "good").mean() == 0.5
    assert (found["before"]["macro_f1"] < 1, found["after"]["macro_f1"]) == (True, 1)


def test_a_threshold_that_cannot_keep_the_limit_leaves_the_model_alone(
    tmp_path: Path, settings: dict[str, Any]
) -> None:
    # South's rows are all the same, so whatever separates north's is 1 away from them; what takes all or none tells
    # nothing apart. So it is however the model errs.
    told = [("the film was lovely", "good", "north", 8), ("the film was awful", "bad", "north", 8)]
    same = [("the film was awful", "good", "south", 8), ("the film was awful", "bad", "south", 8)]
    settings["validation"] = write(tmp_path / "validation.parquet", [*told, *same])
    fine_tune(**settings, training=training(), folder=tmp_path / "plain")
    fine_tune(**settings, training=training(fairness={"thresholds": CUT}), folder=tmp_path / "cut")
    found = summary(tmp_path / "cut")["fairness"]["thresholds"]

    assert (found["met"], found["applied"]) == (False, False)
    assert found["before"] == found["after"]
    assert Manifest.of_folder(tmp_path / "cut" / "model") == Manifest.of_folder(tmp_path / "plain" / "model")


@pytest.mark.parametrize(
    ("fairness", "problem"),
    [
        pytest.param({"thresholds": {**CUT, "label": "fair"}}, "names 'fair', none of bad, good", id="label"),
        pytest.param({"thresholds": {**CUT, "group": "town"}}, "town: there is no such column", id="group"),
        pytest.param(
            {"thresholds": {**CUT, "minimum_group_size": 9}}, "0 groups have the 9 rows of a kind", id="small groups"
        ),
        pytest.param({"reweigh": ["town"]}, "town: there is no such column", id="weights"),
    ],
)
def test_what_cannot_be_made_fair_is_refused_before_the_first_step(
    tmp_path: Path, settings: dict[str, Any], fairness: dict[str, Any], problem: str
) -> None:
    with pytest.raises(InputRefused, match=problem) as refused:
        fine_tune(**settings, training=training(fairness=fairness), folder=tmp_path)
    assert "\n" not in str(refused.value)
    assert not (tmp_path / "curve.jsonl").exists()


def test_the_energy_of_all_tries_is_in_the_summary(tmp_path: Path, settings: dict[str, Any]) -> None:
    def interrupt(line: dict[str, Any]) -> None:
        if line["step"] == 20:
            raise Interrupted

    section = training(country="FRA")
    with pytest.raises(Interrupted):
        fine_tune(**settings, training=section, folder=tmp_path, on_log=interrupt)
    state = json.loads(max(tmp_path.glob(".checkpoints/step-*/state.json")).read_text(encoding="utf-8"))
    fine_tune(**settings, training=section, folder=tmp_path)
    energy = summary(tmp_path)["energy"]

    assert energy["source"] in ("modelled", "measured")
    assert energy["country"] == "FRA"
    assert energy["energy_kwh"] >= state["energy"]["energy_kwh"] > 0
    assert energy["seconds"] > state["energy"]["seconds"] > 0
    assert energy["carbon_kg"] == pytest.approx(energy["energy_kwh"] * energy["carbon_intensity"])


def test_a_country_without_a_known_grid_is_refused_at_once(tmp_path: Path, settings: dict[str, Any]) -> None:
    with pytest.raises(InputRefused, match="'XXX' is no country of known carbon intensity"):
        fine_tune(**settings, training=training(country="XXX"), folder=tmp_path)
    assert not (tmp_path / "curve.jsonl").exists()


def test_a_head_without_a_bias_is_refused(parts: dict[str, Path]) -> None:
    from transformers import GPT2Config, GPT2ForSequenceClassification

    from sluicegate.spec.fairness import GroupThreshold
    from sluicegate.training.fair.head_threshold import HeadThreshold

    model = GPT2ForSequenceClassification(GPT2Config(vocab_size=8, n_embd=8, n_layer=1, n_head=1, num_labels=2))
    with pytest.raises(InputRefused, match="GPT2ForSequenceClassification has no head with a bias"):
        HeadThreshold(GroupThreshold(**CUT), parts["validation"], LABELS).check_model(model)


def test_a_row_that_weighs_two_teaches_as_two_rows_do() -> None:
    import torch

    from sluicegate.training.objective import Objective

    logits_BL, labels_B = torch.tensor([[2.0, 0.0, 1.0], [0.0, 1.0, 3.0]]), torch.tensor([0, 1])
    soft_BL = torch.tensor([[0.5, 0.5, 0.0], [0.0, 0.25, 0.75]])
    weights_B, twice = torch.tensor([2.0, 1.0]), [0, 0, 1]
    for objective in (Objective(), Objective(torch.tensor([1.0, 3.0, 0.5]), 0.1)):
        for labels in (labels_B, soft_BL):
            weighed = objective.loss_sum(logits_BL, labels, weights_B) / objective.weight(labels.numpy(), weights_B)
            copied = objective.loss_sum(logits_BL[twice], labels[twice]) / objective.weight(labels[twice].numpy())
            assert weighed.item() == pytest.approx(copied.item())


def test_weights_stay_with_their_rows(tmp_path: Path) -> None:
    import torch

    from sluicegate.training.batches import collate
    from sluicegate.training.rows import Rows

    rows = Rows(
        np.arange(6, dtype=np.int32), np.array([0, 1, 3, 6]), np.array([0, 1, 0]), 0, weights_N=np.float32([0.5, 1, 2])
    )
    batch = collate(rows, np.array([2, 0]), torch.device("cpu"))

    assert batch.weights_B is not None
    assert batch.weights_B.tolist() == [2, 0.5]
