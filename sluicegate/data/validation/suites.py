"""Great Expectations suites, read strictly.

The library itself drops an expectation of unknown type from a suite without failing, and a suite that
expects nothing holds of any data. Here what is not understood is refused.

A suite may hold ``"meta": {"numbers": [COLUMN, …]}``: columns whose strings are read as numbers, so that
ranges, means and the like can be expected of them. What is not a number there breaks an expectation that
is added to the suite.
"""

from __future__ import annotations

import datetime
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sluicegate.data.column_names import listed
from sluicegate.data.json_objects import MOST_NESTED, KeyTwice, first_unusable, read_json, repeated_key, whole_number
from sluicegate.data.validation.arguments import Unfit, require_condition_by_row, require_values_of_column
from sluicegate.data.validation.patterns import NUMBER_PATTERN
from sluicegate.data.validation.references import read_reference
from sluicegate.errors import SpecRefused
from sluicegate.settings import silence_telemetry
from sluicegate.spec import read_text

_NAMESPACE = uuid.UUID("2b1fcd7e-6f0b-4f4e-9d3a-6f1c5c1b7a10")
_DATED = ("expect_column_values_to_be_dated_within_days", "expect_column_newest_date_to_be_within_days")
_COLUMN_KEYS = ("column", "column_A", "column_B")
_COLUMNS_KEYS = ("column_list", "column_set")


def load_suite(
    path: Path,
    columns: Sequence[str],
    *,
    as_of: datetime.date | None = None,
    references: Mapping[str, Path] | None = None,
) -> Any:
    """The `ExpectationSuite` that a JSON file holds.

    Each expectation gets its position in the file as its id, by which its result is found again.

    Args:
        path: ``{"name": …, "expectations": [{"type": …, "kwargs": {…}}, …]}``.
        columns: Columns of the data.
        as_of: The day that counts as today for expectations about dates that name none.
        references: Name → file of each reference distribution that the suite may name.

    Raises:
        SpecRefused: No such file, not JSON, a number or a text in it that could not be written again, no
            expectations, or some that are of unknown type, lack or misname an argument, name a column that the data
            does not have, or a value that its column cannot hold, or whose row condition depends on other rows.
    """
    value = _read(path)
    expectations = value.get("expectations")
    if not isinstance(expectations, list) or not expectations:
        raise SpecRefused(path, "expectations", "must be a list that holds at least one expectation")
    numbers = _numbers(path, value.get("meta"), columns)
    silence_telemetry()  # before the import, which reads the environment
    import great_expectations as gx

    import sluicegate.data.validation.expectations  # noqa: F401  makes ours known by name

    given = _Given(path, columns, numbers, as_of, references or {})
    understood = [_expectation(given, position, entry) for position, entry in enumerate(expectations)]
    understood += [_expectation(given, len(understood), _is_number(column)) for column in numbers]
    suite = gx.ExpectationSuite(
        name=str(value.get("name", path.stem)), expectations=understood, meta={"numbers": numbers}
    )
    if len(suite.expectations) != len(understood):
        raise SpecRefused(path, "expectations", f"the library keeps {len(suite.expectations)} of {len(understood)}")
    for position, expectation in enumerate(suite.expectations):
        expectation.id = expectation_id(position)
    return suite


def numbers_of(suite: Any) -> tuple[str, ...]:
    """Columns whose strings the suite reads as numbers."""
    return tuple(suite.meta["numbers"])


def expectation_id(position: int) -> str:
    """The id of the expectation at a position of the file."""
    return str(uuid.uuid5(_NAMESPACE, str(position)))


def columns_of(kwargs: Mapping[str, Any]) -> tuple[str, ...]:
    """Columns that an expectation's arguments name."""
    single = [kwargs[key] for key in _COLUMN_KEYS if kwargs.get(key) is not None]
    return tuple(single + [column for key in _COLUMNS_KEYS for column in kwargs.get(key) or []])


@dataclass(frozen=True)
class _Given:
    """What an expectation is read with."""

    path: Path
    columns: Sequence[str]
    numbers: Sequence[str]
    as_of: datetime.date | None
    references: Mapping[str, Path]


def _numbers(path: Path, meta: Any, columns: Sequence[str]) -> list[str]:
    numbers = meta.get("numbers", []) if isinstance(meta, dict) else []
    if not isinstance(numbers, list) or not all(isinstance(column, str) for column in numbers):
        raise SpecRefused(path, "meta.numbers", "must be a list of columns")
    if unknown := [column for column in numbers if column not in columns]:
        problem = f"names column {unknown[0]!r}; the columns are {listed(columns)}"
        raise SpecRefused(path, "meta.numbers", problem)
    return list(dict.fromkeys(numbers))


def _is_number(column: str) -> dict[str, Any]:
    notes = "Added, since the suite reads this column as numbers."
    kwargs = {"column": column, "regex": f"^(?:{NUMBER_PATTERN})$"}
    return {"type": "expect_column_values_to_match_regex", "kwargs": kwargs, "meta": {"as_text": True}, "notes": notes}


def _expectation(given: _Given, position: int, entry: Any) -> Any:
    from great_expectations import exceptions
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

    from sluicegate.data.validation.expectations.distribution import numbers_in, values_named_in, writes_any_way

    path, field = given.path, f"expectations.{position}"
    if not isinstance(entry, dict) or not isinstance(entry.get("type"), str):
        raise SpecRefused(path, field, "must hold a `type` and its `kwargs`")
    if extra := sorted(set(entry) - {"type", "kwargs", "meta", "notes", "id", "severity"}):
        raise SpecRefused(path, f"{field}.{extra[0]}", "is not a key that is known here")
    kind, kwargs = entry["type"], entry.get("kwargs", {})
    if not isinstance(kwargs, dict):
        raise SpecRefused(path, f"{field}.kwargs", f"must be a mapping, not {type(kwargs).__name__}")
    _require_columns(given, field, kind, kwargs)
    kwargs, meta = _completed(given, field, kind, kwargs, entry.get("meta"))
    configuration = ExpectationConfiguration(type=kind, kwargs=kwargs, meta=meta, notes=entry.get("notes"))
    try:
        expectation = configuration.to_domain_obj()
        if kwargs.get("column") in given.numbers:
            numbers_in(values_named_in(expectation))
        if not writes_any_way(expectation):
            require_values_of_column(expectation, given.numbers)
        require_condition_by_row(expectation, given.columns, given.numbers)
        return expectation
    except Unfit as unfit:
        raise SpecRefused(path, f"{field}.kwargs.{unfit.field}", f"{kind}: {unfit.problem}", unfit.remedy) from None
    except exceptions.ExpectationNotFoundError:
        raise SpecRefused(path, f"{field}.type", f"Great Expectations has no expectation {kind!r}") from None
    except (ValueError, TypeError) as error:
        raise SpecRefused(path, f"{field}.kwargs", f"{kind}: {_faults(error)}") from None


def _require_columns(given: _Given, field: str, kind: str, kwargs: Mapping[str, Any]) -> None:
    for key in _COLUMNS_KEYS:
        if (named := kwargs.get(key)) is not None and not isinstance(named, list):
            problem = f"{kind}: must be a list of columns, not {type(named).__name__}"
            raise SpecRefused(given.path, f"{field}.kwargs.{key}", problem)
    if unknown := [c for c in columns_of(kwargs) if c not in given.columns]:
        problem = f"{kind} names column {unknown[0]!r}; the columns are {listed(given.columns)}"
        raise SpecRefused(given.path, f"{field}.kwargs", problem)


def _completed(
    given: _Given, field: str, kind: str, kwargs: dict[str, Any], meta: Any
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The arguments with the day and the reference that the spec has for them; what was named goes to `meta`."""
    kwargs, meta = dict(kwargs), dict(meta) if isinstance(meta, dict) else {}
    if kind in _DATED and "as_of" not in kwargs:
        if given.as_of is None:
            problem = f"{kind} needs the day that counts as today"
            raise SpecRefused(given.path, f"{field}.kwargs.as_of", problem, "say `as_of` here or as `validation.as_of`")
        kwargs["as_of"] = given.as_of.isoformat()
    if isinstance(name := kwargs.get("reference"), str):
        if name not in given.references:
            known = ", ".join(sorted(given.references)) or "none"
            problem = f"there is no reference {name!r}; `validation.references` has {known}"
            raise SpecRefused(given.path, f"{field}.kwargs.reference", problem)
        kwargs["reference"] = read_reference(given.references[name])
        meta["reference"] = name
    return kwargs, meta


def _faults(error: ValueError | TypeError) -> str:
    """What a pydantic error says, in one line; another error's own words."""
    listed = getattr(error, "errors", None)
    if not callable(listed):
        return str(error)[:200]
    return "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in listed()[:3])


def _refuse_constant(name: str) -> None:
    raise ArithmeticError(name)  # NaN and the infinities, which Python reads although JSON has none


def _read(path: Path) -> dict[str, Any]:
    try:
        value = read_json(text := read_text(path), _refuse_constant, whole_number)
    except json.JSONDecodeError as error:
        raise SpecRefused(path, f"line {error.lineno}", f"is not JSON: {error.msg}") from None
    except KeyTwice:
        key, line = repeated_key(text)
        raise SpecRefused(path, f"line {line}", f"the key {key[:60]!r} stands twice in one object") from None
    except ArithmeticError as error:
        raise SpecRefused(path, "", f"is not JSON: it holds {error}") from None
    except RecursionError:
        raise SpecRefused(path, "", f"is nested over {MOST_NESTED} levels deep") from None
    if not isinstance(value, dict):
        raise SpecRefused(path, "", f"must hold a JSON object, not {type(value).__name__}")
    if fault := first_unusable(value):
        raise SpecRefused(path, *fault)
    return value
