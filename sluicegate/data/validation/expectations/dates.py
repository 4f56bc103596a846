"""How old the rows are, counted in days before a day that the suite or the spec names."""

# mypy: allow-subclassing-any, allow-untyped-decorators
# ruff: noqa: N805
# Great Expectations is not typed, and its metrics and validators are class methods without saying so.
from __future__ import annotations

import datetime
from typing import Any

import pandas as pd
from great_expectations.compatibility import pydantic
from great_expectations.execution_engine import PandasExecutionEngine
from great_expectations.expectations.expectation import ColumnAggregateExpectation, ColumnMapExpectation
from great_expectations.expectations.metrics.column_aggregate_metric_provider import (
    ColumnAggregateMetricProvider,
    column_aggregate_value,
)
from great_expectations.expectations.metrics.map_metric_provider import (
    ColumnMapMetricProvider,
    column_condition_partial,
)

from sluicegate.data.validation.patterns import DATE_PATTERN

_BELOW_MICROSECONDS = r"(\.[0-9]{6})[0-9]+"
_AHEAD_DAYS = 1
"""Days by which the newest date may be ahead: it is later in the east than in UTC."""


def days_of(column: pd.Series) -> pd.Series:
    """The day, in UTC, of each value of a string column; missing where the value is not a date."""
    # one value in nanoseconds would make all so, and pandas holds those from 1677 to 2262 alone
    cut = column.str.replace(_BELOW_MICROSECONDS, r"\1", regex=True)
    readable = cut.where(column.str.fullmatch(DATE_PATTERN), None)
    return pd.to_datetime(readable, format="ISO8601", utc=True, errors="coerce").dt.tz_localize(None).dt.normalize()


def _day(value: str) -> str:
    return datetime.date.fromisoformat(value).isoformat()


def _oldest(as_of: str, max_age_days: int | None) -> datetime.date:
    """The first day that is allowed, the first of all at the earliest."""
    if max_age_days is None:
        return datetime.date.min
    return datetime.date.fromordinal(max(1, datetime.date.fromisoformat(as_of).toordinal() - max_age_days))


class ColumnValuesDatedWithin(ColumnMapMetricProvider):
    """Whether a value is a date, not after a day and not more than some days before it."""

    condition_metric_name = "column_values.dated_within"
    condition_value_keys = ("max_age_days", "as_of")

    @column_condition_partial(engine=PandasExecutionEngine)
    def _pandas(cls, column: pd.Series, max_age_days: int | None, as_of: str, **_: Any) -> pd.Series:
        days, oldest = days_of(column), _oldest(as_of, max_age_days)
        return days.notna() & (days <= pd.Timestamp(as_of)) & (days >= pd.Timestamp(oldest))


class ColumnNewestDate(ColumnAggregateMetricProvider):
    """The newest day of a column, ``YYYY-MM-DD``; None if no value is a date."""

    metric_name = "column.newest_date"

    @column_aggregate_value(engine=PandasExecutionEngine)
    def _pandas(cls, column: pd.Series, **_: Any) -> str | None:
        newest = days_of(column).max()
        return None if pd.isna(newest) else str(newest.date())


class ExpectColumnValuesToBeDatedWithinDays(ColumnMapExpectation):
    """Every value is a date that is not in the future and, if `max_age_days` says so, not older than that."""

    max_age_days: int | None = None
    as_of: str

    map_metric = "column_values.dated_within"
    success_keys = ("max_age_days", "as_of", "mostly")
    args_keys = ("column", "max_age_days", "as_of")
    _as_of = pydantic.validator("as_of", allow_reuse=True)(_day)


class ExpectColumnNewestDateToBeWithinDays(ColumnAggregateExpectation):
    """The newest date is at most `max_age_days` before `as_of` and, time zones apart, not after it.

    Observed is its age in days, negative in the future. A date that is more than a day ahead does not hold: it is
    wrong, and says nothing of how old the others are.
    """

    max_age_days: int
    as_of: str

    metric_dependencies = ("column.newest_date",)
    success_keys = ("max_age_days", "as_of")
    args_keys = ("column", "max_age_days", "as_of")
    _as_of = pydantic.validator("as_of", allow_reuse=True)(_day)

    def _validate(self, metrics: dict[str, Any], *_: Any, **__: Any) -> dict[str, Any]:
        if (newest := metrics["column.newest_date"]) is None:
            return {"success": False, "result": {"observed_value": None}}
        age_days = (datetime.date.fromisoformat(self.as_of) - datetime.date.fromisoformat(newest)).days
        return {"success": -_AHEAD_DAYS <= age_days <= self.max_age_days, "result": {"observed_value": age_days}}
