from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sluicegate.errors import InputRefused
from sluicegate.evidence.predictions import arrange, labels_of, predict, write_predictions
from sluicegate.manifest import Manifest
from tests.sluicegate.evidence.made_up import answers, write_candidate

ANSWERS = """
import numpy as np
class Classifier:
    def predict_proba(self, texts):
        return np.array([{answer}] * len(texts))
def load(folder):
    return Classifier()
"""


def test_asking_a_candidate_leaves_its_folder_as_it_is(tmp_path: Path) -> None:
    candidate = write_candidate(tmp_path / "candidate")
    before = Manifest.of_folder(candidate)
    predict(candidate, ["a lovely lamp"], "evaluate")
    assert Manifest.of_folder(candidate) == before


def test_answers_come_back_in_the_order_of_the_texts(tmp_path: Path) -> None:
    candidate = write_candidate(tmp_path / "candidate")
    texts = [f"a {'lovely' if number % 3 else 'dreary'} lamp" + " or so" * (number % 7) for number in range(600)]
    found = predict(candidate, texts, "evaluate").argmax(1)
    assert found.tolist() == [2 if number % 3 else 0 for number in range(600)]


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        pytest.param("[0.5, 0.5]", "gave no probabilities of 3 labels", id="too few"),
        pytest.param("[float('nan'), 0.5, 0.5]", "gave no probabilities of 3 labels", id="not a number"),
        pytest.param("[-0.5, 1.0, 0.5]", "gave no probabilities of 3 labels", id="negative"),
        pytest.param("[0.5, 0.5, 0.5]", "do not sum to 1", id="too much"),
    ],
)
def test_answers_that_are_no_probabilities_are_refused(tmp_path: Path, answer: str, says: str) -> None:
    candidate = write_candidate(tmp_path / "candidate", loader=ANSWERS.format(answer=answer))
    with pytest.raises(InputRefused, match=says):
        predict(candidate, ["a lamp"], "evaluate")


def test_a_candidate_without_a_loader_is_refused(tmp_path: Path) -> None:
    candidate = write_candidate(tmp_path / "candidate")
    (candidate / "loader.py").unlink()
    with pytest.raises(InputRefused, match=r"loader\.py: there is no such file"):
        predict(candidate, ["a lamp"], "evaluate")


@pytest.mark.parametrize("config", [None, "{", "{}", '{"id2label": {"1": "a"}}'])
def test_a_candidate_that_does_not_name_its_labels_is_refused(tmp_path: Path, config: str | None) -> None:
    if config is not None:
        (tmp_path / "config.json").write_text(config)
    with pytest.raises(InputRefused, match=r"config\.json"):
        labels_of(tmp_path)


def test_probabilities_follow_the_order_of_the_spec() -> None:
    found = arrange(np.array([[0.1, 0.2, 0.7]]), ("c", "a", "b"), ("a", "b", "c"))
    assert found is not None
    assert found.tolist() == [[0.2, 0.7, 0.1]]
    assert arrange(np.array([[0.5, 0.5]]), ("a", "b"), ("a", "x")) is None


def test_the_answers_are_kept_without_the_texts(tmp_path: Path) -> None:
    table = pd.DataFrame({"id": ["a", "b"], "text": ["one", "two"], "label": ["no", "yes"], "place": ["x", "y"]})
    write_predictions(table, answers([0, 1], [0, 0], ("no", "yes")), ["place"], tmp_path / "p.parquet")
    kept = pd.read_parquet(tmp_path / "p.parquet")
    assert list(kept.columns) == ["id", "label", "place", "predicted", "probability[no]", "probability[yes]"]
    assert kept["predicted"].tolist() == ["no", "no"]


@pytest.mark.parametrize("answer", ["[float('nan'), 0.5, 0.5]", "[-0.5, 1.0, 0.5]", "[0.5, 0.5, 0.5]"])
def test_an_answer_that_is_no_probabilities_can_be_kept_as_no_numbers(tmp_path: Path, answer: str) -> None:
    either = f"[0.2, 0.3, 0.5] if 'fine' in text else {answer}"
    loader = ANSWERS.replace("[{answer}] * len(texts)", f"[{either} for text in texts]")
    found = predict(write_candidate(tmp_path / "candidate", loader=loader), ["odd", "fine"], "test", keep_improper=True)
    assert np.isnan(found[0]).all()
    assert found[1].tolist() == [0.2, 0.3, 0.5]


def test_answers_of_another_number_of_labels_are_refused_even_so(tmp_path: Path) -> None:
    candidate = write_candidate(tmp_path / "candidate", loader=ANSWERS.format(answer="[0.5, 0.5]"))
    with pytest.raises(InputRefused, match="gave no probabilities of 3 labels"):
        predict(candidate, ["a"], "test", keep_improper=True)
