import json
from pathlib import Path

import pytest

from sluicegate.data.validation.suites import load_suite
from sluicegate.errors import SpecRefused

COLUMNS = ["id", "text", "label", "shop"]
PRESENT = {"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "text"}}


def suite_file(tmp_path: Path, value) -> Path:
    (tmp_path / "suite.json").write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")
    return tmp_path / "suite.json"


def one(expectation) -> dict:
    return {"name": "s", "expectations": [expectation]}


@pytest.mark.parametrize(
    ("value", "words"),
    [
        pytest.param("{", "line 1: is not JSON", id="not JSON"),
        pytest.param('{"expectations": [NaN]}', "is not JSON: it holds NaN", id="NaN"),
        pytest.param([], "must hold a JSON object, not list", id="not an object"),
        pytest.param({"name": "s"}, "expectations: must be a list that holds at least one", id="no expectations"),
        pytest.param({"name": "s", "expectations": []}, "at least one", id="nothing expected"),
        pytest.param(one(3), "expectations.0: must hold a `type`", id="a number"),
        pytest.param(one({"kwargs": {}}), "expectations.0: must hold a `type`", id="no type"),
        pytest.param(
            one({"type": "expect_kettles_to_boil", "kwargs": {}}),
            "no expectation 'expect_kettles_to_boil'",
            id="unknown",
        ),
        pytest.param(one(PRESENT | {"kwarg": {}}), "expectations.0.kwarg: is not a key", id="a misspelt key"),
        pytest.param(one(PRESENT | {"kwargs": {"colum": "text"}}), "column: field required", id="a misspelt argument"),
        pytest.param(one(PRESENT | {"kwargs": [1]}), "kwargs: must be a mapping, not list", id="arguments in a list"),
        pytest.param(
            one(PRESENT | {"kwargs": {"column": "txt"}}), "names column 'txt'; the columns are id, text", id="a column"
        ),
        pytest.param(
            one({"type": "expect_table_columns_to_match_set", "kwargs": {"column_set": ["id", "txt"]}}),
            "names column 'txt'",
            id="a column in a set",
        ),
    ],
)
def test_a_suite_that_is_not_understood_is_refused(tmp_path, value, words):
    with pytest.raises(SpecRefused, match=words) as refusal:
        load_suite(suite_file(tmp_path, value), COLUMNS)
    assert "suite.json" in str(refusal.value)


def test_a_missing_suite_is_refused(tmp_path):
    with pytest.raises(SpecRefused, match="there is no such file"):
        load_suite(tmp_path / "nowhere.json", COLUMNS)


def test_every_expectation_of_the_file_is_in_the_suite(tmp_path):
    lengths = {"type": "expect_column_value_lengths_to_be_between", "kwargs": {"column": "text", "min_value": 1}}
    suite = load_suite(suite_file(tmp_path, {"name": "s", "expectations": [PRESENT, lengths, PRESENT]}), COLUMNS)
    assert [e.expectation_type for e in suite.expectations] == [PRESENT["type"], lengths["type"], PRESENT["type"]]
    assert len({e.id for e in suite.expectations}) == 3


def test_the_suite_of_the_demo_is_understood():
    folder = Path(__file__).parents[4] / "expectations"
    suite = load_suite(folder / "reviews-en.json", ["id", "text", "label", "domain"])
    assert len(suite.expectations) == 15
