"""Great Expectations suites, read strictly.

The library itself drops an expectation of unknown type from a suite without failing, and a suite that
expects nothing holds of any data. Here what is not understood is refused.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sluicegate.errors import SpecRefused
from sluicegate.settings import silence_telemetry
from sluicegate.spec import read_text

_NAMESPACE = uuid.UUID("2b1fcd7e-6f0b-4f4e-9d3a-6f1c5c1b7a10")
_COLUMN_KEYS = ("column", "column_A", "column_B")
_COLUMNS_KEYS = ("column_list", "column_set")


def load_suite(path: Path, columns: Sequence[str]) -> Any:
    """The `ExpectationSuite` that a JSON file holds.

    Each expectation gets its position in the file as its id, by which its result is found again.

    Args:
        path: ``{"name": …, "expectations": [{"type": …, "kwargs": {…}}, …]}``.
        columns: Columns of the data.

    Raises:
        SpecRefused: No such file, not JSON, no expectations, or some that are of unknown type, lack or
            misname an argument, or name a column that the data does not have.
    """
    value = _read(path)
    expectations = value.get("expectations")
    if not isinstance(expectations, list) or not expectations:
        raise SpecRefused(path, "expectations", "must be a list that holds at least one expectation")
    silence_telemetry()  # before the import, which reads the environment
    import great_expectations as gx

    understood = [_expectation(path, position, entry, columns) for position, entry in enumerate(expectations)]
    suite = gx.ExpectationSuite(name=str(value.get("name", path.stem)), expectations=understood)
    if len(suite.expectations) != len(understood):
        raise SpecRefused(path, "expectations", f"the library keeps {len(suite.expectations)} of {len(understood)}")
    for position, expectation in enumerate(suite.expectations):
        expectation.id = expectation_id(position)
    return suite


def expectation_id(position: int) -> str:
    """The id of the expectation at a position of the file."""
    return str(uuid.uuid5(_NAMESPACE, str(position)))


def columns_of(kwargs: Mapping[str, Any]) -> tuple[str, ...]:
    """Columns that an expectation's arguments name."""
    single = [kwargs[key] for key in _COLUMN_KEYS if kwargs.get(key) is not None]
    return tuple(single + [column for key in _COLUMNS_KEYS for column in kwargs.get(key) or []])


def _expectation(path: Path, position: int, entry: Any, columns: Sequence[str]) -> Any:
    from great_expectations import exceptions
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

    field = f"expectations.{position}"
    if not isinstance(entry, dict) or not isinstance(entry.get("type"), str):
        raise SpecRefused(path, field, "must hold a `type` and its `kwargs`")
    if extra := sorted(set(entry) - {"type", "kwargs", "meta", "notes", "id", "severity"}):
        raise SpecRefused(path, f"{field}.{extra[0]}", "is not a key that is known here")
    kind, kwargs = entry["type"], entry.get("kwargs", {})
    if not isinstance(kwargs, dict):
        raise SpecRefused(path, f"{field}.kwargs", f"must be a mapping, not {type(kwargs).__name__}")
    if unknown := [c for c in columns_of(kwargs) if c not in columns]:
        problem = f"{kind} names column {unknown[0]!r}; the columns are {', '.join(columns)}"
        raise SpecRefused(path, f"{field}.kwargs", problem)
    configuration = ExpectationConfiguration(type=kind, kwargs=kwargs, meta=entry.get("meta"), notes=entry.get("notes"))
    try:
        return configuration.to_domain_obj()
    except exceptions.ExpectationNotFoundError:
        raise SpecRefused(path, f"{field}.type", f"Great Expectations has no expectation {kind!r}") from None
    except (ValueError, TypeError) as error:
        raise SpecRefused(path, f"{field}.kwargs", f"{kind}: {_faults(error)}") from None


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
        value = json.loads(read_text(path), parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise SpecRefused(path, f"line {error.lineno}", f"is not JSON: {error.msg}") from None
    except ArithmeticError as error:
        raise SpecRefused(path, "", f"is not JSON: it holds {error}") from None
    if not isinstance(value, dict):
        raise SpecRefused(path, "", f"must hold a JSON object, not {type(value).__name__}")
    return value
