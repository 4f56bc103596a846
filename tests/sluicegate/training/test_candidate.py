from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

from sluicegate.errors import InputRefused
from sluicegate.manifest import Manifest
from sluicegate.spec import Training
from sluicegate.training.candidate import pack
from sluicegate.training.fine_tuning import fine_tune

LABELS = ("bad", "fair", "good")
TEXTS = ["the soup was awful", "my new chair was quite bright and the film was lovely", "medium", ""]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory, rows: dict[str, Path], base_model: Path) -> Path:
    training = Training(
        base_model="tiny-bert", base_model_licence="Apache-2.0", epochs=6, micro_batch_size=8, max_length_tokens=16,
        learning_rate=0.02, head_learning_rate=0.02, precision="fp32",
    )  # fmt: skip
    folder = tmp_path_factory.mktemp("trained")
    fine_tune(**rows, labels=LABELS, training=training, base_model=base_model, folder=folder)
    return folder / "model"


@pytest.fixture(scope="module")
def candidate(tmp_path_factory: pytest.TempPathFactory, model: Path) -> Path:
    folder = tmp_path_factory.mktemp("packed") / "candidate"
    pack(model, folder, labels=LABELS, max_length_tokens=16)
    return folder


def loader_of(folder: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("candidate_loader", folder / "loader.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_candidate_holds_everything_that_is_loaded_or_executed(candidate: Path) -> None:
    assert [f.path for f in Manifest.of_folder(candidate).files] == [
        "candidate.json",
        "config.json",
        "loader.py",
        "model.safetensors",
        "requirements.txt",
        "tokenizer.json",
        "tokenizer_config.json",
    ]


def test_packing_twice_gives_the_same_digest(model: Path, candidate: Path, tmp_path: Path) -> None:
    manifest = pack(model, tmp_path / "again", labels=LABELS, max_length_tokens=16)

    assert manifest == Manifest.of_folder(candidate)


@pytest.mark.parametrize("name", ["model.safetensors", "loader.py", "requirements.txt", "tokenizer.json"])
def test_a_changed_byte_anywhere_is_another_candidate(candidate: Path, tmp_path: Path, name: str) -> None:
    shutil.copytree(candidate, tmp_path / "copy")
    with (tmp_path / "copy" / name).open("ab") as file:
        file.write(b" ")

    assert Manifest.of_folder(tmp_path / "copy").digest != Manifest.of_folder(candidate).digest


def test_nothing_rides_along_with_the_models_folder(model: Path, tmp_path: Path) -> None:
    shutil.copytree(model, tmp_path / "model")
    (tmp_path / "model" / "pytorch_model.bin").write_bytes(b"pickle")
    pack(tmp_path / "model", tmp_path / "candidate", labels=LABELS, max_length_tokens=16)

    assert not (tmp_path / "candidate" / "pytorch_model.bin").exists()


def test_a_model_without_its_tokenizer_is_refused(model: Path, tmp_path: Path) -> None:
    shutil.copytree(model, tmp_path / "model")
    (tmp_path / "model" / "tokenizer.json").unlink()

    with pytest.raises(InputRefused, match=r"tokenizer\.json: is missing"):
        pack(tmp_path / "model", tmp_path / "candidate", labels=LABELS, max_length_tokens=16)


def test_labels_in_another_order_are_refused(model: Path, tmp_path: Path) -> None:
    with pytest.raises(InputRefused, match="id2label: names bad, fair, good, not good, fair, bad"):
        pack(model, tmp_path / "candidate", labels=LABELS[::-1], max_length_tokens=16)


def test_a_folder_that_holds_something_is_refused(model: Path, tmp_path: Path) -> None:
    (tmp_path / "old.txt").write_text("something", encoding="utf-8")

    with pytest.raises(InputRefused, match="is not empty"):
        pack(model, tmp_path, labels=LABELS, max_length_tokens=16)


def test_requirements_pin_every_library_that_serves_it(candidate: Path) -> None:
    lines = (candidate / "requirements.txt").read_text(encoding="utf-8").splitlines()

    assert [line.split("==")[0] for line in lines] == [
        "mlflow", "numpy", "pandas", "safetensors", "tokenizers", "torch", "transformers",
    ]  # fmt: skip
    assert all("+" not in line and line.split("==")[1] for line in lines)


def test_probabilities_are_in_the_order_of_the_texts_whatever_their_length(candidate: Path) -> None:
    classifier = loader_of(candidate).load(candidate)
    probabilities = classifier.predict_proba(TEXTS)

    assert probabilities.shape == (4, 3)
    assert probabilities.dtype == np.float64
    assert probabilities.sum(axis=1) == pytest.approx(1.0)
    assert [classifier.labels[i] for i in probabilities[:3].argmax(axis=1)] == ["bad", "good", "fair"]
    for i, text in enumerate(TEXTS):
        assert classifier.predict_proba([text])[0] == pytest.approx(probabilities[i], abs=1e-5)


def test_no_texts_give_no_rows(candidate: Path) -> None:
    assert loader_of(candidate).load(candidate).predict_proba([]).shape == (0, 3)


def test_a_text_is_cut_where_training_cut_it(candidate: Path) -> None:
    classifier = loader_of(candidate).load(candidate)
    kept = "the " * 14  # and [CLS] and [SEP] make 16
    cut, short = classifier.predict_proba([kept + "awful", kept])

    assert cut == pytest.approx(short)


def test_progress_counts_the_texts(candidate: Path) -> None:
    seen: list[int] = []
    loader_of(candidate).load(candidate).predict_proba(TEXTS * 20, on_progress=seen.append)

    assert seen == [64, 80]


ALONE = """
import importlib.util, json, sys
spec = importlib.util.spec_from_file_location("candidate_loader", sys.argv[1] + "/loader.py")
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
answer = module.load(sys.argv[1]).predict_proba(json.loads(sys.argv[2])).tolist()
print(json.dumps([answer, sorted({m.split(".")[0] for m in sys.modules} & {"mlflow", "sluicegate"})]))
"""


@pytest.mark.slow
def test_the_loader_stands_alone_without_mlflow_and_without_sluicegate(candidate: Path) -> None:
    command = [sys.executable, "-c", ALONE, str(candidate), json.dumps(TEXTS)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=candidate)
    answer, imported = json.loads(done.stdout.splitlines()[-1])

    assert imported == []
    assert np.array(answer) == pytest.approx(loader_of(candidate).load(candidate).predict_proba(TEXTS))


@pytest.mark.slow
def test_mlflow_serves_the_same_probabilities_from_the_same_script(candidate: Path, tmp_path: Path) -> None:
    import mlflow.pyfunc

    mlflow.pyfunc.save_model(
        tmp_path / "saved",
        python_model=str(candidate / "loader.py"),
        artifacts={"candidate": str(candidate)},
        pip_requirements=str(candidate / "requirements.txt"),
    )
    served = mlflow.pyfunc.load_model(str(tmp_path / "saved"))
    answer = served.predict(pd.DataFrame({"text": TEXTS}, index=[5, 6, 7, 8]))

    assert not list((tmp_path / "saved").rglob("*.pkl"))
    assert list(answer.columns) == ["label", *LABELS]
    assert list(answer.index) == [5, 6, 7, 8]
    assert list(answer["label"])[:3] == ["bad", "good", "fair"]
    expected = loader_of(candidate).load(candidate).predict_proba(TEXTS)
    assert answer[list(LABELS)].to_numpy() == pytest.approx(expected)
