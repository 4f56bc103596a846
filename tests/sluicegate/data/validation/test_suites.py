import csv
import datetime
import json
from pathlib import Path

import pandas as pd
import pytest

from sluicegate.data.validation.by_chunk import engine_of
from sluicegate.data.validation.references import read_reference
from sluicegate.data.validation.suites import load_suite
from sluicegate.errors import SpecRefused

COLUMNS = ["id", "text", "label", "shop"]
LANGUAGE = "expect_column_values_to_be_in_language"
LICENCES = "expect_column_values_to_be_allowed_licences"
NEWEST = "expect_column_newest_date_to_be_within_days"
REFERENCE = "expect_column_distribution_to_match_reference"
COVERED = "expect_column_groups_to_be_covered"
COVERS = {"column": "shop", "min_count": 1}
LIKE = {"column": "shop", "max_total_variation": 0.1}
PRESENT = {"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "text"}}


def suite_file(tmp_path: Path, value) -> Path:
    (tmp_path / "suite.json").write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")
    return tmp_path / "suite.json"


def one(expectation) -> dict:
    return {"name": "s", "expectations": [expectation]}


def raw(argument: str) -> str:
    """A suite in JSON, with one argument as it stands."""
    kind = "expect_column_values_to_be_in_set"
    return f'{{"expectations": [{{"type": "{kind}", "kwargs": {{"column": "label", {argument}}}}}]}}'


@pytest.mark.parametrize(
    ("value", "words"),
    [
        pytest.param("{", "line 1: is not JSON", id="not JSON"),
        pytest.param('{"expectations": [NaN]}', "is not JSON: it holds NaN", id="NaN"),
        pytest.param([], "must hold a JSON object, not list", id="not an object"),
        pytest.param(
            '{"name": "s",\n "expectations": [{"type": "{\\"a\\": 1}", "kwargs": {"column": "text"}},\n'
            ' {"kwargs": {"min_value": 1,\n "min_v\\u0061lue": 0}}]}',
            "suite.json: line 4: the key 'min_value' stands twice",
            id="a key twice",
        ),
        pytest.param("[" * 100_000, r"suite\.json: is nested over 64 levels deep", id="too deep to be read"),
        pytest.param(
            '{"expectations": [' + '{"a": ' * 65 + "1" + "}" * 65 + "]}",
            r"suite\.json: expectations\.0\.a\.a.*: is nested over 64 levels deep",
            id="too deep",
        ),
        pytest.param(
            raw('"mostly": ' + "1" * 5000),
            r"expectations\.0\.kwargs\.mostly: is a number beyond 1\.8e\+308",
            id="digits",
        ),
        pytest.param(raw('"mostly": -1e999'), r"kwargs\.mostly: is a number beyond", id="no end of a number"),
        pytest.param(
            raw('"value_set": ["a", "\\ud800"]'),
            r"expectations\.0\.kwargs\.value_set\.1: holds U\+D800, half of a surrogate pair",
            id="no character",
        ),
        pytest.param(
            raw('"a\\udfffb": 1'), r"expectations\.0\.kwargs: a key holds U\+DFFF", id="no character in a key"
        ),
        pytest.param(
            one({"type": "expect_compound_columns_to_be_unique", "kwargs": {"column_list": 5}}),
            r"expectations\.0\.kwargs\.column_list: .*must be a list of columns, not int",
            id="a number for columns",
        ),
        pytest.param(
            one({"type": "expect_table_columns_to_match_set", "kwargs": {"column_set": "id"}}),
            r"expectations\.0\.kwargs\.column_set: .*must be a list of columns, not str",
            id="a text for columns",
        ),
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
            {"meta": {"numbers": "age"}, **one(PRESENT)},
            "meta.numbers: must be a list of columns",
            id="numbers, not a list",
        ),
        pytest.param(
            {"meta": {"numbers": ["age"]}, **one(PRESENT)}, "meta.numbers: names column 'age'", id="no such numbers"
        ),
        pytest.param(
            one({"type": LANGUAGE, "kwargs": {"column": "text", "languages": ["fr"]}}),
            "must name some of en, zh, other, not 'fr'",
            id="a language that cannot be told",
        ),
        pytest.param(
            one({"type": LICENCES, "kwargs": {"column": "shop", "allowed": ["MIT", "Kettle-1.0"]}}),
            "'Kettle-1.0' is not an SPDX identifier",
            id="no SPDX identifier",
        ),
        pytest.param(
            one({"type": NEWEST, "kwargs": {"column": "shop", "max_age_days": 3}}),
            "as_of: .* needs the day that counts as today .*validation.as_of",
            id="no today",
        ),
        pytest.param(
            one({"type": NEWEST, "kwargs": {"column": "shop", "max_age_days": 3, "as_of": "today"}}),
            "as_of: Invalid isoformat string",
            id="a today that is no day",
        ),
        pytest.param(
            one({"type": REFERENCE, "kwargs": {"column": "shop", "reference": "census", "max_total_variation": 0.1}}),
            "there is no reference 'census'; `validation.references` has none",
            id="no such reference",
        ),
        pytest.param(
            one({"type": REFERENCE, "kwargs": {"column": "shop", "reference": {"values": ["a"], "weights": [1]}}}),
            "needs `max_total_variation` or `min_p_value`",
            id="no limit",
        ),
        pytest.param(
            one({"type": COVERED, "kwargs": {"column": "shop"}}),
            "needs `min_count` or `min_share` over 0",
            id="no least",
        ),
        pytest.param(
            one({"type": COVERED, "kwargs": {"column": "shop", "groups": ["nobody"], "min_count": -1}}),
            "expectations.0.kwargs: .*: min_count: .* greater than or equal to 0",
            id="a least count under nothing",
        ),
        pytest.param(
            one({"type": COVERED, "kwargs": {"column": "shop", "min_count": 1, "min_share": -0.5}}),
            "min_share: .* greater than or equal to 0",
            id="a least share under nothing",
        ),
        pytest.param(
            one({"type": COVERED, "kwargs": {"column": "shop", "min_share": 1.5}}),
            "min_share: .* less than or equal to 1",
            id="a least share over all",
        ),
        pytest.param(
            {"meta": {"numbers": ["shop"]}, **one({"type": COVERED, "kwargs": COVERS | {"groups": ["1", "two"]}})},
            "expectations.0.kwargs: .*: value 2 of the 2 named is no number",
            id="a group that is no number",
        ),
        pytest.param(
            {
                "meta": {"numbers": ["shop"]},
                **one({"type": REFERENCE, "kwargs": LIKE | {"reference": {"values": [1, "1.0"], "weights": [1, 1]}}}),
            },
            "hold a number twice",
            id="a number twice in a reference",
        ),
        pytest.param(
            one({"type": REFERENCE, "kwargs": LIKE | {"reference": {"values": [1, "1"], "weights": [1, 1]}}}),
            "each value once",
            id="a name twice in a reference",
        ),
        pytest.param(
            one({"type": REFERENCE, "kwargs": LIKE | {"reference": {"values": [[1]], "weights": [1]}}}),
            "holds values of type list, which have no name",
            id="a list in a reference",
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


VALUE_SETS = [
    "expect_column_values_to_be_in_set",
    "expect_column_values_to_not_be_in_set",
    "expect_column_distinct_values_to_be_in_set",
    "expect_column_distinct_values_to_contain_set",
    "expect_column_distinct_values_to_equal_set",
    "expect_column_most_common_value_to_be_in_set",
]


def with_value_set(tmp_path: Path, kind: str, values, **meta) -> Path:
    kwargs = {"column": "label", "value_set": values}
    return suite_file(tmp_path, {"meta": meta, "expectations": [{"type": kind, "kwargs": kwargs}]})


@pytest.mark.parametrize("kind", VALUE_SETS)
def test_a_value_that_no_cell_of_its_column_could_equal_is_refused_by_place(tmp_path, kind):
    place = rf"suite\.json: expectations\.0\.kwargs\.value_set: {kind}"
    for value, shown in [
        (0, r"0 \(int\)"),
        (0.5, r"0\.5 \(float\)"),
        (True, "True"),
        (None, "None"),
        (["a"], r"\['a'"),
    ]:
        with pytest.raises(SpecRefused, match=rf"{place}: value 2 of 2 is {shown}.* column 'label' holds strings"):
            load_suite(with_value_set(tmp_path, kind, ["a", value]), COLUMNS)
    for value, shown in [("0", r"'0' \(str\)"), (True, "True"), (None, "None")]:
        with pytest.raises(SpecRefused, match=rf"{place}: value 1 of 2 is {shown}.* column 'label' is read as numbers"):
            load_suite(with_value_set(tmp_path, kind, [value, 1], numbers=["label"]), COLUMNS)
    with pytest.raises(SpecRefused, match=f"{place}: must be a list of values, not dict"):
        load_suite(with_value_set(tmp_path, kind, {"$PARAMETER": "labels"}), COLUMNS)


@pytest.mark.parametrize("kind", VALUE_SETS)
def test_values_of_the_type_of_their_column_are_taken(tmp_path, kind):
    load_suite(with_value_set(tmp_path, kind, ["0", "1"]), COLUMNS)
    load_suite(with_value_set(tmp_path, kind, [0, 1.5], numbers=["label"]), COLUMNS)


PANDAS, OWN = "pandas", "great_expectations"


def with_condition(tmp_path: Path, condition, parser: str | None = PANDAS) -> Path:
    """A suite with a condition on the columns of strings, and `age` and ``full name``, where `age` holds numbers."""
    kwargs = {"column": "text", "row_condition": condition} | ({"condition_parser": parser} if parser else {})
    return suite_file(tmp_path, {"meta": {"numbers": ["age"]}, **one(PRESENT | {"kwargs": kwargs})})


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("text.duplicated()", r"text\.duplicated\(\)"),
        ("~text.duplicated()", r"text\.duplicated\(\)"),
        ("label == 'a' or not text.duplicated(keep=False)", r"text\.duplicated\(keep=False\)"),
        ("age > age.mean()", r"age\.mean\(\)"),
        ("age.shift(1) > 3", r"age\.shift\(1\)"),
        ("age.rank() > 3", r"age\.rank\(\)"),
        ("age.cumsum() / 2 > 3", r"age\.cumsum\(\)"),
        ("age.between(1, age.max())", r"age\.max\(\)"),
        ("label.isin(shop)", r"label\.isin\(shop\)"),
        ("label in shop", "label in shop"),
        ("label in ['a', shop]", "label in "),
        ("age < [1, 2]", r"\[1, 2\]"),
        ("age + 1 == [1, 2]", r"\[1, 2\]"),
        ("age.size > 3", r"age\.size"),
        ("text.str.cat() == 'a'", r"text\.str\.cat\(\)"),
        ("text.str.split(expand=True) == 'a'", "expand=True"),
        ("age.astype('int', errors='ignore') > 3", "errors="),
        ("age", "'age' does not say"),
        ("age + 1", "does not say"),
        ("text.str.len()", "does not say"),
        ("label[0] == 'a'", r"label\[0\]"),
        ("lambda: label", "does not say"),
        ("`full name`.duplicated()", r"`full name`\.duplicated\(\)"),
        ("lable == 'a'", "names column 'lable'; the columns are 'id'"),
        ("index == 3", "names column 'index'"),
        ("label >", r"cannot be evaluated \(SyntaxError\)"),
        ("(" * 5000 + "label == 'a'" + ")" * 5000, "cannot be evaluated|nested too deeply"),
        ("-" * 5000 + "age > 1", "cannot be evaluated|nested too deeply"),
        ("label == 0", r"column 'label', which holds strings, with 0 \(int\)"),
        ("label in ['a', 0]", r"column 'label', which holds strings, with 0 \(int\)"),
        ("age == '0'", "column 'age', which holds numbers, as `meta.numbers` says, with '0'"),
        ("age.isin(['0'])", "column 'age', which holds numbers"),
        ("label == None", "with nothing, which no cell equals"),
    ],
)
def test_a_row_condition_that_cannot_be_told_of_each_row_alone_is_refused_by_place(tmp_path, condition, words):
    with pytest.raises(SpecRefused, match=rf"suite\.json: expectations\.0\.kwargs\.row_condition: .*({words})"):
        load_suite(with_condition(tmp_path, condition), [*COLUMNS, "age", "full name"])


@pytest.mark.parametrize("parser", [None, PANDAS, "spark"])
def test_a_row_condition_is_looked_at_whatever_is_to_read_it(tmp_path, parser):
    for condition in ("text.duplicated()", {"type": "pass_through", "pass_through_filter": "text.duplicated()"}):
        with pytest.raises(SpecRefused, match=r"row_condition: .*text\.duplicated"):
            load_suite(with_condition(tmp_path, condition, parser), [*COLUMNS, "age"])


@pytest.mark.parametrize(
    ("condition", "parser", "rows"),
    [
        ("label == 'a'", PANDAS, [0, 2]),
        ("'a' == label", PANDAS, [0, 2]),
        ("label == 'a' & age > 1", PANDAS, [2]),
        ("label == 'a' | age > 3", PANDAS, [0, 2, 3]),
        ("text == 'x & `y|'", PANDAS, [3]),
        ("not label == 'a' and ~age.isnull()", PANDAS, [3]),
        ("label in ['a', 'c'] and age not in (1, 2)", PANDAS, [2, 3]),
        ("label == ['a']", PANDAS, [0, 2]),
        ("label.isin(['a'])", PANDAS, [0, 2]),
        ("1 < age * 2 - 1 <= 5", PANDAS, [2]),
        ("age.between(2, 3) == False", PANDAS, [0, 1, 3]),
        ("label.notna() and label.str.upper() == 'A'", PANDAS, [0, 2]),
        ("text.str.split().str.len() > 2", PANDAS, [3]),
        ("text.str.contains('^b', regex=True)", PANDAS, [1]),
        ("age.astype('str') == '3.0'", PANDAS, [2]),
        ("label == `full name`", PANDAS, [0]),
        ("`full name`.str.lower().str.startswith('b')", PANDAS, [2]),
        ('col("label")=="a"', OWN, [0, 2]),
        ('col("age")>1', OWN, [2, 3]),
        ('col("age").notNull()', OWN, [0, 2, 3]),
        (
            {"type": "and", "conditions": [
                {"type": "comparison", "column": {"name": "label"}, "operator": "IN", "parameter": ["a"]},
                {"type": "nullity", "column": {"name": "full name"}, "is_null": False},
            ]},
            None,
            [0, 2],
        ),
    ],
)  # fmt: skip
@pytest.mark.parametrize("chunk_rows", [1, 4])
def test_a_row_condition_leaves_the_same_rows_whatever_the_chunks(tmp_path, condition, parser, rows, chunk_rows):
    table = pd.DataFrame(
        {
            "text": ["a", "b", "a", "x & `y|"],
            "label": ["a", None, "a", "c"],
            "age": [1.0, None, 3.0, 4.0],
            "full name": ["a", "a", "B", None],
        }
    ).astype({"text": "str", "label": "str", "full name": "str"})
    suite = load_suite(with_condition(tmp_path, condition, parser), [*COLUMNS, "age", "full name"])
    condition = suite.expectations[0].row_condition
    left = []
    for start in range(0, len(table), chunk_rows):
        engine = engine_of(table.iloc[start : start + chunk_rows])
        left += engine.get_domain_records({"row_condition": condition, "condition_parser": "pandas"}).index.tolist()
    assert left == rows


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


def test_the_spec_says_which_day_is_today_where_the_suite_does_not(tmp_path):
    file = suite_file(tmp_path, one({"type": NEWEST, "kwargs": {"column": "shop", "max_age_days": 3}}))
    suite = load_suite(file, COLUMNS, as_of=datetime.date(2024, 2, 29))
    assert suite.expectations[0].as_of == "2024-02-29"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        pytest.param("r.csv", "value,weight\nnorth,30\nsouth,10\n", id="CSV"),
        pytest.param("r.json", '{"values": ["north", "south"], "weights": [30, 10]}', id="JSON"),
        pytest.param("r.csv", "\ufeffvalue,weight\nnorth,30\nsouth,10\n", id="CSV with a byte order mark"),
        pytest.param("r.json", '\ufeff{"values": ["north", "south"], "weights": [30, 10]}', id="JSON with one"),
    ],
)
def test_a_reference_is_read_from_its_file(tmp_path, name, content):
    (tmp_path / name).write_text(content, encoding="utf-8")
    expectation = {"type": REFERENCE, "kwargs": {"column": "shop", "reference": "r", "max_total_variation": 0.1}}
    suite = load_suite(suite_file(tmp_path, one(expectation)), COLUMNS, references={"r": tmp_path / name})
    assert suite.expectations[0].reference == {"values": ["north", "south"], "weights": [30, 10]}


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        pytest.param("r.csv", "a,b\n1,2\n", "must have the columns `value` and `weight`", id="other columns"),
        pytest.param("r.csv", "value,weight\nnorth,many\n", "holds something that is not a number", id="no number"),
        pytest.param(
            "r.csv",
            f"value,weight\nnorth,1\n{'x' * 131_073},1\n",
            r"r\.csv: line 3: a cell .* 131,072 char",
            id="a cell",
        ),
        pytest.param("r.json", "[", "line 1 is not JSON", id="not JSON"),
        pytest.param("r.json", "[" * 100_000, r"r\.json: is nested over 64 levels deep", id="too deep to be read"),
        pytest.param(
            "r.json", '{"values": ' + "[" * 70 + "]" * 70 + "}", r"values.*: is nested over 64", id="too deep"
        ),
        pytest.param(
            "r.json", f'{{"values": ["a"], "weights": [{"1" * 5000}]}}', r"weights\.0: is a number beyond", id="digits"
        ),
        pytest.param(
            "r.json", '{"values": ["a", "b"], "weights": [1e308, 1e308]}', "numbers from 0 up", id="too large a sum"
        ),
        pytest.param(
            "r.json", '{"values": ["\\ud800"], "weights": [1]}', r"values\.0: holds U\+D800", id="no character"
        ),
        pytest.param("r.json", '{"values": ["a"],\n"values": ["b"]}', "line 2: the key 'values'", id="a key twice"),
        pytest.param("r.json", '{"values": ["a", "a"], "weights": [1, 1]}', "each value once", id="a value twice"),
        pytest.param("r.json", '{"values": ["a"], "weights": [0]}', "not all 0", id="no weight"),
        pytest.param(
            "r.json", '{"values": ["a", "b"], "weights": [2, -1]}', "numbers from 0 up", id="less than nothing"
        ),
    ],
)
def test_a_file_that_is_no_distribution_is_refused(tmp_path, name, content, words):
    (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(SpecRefused, match=words):
        read_reference(tmp_path / name)


@pytest.mark.parametrize("limit", [131_072, 2**31 - 1])
def test_how_long_a_cell_of_a_reference_may_be_hangs_on_nothing_that_was_read_before(tmp_path, limit):
    (tmp_path / "r.csv").write_text(f"value,weight\n{'x' * 131_073},1\n", encoding="utf-8")
    before = csv.field_size_limit(limit)
    try:
        with pytest.raises(SpecRefused, match=r"r\.csv: line 2: a cell has more than 131,072 characters"):
            read_reference(tmp_path / "r.csv")
    finally:
        csv.field_size_limit(before)
