from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
import torch

from sluicegate.evidence.predictions import load_model
from sluicegate.evidence.white_box import TOLERANCE, Opaque, WhiteBox, log_odds, look_inside
from tests.sluicegate.evidence.made_up import LABELS, make_rows, write_candidate
from tests.sluicegate.evidence.opened import LONGEST, write_bert

TEXTS = [*make_rows(20, seed=1, prefix="t")["text"], "", "lovely", "lovely " * 60]


@pytest.fixture(scope="module")
def bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_bert(tmp_path_factory.mktemp("white-box") / "candidate")


def opened(candidate: Path, labels: tuple[str, ...] = LABELS) -> WhiteBox | Opaque:
    probabilities_SL = load_model(candidate).predict_proba(TEXTS)
    order = [LABELS.index(label) for label in labels]
    return look_inside(candidate, labels, TEXTS, probabilities_SL[:, order], 0)


def test_weights_answer_as_the_loader_does(bert: Path) -> None:
    box = opened(bert)
    assert isinstance(box, WhiteBox)
    readings = box.read(TEXTS)
    assert box.probabilities(readings) == pytest.approx(load_model(bert).predict_proba(TEXTS), abs=1e-6)
    assert max(len(reading.ids) for reading in readings) == LONGEST
    assert readings[20].own == (False, False)
    assert readings[21].own == (False, True, False)
    assert box.baseline[0] == "mask"


def test_labels_come_in_the_order_that_is_wanted(bert: Path) -> None:
    box = opened(bert, LABELS[::-1])
    assert isinstance(box, WhiteBox)
    assert box.probabilities(box.read(TEXTS))[:, ::-1] == pytest.approx(load_model(bert).predict_proba(TEXTS), abs=1e-6)


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param("found = found[:, ::-1]", id="labels exchanged"),
        pytest.param(f"found = found * (1 - {2 * TOLERANCE}) + {2 * TOLERANCE} / 3", id="smoothed"),
        pytest.param("found[0] = float('nan')", id="NaN"),
    ],
)
def test_a_loader_that_answers_otherwise_leaves_nothing_to_look_into(bert: Path, tmp_path: Path, wrong: str) -> None:
    candidate = write_bert(tmp_path / "candidate")
    loader = candidate / "loader.py"
    served = "        return probabilities_NL\n\n\nclass Tagger"
    assert loader.read_text().count(served) == 1
    body = f"        found = probabilities_NL.copy()\n        {wrong}\n        return found\n\n\nclass Tagger"
    loader.write_text(loader.read_text().replace(served, body))
    found = opened(candidate)
    assert isinstance(found, Opaque)
    assert "its weights and its own loader" in found.why
    assert not any(text in found.why for text in TEXTS if text)


def test_what_is_no_model_of_transformers_is_said_to_be_none(tmp_path: Path) -> None:
    found = look_inside(write_candidate(tmp_path / "stub"), LABELS, ["a"], np.full((1, 3), 1 / 3), 0)
    assert isinstance(found, Opaque)
    assert found.why == "its files are not those of a text classifier that transformers opens (FileNotFoundError)"


def test_missing_weights_other_labels_other_tasks_and_no_texts_are_told_apart(bert: Path, tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    candidate = write_bert(tmp_path / "candidate")
    uniform = np.full((1, 3), 1 / 3)
    other = look_inside(candidate, ("x", "y", "z"), ["a"], uniform, 0)
    assert other == Opaque("its labels are others")
    none = look_inside(candidate, LABELS, [], np.zeros((0, 3)), 0)
    assert none == Opaque("there are no texts on which its weights could be compared with its own loader")
    weights = load_file(candidate / "model.safetensors")
    del weights["classifier.bias"]
    save_file(weights, candidate / "model.safetensors", {"format": "pt"})
    assert look_inside(candidate, LABELS, ["a"], uniform, 0) == Opaque("its files lack weights")
    (candidate / "model.safetensors").write_bytes(b"no weights")
    broken = look_inside(candidate, LABELS, ["a"], uniform, 0)
    assert isinstance(broken, Opaque)
    card = candidate / "candidate.json"
    card.write_text(json.dumps({**json.loads(card.read_text()), "task": "causal-lm"}))
    task = look_inside(candidate, LABELS, ["a"], uniform, 0)
    assert task == Opaque("gradients are looked at for sequence-classification alone, not for causal-lm")


def test_embeddings_take_the_place_of_those_of_the_tokens(bert: Path) -> None:
    box = opened(bert)
    assert isinstance(box, WhiteBox)
    ids_BT, mask_BT, _ = box.tensors(box.read(["a lovely lamp", "a dreary lamp"]))
    embeddings_BTH = box.embed(ids_BT)
    as_it_is = box.logits(embeddings_BTH, ids_BT, mask_BT)
    exchanged = box.logits(embeddings_BTH.flip(0), ids_BT, mask_BT)
    assert torch.allclose(exchanged, as_it_is.flip(0), atol=1e-6)
    assert torch.allclose(box.model(input_ids=ids_BT, attention_mask=mask_BT).logits, as_it_is, atol=1e-6)


def test_log_odds_by_hand() -> None:
    logits = torch.log(torch.tensor([[0.2, 0.3, 0.5], [0.9, 0.05, 0.05]]))
    assert log_odds(logits + 7, torch.tensor([2, 1])).tolist() == pytest.approx([0.0, math.log(0.05 / 0.95)], abs=1e-6)


def test_log_odds_keep_a_gradient_where_a_probability_is_one() -> None:
    logits = torch.tensor([[200.0, 0.0]], requires_grad=True)
    (gradient,) = torch.autograd.grad(log_odds(logits, torch.tensor([0])).sum(), logits)
    assert gradient.tolist() == [[1.0, -1.0]]


def test_a_model_that_does_not_read_its_embeddings_is_opaque(bert: Path) -> None:
    box = opened(bert)
    assert isinstance(box, WhiteBox)
    readings = box.read(["lovely coat"])
    assert box.answers_to_embeddings(readings)
    spare = torch.nn.Embedding(*box.model.get_input_embeddings().weight.shape)
    box.model.get_input_embeddings = lambda: spare  # as of a model whose halves have embeddings of their own
    assert not box.answers_to_embeddings(readings)
