"""Who is in the data, and in what shares: coverage of groups, balance of labels, likeness to a reference."""

# mypy: allow-subclassing-any, allow-untyped-decorators
# ruff: noqa: N805
# Great Expectations is not typed, and its metrics and validators are class methods without saying so.
from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pandas as pd
from great_expectations.compatibility import pydantic
from great_expectations.expectations.expectation import ColumnAggregateExpectation
from pandas.api.types import is_numeric_dtype

from sluicegate.data.sources.values import Unreadable, name
from sluicegate.data.validation.numbers import as_numbers

_COUNTS = "column.value_counts"


def _with(counts: pd.Series, values: list[str] | None) -> pd.Series:
    """The counts of `values`, 0 for those that are not there; all counts if no values are named."""
    return counts if values is None else counts.reindex(_as_held(values, counts), fill_value=0)


def _as_held(values: list[str], counts: pd.Series) -> list[Any]:
    """`values` as the column holds them: as numbers where the suite reads it as numbers."""
    return numbers_in(values) if is_numeric_dtype(counts.index) else values


def numbers_in(values: Sequence[str | None]) -> list[float]:
    """The numbers that named values are.

    Raises:
        ValueError: One is no number, or a number is there twice.
    """
    found: list[float] = as_numbers(pd.Series(values, dtype="str")).tolist()
    if unfit := [place for place, number in enumerate(found, 1) if math.isnan(number)]:
        raise ValueError(f"value {unfit[0]} of the {len(found)} named is no number, and the suite reads numbers there")
    if len(set(found)) != len(found):
        raise ValueError("the values named hold a number twice")
    return found


def _named(value: Any) -> str | None:
    """A value that is named as strings in the table are: 1 and 1.0 as ``1``.

    Raises:
        ValueError: It has no name.
    """
    try:
        return name(value)
    except Unreadable as unreadable:
        raise ValueError(unreadable.reason) from None


def writes_any_way(expectation: Any) -> bool:
    """Whether it is one of this module, which finds values however they are written: ``1``, ``1.0`` or ``"1"``."""
    ours = (ExpectColumnGroupsToBeCovered, ExpectColumnValuesToBeBalanced, ExpectColumnDistributionToMatchReference)
    return isinstance(expectation, ours)


def values_named_in(expectation: Any) -> list[str]:
    """The values of its column that an expectation of this module names; none of any other expectation."""
    if isinstance(expectation, ExpectColumnGroupsToBeCovered):
        return expectation.groups or []
    if isinstance(expectation, ExpectColumnValuesToBeBalanced):
        return expectation.value_set or []
    if isinstance(expectation, ExpectColumnDistributionToMatchReference):
        return list(expectation.reference["values"])
    return []


class ExpectColumnGroupsToBeCovered(ColumnAggregateExpectation):
    """Each group has at least `min_count` rows and `min_share` of those with a value; observed is the smallest share.

    The groups are those in `groups`, or all that are there. Groups that are there and not named are passed over.
    Neither limit may be under 0, nor `min_share` over 1, and one of them must be over 0.
    """

    groups: list[str] | None = None
    min_count: int = pydantic.Field(0, ge=0)
    min_share: float = pydantic.Field(0.0, ge=0, le=1)

    metric_dependencies = (_COUNTS,)
    success_keys = ("groups", "min_count", "min_share")
    args_keys = ("column", "groups", "min_count", "min_share")

    _names = pydantic.validator("groups", pre=True, each_item=True, allow_reuse=True)(_named)

    @pydantic.root_validator(skip_on_failure=True)
    def _limits(cls, values: dict[str, Any]) -> dict[str, Any]:
        if not values.get("min_count") and not values.get("min_share"):
            raise ValueError("needs `min_count` or `min_share` over 0")
        return values

    def _validate(self, metrics: dict[str, Any], *_: Any, **__: Any) -> dict[str, Any]:
        counts, rows = _with(metrics[_COUNTS], self.groups), int(metrics[_COUNTS].sum())
        if not rows or counts.empty:
            return {"success": False, "result": {"observed_value": 0.0}}
        smallest = int(counts.min())
        success = smallest >= self.min_count and smallest / rows >= self.min_share
        return {"success": success, "result": {"observed_value": smallest / rows}}


class ExpectColumnValuesToBeBalanced(ColumnAggregateExpectation):
    """The rarest value has at least `min_ratio` times the rows of the commonest; observed is that ratio, in [0, 1].

    The values are those in `value_set`, or all that are there.
    """

    value_set: list[str] | None = None
    min_ratio: float = pydantic.Field(ge=0, le=1)

    metric_dependencies = (_COUNTS,)
    success_keys = ("value_set", "min_ratio")
    args_keys = ("column", "value_set", "min_ratio")

    _names = pydantic.validator("value_set", pre=True, each_item=True, allow_reuse=True)(_named)

    def _validate(self, metrics: dict[str, Any], *_: Any, **__: Any) -> dict[str, Any]:
        counts = _with(metrics[_COUNTS], self.value_set)
        if counts.empty or not counts.max():
            return {"success": False, "result": {"observed_value": 0.0}}
        ratio = int(counts.min()) / int(counts.max())
        return {"success": ratio >= self.min_ratio, "result": {"observed_value": ratio}}


class ExpectColumnDistributionToMatchReference(ColumnAggregateExpectation):
    """The shares of the values are about those of a reference; observed is their total variation distance, in [0, 1].

    Total variation is half the sum of the differences, the share of rows that would have to be others; a value
    that the reference lacks has the share 0 there. `max_total_variation` limits it. `min_p_value` limits the
    chi-square test of the counts against the reference, which with many rows fails at differences that do not
    matter: prefer the distance. Rows without a value are left out.
    """

    reference: dict[str, Any]
    max_total_variation: float | None = pydantic.Field(default=None, ge=0, le=1)
    min_p_value: float | None = pydantic.Field(default=None, ge=0, le=1)

    metric_dependencies = (_COUNTS,)
    success_keys = ("reference", "max_total_variation", "min_p_value")
    args_keys = ("column", "reference")

    @pydantic.validator("reference")
    def _distribution(cls, value: dict[str, Any]) -> dict[str, Any]:
        return checked_reference(value)

    @pydantic.root_validator
    def _limits(cls, values: dict[str, Any]) -> dict[str, Any]:
        if values.get("max_total_variation") is None and values.get("min_p_value") is None:
            raise ValueError("needs `max_total_variation` or `min_p_value`")
        return values

    def _validate(self, metrics: dict[str, Any], *_: Any, **__: Any) -> dict[str, Any]:
        counts: pd.Series = metrics[_COUNTS]
        if not counts.sum():
            return {"success": False, "result": {"observed_value": None}}
        weights = pd.Series(self.reference["weights"], index=_as_held(self.reference["values"], counts), dtype=float)
        values = counts.index.union(weights.index, sort=False)
        observed = counts.reindex(values, fill_value=0)
        expected = (weights / weights.sum()).reindex(values, fill_value=0.0)
        distance = float((observed / observed.sum() - expected).abs().sum() / 2)
        close = self.max_total_variation is None or distance <= self.max_total_variation
        likely = self.min_p_value is None or _p_value(observed, expected) >= self.min_p_value
        return {"success": close and likely, "result": {"observed_value": distance}}


def checked_reference(value: dict[str, Any]) -> dict[str, Any]:
    """A distribution: ``values`` as strings, each once, and as many ``weights``, of which some are over 0.

    Raises:
        ValueError: It is not.
    """
    values, weights = value.get("values"), value.get("weights")
    if set(value) != {"values", "weights"} or not isinstance(values, list) or not isinstance(weights, list):
        raise ValueError("a reference holds the lists `values` and `weights`")
    values = [_named(one) for one in values]
    if not values or len(values) != len(weights) or len(set(values)) != len(values):
        raise ValueError("a reference holds each value once, and one weight for each")
    if not all(isinstance(w, int | float) and w >= 0 for w in weights) or not 0 < _sum(weights) < math.inf:
        raise ValueError("the weights of a reference are numbers from 0 up, not all 0")
    return {"values": values, "weights": weights}


def _sum(weights: list[int | float]) -> float:
    """Infinite, rather than an error, where a float cannot hold it."""
    try:
        return float(sum(map(float, weights)))
    except OverflowError:
        return math.inf


def _p_value(observed: pd.Series, expected: pd.Series) -> float:
    """P-value of Pearson's chi-square test; 0 if a value is there that the reference lacks."""
    from scipy.stats import chisquare

    if (observed[expected == 0] > 0).any():
        return 0.0
    possible = expected > 0
    if possible.sum() < 2:
        return 1.0
    return float(chisquare(observed[possible], expected[possible] * observed.sum()).pvalue)
