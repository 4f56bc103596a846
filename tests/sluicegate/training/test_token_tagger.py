"""A tagger of a few thousand weights: trained, packed, and asked by its own loader."""

from __future__ import annotations

import importlib.util
import json
import random
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from sluicegate.errors import InputRefused
from sluicegate.manifest import Manifest
from sluicegate.spec import Training
from sluicegate.spec.spans import Span, dump_spans
from sluicegate.training.candidate import pack
from sluicegate.training.fine_tuning import fine_tune

LABELS = ("PERSON", "PLACE")
PEOPLE = ("Ada", "Bram", "Cleo", "Dirk", "Elfi", "王小明")
PLACES = ("Rome", "Oslo", "Lima", "北京", "Riga")
WORDS = ("we", "saw", "the", "old", "chair", "in", "and", "went", "to", "with", "今天", "去了", "看见")


def write_rows(path: Path, count: int, seed: int) -> Path:
    draw = random.Random(seed)
    rows = []
    for number in range(count):
        text, spans = "", []
        for _ in range(draw.randint(3, 8)):
            kind = draw.choice(["", "", "PERSON", "PLACE"])
            word = draw.choice({"": WORDS, "PERSON": PEOPLE, "PLACE": PLACES}[kind])
            if kind and (not spans or spans[-1].end + 1 != len(text)):  # neighbours of one type would be one span
                spans.append(Span(len(text), len(text) + len(word), kind))
                text += word + " "
            elif not kind:
                text += word + " "
        rows.append({"id": str(number), "text": text.strip() or "we", "label": "none", "spans": dump_spans(spans)})
    pd.DataFrame(rows).to_parquet(path)
    return path


def training(**changes: Any) -> Training:
    return Training.model_validate(
        {
            "task": "token-classification", "base_model_licence": "Apache-2.0", "epochs": 8, "micro_batch_size": 16,
            "base_model": {"scratch": {"layers": 1, "hidden": 32, "heads": 2, "vocabulary": 300, "longest": 32}},
            "max_length_tokens": 16, "learning_rate": 0.01, "head_learning_rate": 0.01, "precision": "fp32",
            "patience": 99, "checkpoint_every_steps": 7, "stored_as": "fp16",
        } | changes
    )  # fmt: skip


@pytest.fixture(scope="module")
def tagged_rows(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("tagged")
    return {
        "train": write_rows(folder / "train.parquet", 400, seed=1),
        "validation": write_rows(folder / "validation.parquet", 60, seed=2),
    }


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory, tagged_rows: dict[str, Path]) -> Path:
    folder = tmp_path_factory.mktemp("trained-tagger")
    fine_tune(**tagged_rows, labels=LABELS, training=training(), base_model=None, folder=folder)
    return folder


@pytest.fixture(scope="module")
def candidate(tmp_path_factory: pytest.TempPathFactory, trained: Path) -> Path:
    folder = tmp_path_factory.mktemp("packed-tagger") / "candidate"
    pack(trained / "model", folder, labels=LABELS, max_length_tokens=16, task="token-classification")
    return folder


@pytest.fixture(scope="module")
def tagger(candidate: Path) -> Any:
    name = "tagger_loader"
    spec = importlib.util.spec_from_file_location(name, candidate / "loader.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module.load(candidate)


def found(tagger: Any, text: str) -> list[tuple[str, str]]:
    return [(text[span["start"] : span["end"]], span["entity_type"]) for span in tagger.predict([text])[0]]


def test_it_learns_to_mark_names_and_places_where_they_stand(tagger: Any) -> None:
    assert found(tagger, "we saw Cleo in the old Oslo") == [("Cleo", "PERSON"), ("Oslo", "PLACE")]
    assert found(tagger, "今天 去了 北京 and saw 王小明") == [("北京", "PLACE"), ("王小明", "PERSON")]
    assert found(tagger, "the old chair") == []


def test_texts_are_answered_in_order_and_each_as_if_it_were_alone(tagger: Any) -> None:
    texts = ["we saw Ada", "", "in Rome and to Lima with Bram", "the"]

    together = tagger.predict(texts)

    assert [span["entity_type"] for span in together[2]] == ["PLACE", "PLACE", "PERSON"]
    assert together[1] == []
    for text, spans in zip(texts, together, strict=True):
        alone = tagger.predict([text])[0]
        assert [{**span, "score": 0} for span in alone] == [{**span, "score": 0} for span in spans]
        assert all(0 < span["score"] <= 1 for span in spans)


def test_a_text_longer_than_the_model_reads_is_read_to_its_end(tagger: Any) -> None:
    text = "we saw the old chair and went to the old chair with " * 4 + "Ada"

    assert found(tagger, text)[-1] == ("Ada", "PERSON")
    assert found(tagger, "Ada " + text)[0] == ("Ada", "PERSON")


def test_progress_counts_texts(tagger: Any) -> None:
    seen: list[int] = []

    tagger.predict(["Ada"] * 5, on_progress=seen.append)

    assert seen == [5]


def test_a_tagger_that_was_killed_goes_on_and_ends_with_the_same_bytes(
    tagged_rows: dict[str, Path], trained: Path, tmp_path: Path
) -> None:
    def kill(line: dict[str, float | int | str]) -> None:
        if line["step"] == 30:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fine_tune(**tagged_rows, labels=LABELS, training=training(), base_model=None, folder=tmp_path, on_log=kill)
    assert list((tmp_path / ".checkpoints").glob("step-*"))
    fine_tune(**tagged_rows, labels=LABELS, training=training(), base_model=None, folder=tmp_path)

    assert Manifest.of_folder(tmp_path / "model").digest == Manifest.of_folder(trained / "model").digest


def test_the_card_says_what_the_candidate_does(candidate: Path) -> None:
    card = json.loads((candidate / "candidate.json").read_text(encoding="utf-8"))

    assert card == {"labels": list(LABELS), "max_length_tokens": 16, "task": "token-classification"}


def test_a_tagger_is_not_packed_as_a_classifier(trained: Path, tmp_path: Path) -> None:
    with pytest.raises(InputRefused, match="names O, PERSON, PLACE, not PERSON, PLACE"):
        pack(trained / "model", tmp_path / "candidate", labels=LABELS, max_length_tokens=16)


def test_mlflow_serves_its_spans_as_json(candidate: Path, tmp_path: Path) -> None:
    mlflow = pytest.importorskip("mlflow")
    mlflow.pyfunc.save_model(
        str(tmp_path / "model"),
        python_model=str(candidate / "loader.py"),
        artifacts={"candidate": str(candidate)},
        pip_requirements=[],
    )

    answer = mlflow.pyfunc.load_model(str(tmp_path / "model")).predict(pd.DataFrame({"text": ["we saw Ada", "the"]}))

    assert list(answer.columns) == ["spans"]
    first, second = map(json.loads, answer["spans"])
    assert [(span["start"], span["end"], span["entity_type"]) for span in first] == [(7, 10, "PERSON")]
    assert second == []
