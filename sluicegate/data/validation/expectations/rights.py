"""Whether each row may be used: its licence, and its author's consent. A row that does not say may not."""

# mypy: allow-subclassing-any, allow-untyped-decorators
# ruff: noqa: N805
# Great Expectations is not typed, and its metrics and validators are class methods without saying so.
from __future__ import annotations

from typing import Any

import pandas as pd
from great_expectations.compatibility import pydantic
from great_expectations.execution_engine import PandasExecutionEngine
from great_expectations.expectations.core import ExpectColumnValuesToNotBeNull
from great_expectations.expectations.metrics.map_metric_provider import (
    ColumnMapMetricProvider,
    column_condition_partial,
)
from license_expression import Licensing

from sluicegate.data.licences import parsed, spdx


def is_allowed(expression: str, allowed: frozenset[str]) -> bool:
    """Whether an SPDX licence expression can be met with the licences in `allowed` alone.

    Args:
        expression: Such as ``MIT``, ``MIT OR GPL-2.0-only``, ``Apache-2.0 WITH LLVM-exception``.
        allowed: SPDX identifiers, or a licence together with its exception as one name; in lower case.
    """
    tree = parsed(expression, of_known=True)
    return tree is not None and _met(tree, spdx(), allowed)


def _met(node: Any, licensing: Licensing, allowed: frozenset[str]) -> bool:
    if isinstance(node, licensing.OR):
        return any(_met(part, licensing, allowed) for part in node.args)
    if isinstance(node, licensing.AND):
        return all(_met(part, licensing, allowed) for part in node.args)
    return str(node).lower() in allowed


class ColumnValuesAllowedLicences(ColumnMapMetricProvider):
    """Whether a licence is among those allowed; a missing one is not."""

    condition_metric_name = "column_values.allowed_licences"
    condition_value_keys = ("allowed",)
    filter_column_isnull = False

    @column_condition_partial(engine=PandasExecutionEngine)
    def _pandas(cls, column: pd.Series, allowed: list[str], **_: Any) -> pd.Series:
        names = frozenset(name.lower() for name in allowed)
        verdicts = {value: is_allowed(value, names) for value in column.dropna().unique()}
        return column.map(lambda value: verdicts.get(value, False)).astype(bool)


class ColumnValuesStateConsent(ColumnMapMetricProvider):
    """Whether a value is among those that mean yes; a missing one means no."""

    condition_metric_name = "column_values.state_consent"
    condition_value_keys = ("value_set",)
    filter_column_isnull = False

    @column_condition_partial(engine=PandasExecutionEngine)
    def _pandas(cls, column: pd.Series, value_set: list[str], **_: Any) -> pd.Series:
        return column.isin(value_set)


class ExpectColumnValuesToBeAllowedLicences(ExpectColumnValuesToNotBeNull):
    """Each row names a licence, by its SPDX identifier or expression, that is allowed; one without a licence fails."""

    allowed: list[str]

    map_metric = "column_values.allowed_licences"
    success_keys = ("allowed", "mostly")
    args_keys = ("column", "allowed")

    @pydantic.validator("allowed")
    def _known(cls, value: list[str]) -> list[str]:
        names = {name.lower() for name in value}
        if unknown := [name for name in value if not is_allowed(name, frozenset(names))]:
            raise ValueError(f"{unknown[0]!r} is not an SPDX identifier")
        if not value:
            raise ValueError("must name at least one licence")
        return value


class ExpectColumnValuesToStateConsent(ExpectColumnValuesToNotBeNull):
    """Each row holds a value that means yes; a missing value means no."""

    value_set: list[str] = pydantic.Field(min_items=1)

    map_metric = "column_values.state_consent"
    success_keys = ("value_set", "mostly")
    args_keys = ("column", "value_set")
