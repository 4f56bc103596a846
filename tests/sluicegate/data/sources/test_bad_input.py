"""Hostile files: a clear refusal or a row set aside, never a traceback, never a silent drop."""

import json
import shutil
import stat
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from sluicegate.data.sources.refusals import LONGEST_ROW
from sluicegate.errors import DataRejected, InputRefused, SluicegateError
from tests.sluicegate.data.sources.conftest import csv_bytes, data, json_lines, reading, refused_of, table_of

FUZZ = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
LIMIT = 40


def lenient(source: dict, **changes):
    return data(source, refused_rows_max_share=0.999, longest_text_characters=LIMIT, **changes)


# What each kind of bad row says, and that it says it for that row alone

BAD_ROWS = {
    "broken encoding": (b"k\xe9ttle,good", "text", "is not utf-8 text"),
    "NUL": (b"kett\0le,good", "text", "holds a NUL character"),
    "too long": (b"k" * 41 + b",good", "text", "is 41 characters long where 40 are allowed"),
    "ragged": (b"kettle,good,bad", "", "has 3 fields where the header has 2"),
    "unknown label": (b"kettle,excellent", "label", "holds a label that is not one of 'bad', 'good'"),
    "hidden in a label": ("kettle,go\u200bod".encode(), "label", "holds a label that is not one of 'bad', 'good'"),
    "stray quote": (b'"ket"tle,good', "", "is not delimited text: ',' expected after '\"'"),
}


@pytest.mark.parametrize("kind", BAD_ROWS)
def test_a_bad_row_is_refused_by_file_line_column_and_reason(tmp_path, kind):
    row, column, reason = BAD_ROWS[kind]
    source = csv_bytes(tmp_path, b"text,label\r\na,good\nb,bad\r\n" + row + b"\nc,good\n")
    place = "reviews.csv: line 4" + (f", column '{column}'" if column else "")
    with pytest.raises(InputRefused) as refusal:
        reading(data(source, longest_text_characters=LIMIT), tmp_path)
    assert f"{place}: {reason}; 1 of 4 rows cannot be used and none may be set aside" in str(refusal.value)
    assert list((tmp_path / "out").iterdir()) == []


def test_another_encoding_is_proposed_where_the_source_has_a_setting_for_it(tmp_path):
    with pytest.raises(InputRefused, match="name the right one as data.source.encoding"):
        reading(data(csv_bytes(tmp_path, b"text,label\nk\xe9ttle,good\n")), tmp_path)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        pytest.param(b'{"text": "\\ud83d", "label": "good"}', "holds half of a surrogate pair", id="half a pair"),
        pytest.param(b'{"text": "k\xe9ttle", "label": "good"}', "is not utf-8 text", id="bytes"),
    ],
)
def test_of_json_lines_which_have_no_encoding_but_one_no_other_is_proposed(tmp_path, line, reason):
    (tmp_path / "r.jsonl").write_bytes(line)
    with pytest.raises(InputRefused, match=f"line 1, column 'text': {reason}") as refusal:
        reading(data({"kind": "jsonl", "path": "r.jsonl"}), tmp_path)
    assert refusal.value.remedy == "mend them, or raise data.refused_rows_max_share"


@pytest.mark.parametrize("kind", BAD_ROWS)
def test_where_the_spec_allows_it_a_bad_row_is_set_aside_with_its_reason(tmp_path, kind):
    row, column, reason = BAD_ROWS[kind]
    source = csv_bytes(tmp_path, b"text,label\r\na,good\nb,bad\r\n" + row + b"\nc,good\n")
    report = reading(lenient(source), tmp_path)
    assert refused_of(tmp_path) == [("4", column, reason)]
    table = pd.read_parquet(tmp_path / "out" / "table.parquet")
    assert table[["id", "text"]].values.tolist() == [["0", "a"], ["1", "b"], ["3", "c"]]
    assert (report.rows_in_source, report.rows_refused, report.rows, report.rows_not_drawn) == (4, 1, 3, 0)
    assert [(r["column"], r["rows"]) for r in report.refused] == [(column, 1)]


def test_more_bad_rows_than_may_be_set_aside_are_counted_by_column(tmp_path):
    rows = b"".join(row + b"\n" for row, *_ in BAD_ROWS.values())
    source = csv_bytes(tmp_path, b"text,label\na,good\n" + rows + b"b,bad\n" * 6)
    with pytest.raises(InputRefused) as refusal:
        reading(data(source, longest_text_characters=LIMIT, refused_rows_max_share=0.4), tmp_path)
    assert "7 of 14 rows cannot be used and 5 may be set aside: 2 for label (label)" in str(refusal.value)
    assert "excellent" not in str(refusal.value)
    reading(data(source, longest_text_characters=LIMIT, refused_rows_max_share=0.5), tmp_path)


def test_bad_rows_that_are_the_very_share_that_may_be_set_aside_are(tmp_path):
    """29 of 100 rows, at 0.29: the product of these floats is 28.999…"""
    source = csv_bytes(tmp_path, b"text,label\n" + b"a,good\n" * 70 + b"c,bad\n" + b"b,excellent\n" * 29)
    assert reading(data(source, refused_rows_max_share=0.29), tmp_path).rows_refused == 29
    with pytest.raises(DataRejected, match="29 of 100 rows cannot be used and 28 may be set aside"):
        reading(data(source, refused_rows_max_share=0.28), tmp_path)


def test_a_column_that_changes_its_type_half_way_is_refused_from_there(tmp_path):
    rows = [{"text": f"kettle {i}", "label": "good" if i % 2 else "bad"} for i in range(60_000)]
    for row in rows[55_000:]:
        row["text"] = 5
    with pytest.raises(InputRefused, match="line 55001, column 'text': is not text but a value of type int; 5000 of"):
        reading(data(json_lines(tmp_path, rows)), tmp_path)


def test_a_cell_of_ten_megabytes_is_refused_by_its_length(tmp_path):
    source = csv_bytes(tmp_path, b"text,label\na,good\n" + b"b" * 10_000_000 + b",bad\n")
    words = "line 3, column 'text': is 10,000,000 characters long where 1,000,000 are allowed"
    with pytest.raises(InputRefused, match=words):
        reading(data(source), tmp_path)
    table = table_of(data(source, longest_text_characters=10_000_000), tmp_path)
    assert table["text"].str.len().tolist() == [1, 10_000_000]


def test_of_a_refused_row_the_beginning_is_kept_and_undecoded_bytes_can_be_seen(tmp_path):
    source = csv_bytes(tmp_path, b"text,label\na,good\nb,bad\n" + b"\xff" + b"b" * 2_000_000 + b",bad\n")
    reading(data(source, refused_rows_max_share=0.5), tmp_path)
    kept = pd.read_parquet(tmp_path / "out" / "refused.parquet")["row"][0]
    assert kept.startswith('{"text": "\\udcffbbb')
    assert len(kept) == LONGEST_ROW


def test_raw_rows_are_for_their_owner_alone_from_the_first_byte(tmp_path):
    source = csv_bytes(tmp_path, b"text,label\na,good\nb,bad\nc\n")
    reading(lenient(source), tmp_path)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "out").iterdir()}
    assert modes == {"table.parquet": 0o600, "refused.parquet": 0o600}


def test_what_a_killed_try_left_is_not_kept(tmp_path):
    (tmp_path / "out" / ".scratch").mkdir(parents=True)
    (tmp_path / "out" / ".scratch" / "rows.parquet").write_bytes(b"half")
    (tmp_path / "out" / ".refused.parquet.partial").write_bytes(b"half")
    reading(data(csv_bytes(tmp_path, b"text,label\na,good\nb,bad\n")), tmp_path)
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"table.parquet", "refused.parquet"}


FULL_DISK = """
    import resource, sys
    from pathlib import Path
    from sluicegate.data.sources.reading import read
    from sluicegate.data.splits import split
    from sluicegate.errors import InputRefused
    from sluicegate.spec import Data, Split

    what, folder = sys.argv[1], Path(sys.argv[2])
    source = {"kind": "csv", "path": "r.csv"}
    fields = {"source": source, "label": "label", "labels": ["bad", "good"], "licence": "MIT", "id": "key"}
    import duckdb, pandas, pyarrow.parquet
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
    try:
        if what == "read":
            read(Data.model_validate(fields), lambda p: folder / p, folder, {}, folder=folder / "out")
        else:
            split(folder / "whole.parquet", Split(), folder / "out")
    except InputRefused as refused:
        print(refused)
"""


@pytest.mark.parametrize("what", ["read", "split"])
def test_a_disk_that_fills_up_is_refused_by_folder_and_nothing_half_done_stays(tmp_path, what):
    texts = [str(hash((i, "kettle")) * 3**40) for i in range(30_000)]
    frame = pd.DataFrame({"key": range(30_000), "text": texts, "label": ["good", "bad"] * 15_000}).astype(str)
    frame.to_csv(tmp_path / "r.csv", index=False)
    frame.to_parquet(tmp_path / "whole.parquet")
    command = [sys.executable, "-c", textwrap.dedent(FULL_DISK), what, str(tmp_path)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.stderr == ""
    assert ended.stdout.startswith(f"{tmp_path / 'out'}: cannot be written: ")
    assert "free some room and run again" in ended.stdout
    assert list((tmp_path / "out").iterdir()) == []


# Properties

CELL = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=LIMIT)
GOOD = st.tuples(CELL, st.sampled_from(["good", "bad"]))
END = st.sampled_from([b"\n", b"\r\n", b"\r"])


def csv_row(text: str, label: str) -> bytes:
    return f'"{text.replace(chr(34), chr(34) * 2)}",{label}'.encode()


def lines_of(row: bytes) -> int:
    """How many lines a row goes over, its last end left out."""
    return len((row + b".").replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n"))


@FUZZ
@given(st.lists(st.tuples(st.one_of(GOOD, st.sampled_from(sorted(BAD_ROWS))), END), max_size=25))
def test_good_rows_of_a_csv_file_all_arrive_and_bad_ones_are_all_set_aside(tmp_path, drawn):
    content, line, good, bad = b"text,label\n", 2, ["a", "b"], []
    rows = [(("a", "good"), b"\n"), (("b", "bad"), b"\n"), *drawn]
    for row, end in rows:
        raw = BAD_ROWS[row][0] if isinstance(row, str) else csv_row(*row)
        if isinstance(row, str):
            bad.append((str(line), *BAD_ROWS[row][1:]))
        content, line = content + raw + end, line + lines_of(raw)
    good = [row[0] for row, _ in rows if not isinstance(row, str)]
    report = reading(lenient(csv_bytes(tmp_path, content)), tmp_path)
    assert pd.read_parquet(tmp_path / "out" / "table.parquet")["text"].tolist() == good
    assert refused_of(tmp_path) == bad
    assert report.rows_in_source == len(rows)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=50),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)
HOSTILE_LINE = st.one_of(
    st.fixed_dictionaries({"text": CELL, "label": st.sampled_from(["good", "bad"])}).map(json.dumps),
    st.fixed_dictionaries({}, optional={"text": JSON, "label": JSON, "more": JSON}).map(json.dumps),
    JSON.map(json.dumps),
    st.sampled_from(["{", '{"text": "\\ud800", "label": "good"}', '{"text": "a\\u0000"}', "[" * 3000]),
).map(str.encode) | st.binary(min_size=1, max_size=20).map(lambda raw: raw.replace(b"\n", b"")).filter(bytes.strip)

ROLES: list[dict] = [
    {},
    {"id": "more"},
    {"groups": ["more"]},
    {"time_column": "more"},
    {"label": None, "rating": {"column": "more", "cut_points": [1.5]}},
]


@FUZZ
@given(st.lists(HOSTILE_LINE, max_size=15), st.sampled_from(ROLES))
def test_every_line_of_json_is_a_row_or_refused(tmp_path, lines, role):
    start = [b'{"text": "a", "label": "good", "more": "2024-05-01"}', b'{"text": "b", "label": "bad", "more": 2}']
    start += [b'{"text": "c", "label": "good", "more": 1}', b'{"text": "d", "label": "bad", "more": "2024-05-02"}']
    (tmp_path / "r.jsonl").write_bytes(b"\n".join([*start, *lines]))
    report = reading(lenient({"kind": "jsonl", "path": "r.jsonl"}, **role), tmp_path)
    rows = sum(bool(line.decode("latin-1").strip(" \t\r\n\x0b\x0c")) for line in lines) + len(start)
    assert report.rows + report.rows_refused == report.rows_in_source
    assert report.rows_in_source <= rows
    assert rows - report.rows_in_source <= sum(not line.decode(errors="replace").strip() for line in lines)
    assert len(refused_of(tmp_path)) == report.rows_refused


@FUZZ
@given(st.binary(max_size=200), st.sampled_from(["utf-8", "utf-16", "gbk", "shift_jis", "latin-1", "utf-7"]))
def test_any_bytes_at_all_are_read_or_refused(tmp_path, content, encoding):
    source = csv_bytes(tmp_path, "text,label\na,good\nb,bad\n".encode(encoding) + content) | {"encoding": encoding}
    refuses_or_accounts(lambda: reading(lenient(source), tmp_path), tmp_path)


def refuses_or_accounts(read: Callable, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "out", ignore_errors=True)
    try:
        report = read()
    except SluicegateError:
        report = None
    if report is None:
        assert list((tmp_path / "out").iterdir()) == []
    else:
        assert report.rows + report.rows_refused == report.rows_in_source
        assert parquet.read_metadata(tmp_path / "out" / "table.parquet").num_rows == report.rows
        assert len(refused_of(tmp_path)) == report.rows_refused


ARROW_COLUMN = st.sampled_from(
    [
        pa.array([1, None, 3]),
        pa.array([1.5, float("nan"), 2.0]),
        pa.array([True, False, None]),
        pa.array(["good", "bad", None]).dictionary_encode(),
        pa.array([b"\xff", b"a", None]),
        pa.array([[1], [], None]),
        pa.array([{"a": 1}, None, {"a": 2}]),
        pa.array([2**62, 0, None], pa.timestamp("ms")),
        pa.array([1, 2, None], pa.timestamp("ns")),
        pa.array(["a\0", "b" * 41, "\u202ec"]),
        pa.nulls(3),
        pa.Array.from_buffers(
            pa.string(),
            3,
            [None, pa.py_buffer(bytes([0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0])), pa.py_buffer(b"a\xffb")],
        ),
    ]
)


@FUZZ
@given(ARROW_COLUMN, ARROW_COLUMN, ARROW_COLUMN, st.booleans())
def test_parquet_of_any_types_is_read_or_refused_row_by_row(tmp_path, text, label, group, timed):
    columns = {"text": text, "label": label, "shop": group}
    parquet.write_table(pa.table(columns), tmp_path / "r.parquet")
    section = lenient({"kind": "parquet", "path": "r.parquet"}, groups=["shop"], time_column="shop" if timed else None)
    refuses_or_accounts(lambda: reading(section, tmp_path), tmp_path)


@FUZZ
@given(st.data())
def test_a_parquet_file_cut_anywhere_is_refused(tmp_path, drawn):
    columns = {"text": ["kettle", "pot"] * 50, "label": ["good", "bad"] * 50}
    parquet.write_table(pa.table(columns), tmp_path / "r.parquet")
    content = (tmp_path / "r.parquet").read_bytes()
    (tmp_path / "r.parquet").write_bytes(content[: drawn.draw(st.integers(0, len(content) - 1))])
    with pytest.raises(InputRefused, match="r.parquet: is not a whole Parquet file"):
        reading(data({"kind": "parquet", "path": "r.parquet"}), tmp_path)
