"""What the arguments of an expectation must be, where Great Expectations takes more than can be held.

Great Expectations compares a named value with the cells as it stands. A number is never equal to a string, so
that a set of numbers on a column of strings would make "none of these is there" hold of any data.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from sluicegate.data.validation.by_chunk import ROW_WISE, engine_of
from sluicegate.data.validation.row_by_row import NotByRow, require_row_by_row

_LONGEST_SHOWN = 60
"""Characters of a suite's own value that a refusal repeats."""
_BY_ROW = (
    "mend it: comparisons, arithmetic, and, or, not, in […], .isnull(), .isin([…]), .between(…) and .str.…(…) will do"
)


class Unfit(Exception):
    """An argument that cannot be held.

    Args:
        field: Its name.
        problem: What is wrong with it, with its value and what it must be.
        remedy: What to do next.
    """

    def __init__(self, field: str, problem: str, remedy: str) -> None:
        super().__init__(field, problem, remedy)
        self.field, self.problem, self.remedy = field, problem, remedy


def require_values_of_column(expectation: Any, numbers: Sequence[str]) -> None:
    """Passes if each value of `value_set` is of the type of the column's cells: strings, or numbers.

    Args:
        expectation: Great Expectations' own object.
        numbers: Columns that the suite reads as numbers.

    Raises:
        Unfit: One is not, or `value_set` is no list.
    """
    column, values = getattr(expectation, "column", None), getattr(expectation, "value_set", None)
    if values is None:
        return
    if not isinstance(values, list):
        raise Unfit("value_set", f"must be a list of values, not {type(values).__name__}", "write the values")
    of_numbers = column in numbers and not _is_held_as_text(expectation)
    for place, value in enumerate(values, 1):
        if _is_number(value) if of_numbers else isinstance(value, str):
            continue
        problem = f"value {place} of {len(values)} is {_shown(value)}, and {_cells_of(column, of_numbers)}"
        raise Unfit("value_set", problem, _remedy(of_numbers))


def require_condition_by_row(expectation: Any, columns: Sequence[str], numbers: Sequence[str]) -> None:
    """Passes if there is no row condition, or one that can be told of each row alone.

    Args:
        expectation: Great Expectations' own object.
        columns: Columns of the data.
        numbers: Columns that the suite reads as numbers.

    Raises:
        Unfit: It cannot, or no row could meet it.
    """
    if (condition := getattr(expectation, "row_condition", None)) is None:
        return
    held = () if _is_held_as_text(expectation) else numbers
    try:
        require_row_by_row(_as_pandas_reads(condition), columns, held)
    except NotByRow as refusal:
        raise Unfit("row_condition", str(refusal), _BY_ROW) from None


def _as_pandas_reads(condition: Any) -> str:
    """The words that pandas is given for Great Expectations' `Condition`."""
    from great_expectations.exceptions import GreatExpectationsError
    from great_expectations.expectations.row_conditions import PassThroughCondition

    if isinstance(condition, PassThroughCondition):
        return str(condition.pass_through_filter)
    try:
        return str(engine_of(pd.DataFrame()).condition_to_filter_clause(condition))
    except (GreatExpectationsError, ValueError, TypeError, AttributeError) as error:
        raise NotByRow(f"cannot be evaluated ({type(error).__name__})") from None


def _is_held_as_text(expectation: Any) -> bool:
    """Whether its column's cells are strings to it even where the suite reads them as numbers."""
    return getattr(expectation, "map_metric", None) in ROW_WISE and bool((expectation.meta or {}).get("as_text"))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _cells_of(column: Any, of_numbers: bool) -> str:
    held = "is read as numbers, as `meta.numbers` says" if of_numbers else "holds strings"
    return f"column {column!r} {held}: no cell could be equal to it"


def _remedy(of_numbers: bool) -> str:
    return "write it without quotes" if of_numbers else "write it in quotes, or name the column in `meta.numbers`"


def _shown(value: Any) -> str:
    return f"{repr(value)[:_LONGEST_SHOWN]} ({type(value).__name__})"
