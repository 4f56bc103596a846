import json
import re
import signal
import stat
import subprocess
import sys
import traceback
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sluicegate.data.validation.table import validate
from sluicegate.errors import DataRejected, InputRefused, SpecRefused
from sluicegate.spec import Validation
from tests.sluicegate.data.conftest import canonical_table

SECRET = "Zanzibar"
LENGTHS = {"type": "expect_column_value_lengths_to_be_between", "kwargs": {"column": "text", "max_value": 30}}
PRESENT = {"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "text"}}
LABELS = {"type": "expect_column_values_to_be_in_set", "kwargs": {"column": "label", "value_set": ["good", "bad"]}}
SHOPS = {
    "type": "expect_column_distinct_values_to_contain_set",
    "kwargs": {"column": "shop", "value_set": ["north", "south"]},
}
COMMON = {"type": "expect_column_most_common_value_to_be_in_set", "kwargs": {"column": "text", "value_set": ["x"]}}
MEAN = {"type": "expect_column_mean_to_be_between", "kwargs": {"column": "text", "min_value": 0}}
UNIQUE = {
    "type": "expect_column_proportion_of_unique_values_to_be_between",
    "kwargs": {"column": "text", "min_value": 0.9},
}
DIFFERENT = {"type": "expect_column_values_to_be_unique", "kwargs": {"column": "text"}}


def suite(tmp_path: Path, *expectations: dict, meta: dict | None = None) -> Path:
    value = {"name": "s", "expectations": expectations, "meta": meta or {}}
    (tmp_path / "suite.json").write_text(json.dumps(value), encoding="utf-8")
    return tmp_path / "suite.json"


def held(tmp_path: Path, table: pd.DataFrame, *expectations: dict, share: float = 0.0, meta: dict | None = None):
    """The table validated in chunks of 9 rows, all files in `tmp_path`."""
    table.to_parquet(tmp_path / "table.parquet", index=False)
    section = Validation(suite="suite.json", quarantine_max_share=share)
    return validate(
        tmp_path / "table.parquet", suite(tmp_path, *expectations, meta=meta), section, folder=tmp_path, chunk_rows=9
    )


def with_faults(reviews):
    """The reviews with three rows that break something."""
    table = reviews.copy()
    table.loc[3, "text"] = f"{SECRET} " * 10
    table.loc[5, "text"] = None
    table.loc[[5, 37], "label"] = SECRET
    return table


def test_rows_that_are_the_very_share_that_may_be_set_aside_are(tmp_path):
    """29 of 100 rows, at 0.29: the product of these floats is 28.999…"""
    rows = [{"id": f"r{i}", "text": f"kettle {i}", "label": SECRET if i < 29 else "good"} for i in range(100)]
    outcome = held(tmp_path, pd.DataFrame(rows), LABELS, share=0.29)
    assert outcome.statistics["quarantined_rows"] == 29
    with pytest.raises(DataRejected, match="29 of 100 rows would be set aside"):
        held(tmp_path, pd.DataFrame(rows), LABELS, share=0.28)


def test_data_that_keeps_its_contract_is_accepted_whole(tmp_path, reviews):
    outcome = held(tmp_path, reviews, PRESENT, LENGTHS, LABELS, SHOPS, UNIQUE)
    assert outcome.success
    assert pd.read_parquet(outcome.accepted).equals(reviews)
    assert pq.read_metadata(outcome.quarantined).num_rows == 0
    assert [e.success for e in outcome.expectations] == [True] * 5
    assert outcome.expectations[4].observed == 1.0


def test_outcomes_come_in_the_order_of_the_suite(tmp_path, reviews):
    outcome = held(tmp_path, reviews, UNIQUE, LENGTHS, SHOPS, PRESENT)
    assert [e.type for e in outcome.expectations] == [e["type"] for e in (UNIQUE, LENGTHS, SHOPS, PRESENT)]


def test_failing_data_is_rejected_with_expectations_columns_and_counts(tmp_path, reviews):
    with pytest.raises(DataRejected) as refusal:
        held(tmp_path, with_faults(reviews), PRESENT, LENGTHS, LABELS, SHOPS)
    message = str(refusal.value)
    assert "suite.json: 3 of 4 expectations failed" in message
    assert "expect_column_values_to_not_be_null(text): 1 of 40 rows break it" in message
    assert "expect_column_value_lengths_to_be_between(text): 1 of 40 rows break it" in message
    assert "expect_column_values_to_be_in_set(label): 2 of 40 rows break it" in message
    assert not (tmp_path / "accepted.parquet").exists()


def test_rejected_data_leaves_the_rows_that_broke_it_for_their_owner_to_look_at(tmp_path, reviews):
    with pytest.raises(DataRejected):
        held(tmp_path, with_faults(reviews), PRESENT, LENGTHS, LABELS)
    assert pd.read_parquet(tmp_path / "quarantined.parquet")["id"].tolist() == ["r3", "r5", "r37"]
    statistics = json.loads((tmp_path / "validation.json").read_text(encoding="utf-8"))["statistics"]
    assert (statistics["failing_rows"], statistics["quarantined_rows"]) == (3, 0)


CANARIES = {
    "id": "canary-id-4711",
    "text": "canary text of Zanzibar",
    "label": "canary-label",
    "shop": "canary-shop",
    "age": "987654.25",
    "time": "2999-12-24",
    "licence": "Canary-Licence",
}
EVERYTHING = [
    PRESENT,
    LENGTHS,
    LABELS,
    SHOPS,
    COMMON,
    MEAN,
    UNIQUE,
    DIFFERENT,
    *(
        {"type": kind, "kwargs": {"column": column, **kwargs}}
        for kind, column, kwargs in [
            ("expect_column_values_to_be_unique", "id", {}),
            ("expect_column_distinct_values_to_be_in_set", "id", {"value_set": ["q"]}),
            ("expect_column_distinct_values_to_equal_set", "label", {"value_set": ["q"]}),
            ("expect_column_values_to_be_between", "age", {"max_value": 5}),
            ("expect_column_values_to_be_between", "text", {"max_value": 5}),
            ("expect_column_max_to_be_between", "age", {"max_value": 5}),
            ("expect_column_max_to_be_between", "text", {"max_value": 5}),
            ("expect_column_min_to_be_between", "age", {"min_value": 5, "max_value": 6}),
            ("expect_column_median_to_be_between", "age", {"max_value": 5}),
            (
                "expect_column_quantile_values_to_be_between",
                "age",
                {"quantile_ranges": {"quantiles": [1.0], "value_ranges": [[0, 5]]}},
            ),
            ("expect_column_values_to_match_strftime_format", "time", {"strftime_format": "%d"}),
            ("expect_column_values_to_be_json_parseable", "text", {}),
            ("expect_column_values_to_be_dated_within_days", "time", {"as_of": "2024-01-01", "max_age_days": 1}),
            ("expect_column_newest_date_to_be_within_days", "text", {"as_of": "2024-01-01", "max_age_days": 1}),
            ("expect_column_values_to_be_allowed_licences", "licence", {"allowed": ["MIT"]}),
            ("expect_column_values_to_state_consent", "shop", {"value_set": ["yes"]}),
            ("expect_column_groups_to_be_covered", "shop", {"min_share": 0.9}),
            ("expect_column_values_to_be_balanced", "shop", {"min_ratio": 0.9}),
            ("expect_column_values_to_be_in_language", "text", {"languages": ["zh"], "undetermined_ok": False}),
        ]
    ),
    {
        "type": "expect_column_pair_values_to_not_leak_between_splits",
        "kwargs": {"column_A": "text", "column_B": "shop"},
    },
]


def test_no_cell_of_any_column_is_in_a_report_a_refusal_or_a_log(tmp_path, reviews, caplog, capfd):
    caplog.set_level("DEBUG")
    table = reviews.assign(age="30", time="2023-12-31", licence="MIT")
    for row in (2, 20, 33):
        for column, canary in CANARIES.items():
            table.loc[row, column] = canary
    table.loc[33, "shop"] = "canary-shop-2"
    with pytest.raises(DataRejected) as refusal:
        held(tmp_path, table.astype("str"), *EVERYTHING, meta={"numbers": ["age"]})
    printed = capfd.readouterr()
    written = [(tmp_path / f"validation.{kind}").read_text(encoding="utf-8") for kind in ("json", "html")]
    for text in (str(refusal.value), *written, caplog.text, printed.out, printed.err):
        for canary in (*CANARIES.values(), "987654", "Zanzibar", "kettle"):
            assert canary.lower() not in text.lower()
    assert not list(tmp_path.glob(".validation-*"))


def test_what_cannot_be_evaluated_does_not_hold(tmp_path, reviews):
    with pytest.raises(DataRejected, match=r"expect_column_mean_to_be_between\(text\) could not be evaluated"):
        held(tmp_path, reviews, MEAN)


def test_the_reports_are_written_of_passing_data_too(tmp_path, reviews):
    held(tmp_path, reviews, PRESENT)
    report = json.loads((tmp_path / "validation.json").read_text(encoding="utf-8"))
    assert report["success"]
    assert report["statistics"]["rows"] == 40
    assert report["expectations"][0]["element_count"] == 40


def test_the_page_begins_with_what_failed_and_the_worst_of_it(tmp_path, reviews):
    notes = {"notes": "Short <texts>."}
    with pytest.raises(DataRejected):
        held(tmp_path, with_faults(reviews), SHOPS, PRESENT, UNIQUE, MEAN, LABELS | notes, LENGTHS)
    page = (tmp_path / "validation.html").read_text(encoding="utf-8")
    order = [page.index(f"<code>{e['type']}</code>") for e in (MEAN, LABELS, PRESENT, LENGTHS, SHOPS, UNIQUE)]
    assert order == sorted(order)
    assert "4 of 6 expectations failed" in page
    assert "Short &lt;texts&gt;." in page


def test_rows_that_break_a_row_wise_expectation_are_set_aside_up_to_a_share(tmp_path, reviews):
    outcome = held(tmp_path, with_faults(reviews), PRESENT, LENGTHS, LABELS, SHOPS, share=0.075)
    assert outcome.success
    quarantined = pd.read_parquet(outcome.quarantined)
    assert quarantined["id"].tolist() == ["r3", "r5", "r37"]
    assert quarantined["reasons"][1] == (
        "expect_column_values_to_not_be_null(text); expect_column_values_to_be_in_set(label)"
    )
    assert quarantined["label"].tolist() == ["good", SECRET, SECRET]
    assert list(quarantined.columns) == ["id", "reasons", "text", "label", "shop"]
    accepted = pd.read_parquet(outcome.accepted)
    assert accepted.equals(reviews.drop(index=[3, 5, 37]).reset_index(drop=True))
    assert outcome.statistics["quarantined_share"] == 0.075
    assert outcome.expectations[0].element_count == 37


def test_the_rows_are_their_owners_alone(tmp_path, reviews):
    outcome = held(tmp_path, with_faults(reviews), PRESENT, LENGTHS, LABELS, share=0.5)
    assert stat.S_IMODE(outcome.quarantined.stat().st_mode) == 0o600
    assert stat.S_IMODE(outcome.accepted.stat().st_mode) == 0o600


KILLED = """
import os, signal, sys
from pathlib import Path
from sluicegate.data.validation import quarantine, table
from sluicegate.spec import Validation

part = quarantine.part

def killed(*args, **named):
    part(*args, **named)
    (named["accepted"].parent / ".accepted.parquet.partial").write_text("half a table")
    os.kill(os.getpid(), signal.SIGKILL)

quarantine.part = killed
where = Path(sys.argv[1])
section = Validation(suite="suite.json", quarantine_max_share=0.5)
table.validate(where / "table.parquet", where / "suite.json", section, folder=where / "out")
"""


def test_what_a_killed_try_left_is_gone_after_the_next(tmp_path, reviews):
    with_faults(reviews).to_parquet(tmp_path / "table.parquet", index=False)
    path, section = suite(tmp_path, DIFFERENT, LABELS), Validation(suite="suite.json", quarantine_max_share=0.5)
    (tmp_path / "out").mkdir()
    ended = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], check=False)
    assert ended.returncode == -signal.SIGKILL
    assert [left for left in (tmp_path / "out").rglob("*") if left.suffix != ".parquet"]
    validate(tmp_path / "table.parquet", path, section, folder=tmp_path / "out")
    names = {"accepted.parquet", "quarantined.parquet", "validation.json", "validation.html"}
    assert {left.name for left in (tmp_path / "out").rglob("*")} == names


def test_repeated_rows_are_found_over_chunks_and_set_aside(tmp_path, reviews):
    table = reviews.copy()
    table.loc[39, "text"] = table.loc[0, "text"]
    outcome = held(tmp_path, table, DIFFERENT, share=0.05)
    assert pd.read_parquet(outcome.quarantined)["id"].tolist() == ["r0", "r39"]


def test_rows_that_break_an_expectation_which_holds_mostly_stay(tmp_path, reviews):
    mostly = {"type": LABELS["type"], "kwargs": LABELS["kwargs"] | {"mostly": 0.9}}
    outcome = held(tmp_path, with_faults(reviews).drop(index=[3, 5]), mostly, share=0.5)
    assert (outcome.statistics["failing_rows"], outcome.expectations[0].unexpected_count) == (0, 1)


def test_more_rows_than_the_share_allows_stop_the_run(tmp_path, reviews):
    with pytest.raises(DataRejected, match="3 of 40 rows would be set aside, a share of 0.0750 over 0.07"):
        held(tmp_path, with_faults(reviews), PRESENT, LENGTHS, LABELS, share=0.07)


def test_the_rest_must_keep_the_whole_contract_after_rows_are_set_aside(tmp_path):
    table = canonical_table([("a", "good", "north"), ("b" * 31, "bad", "south"), *[("c", "bad", "north")] * 8])
    with pytest.raises(DataRejected, match="1 of 2 expectations failed: expect_column_distinct_values_to_contain_set"):
        held(tmp_path, table, LENGTHS, SHOPS, share=0.5)
    assert not (tmp_path / "accepted.parquet").exists()


def test_duplicates_are_counted(tmp_path):
    table = canonical_table([("a", "good", "north"), ("a", "bad", "north"), ("b", "bad", "south"), ("a", "bad", "x")])
    statistics = held(tmp_path, table, LABELS).statistics
    assert (statistics["duplicate_texts"], statistics["duplicate_share"]) == (2, 0.5)


def test_missing_texts_count_as_one_text(tmp_path):
    table = canonical_table([("a", "good", "north"), (None, "bad", "north"), (None, "bad", "south")])
    assert held(tmp_path, table, LABELS).statistics["duplicate_texts"] == 1


def test_a_column_that_does_not_hold_strings_is_refused(tmp_path):
    pq.write_table(pa.table({"id": ["1"], "text": ["a"], "age": [3]}), tmp_path / "table.parquet")
    with pytest.raises(InputRefused, match="column 'age': holds int64 where the canonical table holds strings"):
        validate(tmp_path / "table.parquet", suite(tmp_path, PRESENT), Validation(suite="suite.json"), folder=tmp_path)


def test_the_same_table_gives_the_same_reports_whatever_the_chunks(tmp_path, reviews):
    folders = [tmp_path / "a", tmp_path / "b"]
    reviews.to_parquet(tmp_path / "table.parquet", index=False)
    section = Validation(suite="suite.json")
    for folder, rows in zip(folders, (7, 1000), strict=True):
        folder.mkdir()
        path = suite(tmp_path, PRESENT, LENGTHS, UNIQUE, SHOPS)
        validate(tmp_path / "table.parquet", path, section, folder=folder, chunk_rows=rows)
    first, second = ((folder / "validation.json").read_bytes() for folder in folders)
    assert first == second


def refused_condition(tmp_path: Path, condition: str) -> SpecRefused:
    """The refusal of a suite whose second expectation holds where `condition` does, of cells that it cannot take."""
    table = canonical_table([("one", "5", "a"), (SECRET, f"{SECRET}@example.com", "b")])
    kwargs = {"column": "text", "row_condition": condition, "condition_parser": "pandas"}
    with pytest.raises(SpecRefused) as refusal:
        held(tmp_path, table, PRESENT, {"type": "expect_column_values_to_be_unique", "kwargs": kwargs})
    return refusal.value


@pytest.mark.parametrize(
    ("condition", "error"),
    [
        pytest.param('label.astype("float") > 3', "ValueError", id="a text that is no number"),
        pytest.param("label > 3", "TypeError", id="a text against a number"),
        pytest.param('label.str.findall("(").str.len() > 0', "(error|PatternError)", id="no pattern"),
        pytest.param("label >", "SyntaxError", id="no expression"),
    ],
)
def test_a_row_condition_that_cannot_be_evaluated_is_refused_by_place_without_a_cell(
    tmp_path, caplog, capfd, condition, error
):
    refusal = refused_condition(tmp_path, condition)
    place = r"suite\.json: expectations\.1\.kwargs\.row_condition"
    assert re.search(rf"{place}: (expect_column_values_to_be_unique: )?cannot be evaluated \({error}\)", str(refusal))
    printed = capfd.readouterr()
    shown = "".join(traceback.format_exception(refusal))
    for text in (shown, caplog.text, printed.out, printed.err):
        assert SECRET not in text


LIKENESS = "expect_column_distribution_to_match_reference"
COVERAGE = "expect_column_groups_to_be_covered"
BALANCE = "expect_column_values_to_be_balanced"


@pytest.mark.parametrize("numbers", [[], ["stars"]], ids=["strings", "numbers"])
@pytest.mark.parametrize(
    ("kind", "kwargs", "observed"),
    [
        (LIKENESS, {"reference": {"values": [1, 2], "weights": [1, 1]}, "max_total_variation": 0.1}, 0.0),
        (LIKENESS, {"reference": {"values": [1.0, 2.0], "weights": [1, 3]}, "max_total_variation": 0.3}, 0.25),
        (LIKENESS, {"reference": {"values": ["1", "2"], "weights": [1, 1]}, "max_total_variation": 0.1}, 0.0),
        (COVERAGE, {"groups": ["1", "2"], "min_count": 1}, 0.5),
        (COVERAGE, {"groups": [1, 2.0], "min_count": 1}, 0.5),
        (BALANCE, {"value_set": ["1", "2"], "min_ratio": 0.5}, 1.0),
        (BALANCE, {"value_set": [1.0, 2], "min_ratio": 0.5}, 1.0),
    ],
)
def test_values_are_found_in_a_column_of_strings_or_numbers_however_they_are_written(
    tmp_path, kind, kwargs, observed, numbers
):
    table = pd.DataFrame({"id": list("abcd"), "text": list("abcd"), "stars": ["1", "1", "2", "2"]})
    expectation = {"type": kind, "kwargs": {"column": "stars", **kwargs}}
    outcome = held(tmp_path, table, expectation, meta={"numbers": numbers})
    assert outcome.expectations[0].observed == observed
