"""Texts in the languages that the model is for."""

# mypy: allow-subclassing-any, allow-untyped-decorators
# ruff: noqa: N805
# Great Expectations is not typed, and its metrics and validators are class methods without saying so.
from __future__ import annotations

from typing import Any

import pandas as pd
from great_expectations.compatibility import pydantic
from great_expectations.execution_engine import PandasExecutionEngine
from great_expectations.expectations.expectation import ColumnMapExpectation
from great_expectations.expectations.metrics.map_metric_provider import (
    ColumnMapMetricProvider,
    column_condition_partial,
)

from sluicegate.data.validation.languages import LANGUAGES, UNDETERMINED, language_of


class ColumnValuesInLanguage(ColumnMapMetricProvider):
    """Whether a text is in one of some languages."""

    condition_metric_name = "column_values.in_language"
    condition_value_keys = ("languages", "undetermined_ok")

    @column_condition_partial(engine=PandasExecutionEngine)
    def _pandas(cls, column: pd.Series, languages: list[str], undetermined_ok: bool, **_: Any) -> pd.Series:
        wanted = {*languages, UNDETERMINED} if undetermined_ok else set(languages)
        return pd.Series([language_of(text) in wanted for text in column], index=column.index, dtype=bool)


class ExpectColumnValuesToBeInLanguage(ColumnMapExpectation):
    """Texts are in one of the languages (`en`, `zh`, `other`); what cannot be told passes unless that is forbidden.

    What decides, and how far to trust it, stands in `sluicegate.data.validation.languages`.
    """

    languages: list[str]
    undetermined_ok: bool = True

    map_metric = "column_values.in_language"
    success_keys = ("languages", "undetermined_ok", "mostly")
    args_keys = ("column", "languages")

    @pydantic.validator("languages")
    def _known(cls, value: list[str]) -> list[str]:
        if not value or (unknown := [name for name in value if name not in LANGUAGES]):
            raise ValueError(f"must name some of {', '.join(LANGUAGES)}" + (f", not {unknown[0]!r}" if value else ""))
        return value
