import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.data.sources.canonical import canonical
from sluicegate.errors import DataRejected, InputRefused
from sluicegate.spec import Data


def data(**changes) -> Data:
    source = {"kind": "csv", "path": "reviews.csv"}
    fields = {"source": source, "label": "label", "labels": ["bad", "good"], "licence": "CC0-1.0"}
    return Data.model_validate(fields | changes)


def rated(**changes) -> Data:
    rating = {"column": "stars", "cut_points": [-0.5, 0.5]}
    return data(label=None, rating=rating, labels=["low", "middle", "high"], **changes)


def frame(**columns) -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(values, dtype=object) for name, values in columns.items()})


def test_the_table_has_the_canonical_columns_in_order_and_numbers_the_rows():
    raw = frame(shop=["n", "s"], label=["good", "bad"], text=["a", "b"], noise=[1, 2])
    table = canonical(raw, data(groups=["shop"]), "x")
    assert list(table.columns) == ["id", "text", "label", "shop"]
    assert table["id"].tolist() == ["0", "1"]
    assert {str(t) for t in table.dtypes} == {"str"}


def test_a_rating_equal_to_a_cut_point_belongs_to_the_label_below_it():
    ratings = ["-0.5", "-0.4999", "0.5", "0.5001", "-4", "4"]
    table = canonical(frame(text=list("abcdef"), stars=ratings), rated(), "x")
    assert table["label"].tolist() == ["low", "middle", "middle", "high", "low", "high"]


@given(st.lists(st.floats(-5, 5), min_size=2, max_size=30))
def test_ratings_are_cut_as_pandas_cuts_them(ratings):
    raw = frame(text=["a"] * (len(ratings) + 2), stars=[-4.0, 4.0, *ratings])
    expected = pd.cut([-4.0, 4.0, *ratings], [-10, -0.5, 0.5, 10], labels=["low", "middle", "high"])
    assert canonical(raw, rated(), "x")["label"].tolist() == list(expected)


@pytest.mark.parametrize("rating", ["five", "inf", float("inf"), "", [1]])
def test_a_rating_that_is_no_finite_number_is_refused_by_count_and_row(rating):
    with pytest.raises(InputRefused, match="column 'stars': 1 of 3 values are not finite numbers, the first in row 2"):
        canonical(frame(text=list("abc"), stars=["1", rating, "-1"]), rated(), "x")


def test_missing_texts_labels_and_groups_stay_for_the_suite_to_judge():
    raw = frame(text=["a", None, "c"], label=["good", "bad", None], shop=[None, "n", "s"])
    table = canonical(raw, data(groups=["shop"]), "x")
    assert table.isna().sum().to_dict() == {"id": 0, "text": 1, "label": 1, "shop": 1}


def test_a_missing_rating_is_a_missing_label():
    table = canonical(frame(text=list("abc"), stars=["1", None, "-1"]), rated(), "x")
    assert table["label"].isna().tolist() == [False, True, False]


def test_numbers_and_truth_values_become_names():
    raw = frame(text=["a", "b"], label=[1, 0], shop=[3.0, True])
    table = canonical(raw, data(labels=["0", "1"], groups=["shop"]), "x")
    assert table["label"].tolist() == ["1", "0"]
    assert table["shop"].tolist() == ["3", "true"]


def test_unknown_labels_are_counted_and_never_shown():
    with pytest.raises(DataRejected, match="2 of 3 rows hold a label that is not one of 'bad', 'good'") as refusal:
        canonical(frame(text=list("abc"), label=["good", "secret", "secret"]), data(), "x")
    assert "secret" not in str(refusal.value)


def test_one_label_in_use_is_refused():
    with pytest.raises(DataRejected, match="1 of the 2 labels is in use in 2 rows"):
        canonical(frame(text=["a", "b"], label=["good", "good"]), data(), "x")


def test_no_rows_are_refused():
    with pytest.raises(DataRejected, match="holds no rows"):
        canonical(frame(text=[], label=[]), data(), "x")


def test_a_missing_column_is_refused_with_the_columns_that_are_there():
    with pytest.raises(InputRefused, match="column 'text': is missing; the columns are 'body', 'label'"):
        canonical(frame(body=["a"], label=["good"]), data(), "x")


@pytest.mark.parametrize(
    ("ids", "words"),
    [
        pytest.param(["a", "a", "b"], "1 of 3 ids are there already", id="repeated"),
        pytest.param([1, 1.0, 2], "1 of 3 ids are there already", id="repeated as another type"),
        pytest.param(["a", None, "b"], "1 of 3 rows have no id", id="missing"),
    ],
)
def test_ids_that_do_not_name_a_row_are_refused(ids, words):
    with pytest.raises(InputRefused, match=words):
        canonical(frame(text=list("abc"), label=["good", "bad", "bad"], key=ids), data(id="key"), "x")


def test_texts_that_are_not_text_are_refused():
    with pytest.raises(InputRefused, match="column 'text': 2 of 3 values are not text"):
        canonical(frame(text=["a", 1, ["b"]], label=["good", "bad", "bad"]), data(), "x")


def test_half_a_surrogate_pair_is_refused():
    with pytest.raises(InputRefused, match="column 'text': holds half of a surrogate pair"):
        canonical(frame(text=["a", "\ud800"], label=["good", "bad"]), data(), "x")


def test_the_draw_is_seeded_without_replacement_and_keeps_the_order():
    raw = frame(text=[str(i) for i in range(100)], label=["good", "bad"] * 50)
    drawn = canonical(raw, data(rows=20, seed=3), "x")
    positions = drawn["id"].astype(int).tolist()
    assert positions == sorted(set(positions))
    assert len(positions) == 20
    assert drawn.equals(canonical(raw, data(rows=20, seed=3), "x"))
    assert not drawn.equals(canonical(raw, data(rows=20, seed=4), "x"))
    assert drawn["text"].tolist() == drawn["id"].tolist()


def test_more_rows_than_there_are_is_refused_with_both_numbers():
    with pytest.raises(InputRefused, match="data.rows: 3 rows are asked for and 2 are there"):
        canonical(frame(text=["a", "b"], label=["good", "bad"]), data(rows=3), "x")
