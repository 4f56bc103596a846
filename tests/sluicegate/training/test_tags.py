from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
import torch

from sluicegate.errors import InputRefused
from sluicegate.spec.model import Scratch
from sluicegate.spec.spans import Span, dump_spans
from sluicegate.training.batches import collate
from sluicegate.training.recipes import recipe_for
from sluicegate.training.scratch import make_tokenizer
from sluicegate.training.tags import NOT_TRAINED, tag_tokens

RECIPE = recipe_for("token-classification")
NUMBER = {"O": 0, "PERSON": 1, "PLACE": 2}


def test_a_classifiers_outputs_are_its_labels_and_a_taggers_stand_behind_that_for_none() -> None:
    assert recipe_for("sequence-classification").outputs(["A", "B"]) == ("A", "B")
    assert RECIPE.outputs(["A", "B"]) == ("O", "A", "B")
    assert RECIPE.names(["A"])["label2id"] == {"O": 0, "A": 1}


@pytest.mark.parametrize(
    ("spans", "tags"),
    [
        pytest.param([], [-100, 0, 0, 0, -100], id="none"),
        pytest.param([Span(0, 3, "PERSON")], [-100, 1, 0, 0, -100], id="one token"),
        pytest.param([Span(0, 7, "PERSON"), Span(8, 11, "PLACE")], [-100, 1, 1, 2, -100], id="neighbours"),
        pytest.param([Span(2, 5, "PLACE")], [-100, 2, 2, 0, -100], id="parts of tokens"),
        pytest.param([Span(3, 4, "PLACE")], [-100, 0, 0, 0, -100], id="the space between"),
        pytest.param([Span(0, 1, "PERSON"), Span(1, 3, "PLACE")], [-100, 1, 0, 0, -100], id="two in a token"),
    ],
)
def test_a_token_has_the_type_of_the_first_span_that_it_touches(spans: list[Span], tags: list[int]) -> None:
    offsets = [(0, 0), (0, 3), (4, 7), (8, 11), (0, 0)]

    assert tag_tokens(spans, offsets, NUMBER).tolist() == tags


@pytest.fixture
def write(tmp_path: Path):
    def rows(*of: tuple[str, str]) -> Path:
        path = tmp_path / "train.parquet"
        pd.DataFrame(of, columns=["text", "spans"]).to_parquet(path)
        return path

    return rows


TOKENIZER = make_tokenizer(
    ["ada went to rome, 房间"] * 2, Scratch(layers=1, hidden=8, heads=1, vocabulary=100, longest=8)
)


def test_rows_with_spans_become_a_tag_a_token_padded_with_what_teaches_nothing(write, tmp_path) -> None:
    path = write(("ada went", dump_spans([Span(0, 3, "PERSON")])), ("房", dump_spans([Span(0, 1, "PLACE")])))

    rows = RECIPE.encode(path, ["PERSON", "PLACE"], TOKENIZER, 8, tmp_path / "encoded")
    batch = collate(rows, [1, 0], torch.device("cpu"))

    tags_of_ada = rows.label(0).tolist()
    assert (tags_of_ada[0], tags_of_ada[1], tags_of_ada[-2:]) == (NOT_TRAINED, 1, [0, NOT_TRAINED])
    assert batch.labels.shape == batch.ids_BT.shape
    assert batch.labels[0].tolist()[:3] == [NOT_TRAINED, 2, NOT_TRAINED]
    assert set(batch.labels[0].tolist()[3:]) == {NOT_TRAINED}


@pytest.mark.parametrize(
    ("spans", "said"),
    [
        pytest.param("{}", "is not a list", id="no list"),
        pytest.param("not JSON", "Expecting value", id="no JSON"),
        pytest.param(dump_spans([Span(0, 99, "PERSON")]), "outside its text", id="outside"),
        pytest.param(dump_spans([Span(0, 1, "COLOUR")]), "names the type 'COLOUR'", id="unknown type"),
    ],
)
def test_spans_that_cannot_be_learned_are_refused_by_row(write, tmp_path, spans: str, said: str) -> None:
    with pytest.raises(InputRefused, match=rf"spans of row 2: .*{said}"):
        RECIPE.encode(write(("ada", "[]"), ("ada", spans)), ["PERSON"], TOKENIZER, 8, tmp_path / "encoded")
