"""Which row of a file meets which row of the file beside it."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from sluicegate.data.sources.chunk import Chunk
from sluicegate.data.sources.companions import joined
from sluicegate.errors import InputRefused


def chunk(where: str, **columns: Any) -> Chunk:
    return Chunk(where, range(1, len(next(iter(columns.values()))) + 1), columns, lambda _: "")


def labels_of(keys: Any, beside: Chunk) -> list[str | None]:
    rows = joined(iter([chunk("rows", k=keys)]), iter([beside]), ["k", "label"], "k")
    return [label for one in rows for label in one.columns["label"]]


def test_a_row_without_a_key_gets_nobodys_label():
    assert labels_of(["1", None, "2"], chunk("beside", k=["1", None], label=["good", "bad"])) == ["good", None, None]


def test_two_rows_without_a_key_are_no_key_twice():
    beside = chunk("beside", k=pa.array([None, "1", None]), label=["so-so", "good", "bad"])
    assert labels_of(["1", None], beside) == ["good", None]


@pytest.mark.parametrize(
    ("keys", "others"),
    [
        pytest.param([1, 2], ["1", "2"], id="numbers meet strings"),
        pytest.param(["1", "2"], [1.0, 2.0], id="strings meet numbers with a point"),
        pytest.param(pa.array([1, 2]), pa.array(["1", "2"]), id="columns of a type"),
    ],
)
def test_keys_meet_as_names_whatever_their_type(keys, others):
    assert labels_of(keys, chunk("beside", k=others, label=["good", "bad"])) == ["good", "bad"]


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        pytest.param(["1", 2, 1], "beside: row 3, column 'k': holds a key that an earlier line has", id="twice"),
        pytest.param(["1", [2]], "beside: row 2, column 'k': holds values of type list", id="no name"),
    ],
)
def test_a_key_that_cannot_be_used_is_refused_by_its_row(keys, said):
    with pytest.raises(InputRefused, match=said):
        labels_of(["1"], chunk("beside", k=keys, label=["good"] * len(keys)))
