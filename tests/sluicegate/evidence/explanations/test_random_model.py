from __future__ import annotations

import numpy as np
import pytest
import torch

from sluicegate.evidence.explanations.random_model import shuffled
from sluicegate.evidence.predictions import load_model
from sluicegate.evidence.white_box import WhiteBox, look_inside
from tests.sluicegate.evidence.made_up import LABELS
from tests.sluicegate.evidence.opened import answers_of, linear_box, write_bert

TEXTS = ["a lovely lamp", "a dreary song"]


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> WhiteBox:
    candidate = write_bert(tmp_path_factory.mktemp("shuffled") / "candidate", layers=3)
    found = look_inside(candidate, LABELS, TEXTS, load_model(candidate).predict_proba(TEXTS), 0)
    assert isinstance(found, WhiteBox)
    return found


def test_the_later_half_is_shuffled_and_the_rest_is_as_it_was(box: WhiteBox) -> None:
    before = {name: weights.clone() for name, weights in box.model.named_parameters()}
    after = dict(shuffled(box, 7).model.named_parameters())
    moved = {name for name, weights in after.items() if not torch.equal(weights, before[name])}
    kept = ("bert.embeddings.", "bert.encoder.layer.0.")
    assert moved
    assert not [name for name in moved if name.startswith(kept)]
    matrices = {name for name, weights in before.items() if weights.ndim == 2 and not name.startswith(kept)}
    assert matrices <= moved
    for name, weights in after.items():
        assert torch.equal(weights.flatten().sort().values, before[name].flatten().sort().values)
    assert all(torch.equal(weights, before[name]) for name, weights in box.model.named_parameters())


def test_the_seed_decides(box: WhiteBox) -> None:
    first, again, other = (answers_of(shuffled(box, seed), TEXTS) for seed in (7, 7, 8))
    assert np.array_equal(first, again)
    assert np.abs(first - other).max() > 1e-3
    assert np.abs(first - answers_of(box, TEXTS)).max() > 1e-3


def test_without_layers_all_but_the_embeddings_is_shuffled() -> None:
    box = linear_box({"fine": 0.8, "foul": -0.6})
    after = next(found for seed in range(9) if not torch.equal((found := shuffled(box, seed)).model.head.weight,
                                                               box.model.head.weight))  # fmt: skip
    assert torch.equal(after.model.embeddings.weight, box.model.embeddings.weight)
