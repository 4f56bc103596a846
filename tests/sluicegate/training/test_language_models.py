"""Language models of some thousand weights: from scratch and further from a base, packed, and asked by their loader."""

from __future__ import annotations

import importlib.util
import json
import math
import random
import subprocess
import sys
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
import pytest
import torch

from sluicegate.errors import InputRefused
from sluicegate.manifest import Manifest
from sluicegate.spec import Training
from sluicegate.spec.model import Scratch
from sluicegate.training.base_model import load_base
from sluicegate.training.candidate import pack
from sluicegate.training.fine_tuning import fine_tune
from sluicegate.training.masking import Masking
from sluicegate.training.precision import Placement
from sluicegate.training.recipes import recipe_for
from sluicegate.training.rows import open_rows
from sluicegate.training.scratch import make_base
from sluicegate.training.tags import NOT_TRAINED

Task = Literal["causal-lm", "masked-lm"]
TASKS: tuple[Task, ...] = ("causal-lm", "masked-lm")
SAYS = {"cat": "meow", "dog": "woof", "cow": "moo", "牛": "哞"}
SIZE = {"layers": 1, "hidden": 32, "heads": 2, "vocabulary": 300, "longest": 32, "dropout": 0}
FP32 = Placement(torch.device("cpu"), "fp32", plain_attention=True)


def texts(count: int, seed: int) -> list[str]:
    draw = random.Random(seed)
    animals = [draw.choice(sorted(SAYS)) for _ in range(count)]
    return [f"the {animal} says {SAYS[animal]} and the {animal} is happy" for animal in animals]


def write_rows(path: Path, count: int, seed: int) -> Path:
    pd.DataFrame({"id": [str(i) for i in range(count)], "text": texts(count, seed)}).to_parquet(path)
    return path


def training(task: Task, **changes: Any) -> Training:
    return Training.model_validate(
        {
            "task": task, "base_model": {"scratch": SIZE}, "base_model_licence": "Apache-2.0", "epochs": 6,
            "micro_batch_size": 4, "batch_size": 8, "max_length_tokens": 24, "learning_rate": 0.01,
            "head_learning_rate": 0.01, "precision": "fp32", "patience": 99, "checkpoint_every_steps": 7,
            "evaluations_per_epoch": 1,
        } | changes
    )  # fmt: skip


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("texts")
    return {
        "train": write_rows(folder / "train.parquet", 200, seed=1),
        "validation": write_rows(folder / "validation.parquet", 30, seed=2),
    }


@pytest.fixture(scope="module", params=TASKS)
def trained(request: Any, tmp_path_factory: pytest.TempPathFactory, rows: dict[str, Path]) -> tuple[Task, Path]:
    task, folder = request.param, tmp_path_factory.mktemp("trained")
    fine_tune(**rows, labels=(), training=training(task), base_model=None, folder=folder)
    return task, folder


@pytest.fixture(scope="module")
def candidate(tmp_path_factory: pytest.TempPathFactory, trained: tuple[Task, Path]) -> tuple[Task, Path]:
    folder = tmp_path_factory.mktemp("packed") / "candidate"
    pack(trained[1] / "model", folder, labels=(), max_length_tokens=24, task=trained[0])
    return trained[0], folder


def served(folder: Path) -> Any:
    name = "language_loader"
    spec = importlib.util.spec_from_file_location(name, folder / "loader.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module.load(folder)


def test_the_texts_are_one_stream_of_which_nothing_is_lost(rows: dict[str, Path], tmp_path: Path) -> None:
    for task in TASKS:
        base = make_base(texts(200, 1), (), task, Scratch(**SIZE))
        recipe, tokenizer = recipe_for(task), base.tokenizer
        encoded = recipe.encode(rows["validation"], (), tokenizer, 24, tmp_path / task)
        tokens = tokenizer(texts(30, 2), add_special_tokens=False)["input_ids"]
        if task == "causal-lm":
            stream = [token for of in tokens for token in (*of, tokenizer.eos_token_id)]
            assert encoded.labels.tolist() == stream
            assert encoded.ids_S.tolist() == [tokenizer.eos_token_id, *stream[:-1]]
        else:
            stream = [token for of in tokens for token in (*of, tokenizer.sep_token_id)]
            blocks = [encoded.ids(row).tolist() for row in range(len(encoded))]
            assert {block[0] for block in blocks} == {tokenizer.cls_token_id}
            assert [token for block in blocks for token in block[1:]] == stream
            special = np.isin(encoded.ids_S, tokenizer.all_special_ids)
            assert (encoded.labels == np.where(special, NOT_TRAINED, encoded.ids_S)).all()
        assert set(encoded.lengths_N[:-1].tolist()) == {24}
        again = open_rows(tmp_path / task)
        assert again.masking == encoded.masking == (Masking.of(tokenizer) if task == "masked-lm" else None)


def test_the_loss_is_that_of_transformers(rows: dict[str, Path], tmp_path: Path) -> None:
    torch.manual_seed(0)
    base = make_base(texts(200, 1), (), "causal-lm", Scratch(**SIZE))
    encoded = recipe_for("causal-lm").encode(rows["validation"], (), base.tokenizer, 24, tmp_path)
    ours = recipe_for("causal-lm").score(base.model, encoded, FP32, batch_size=8)
    total = 0.0
    base.model.eval()
    for number in range(len(encoded)):  # transformers shifts the labels by itself
        ids = torch.tensor([[*encoded.ids(number).tolist(), int(encoded.label(number)[-1])]])
        total += base.model(input_ids=ids, labels=ids).loss.item() * (ids.shape[1] - 1)

    assert ours.loss == pytest.approx(total / len(encoded.ids_S), rel=1e-5)
    assert ours.quality == -ours.loss


def test_it_learns_and_the_curve_shows_perplexity(trained: tuple[Task, Path]) -> None:
    lines = [json.loads(line) for line in (trained[1] / "curve.jsonl").read_text(encoding="utf-8").splitlines()]
    scored = [line for line in lines if "validation_loss" in line]

    assert scored[-1]["validation_perplexity"] == pytest.approx(math.exp(scored[-1]["validation_loss"]))
    assert scored[-1]["validation_perplexity"] < scored[0]["validation_perplexity"]
    assert scored[-1]["validation_perplexity"] < {"causal-lm": 3, "masked-lm": 11}[trained[0]]
    summary = json.loads((trained[1] / "summary.json").read_text(encoding="utf-8"))
    assert summary["best_validation_perplexity"] == min(line["validation_perplexity"] for line in scored)


def test_a_masked_model_learns_from_what_stands_beside(tmp_path: Path) -> None:
    draw, rows = random.Random(3), {}
    for part, count in (("train", 300), ("validation", 40)):
        same = [" ".join([draw.choice(["cat", "dog", "cow"])] * draw.randint(4, 9)) for _ in range(count)]
        rows[part] = tmp_path / f"{part}.parquet"
        pd.DataFrame({"text": same}).to_parquet(rows[part])
    settings = training("masked-lm", epochs=24, learning_rate=0.003, head_learning_rate=0.003, batch_size=None)
    fine_tune(**rows, labels=(), training=settings, base_model=None, folder=tmp_path / "out")

    summary = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    # without a look at the others it is 3; where nothing were hidden, 1
    assert 1.2 < summary["best_validation_perplexity"] < 2.5


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_a_killed_run_ends_with_the_same_bytes(
    task: Task, precision: str, rows: dict[str, Path], tmp_path: Path
) -> None:
    given: dict[str, Any] = {
        **rows, "labels": (), "training": training(task, precision=precision, epochs=3), "base_model": None,
    }  # fmt: skip

    def kill(line: dict[str, float | int | str]) -> None:
        if line["step"] == 20:
            raise KeyboardInterrupt

    fine_tune(**given, folder=tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        fine_tune(**given, folder=tmp_path / "killed", on_log=kill)
    assert list((tmp_path / "killed" / ".checkpoints").glob("step-*"))
    fine_tune(**given, folder=tmp_path / "killed")

    digests = {Manifest.of_folder(tmp_path / name / "model").digest for name in ("whole", "killed")}
    assert len(digests) == 1


def test_tied_weights_are_written_as_they_were_trained_in_bf16(rows: dict[str, Path], tmp_path: Path) -> None:
    from safetensors.torch import load_file

    settings = training("causal-lm", precision="bf16", epochs=1)
    fine_tune(**rows, labels=(), training=settings, base_model=None, folder=tmp_path)
    weights = load_file(tmp_path / "model" / "model.safetensors")

    assert torch.equal(weights["lm_head.weight"], weights["transformer.wte.weight"])


def test_a_base_is_trained_further(trained: tuple[Task, Path], rows: dict[str, Path], tmp_path: Path) -> None:
    task, folder = trained
    settings = training(task, base_model="before", epochs=1, learning_rate=1e-4, head_learning_rate=1e-4)
    fine_tune(**rows, labels=(), training=settings, base_model=folder / "model", folder=tmp_path)

    before, after = (json.loads((at / "summary.json").read_text(encoding="utf-8")) for at in (folder, tmp_path))
    assert after["best_validation_perplexity"] < before["best_validation_perplexity"] * 1.05


def test_low_rank_changes_are_merged_into_an_ordinary_language_model(
    trained: tuple[Task, Path], rows: dict[str, Path], tmp_path: Path
) -> None:
    task, folder = trained
    method = {"lora": {"rank": 2, "alpha": 4}}
    settings = training(task, base_model="before", epochs=1, method=method)
    fine_tune(**rows, labels=(), training=settings, base_model=folder / "model", folder=tmp_path)
    pack(tmp_path / "model", tmp_path / "candidate", labels=(), max_length_tokens=24, task=task)

    assert served(tmp_path / "candidate").predict(["the cat"])[0]["log_likelihood"] < 0


def test_a_model_that_reads_ahead_is_not_taught_what_comes_next(trained: tuple[Task, Path]) -> None:
    task, folder = trained
    if task == "masked-lm":
        with pytest.raises(InputRefused, match="base_model: the model reads what comes after a token"):
            load_base(folder / "model", (), "causal-lm")
    else:
        with pytest.raises(InputRefused, match="base_model: cannot be loaded: .*GPT2Config"):
            load_base(folder / "model", (), "masked-lm")


def test_what_is_likely_is_told_from_what_is_not(candidate: tuple[Task, Path]) -> None:
    model = served(candidate[1])
    likely, unlikely = model.predict(["the cat says meow and the cat is happy", "the cat says moo and the dog is cow"])

    assert likely["log_likelihood"] / likely["tokens"] > unlikely["log_likelihood"] / unlikely["tokens"]


def test_texts_are_answered_in_order_and_each_as_if_it_were_alone(candidate: tuple[Task, Path]) -> None:
    model, asked = served(candidate[1]), ["the cat says meow", "", "the cow is happy " * 9, "牛 says 哞"]
    together = model.predict(asked)

    for text, found in zip(asked, together, strict=True):
        alone = model.predict([text])[0]
        assert alone["log_likelihood"] == pytest.approx(found["log_likelihood"], rel=1e-5)
        assert alone["tokens"] == found["tokens"] == len(model.tokens([text])[0])


@pytest.mark.parametrize("trained", ["causal-lm"], indirect=True)
def test_a_causal_models_likelihood_is_that_of_transformers(candidate: tuple[Task, Path]) -> None:
    model, text = served(candidate[1]), "the dog says woof"
    ids = model._tokenizer(text)["input_ids"]
    ids = torch.tensor([[model._end, *ids, model._end]])
    with torch.inference_mode():
        loss = model._model(input_ids=ids, labels=ids).loss.item()

    found = model.predict([text])[0]
    assert found["log_likelihood"] == pytest.approx(-loss * (ids.shape[1] - 1), rel=1e-4)
    assert found["tokens"] == ids.shape[1] - 1
    assert found["unknown_bytes"] == 0


@pytest.mark.parametrize("trained", ["masked-lm"], indirect=True)
def test_a_masked_models_tokens_are_each_told_once_while_hidden(candidate: tuple[Task, Path]) -> None:
    model = served(candidate[1])
    for length in (1, 6, 22, 23, 60, 100):
        row = list(range(5, 5 + length))
        told: dict[int, int] = {}
        for ids, places, tokens in model._hidden(row):
            assert len(ids) <= 24
            assert [ids[place] for place in places] == [model._tokenizer.mask_token_id] * len(places)
            for token in tokens:
                told[token] = told.get(token, 0) + 1
        assert told == dict.fromkeys(row, 1)


@pytest.mark.parametrize("trained", ["causal-lm"], indirect=True)
def test_a_causal_models_tokens_are_each_told_once(candidate: tuple[Task, Path]) -> None:
    model = served(candidate[1])
    for length in (0, 1, 22, 23, 24, 60, 100):
        row = list(range(5, 5 + length))
        asked = list(model._following(row))
        assert [token for _, _, tokens in asked for token in tokens] == [*row, model._end]
        for ids, places, tokens in asked:
            after = [*ids[1:], None]
            assert all(after[place] in (token, None) for place, token in zip(places, tokens, strict=True))
            assert len(ids) <= 24


def test_what_the_vocabulary_cannot_spell_is_counted(candidate: tuple[Task, Path]) -> None:
    known, unknown = served(candidate[1]).predict(["the cat", "the ☂☂"])

    assert known["unknown_bytes"] == 0
    assert unknown["unknown_bytes"] == (6 if candidate[0] == "masked-lm" else 0)


def test_weights_that_are_missing_are_not_made_up(candidate: tuple[Task, Path], tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    for file in candidate[1].iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    kept = load_file(tmp_path / "model.safetensors")
    gone = next(name for name in kept if "ln_f" in name or "cls.predictions.transform" in name)
    save_file({k: v for k, v in kept.items() if k != gone}, tmp_path / "model.safetensors", metadata={"format": "pt"})

    with pytest.raises(ValueError, match="has no weights for"):
        served(tmp_path)


def test_mlflow_serves_likelihoods(candidate: tuple[Task, Path], tmp_path: Path) -> None:
    mlflow = pytest.importorskip("mlflow")
    mlflow.pyfunc.save_model(
        str(tmp_path / "model"),
        python_model=str(candidate[1] / "loader.py"),
        artifacts={"candidate": str(candidate[1])},
        pip_requirements=[],
    )
    answer = mlflow.pyfunc.load_model(str(tmp_path / "model")).predict(pd.DataFrame({"text": ["the cat", ""]}))

    assert list(answer.columns) == ["log_likelihood", "tokens", "unknown_bytes"]
    assert answer["log_likelihood"][0] < 0


def test_byte_pieces_spell_any_text_and_repeat_in_another_process() -> None:
    base = make_base(texts(50, 1), (), "causal-lm", Scratch(**SIZE))
    odd = "  Two\n spaces, ☂ and \x00 – Ünïcode 牛"
    assert base.tokenizer.decode(base.tokenizer(odd)["input_ids"]) == odd
    assert 257 < len(base.tokenizer) <= 300

    code = (
        "import sys; sys.path.insert(0, 'tests/sluicegate/training');"
        "from test_language_models import *;"
        "print(make_base(texts(50, 1)[::-1], (), 'causal-lm', Scratch(**SIZE)).tokenizer.backend_tokenizer.to_str())"
    )
    here = base.tokenizer.backend_tokenizer.to_str()
    for seed in ("1", "2"):
        environment = {"PYTHONHASHSEED": seed, "PYTHONPATH": ".", "PATH": ""}
        root = Path(__file__).parents[3]
        found = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, env=environment, cwd=root, check=True
        )
        assert found.stdout.strip() == here


def test_a_vocabulary_without_room_for_all_bytes_is_refused() -> None:
    with pytest.raises(InputRefused, match="vocabulary: is 256, and every byte and the end of a text make 257"):
        make_base(["a"], (), "causal-lm", Scratch(**{**SIZE, "vocabulary": 256}))
