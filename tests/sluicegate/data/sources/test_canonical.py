import datetime
import decimal
import json

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.data.sources.canonical import canonical
from sluicegate.data.sources.chunk import Chunk
from sluicegate.errors import DataRejected, InputRefused
from sluicegate.spec import Data
from tests.sluicegate.data.sources.conftest import data, json_lines, reading, refused_of, table_of


def rated(**changes) -> Data:
    rating = {"column": "stars", "cut_points": [-0.5, 0.5]}
    return data(label=None, rating=rating, labels=["low", "middle", "high"], **changes)


def made(section: Data, first: int = 0, **columns) -> tuple[pd.DataFrame, dict[int, str]]:
    """The canonical table of Python objects or Arrow columns, and position → reason."""
    chunk = Chunk("x", range(1, len(next(iter(columns.values()))) + 1), columns, lambda i: "")
    table = pd.DataFrame(canonical(chunk, section, first).to_pydict(), dtype=object)
    return table, {position: fault.reason for position, fault in chunk.faults.items()}


def test_the_table_has_the_canonical_columns_in_order_and_numbers_the_rows():
    columns = {"shop": ["n", "s"], "label": ["good", "bad"], "text": ["a", "b"], "noise": [1, 2]}
    table, faults = made(data(groups=["shop"]), first=7, **columns)
    assert list(table.columns) == ["id", "text", "label", "shop"]
    assert table["id"].tolist() == ["7", "8"]
    assert not faults


def test_without_labels_there_is_no_such_column():
    columns = {"shop": ["n", "s"], "text": ["a", "b"]}
    table, faults = made(data(label=None, labels=[], groups=["shop"]), **columns)
    assert list(table.columns) == ["id", "text", "shop"]
    assert not faults


def test_licence_consent_and_time_are_carried_under_their_own_names():
    section = data(licence_column="spdx", consent_column="asked", time_column="written", groups=["shop"])
    table, faults = made(
        section,
        **{"text": ["a", "b"], "label": ["good", "bad"], "shop": ["n", "s"]},
        **{"spdx": ["MIT", None], "asked": [True, False], "written": ["2024-05-01", "2024-05-01T12:00:00+02:00"]},
    )
    assert list(table.columns) == ["id", "text", "label", "shop", "licence", "consent", "time"]
    assert table["consent"].tolist() == ["true", "false"]
    assert table["time"].tolist() == ["2024-05-01", "2024-05-01T10:00:00Z"]
    assert not faults


@pytest.mark.parametrize(
    ("value", "time"),
    [
        pytest.param("2024-05-01t10:00:00.25z", "2024-05-01T10:00:00.250000Z", id="lower case and a fraction"),
        pytest.param("2024-05-01 10:00", "2024-05-01T10:00:00Z", id="no offset is UTC"),
        pytest.param("2024-05-01T23:30:00-01:00", "2024-05-02T00:30:00Z", id="an offset over midnight"),
        pytest.param(datetime.datetime(2024, 5, 1, 10), "2024-05-01T10:00:00Z", id="a database's time"),
        pytest.param(datetime.date(2024, 5, 1), "2024-05-01", id="a database's date"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_times_are_written_in_one_way(value, time):
    table, faults = made(data(time_column="t"), text=["a"], label=["good"], t=[value])
    assert table["time"].tolist() == [time]
    assert not faults


@pytest.mark.parametrize("value", ["yesterday", "20240501", "2024-02-30", "2024-05-01T25:00:00Z", 1714550400, [1]])
def test_what_is_no_time_is_a_fault(value):
    _, faults = made(data(time_column="t"), text=["a"], label=["good"], t=[value])
    assert faults == {0: "is neither a date (2024-05-01) nor a time (2024-05-01T10:00:00Z)"}


def test_an_offset_that_leads_out_of_the_calendar_is_a_fault():
    times = ["0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00"]
    assert len(made(data(time_column="t"), text=["a", "b"], label=["good", "bad"], t=times)[1]) == 2


def test_a_time_that_python_cannot_hold_is_a_fault():
    times = pa.array([0, 2**62], pa.timestamp("s"))
    table, faults = made(data(time_column="t"), text=["a", "b"], label=["good", "bad"], t=times)
    assert table["time"].tolist() == ["1970-01-01T00:00:00Z", None]
    assert list(faults) == [1]


def test_a_time_in_nanoseconds_is_cut_to_microseconds():
    times = pa.array([1936303445123456789, 1936303445000000999, 0], pa.timestamp("ns"))
    table, faults = made(data(time_column="t"), text=["a", "b", "c"], label=["good", "bad", "bad"], t=times)
    assert table["time"].tolist() == ["2031-05-11T22:04:05.123456Z", "2031-05-11T22:04:05Z", "1970-01-01T00:00:00Z"]
    assert not faults


def test_a_rating_equal_to_a_cut_point_belongs_to_the_label_below_it():
    ratings = ["-0.5", "-0.4999", "0.5", "0.5001", "-4", "4"]
    table, _ = made(rated(), text=list("abcdef"), stars=ratings)
    assert table["label"].tolist() == ["low", "middle", "middle", "high", "low", "high"]


@given(st.lists(st.floats(-5, 5), min_size=2, max_size=30))
def test_ratings_are_cut_as_pandas_cuts_them(ratings):
    expected = pd.cut(ratings, [-10, -0.5, 0.5, 10], labels=["low", "middle", "high"])
    assert made(rated(), text=["a"] * len(ratings), stars=ratings)[0]["label"].tolist() == list(expected)


@pytest.mark.parametrize("rating", ["five", "inf", float("inf"), "", [1], 10**400])
def test_a_rating_that_is_no_finite_number_is_a_fault(rating):
    _, faults = made(rated(), text=list("abc"), stars=["1", rating, "-1"])
    assert faults == {1: "is not a finite number"}


def test_ratings_may_be_numbers_of_any_kind():
    stars = [decimal.Decimal("0.6"), 1, 0.0, "-3"]
    assert made(rated(), text=list("abcd"), stars=stars)[0]["label"].tolist() == ["high", "high", "middle", "low"]


def test_missing_texts_labels_and_groups_stay_for_the_suite_to_judge():
    columns = {"text": ["a", None, "c"], "label": ["good", "bad", None], "shop": [None, "n", "s"]}
    table, faults = made(data(groups=["shop"]), **columns)
    assert table.isna().sum().to_dict() == {"id": 0, "text": 1, "label": 1, "shop": 1}
    assert not faults


def test_a_missing_rating_is_a_missing_label():
    table, _ = made(rated(), text=list("abc"), stars=["1", None, "-1"])
    assert table["label"].isna().tolist() == [False, True, False]


def test_numbers_and_truth_values_become_names():
    columns = {"text": ["a", "b"], "label": [1, 0], "shop": [3.0, True]}
    table, _ = made(data(labels=["0", "1"], groups=["shop"]), **columns)
    assert table["label"].tolist() == ["1", "0"]
    assert table["shop"].tolist() == ["3", "true"]


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        pytest.param(pa.array(["good", "bad"]), "string", id="strings"),
        pytest.param(pa.array(["good", "bad"]).dictionary_encode(), "dictionary", id="dictionary"),
        pytest.param(pa.array(["good", "bad"], pa.string_view()), "view", id="views"),
        pytest.param(["good", "bad"], "list", id="Python"),
    ],
)
def test_strings_of_any_kind_are_strings(column, kind):
    table, faults = made(data(), text=column, label=column)
    assert table["text"].tolist() == ["good", "bad"]
    assert not faults


@pytest.mark.parametrize("value", [[1], {"a": 1}, b"raw", 10**400])
def test_values_without_a_name_are_faults(value):
    _, faults = made(data(groups=["shop"]), text=["a", "b"], label=["good", "bad"], shop=["n", value])
    assert list(faults) == [1]


@pytest.mark.parametrize(
    ("value", "point"),
    [
        pytest.param("r\u200b1", "U+200B", id="zero width"),
        pytest.param("\u202er1", "U+202E", id="right to left"),
        pytest.param("r1\n", "U+000A", id="a line end"),
    ],
)
def test_an_id_with_invisible_characters_is_a_fault(value, point):
    _, faults = made(data(id="key"), text=["a", "b"], label=["good", "bad"], key=["r1 é", value])
    assert faults == {1: f"holds the invisible character {point}"}


def test_texts_keep_their_right_to_left_and_zero_width_characters_for_scrubbing_to_see():
    texts = ["\u202emoc.elpmaxe@ada\u202c", "a\u200bd\u200ba"]
    table, faults = made(data(), text=texts, label=["good", "bad"])
    assert table["text"].tolist() == texts
    assert not faults


def test_half_a_surrogate_pair_is_a_fault():
    _, faults = made(data(), text=["a", "\ud800"], label=["good", "bad"])
    assert faults == {1: "holds half of a surrogate pair, which is not text"}


def test_arrow_strings_that_are_not_utf_8_are_faults():
    broken = pa.Array.from_buffers(
        pa.string(), 2, [None, pa.py_buffer(b"\0\0\0\0\1\0\0\0\3\0\0\0"), pa.py_buffer(b"a\xffb")]
    )
    table, faults = made(data(), text=broken, label=["good", "bad"])
    assert table["text"].tolist() == ["a", None]
    assert faults == {1: "is not utf-8 text"}


def test_the_longest_text_is_counted_in_characters():
    section = data(longest_text_characters=4)
    _, faults = made(section, text=["éééé", "abcde", "ééééé"], label=["good", "bad", "bad"])
    assert faults == dict.fromkeys((1, 2), "is 5 characters long where 4 are allowed")


# What needs the whole of a source


def test_unknown_labels_are_counted_and_never_shown(tmp_path):
    rows = [{"text": "a", "label": "good"}, *({"text": t, "label": "secret"} for t in "bc")]
    with pytest.raises(
        DataRejected, match="line 2, column 'label': holds a label that is not one of 'bad', 'good'"
    ) as e:
        reading(data(json_lines(tmp_path, rows)), tmp_path)
    assert "2 of 3 rows" in str(e.value)
    assert "secret" not in str(e.value)


def test_one_label_in_use_is_refused(tmp_path):
    rows = [{"text": "a", "label": "good"}, {"text": "b", "label": "good"}]
    with pytest.raises(DataRejected, match="1 of the 2 labels is in use in 2 rows"):
        reading(data(json_lines(tmp_path, rows)), tmp_path)
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        pytest.param(["a", "a", "b"], "line 2, column 'key': holds an id that is there already; 1 of 3", id="repeated"),
        pytest.param([1, 1.0, 2], "line 2, column 'key': holds an id that is there already", id="as another type"),
        pytest.param(["a", None, "b"], "line 2, column 'key': holds no id; 1 of 3", id="missing"),
    ],
)
def test_ids_that_do_not_name_a_row_are_refused(tmp_path, keys, words):
    rows = [{"text": "a", "label": "good" if i else "bad", "key": key} for i, key in enumerate(keys)]
    with pytest.raises(InputRefused, match=words):
        reading(data(json_lines(tmp_path, rows), id="key"), tmp_path)


def test_a_repeated_id_is_found_however_far_away_and_its_first_row_stays(tmp_path):
    rows = [{"text": f"t{i}", "label": "good" if i % 2 else "bad", "key": i} for i in range(60_000)]
    rows[59_999]["key"] = 3
    section = data(json_lines(tmp_path, rows), id="key", refused_rows_max_share=0.1)
    table = table_of(section, tmp_path)
    assert table["text"].tolist() == [f"t{i}" for i in range(59_999)]
    assert refused_of(tmp_path) == [("60000", "key", "holds an id that is there already")]
    kept = pd.read_parquet(tmp_path / "out" / "refused.parquet")["row"][0]
    assert json.loads(kept) == {"id": "3", "text": "t59999", "label": "good"}


def hundred(tmp_path) -> dict:
    return json_lines(tmp_path, [{"text": str(i), "label": "good" if i % 2 else "bad"} for i in range(100)])


def test_the_draw_is_seeded_without_replacement_and_keeps_the_order(tmp_path):
    source = hundred(tmp_path)
    drawn = table_of(data(source, rows=20, seed=3), tmp_path)
    positions = drawn["id"].astype(int).tolist()
    assert positions == sorted(set(positions))
    assert len(positions) == 20
    assert drawn.equals(table_of(data(source, rows=20, seed=3), tmp_path))
    assert not drawn.equals(table_of(data(source, rows=20, seed=4), tmp_path))
    assert drawn["text"].tolist() == drawn["id"].tolist()


def test_the_draw_of_a_seed_is_the_one_that_numpy_makes(tmp_path):
    drawn = table_of(data(hundred(tmp_path), rows=5, seed=0), tmp_path)
    assert drawn["id"].tolist() == ["26", "30", "50", "61", "81"]  # as np.random.default_rng(0).choice draws them


def test_more_rows_than_there_are_is_refused_with_both_numbers(tmp_path):
    with pytest.raises(InputRefused, match="data.rows: 101 rows are asked for and 100 are there"):
        reading(data(hundred(tmp_path), rows=101), tmp_path)
