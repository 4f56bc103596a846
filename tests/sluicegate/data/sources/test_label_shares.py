import json
import math

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.data.sources.label_shares import label_shares
from sluicegate.data.sources.values import Unreadable
from sluicegate.data.splits import split
from sluicegate.errors import InputRefused, SpecRefused
from sluicegate.spec import Data, Split, Training, load_spec, parse
from tests.sluicegate.data.sources.conftest import data, json_lines, reading, refused_of, table_of

RATING = {"column": "stars", "cut_points": [-0.5, 0.5]}


def rated(**changes) -> Data:
    return data(label=None, rating=RATING, labels=["low", "middle", "high"], ratings_column="all", **changes)


def labelled() -> Data:
    return data(labels=["good", "bad"], ratings_column="all")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param([-4, 0, 0.5, 3], {"low": 0.25, "middle": 0.5, "high": 0.25}, id="a cut point is below"),
        pytest.param("[-1, 0, 0, -1]", {"low": 0.5, "middle": 0.5}, id="JSON"),
        pytest.param([1, None, math.nan], {"high": 1.0}, id="who said nothing does not count"),
        pytest.param(["1", "-1"], {"low": 0.5, "high": 0.5}, id="numbers as text"),
        pytest.param({"high": 3, "low": 1}, {"low": 0.25, "high": 0.75}, id="counts"),
        pytest.param('{"high": 0.1, "middle": 0.9}', {"middle": 0.9, "high": 0.1}, id="shares as JSON"),
        pytest.param([("high", 1), ("low", 3)], {"low": 0.75, "high": 0.25}, id="an Arrow map"),
        pytest.param({"high": 1, "low": None}, {"high": 1.0}, id="an Arrow struct with a gap"),
        pytest.param([], None, id="nobody"),
        pytest.param("", None, id="an empty field"),
        pytest.param(None, None, id="nothing"),
        pytest.param(math.nan, None, id="not a number"),
        pytest.param({"high": 0}, None, id="nobody, counted"),
        pytest.param({"high": 1e308, "low": 5e-324}, {"high": 1.0}, id="a share too small for a number"),
    ],
)
def test_single_ratings_become_shares_of_the_labels(value, expected):
    found = label_shares(rated())(value)

    assert (None if found is None else json.loads(found)) == (expected and pytest.approx(expected))
    assert found is None or list(json.loads(found)) == list(expected)  # in the spec's order


def test_single_labels_become_shares_of_the_labels():
    assert label_shares(labelled())(["bad", "good", "bad", "bad"]) == '{"good": 0.25, "bad": 0.75}'


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        pytest.param("often", "is neither a list", id="a word"),
        pytest.param("3", "is neither a list", id="a number as text"),
        pytest.param(2.0, "is neither a list", id="a number"),
        pytest.param(["often"], "a rating that is not a finite number", id="a word in a list"),
        pytest.param([[1]], "a rating that is not a finite number", id="a list in a list"),
        pytest.param([math.inf], "a rating that is not a finite number", id="infinite"),
        pytest.param({"best": 1}, "a label that is not one of 'low', 'middle', 'high'", id="unknown label"),
        pytest.param({"low": -1, "high": 2}, "a share that is negative", id="less than none"),
        pytest.param('{"low": 3, "high": 1, "high": 5}', "names a label twice", id="twice in JSON"),
        pytest.param([("low", 2), ("low", 1), ("high", 1)], "names a label twice", id="twice in an Arrow map"),
        pytest.param({"low": 1e308, "high": 1e308}, "shares or counts whose sum is too large", id="too many"),
        pytest.param('{"low": 1e308, "high": 1e308}', "shares or counts whose sum is too large", id="too many in JSON"),
        pytest.param({"low": "much"}, "a share that is negative, or not a finite number", id="no number"),
    ],
)
def test_what_is_no_rating_is_a_fault(value, reason):
    with pytest.raises(Unreadable, match=reason):
        label_shares(rated())(value)


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=30))
def test_shares_are_those_of_counting_and_add_up_to_one(ratings):
    found = json.loads(label_shares(rated())(ratings))

    assert math.fsum(found.values()) == pytest.approx(1)
    assert found.get("low", 0) == pytest.approx(sum(r <= -0.5 for r in ratings) / len(ratings))
    assert found.get("high", 0) == pytest.approx(sum(r > 0.5 for r in ratings) / len(ratings))


def test_a_parquet_file_with_lists_and_json_lines_come_to_the_same(tmp_path):
    rows = [{"stars": 1.0, "text": "a", "all": [0, 2, 1]}, {"stars": -1.0, "text": "b", "all": None}]
    pd.DataFrame(rows).to_parquet(tmp_path / "a.parquet")
    parquet = table_of(rated(source={"kind": "parquet", "path": "a.parquet"}), tmp_path)
    lines = table_of(rated(source=json_lines(tmp_path, rows)), tmp_path)

    assert parquet["label_shares"][0] == lines["label_shares"][0]
    assert json.loads(parquet["label_shares"][0]) == pytest.approx({"middle": 1 / 3, "high": 2 / 3})
    assert parquet["label_shares"].isna().tolist() == [False, True]


def test_arrow_structs_and_maps_are_mappings(tmp_path):
    counts = [[("low", 1), ("high", 3)], [("middle", 2)]]
    made = {"stars": [1.0, -1.0], "text": ["a", "b"]}
    as_map = pa.table({**made, "all": pa.array(counts, pa.map_(pa.string(), pa.int64()))})
    as_struct = pa.table({**made, "all": pa.array([dict(row) for row in counts])})
    found = []
    for table in (as_map, as_struct):
        pq.write_table(table, tmp_path / "a.parquet")
        read = table_of(rated(source={"kind": "parquet", "path": "a.parquet"}), tmp_path)
        found.append(read["label_shares"].tolist())

    assert found[0] == found[1] == ['{"low": 0.25, "high": 0.75}', '{"middle": 1.0}']


def test_a_row_whose_ratings_cannot_be_read_is_refused_or_set_aside(tmp_path):
    rows = [{"stars": s, "text": "a", "all": r} for s, r in ((1, [1]), (-1, [-1]), (0, "often"), (0, [0]))]
    with pytest.raises(InputRefused, match="column 'all'.*is neither a list of single ratings nor a mapping"):
        reading(rated(source=json_lines(tmp_path, rows)), tmp_path)

    reading(rated(source=json_lines(tmp_path, rows), refused_rows_max_share=0.5), tmp_path)

    assert [row[:2] for row in refused_of(tmp_path)] == [("3", "all")]


def test_shares_stay_with_their_rows_when_these_are_parted(tmp_path):
    rows = [{"id": i, "stars": i % 3 - 1, "text": f"text number {i}", "all": [i % 3 - 1, 0]} for i in range(60)]
    reading(rated(source=json_lines(tmp_path, rows), id="id"), tmp_path)
    (tmp_path / "parts").mkdir()
    split(tmp_path / "out" / "table.parquet", Split(test_share=0.3, validation_share=0.3), tmp_path / "parts")

    expected = {"low": {"low": 0.5, "middle": 0.5}, "middle": {"middle": 1.0}, "high": {"middle": 0.5, "high": 0.5}}
    for part in ("train", "validation", "test"):
        table = pd.read_parquet(tmp_path / "parts" / f"{part}.parquet")
        assert [json.loads(shares) for shares in table["label_shares"]] == [expected[label] for label in table["label"]]


def test_soft_labels_without_a_column_of_ratings_are_refused():
    with pytest.raises(SpecRefused, match=r"`training\.soft_labels` needs `data\.ratings_column`"):
        load_spec("deployments/reviews-en.yaml", {"training.soft_labels": True})


def test_soft_labels_of_tokens_are_refused():
    fields = {"base_model": "x", "base_model_licence": "MIT", "soft_labels": True, "task": "token-classification"}
    with pytest.raises(SpecRefused, match="`soft_labels` needs `task: sequence-classification`"):
        parse(Training, fields, "spec.yaml")
