import json
from pathlib import Path

import pandas as pd
import pytest

from sluicegate.data.validation.suggesting import suggest
from sluicegate.data.validation.table import validate
from sluicegate.errors import DataRejected, InputRefused
from sluicegate.spec import Validation

WORDS = ("kettle", "toaster", "lamp", "chair", "sofa")
ROWS = 120


def reviews() -> pd.DataFrame:
    """Sixty good reviews to forty bad and twenty so-so ones, from two shops; six have no shop."""
    texts = [f"The {WORDS[i % 5]} with the number {i} is very good and I like it" for i in range(ROWS)]
    labels = ["good"] * 60 + ["bad"] * 40 + ["fair"] * 20
    shops = [None if i % 20 == 3 else ("north" if i % 3 else "south") for i in range(ROWS)]
    return pd.DataFrame({"review": texts, "stars": labels, "shop": shops, "customer": [f"c-{i}" for i in range(ROWS)]})


def written(folder: Path, table: pd.DataFrame, kind: str) -> Path:
    path = folder / f"reviews.{kind}"
    if kind == "csv":
        table.to_csv(path, index=False)
    elif kind == "jsonl":
        path.write_text(table.to_json(orient="records", lines=True), encoding="utf-8")
    else:
        table.to_parquet(path, index=False)
    return path


def holds(folder: Path, suite: dict, table: pd.DataFrame):
    """What comes of holding `table`, as the canonical table, against a drafted suite."""
    canonical = table.rename(columns={"review": "text", "stars": "label"}).drop(columns="customer")
    canonical.insert(0, "id", [str(i) for i in range(len(canonical))])
    canonical.astype("str").to_parquet(folder / "table.parquet", index=False)
    (folder / "suite.json").write_text(json.dumps(suite), encoding="utf-8")
    return validate(folder / "table.parquet", folder / "suite.json", Validation(suite="suite.json"), folder=folder)


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
def test_a_drafted_suite_holds_on_the_data_that_it_was_drafted_from(tmp_path, kind):
    suite = suggest(written(tmp_path, reviews(), kind), label="stars", groups=["shop"])
    outcome = holds(tmp_path, suite, reviews())
    assert outcome.success
    assert {e.columns[0] for e in outcome.expectations if e.columns} == {"id", "text", "label", "shop"}
    assert all(e.notes for e in outcome.expectations)


def spoilt(column, change):
    table = reviews()
    table[column] = [change(i, value) for i, value in enumerate(table[column])]
    return table


@pytest.mark.parametrize(
    ("table", "broken"),
    [
        pytest.param(
            spoilt("review", lambda i, v: None if i == 5 else v),
            "expect_column_values_to_not_be_null",
            id="a text is gone",
        ),
        pytest.param(
            spoilt("review", lambda i, v: v * 9 if i == 5 else v),
            "expect_column_value_lengths_to_be_between",
            id="too long",
        ),
        pytest.param(
            spoilt("review", lambda i, v: "   " if i == 5 else v), "expect_column_values_to_match_regex", id="blank"
        ),
        pytest.param(
            spoilt("review", lambda i, v: v + "\ufffd" if i == 5 else v),
            "expect_column_values_to_not_match_regex",
            id="bytes",
        ),
        pytest.param(
            spoilt("review", lambda i, v: reviews()["review"][i % 60]),
            "expect_column_proportion_of_unique",
            id="repeats",
        ),
        pytest.param(
            spoilt("review", lambda i, v: f"这个产品非常好 {i}" if i % 5 == 0 else v), "to_be_in_language", id="Chinese"
        ),
        pytest.param(
            spoilt("stars", lambda i, v: "great" if i == 5 else v), "expect_column_values_to_be_in_set", id="a label"
        ),
        pytest.param(
            spoilt("stars", lambda i, v: "good" if i > 61 and i % 9 else v),
            "expect_column_values_to_be_balanced",
            id="balance",
        ),
        pytest.param(
            spoilt("shop", lambda i, v: "north" if i % 9 else "south"),
            "expect_column_distribution_to_match",
            id="shares",
        ),
        pytest.param(reviews().head(50), "expect_table_row_count_to_be_between", id="rows are gone"),
        pytest.param(reviews().assign(more="x"), "expect_table_columns_to_match_set", id="another column"),
    ],
)
def test_a_drafted_suite_fails_on_a_spoilt_copy(tmp_path, table, broken):
    suite = suggest(written(tmp_path, reviews(), "parquet"), label="stars", groups=["shop"])
    with pytest.raises(DataRejected, match=broken):
        holds(tmp_path, suite, table)


def test_the_draft_says_what_was_seen_and_no_value_of_a_text_or_an_id(tmp_path):
    suite = suggest(written(tmp_path, reviews(), "csv"), label="stars", groups=["shop", "customer"])
    text = json.dumps(suite)
    notes = {(e["type"], e["kwargs"].get("column")): e["notes"] for e in suite["expectations"]}
    assert notes["expect_column_values_to_not_be_null", "shop"] == "6 of 120 rows lack it (5.00%)."
    assert notes["expect_column_values_to_be_balanced", "label"] == "The rarest has 20 rows, the commonest 60."
    assert notes["expect_column_unique_value_count_to_be_between", "customer"] == "120 different values were seen."
    assert not [word for word in (*WORDS, "c-1", "number") if word in text]


def test_what_is_missing_may_be_missing_half_as_often_again(tmp_path):
    suite = suggest(written(tmp_path, reviews(), "csv"), label="stars", groups=["shop"])
    [shop] = [e for e in suite["expectations"] if e["kwargs"].get("column") == "shop" and "null" in e["type"]]
    assert shop["kwargs"]["mostly"] == 0.915


def lines_of(folder: Path, rows) -> Path:
    (folder / "reviews.jsonl").write_text("\n".join(json.dumps(row) for row in rows) + "\n", encoding="utf-8")
    return folder / "reviews.jsonl"


def test_a_key_that_the_first_line_lacks_is_a_column_with_a_missing_value(tmp_path):
    rows = reviews().to_dict("records")
    del rows[0]["shop"], rows[0]["review"]
    suite = suggest(lines_of(tmp_path, rows), label="stars", groups=["shop"])
    notes = {(e["type"], e["kwargs"].get("column")): e["notes"] for e in suite["expectations"]}
    assert notes["expect_column_values_to_not_be_null", "text"] == "1 of 120 rows lack it (0.83%)."


def test_a_key_that_appears_after_very_many_others_is_found_if_it_is_named(tmp_path):
    rows = reviews().to_dict("records")
    shops = [row.pop("shop") for row in rows[60:]]
    rows[0] |= {f"k{i}": i for i in range(2000)}
    for row, shop in zip(rows[60:], shops, strict=True):
        row["region"] = shop
    suite = suggest(lines_of(tmp_path, rows), label="stars", groups=["region"])
    assert "region" in {e["kwargs"].get("column") for e in suite["expectations"]}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        pytest.param({"label": "stars", "groups": ["shops"]}, "column 'shops': is missing", id="no such group"),
        pytest.param({"label": "customer"}, "column 'customer': has 120 different values", id="no label"),
        pytest.param({"text": "reviews"}, "column 'reviews': is missing", id="no such text"),
    ],
)
def test_a_column_that_cannot_serve_is_refused(tmp_path, options, words):
    with pytest.raises(InputRefused, match=words):
        suggest(written(tmp_path, reviews(), "csv"), **options)


@pytest.mark.parametrize("name", ["reasons", "file_row_number", "__row__"])
def test_a_group_whose_name_a_run_uses_for_itself_is_refused(tmp_path, name):
    path = written(tmp_path, reviews().rename(columns={"shop": name}), "csv")
    with pytest.raises(InputRefused, match=f"column '{name}': is a reserved name"):
        suggest(path, label="stars", groups=[name])


def test_a_group_named_as_a_count_in_sql_is_a_group_like_any_other(tmp_path):
    table = reviews().rename(columns={"shop": "v"})
    suite = suggest(written(tmp_path, table, "csv"), label="stars", groups=["v"])
    outcome = holds(tmp_path, suite, table)
    assert outcome.success
    assert {e.columns[0] for e in outcome.expectations if e.columns} == {"id", "text", "label", "v"}


@pytest.mark.parametrize("kind", ["jsonl", "parquet"])
def test_a_group_without_any_value_is_refused(tmp_path, kind):
    path = written(tmp_path, reviews().assign(branch=None), kind)
    with pytest.raises(InputRefused, match="column 'branch': holds no value"):
        suggest(path, label="stars", groups=["shop", "branch"])


def test_a_column_without_a_name_is_refused(tmp_path):
    path = written(tmp_path, reviews().rename(columns={"shop": ""}), "parquet")
    with pytest.raises(InputRefused, match="column '': has no name"):
        suggest(path, label="stars", groups=[""])


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        pytest.param("a.txt", b"x", "ends in '.txt'", id="another kind"),
        pytest.param("a.csv", b"", "is empty", id="empty"),
        pytest.param("a.csv", b"text\n\xff\xfe\xfa\n", "line 2, column 'text': is not utf-8 text", id="not UTF-8"),
        pytest.param("a.csv", b"text\na\0b\n", "line 2, column 'text': holds a NUL character", id="NUL"),
        pytest.param("a.csv", b"text\n" + b"a" * 2_000_000, "is 2,000,000 characters long where 1,0", id="too long"),
        pytest.param("a.csv", b"text,label\na,b,c\n", "line 2: has 3 fields where the header has 2", id="ragged"),
        pytest.param("a.jsonl", b"{", "line 1: is not JSON", id="not JSON"),
        pytest.param("a.jsonl", b'{"a": 1}\n\n[]\n', "line 3: must hold a JSON object, not list", id="a list"),
        pytest.param("a.parquet", b"PAR1", "is not a whole Parquet file", id="not Parquet"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(tmp_path, name, content, words):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputRefused, match=words):
        suggest(tmp_path / name, text="text")
