import json
from pathlib import Path

import pytest

from sluicegate.data.validation.table import validate
from sluicegate.errors import DataRejected
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


def suite(tmp_path: Path, *expectations: dict) -> Path:
    (tmp_path / "suite.json").write_text(json.dumps({"name": "s", "expectations": expectations}), encoding="utf-8")
    return tmp_path / "suite.json"


def section(share: float = 0.0) -> Validation:
    return Validation(suite="suite.json", quarantine_max_share=share)


def with_faults(reviews):
    """The reviews with three rows that break something."""
    table = reviews.copy()
    table.loc[3, "text"] = f"{SECRET} " * 10
    table.loc[5, "text"] = None
    table.loc[[5, 7], "label"] = SECRET
    return table


def test_data_that_keeps_its_contract_is_accepted_whole(tmp_path, reviews):
    outcome = validate(reviews, suite(tmp_path, PRESENT, LENGTHS, LABELS, SHOPS, UNIQUE), section())
    assert outcome.success
    assert outcome.accepted.equals(reviews)
    assert outcome.quarantined.empty
    assert [e.success for e in outcome.expectations] == [True] * 5
    assert outcome.expectations[4].observed == 1.0


def test_outcomes_come_in_the_order_of_the_suite(tmp_path, reviews):
    outcome = validate(reviews, suite(tmp_path, UNIQUE, LENGTHS, SHOPS, PRESENT), section())
    assert [e.type for e in outcome.expectations] == [e["type"] for e in (UNIQUE, LENGTHS, SHOPS, PRESENT)]


def test_failing_data_is_rejected_with_expectations_columns_and_counts(tmp_path, reviews):
    with pytest.raises(DataRejected) as refusal:
        validate(with_faults(reviews), suite(tmp_path, PRESENT, LENGTHS, LABELS, SHOPS), section())
    message = str(refusal.value)
    assert "suite.json: 3 of 4 expectations failed" in message
    assert "expect_column_values_to_not_be_null(text): 1 of 40 rows break it" in message
    assert "expect_column_value_lengths_to_be_between(text): 1 of 40 rows break it" in message
    assert "expect_column_values_to_be_in_set(label): 2 of 40 rows break it" in message


def test_no_cell_value_is_in_the_refusal_or_the_reports(tmp_path, reviews):
    table = with_faults(reviews)
    table.loc[:, "text"] = table["text"].fillna(SECRET)
    with pytest.raises(DataRejected) as refusal:
        validate(table, suite(tmp_path, LENGTHS, LABELS, COMMON, MEAN), section(), report_folder=tmp_path)
    for text in (str(refusal.value), *((tmp_path / f"validation.{k}").read_text() for k in ("json", "html"))):
        assert SECRET not in text
        assert "kettle" not in text


def test_what_cannot_be_evaluated_does_not_hold(tmp_path, reviews):
    with pytest.raises(DataRejected, match=r"expect_column_mean_to_be_between\(text\) could not be evaluated"):
        validate(reviews, suite(tmp_path, MEAN), section())


def test_the_reports_are_written_of_passing_data_too(tmp_path, reviews):
    validate(reviews, suite(tmp_path, PRESENT), section(), report_folder=tmp_path)
    report = json.loads((tmp_path / "validation.json").read_text(encoding="utf-8"))
    assert report["success"]
    assert report["statistics"]["rows"] == 40
    assert report["expectations"][0]["element_count"] == 40


def test_rows_that_break_a_row_wise_expectation_are_set_aside_up_to_a_share(tmp_path, reviews):
    outcome = validate(with_faults(reviews), suite(tmp_path, PRESENT, LENGTHS, LABELS, SHOPS), section(0.075))
    assert outcome.success
    assert outcome.quarantined["id"].tolist() == ["r3", "r5", "r7"]
    assert outcome.quarantined["reasons"][1] == (
        "expect_column_values_to_not_be_null(text); expect_column_values_to_be_in_set(label)"
    )
    assert len(outcome.accepted) == 37
    assert outcome.accepted.index.tolist() == list(range(37))
    assert outcome.statistics["quarantined_share"] == 0.075
    assert outcome.expectations[0].element_count == 37


def test_more_rows_than_the_share_allows_stop_the_run(tmp_path, reviews):
    with pytest.raises(DataRejected, match="3 of 40 rows would be set aside, a share of 0.0750 over 0.07"):
        validate(with_faults(reviews), suite(tmp_path, PRESENT, LENGTHS, LABELS), section(0.07))


def test_the_rest_must_keep_the_whole_contract_after_rows_are_set_aside(tmp_path):
    table = canonical_table([("a", "good", "north"), ("b" * 31, "bad", "south"), *[("c", "bad", "north")] * 8])
    with pytest.raises(DataRejected, match="1 of 2 expectations failed: expect_column_distinct_values_to_contain_set"):
        validate(table, suite(tmp_path, LENGTHS, SHOPS), section(0.5))


def test_duplicates_are_counted(tmp_path):
    table = canonical_table([("a", "good", "north"), ("a", "bad", "north"), ("b", "bad", "south"), ("a", "bad", "x")])
    statistics = validate(table, suite(tmp_path, PRESENT), section()).statistics
    assert (statistics["duplicate_texts"], statistics["duplicate_share"]) == (2, 0.5)
