"""The same text in two splits, which makes a model look better in the test than it is."""

# mypy: allow-subclassing-any, allow-untyped-decorators
# ruff: noqa: N805
# Great Expectations is not typed, and its metrics and validators are class methods without saying so.
from __future__ import annotations

from typing import Any, Literal

import pandas as pd
from great_expectations.execution_engine import PandasExecutionEngine
from great_expectations.expectations.expectation import ColumnPairMapExpectation
from great_expectations.expectations.metrics.map_metric_provider import (
    ColumnPairMapMetricProvider,
    column_pair_condition_partial,
)

from sluicegate.spelling import spelling


class ColumnPairValuesNotLeaked(ColumnPairMapMetricProvider):
    """Whether the text in column A is in one split of column B only."""

    condition_metric_name = "column_pair_values.not_leaked"
    condition_domain_keys = (
        "batch_id",
        "table",
        "column_A",
        "column_B",
        "row_condition",
        "condition_parser",
        "ignore_row_if",
    )
    condition_value_keys = ()
    default_kwarg_values = {"ignore_row_if": "either_value_is_missing"}

    @column_pair_condition_partial(engine=PandasExecutionEngine)
    def _pandas(cls, column_A: pd.Series, column_B: pd.Series, **_: Any) -> pd.Series:
        texts = column_A.map(spelling, na_action="ignore")
        return column_B.groupby(texts, dropna=False).transform("nunique").astype(int) <= 1


class ExpectColumnPairValuesToNotLeakBetweenSplits(ColumnPairMapExpectation):
    """No text of column A (case, white space and what cannot be seen aside) stands in two splits of column B.

    The rows that break it are all rows of such texts. Near duplicates are not looked for here.
    """

    ignore_row_if: Literal["either_value_is_missing"] = "either_value_is_missing"

    map_metric = "column_pair_values.not_leaked"
    success_keys = ("mostly",)
    args_keys = ("column_A", "column_B")
