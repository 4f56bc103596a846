"""Held in small chunks and by DuckDB, a table gets the verdicts that Great Expectations gives on the whole of it."""

import json
import math
import tempfile
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sluicegate.data.validation import measures
from sluicegate.data.validation.holding import hold, plan
from sluicegate.data.validation.numbers import as_numbers
from sluicegate.data.validation.rows import BrokenRows
from sluicegate.data.validation.suites import expectation_id, load_suite, numbers_of
from sluicegate.errors import SpecRefused

COLUMNS = ["id", "text", "label", "split", "n", "m", "time"]
QUANTILES = {
    "quantiles": [0.0, 0.25, 0.5, 0.9, 1.0],
    "value_ranges": [[-3, None], [None, 2], [0, 4], [-9, 9], [None, 99]],
}
BINS = {"bins": [-2, 0, 1, 3, 10], "weights": [0.2, 0.3, 0.3, 0.2]}
SHARES = {"values": ["a", "b", "zz"], "weights": [0.5, 0.3, 0.2]}


def expects(kind, column=None, **kwargs):
    return {"type": kind, "kwargs": kwargs if column is None else {"column": column, **kwargs}}


ROW_WISE = [
    expects("expect_column_values_to_not_be_null", "text", mostly=0.8),
    expects("expect_column_values_to_be_null", "text", mostly=0.2),
    expects("expect_column_value_lengths_to_be_between", "text", min_value=1, max_value=3),
    expects("expect_column_value_lengths_to_equal", "label", value=1),
    expects("expect_column_values_to_be_in_set", "label", value_set=["a", "b"], mostly=0.9),
    expects("expect_column_values_to_not_be_in_set", "text", value_set=["b", " a"]),
    expects("expect_column_values_to_match_regex", "text", regex="^[ab ]*$", mostly=0.5),
    expects("expect_column_values_to_match_regex_list", "text", regex_list=["a", "^b"], match_on="any"),
    expects("expect_column_values_to_not_match_regex", "text", regex=r"\s"),
    expects("expect_column_values_to_not_match_regex_list", "text", regex_list=["é", "c"]),
    expects("expect_column_values_to_match_strftime_format", "time", strftime_format="%Y-%m-%d"),
    expects("expect_column_values_to_be_dateutil_parseable", "time"),
    expects("expect_column_values_to_be_json_parseable", "n"),
    expects("expect_column_values_to_be_between", "n", min_value=-1, max_value=3, strict_max=True, mostly=0.7),
    expects("expect_column_values_to_be_between", "text", min_value=0),
    expects("expect_column_pair_values_a_to_be_greater_than_b", column_A="n", column_B="m", or_equal=True),
    expects(
        "expect_column_pair_values_to_be_equal",
        column_A="label",
        column_B="split",
        ignore_row_if="either_value_is_missing",
    ),
    expects("expect_column_pair_values_to_be_in_set", column_A="label", column_B="split", value_pairs_set=[["a", "b"]]),
    expects(
        "expect_multicolumn_sum_to_equal", column_list=["n", "m"], sum_total=2, ignore_row_if="any_value_is_missing"
    ),
    expects("expect_select_column_values_to_be_unique_within_record", column_list=["text", "label", "split"]),
    expects("expect_column_values_to_be_in_language", "text", languages=["en"], undetermined_ok=False, mostly=0.1),
    expects("expect_column_values_to_be_dated_within_days", "time", max_age_days=40, as_of="2024-03-01", mostly=0.5),
    expects("expect_column_values_to_be_allowed_licences", "label", allowed=["MIT"]),
    expects("expect_column_values_to_state_consent", "label", value_set=["a"], mostly=0.4),
]
OVER_ALL = [
    expects("expect_table_row_count_to_be_between", min_value=3, max_value=20),
    expects("expect_table_row_count_to_equal", value=5),
    expects("expect_table_column_count_to_equal", value=7),
    expects("expect_table_columns_to_match_set", column_set=["id", "text"], exact_match=False),
    expects("expect_table_columns_to_match_ordered_list", column_list=COLUMNS),
    expects("expect_column_to_exist", "text"),
    expects("expect_column_values_to_be_unique", "text", mostly=0.6),
    expects("expect_column_values_to_be_unique", "n"),
    expects("expect_compound_columns_to_be_unique", column_list=["label", "split"], ignore_row_if="never"),
    expects("expect_compound_columns_to_be_unique", column_list=["label", "n"], ignore_row_if="any_value_is_missing"),
    expects("expect_compound_columns_to_be_unique", column_list=["text", "split"]),
    expects("expect_column_values_to_be_increasing", "n", mostly=0.5),
    expects("expect_column_values_to_be_decreasing", "n", strictly=True),
    expects("expect_column_values_to_be_increasing", "text"),
    expects("expect_column_value_z_scores_to_be_less_than", "n", threshold=1.25, double_sided=True),
    expects("expect_column_value_z_scores_to_be_less_than", "m", threshold=0.75, double_sided=False, mostly=0.9),
    expects("expect_column_min_to_be_between", "n", min_value=-2),
    expects("expect_column_max_to_be_between", "text", max_value=5),
    expects("expect_column_mean_to_be_between", "n", min_value=0, max_value=2),
    expects("expect_column_mean_to_be_between", "text", min_value=0),
    expects("expect_column_median_to_be_between", "n", min_value=0, max_value=2),
    expects("expect_column_stdev_to_be_between", "n", max_value=2, strict_max=True),
    expects("expect_column_sum_to_be_between", "n", min_value=0, max_value=10),
    expects("expect_column_quantile_values_to_be_between", "n", quantile_ranges=QUANTILES),
    expects(
        "expect_column_quantile_values_to_be_between", "m", quantile_ranges=QUANTILES, allow_relative_error="linear"
    ),
    expects("expect_column_proportion_of_unique_values_to_be_between", "text", min_value=0.5),
    expects("expect_column_proportion_of_non_null_values_to_be_between", "text", min_value=0.8),
    expects("expect_column_unique_value_count_to_be_between", "label", min_value=2, max_value=3),
    expects("expect_column_distinct_values_to_be_in_set", "label", value_set=["a", "b", "3"]),
    expects("expect_column_distinct_values_to_contain_set", "label", value_set=["a", "b"]),
    expects("expect_column_distinct_values_to_equal_set", "n", value_set=[0, 1, 2.5]),
    expects("expect_column_most_common_value_to_be_in_set", "label", value_set=["a"]),
    expects("expect_column_most_common_value_to_be_in_set", "text", value_set=["a", "b"], ties_okay=True),
    expects(
        "expect_column_kl_divergence_to_be_less_than",
        "label",
        partition_object=SHARES,
        threshold=0.5,
        tail_weight_holdout=0.01,
    ),
    expects(
        "expect_column_kl_divergence_to_be_less_than",
        "n",
        partition_object=BINS,
        threshold=0.5,
        tail_weight_holdout=0.1,
    ),
    expects("expect_column_groups_to_be_covered", "label", groups=["a", "b"], min_count=2, min_share=0.1),
    expects("expect_column_values_to_be_balanced", "label", min_ratio=0.4),
    expects(
        "expect_column_distribution_to_match_reference",
        "label",
        reference=SHARES,
        max_total_variation=0.3,
        min_p_value=0.01,
    ),
    expects("expect_column_newest_date_to_be_within_days", "time", max_age_days=10, as_of="2024-03-01"),
    expects("expect_column_pair_values_to_not_leak_between_splits", column_A="text", column_B="split", mostly=0.5),
]
CONDITIONED = [
    {**e, "kwargs": {**e["kwargs"], "row_condition": 'col("label")=="a"', "condition_parser": "great_expectations"}}
    for e in (
        ROW_WISE[0],
        ROW_WISE[5],
        OVER_ALL[0],
        OVER_ALL[6],
        OVER_ALL[10],
        OVER_ALL[18],
        OVER_ALL[25],
    )
]
TEXTS = st.one_of(
    st.none(),
    st.sampled_from(["a", "b", "A ", " a", "b  c", "B\u200b c", "é", "E\u0301", "the cat and the dog", "", "1"]),
)
LABELS = st.one_of(st.none(), st.sampled_from(["a", "b", "c", "MIT"]))
NUMBERS = st.one_of(st.none(), st.sampled_from(["0", "1", "2.5", "-2", "3", "10", "+.5", "1e1", "ten", ""]))
TIMES = st.one_of(
    st.none(),
    st.sampled_from(
        [
            "2024-02-20",
            "2024-03-01T23:30:00-02:00",
            "2023-01-31 10:00",
            "2024-13-01",
            "May",
            "2024-02-29T00:00:00.5Z",
            "2024-02-29T23:59:59.999999999Z",
            "1600-01-01",
        ]
    ),
)
ROWS = st.lists(st.tuples(TEXTS, LABELS, LABELS, NUMBERS, NUMBERS, TIMES), min_size=1, max_size=14)


def suite_of(folder: Path, expectations):
    value = {"name": "s", "meta": {"numbers": ["n", "m"]}, "expectations": expectations}
    (folder / "suite.json").write_text(json.dumps(value), encoding="utf-8")
    return load_suite(folder / "suite.json", COLUMNS)


def held_here(folder: Path, table: pd.DataFrame, suite, chunk_rows: int):
    path = folder / "table.parquet"
    table.to_parquet(path, index=False)
    broken = BrokenRows(folder, len(table))
    planned = plan(suite, folder / "suite.json", COLUMNS)
    outcomes = hold(path, suite, planned, broken, scratch=folder, chunk_rows=chunk_rows)
    return outcomes, {p: rows.nonzero()[0].tolist() for p, rows in broken.within(0, len(table)).items()}


def held_by_the_library(table: pd.DataFrame, suite):
    """Great Expectations' own results on the whole table in memory, by position."""
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    asset = context.data_sources.add_pandas("canonical").add_dataframe_asset("table")
    frame = table.assign(**{column: as_numbers(table[column]) for column in numbers_of(suite)})
    batch = asset.add_batch_definition_whole_dataframe("all").get_batch({"dataframe": frame})
    results = batch.validate(suite, result_format={"result_format": "COMPLETE", "partial_unexpected_count": 0}).results
    by_id = {r.expectation_config.id: r for r in results}
    return [by_id[expectation_id(position)] for position in range(len(suite.expectations))]


def table_of(rows) -> pd.DataFrame:
    columns = dict(zip(COLUMNS[1:], zip(*rows, strict=True), strict=True))
    return pd.DataFrame({"id": [f"r{i}" for i in range(len(rows))], **columns}).astype("str")


def assert_the_same(rows, expectations, chunk_rows):
    with tempfile.TemporaryDirectory() as name:
        suite, table = suite_of(Path(name), expectations), table_of(rows)
        outcomes, broken = held_here(Path(name), table, suite, chunk_rows)
        results = held_by_the_library(table, suite)[: len(expectations)]  # what is added for numbers looks at texts
        for position, (outcome, result) in enumerate(zip(outcomes, results, strict=False)):
            details = result.result
            assert outcome.evaluated == bool(details), outcome
            assert outcome.success == result.success, outcome
            assert outcome.element_count == details.get("element_count"), outcome
            assert outcome.unexpected_count == details.get("unexpected_count"), outcome
            assert outcome.missing_count == details.get("missing_count"), outcome
            if outcome.observed is not None:
                assert math.isclose(outcome.observed, details["observed_value"], rel_tol=1e-9, abs_tol=1e-9), outcome
            if details and not result.success:
                assert broken.get(position, []) == sorted(set(details.get("unexpected_index_list") or [])), outcome


@settings(max_examples=6, suppress_health_check=[HealthCheck.too_slow])
@given(
    rows=ROWS,
    expectations=st.lists(st.sampled_from(ROW_WISE + OVER_ALL + CONDITIONED), min_size=6, max_size=6),
    chunk_rows=st.integers(3, 5),
)
def test_some_verdicts_counts_and_figures_are_those_of_the_whole_table(rows, expectations, chunk_rows):
    assert_the_same(rows, expectations, chunk_rows)


@pytest.mark.slow
@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow])
@given(rows=ROWS, chunk_rows=st.integers(1, 5))
def test_every_verdict_count_and_figure_is_that_of_the_whole_table(rows, chunk_rows):
    assert_the_same(rows, ROW_WISE + OVER_ALL + CONDITIONED, chunk_rows)


KNOWN = [  # worked by hand, so that both cannot be wrong alike
    ("a", "a", "train", "1", "0", "2024-02-20"),
    ("A ", "a", "test", "2.5", "0", "2024-03-01T23:30:00-02:00"),
    ("b", "b", "train", None, "0", None),
    ("b", "b", "train", "-2", "0", "May"),
    (None, None, "test", "10", "ten", None),
]


def known(tmp_path, expectation, chunk_rows=2):
    outcomes, broken = held_here(tmp_path, table_of(KNOWN), suite_of(tmp_path, [expectation]), chunk_rows)
    return outcomes[0], broken.get(0, [])


@pytest.mark.parametrize(
    ("expectation", "observed"),
    [
        pytest.param(expects("expect_column_mean_to_be_between", "n", min_value=0), 2.875, id="mean"),
        pytest.param(expects("expect_column_sum_to_be_between", "n", min_value=0), 11.5, id="sum"),
        pytest.param(expects("expect_column_stdev_to_be_between", "n", min_value=0), 5.105144464, id="deviation"),
        pytest.param(expects("expect_column_unique_value_count_to_be_between", "text", min_value=1), 3, id="distinct"),
        pytest.param(
            expects("expect_column_proportion_of_unique_values_to_be_between", "text", max_value=1), 0.75, id="unique"
        ),
        pytest.param(expects("expect_table_row_count_to_equal", value=5), 5, id="rows"),
        pytest.param(expects("expect_column_groups_to_be_covered", "split", min_share=0.4), 0.4, id="coverage"),
        pytest.param(expects("expect_column_values_to_be_balanced", "split", min_ratio=0.5), 2 / 3, id="balance"),
        pytest.param(
            expects(
                "expect_column_distribution_to_match_reference",
                "split",
                reference={"values": ["train", "test"], "weights": [1, 1]},
                max_total_variation=0.11,
            ),
            0.1,
            id="reference",
        ),
        pytest.param(
            expects("expect_column_newest_date_to_be_within_days", "time", max_age_days=3, as_of="2024-03-05"),
            3,  # 23:30 two hours behind UTC is the next day there
            id="newest",
        ),
    ],
)
def test_figures_are_those_worked_out_by_hand(tmp_path, expectation, observed):
    outcome, _ = known(tmp_path, expectation)
    assert outcome.success
    assert outcome.observed == pytest.approx(observed)


@pytest.mark.parametrize(
    ("as_of", "age_days", "success"),
    [
        pytest.param("2024-03-12", 10, True, id="just young enough"),
        pytest.param("2024-03-13", 11, False, id="too old"),
        pytest.param("2024-03-02", 0, True, id="today"),
        pytest.param("2024-03-01", -1, True, id="tomorrow, as it is in the east"),
        pytest.param("2024-02-29", -2, False, id="in the future"),
    ],
)
def test_the_newest_date_is_neither_too_old_nor_in_the_future(tmp_path, as_of, age_days, success):
    newest = expects("expect_column_newest_date_to_be_within_days", "time", max_age_days=10, as_of=as_of)
    outcome, _ = known(tmp_path, newest)
    assert (outcome.observed, outcome.success) == (age_days, success)


@pytest.mark.parametrize(
    ("expectation", "rows"),
    [
        pytest.param(expects("expect_column_values_to_be_unique", "text"), [2, 3], id="repeated over a chunk's edge"),
        pytest.param(
            expects("expect_compound_columns_to_be_unique", column_list=["text", "split"]), [2, 3], id="pairs"
        ),
        pytest.param(expects("expect_column_values_to_be_increasing", "n"), [3], id="order, missing passed over"),
        pytest.param(
            expects("expect_column_pair_values_to_not_leak_between_splits", column_A="text", column_B="split"),
            [0, 1],
            id="leaked but for case and space",
        ),
        pytest.param(
            expects("expect_column_values_to_be_in_set", "split", value_set=["train"]), [1, 4], id="row by row"
        ),
        pytest.param(
            expects("expect_column_values_to_state_consent", "label", value_set=["a"]), [2, 3, 4], id="consent"
        ),
        pytest.param(
            expects("expect_column_values_to_be_dated_within_days", "time", max_age_days=12, as_of="2024-03-02"),
            [3],
            id="dated",
        ),
    ],
)
def test_the_rows_that_break_an_expectation_are_those_found_by_hand(tmp_path, expectation, rows):
    outcome, broken = known(tmp_path, expectation)
    assert not outcome.success
    assert broken == rows
    assert outcome.unexpected_count == len(rows)


def test_what_cannot_be_seen_hides_no_leak(tmp_path):
    texts = [("ket\u200btle", "train"), ("KETTLE\u3164", "test"), ("tea", "train"), ("pot", "test")]
    rows = [(text, "a", split, "1", "1", "2024-02-20") for text, split in texts]
    leak = expects("expect_column_pair_values_to_not_leak_between_splits", column_A="text", column_B="split")
    _, broken = held_here(tmp_path, table_of(rows), suite_of(tmp_path, [leak]), 2)
    assert broken == {0: [0, 1]}


@pytest.mark.parametrize("days", [None, 200_000, 10**12])
def test_however_old_a_date_may_be_one_in_the_future_or_none_at_all_breaks_it(tmp_path, days):
    rows = [("a", "a", "train", "1", "1", time) for time in ["1600-01-01", "2024-02-20", "2024-03-03", "May"]]
    dated = expects("expect_column_values_to_be_dated_within_days", "time", max_age_days=days, as_of="2024-03-02")
    outcomes, broken = held_here(tmp_path, table_of(rows), suite_of(tmp_path, [dated]), 2)
    assert outcomes[0].evaluated
    assert broken[0] == [2, 3]


NANOSECONDS = "2031-05-09T23:59:59.999999999Z"


@pytest.mark.parametrize("later", [NANOSECONDS, "9999-01-01"])
def test_a_time_in_nanoseconds_is_a_date_and_hides_no_other(tmp_path, later):
    times = ["1600-01-01", NANOSECONDS, "2031-05-08", later, "2031-05-09T00:00:00.1234567890Z"]
    rows = [("a", "a", "train", "1", "1", time) for time in times]
    dated = expects("expect_column_values_to_be_dated_within_days", "time", max_age_days=1, as_of="2031-05-09")
    newest = expects("expect_column_newest_date_to_be_within_days", "time", max_age_days=1, as_of="2031-05-09")
    outcomes, broken = held_here(tmp_path, table_of(rows), suite_of(tmp_path, [dated, newest]), 5)
    future = later != NANOSECONDS
    assert broken == {0: [0, 3, 4] if future else [0, 4]}
    assert outcomes[1].success is not future
    assert (outcomes[1].observed == 0) is not future
    assert_the_same(rows, [dated, newest], 5)


def test_a_value_of_a_column_of_numbers_that_is_none_breaks_what_the_suite_adds(tmp_path):
    suite = suite_of(tmp_path, [ROW_WISE[0]])
    outcomes, broken = held_here(tmp_path, table_of(KNOWN), suite, 2)
    assert [o.columns for o in outcomes] == [("text",), ("n",), ("m",)]
    assert [o.success for o in outcomes] == [True, True, False]
    assert broken == {2: [4]}


def test_a_condition_on_rows_holds_over_all_rows_too(tmp_path):
    condition = {"row_condition": 'col("split")=="train"', "condition_parser": "great_expectations"}
    outcome, broken = known(tmp_path, expects("expect_column_values_to_be_unique", "label", **condition))
    assert (outcome.element_count, broken) == (3, [2, 3])
    outcome, _ = known(tmp_path, expects("expect_column_mean_to_be_between", "n", min_value=0, **condition))
    assert (outcome.observed, outcome.success) == (-0.5, False)


def planned(tmp_path, expectation):
    return plan(suite_of(tmp_path, [expectation]), tmp_path / "suite.json", COLUMNS)


def test_the_distribution_of_a_column_of_texts_is_not_evaluated(tmp_path, monkeypatch):
    monkeypatch.setattr(measures, "MOST_VALUES", 1)
    outcome, _ = known(tmp_path, expects("expect_column_values_to_be_balanced", "split", min_ratio=0.1))
    assert (outcome.success, outcome.evaluated) == (False, False)


@pytest.mark.parametrize(
    "expectation",
    [
        pytest.param(
            {"type": "unexpected_rows_expectation", "kwargs": {"unexpected_rows_query": "SELECT * FROM {batch}"}},
            id="SQL",
        ),
        pytest.param(
            expects("expect_column_values_to_match_like_pattern", "text", like_pattern="a%"),
            id="not to be had on pandas",
        ),
        pytest.param(expects("expect_column_values_to_not_be_outliers", "n", method="iqr"), id="not to be had here"),
        pytest.param(expects("expect_table_row_count_to_equal_other_table", other_table_name="t"), id="another table"),
        pytest.param(expects("expect_column_chisquare_test_p_value_to_be_greater_than", "text"), id="never written"),
    ],
)
def test_what_can_be_held_in_neither_way_is_refused_by_name(tmp_path, expectation):
    with pytest.raises(SpecRefused, match=expectation["type"]):
        planned(tmp_path, expectation)


UNEVALUATED = {"row_condition": 'n.astype("float") > 3 or m.astype("float") > 3', "condition_parser": "pandas"}


@pytest.mark.parametrize("number", [None, "1"])
def test_no_cell_is_logged_of_what_cannot_be_evaluated(tmp_path, caplog, capfd, number):
    """Of one row or of all: Great Expectations catches the error and would log it, with the cell that it quotes."""
    caplog.set_level("DEBUG")
    cell = "ann@example.com"
    table = pd.DataFrame([[cell] * len(COLUMNS)] * 3, columns=COLUMNS).astype("str").assign(n=number)
    held_here(tmp_path, table, suite_of(tmp_path, ROW_WISE + OVER_ALL), 2)
    conditioned = [{**e, "kwargs": {**e["kwargs"], **UNEVALUATED}} for e in ROW_WISE]
    (tmp_path / "suite.json").write_text(json.dumps({"expectations": conditioned}), encoding="utf-8")
    outcomes, _ = held_here(tmp_path, table, load_suite(tmp_path / "suite.json", COLUMNS), 2)
    assert not any(outcome.evaluated for outcome in outcomes)
    printed = capfd.readouterr()
    for text in (caplog.text, printed.out, printed.err):
        assert cell not in text


def test_no_piece_of_a_cell_is_in_a_warning(tmp_path, recwarn):
    table = table_of([("a", "a", "train", "1", "1", "2024-02-20 10:00:00 ZYANN")])
    held_here(tmp_path, table, suite_of(tmp_path, ROW_WISE), 2)
    assert not [warning for warning in recwarn if "ZYANN" in str(warning.message)]


def test_a_path_with_the_signs_of_a_pattern_is_a_path(tmp_path):
    folder = tmp_path / "a[1]*?'b"
    folder.mkdir()
    outcome, _ = known(folder, expects("expect_column_values_to_be_unique", "id"))
    assert outcome.success
