"""Files that a person wrote, as values, and values as models; each fault is one line with its field."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from sluicegate.errors import SpecRefused

T = TypeVar("T", bound=BaseModel)


def read_text(path: Path) -> str:
    """The text of a file that a person wrote: a spec, a suite, a policy.

    Raises:
        SpecRefused: The file is missing, unreadable or not UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise SpecRefused(path, "", "there is no such file") from None
    except OSError as error:
        raise SpecRefused(path, "", f"cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise SpecRefused(path, f"byte {error.start}", "is not UTF-8 text") from None


def read_yaml(path: Path) -> dict[str, Any]:
    """The mapping that a YAML file holds.

    Raises:
        SpecRefused: The file is missing, unreadable, not UTF-8, not YAML, or not a mapping.
    """
    try:
        value = yaml.safe_load(read_text(path))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"line {mark.line + 1}" if mark else ""
        raise SpecRefused(
            path, place, f"is not YAML: {getattr(error, 'problem', None) or 'cannot be parsed'}"
        ) from None
    if not isinstance(value, dict):
        raise SpecRefused(path, "", f"must hold a mapping of keys to values, not {type(value).__name__}")
    return value


def parse(model: type[T], value: Any, where: Path | str) -> T:
    """`value` as a `model`; every fault of it in one refusal.

    Raises:
        SpecRefused: It breaks the model's schema.
    """
    try:
        return model.model_validate(value)
    except ValidationError as error:
        faults = [_fault(e) for e in error.errors(include_url=False)]
        first_field, first = faults[0]
        more = "".join(f"; {field}: {problem}" for field, problem in faults[1:4])
        rest = f"; and {len(faults) - 4} more" if len(faults) > 4 else ""
        raise SpecRefused(where, first_field, first + more + rest) from None


def _fault(error: Any) -> tuple[str, str]:
    field = ".".join(str(part) for part in error["loc"])
    if error["type"] == "extra_forbidden":
        return field, "is not a key that is known here"
    if error["type"] == "missing":
        return field, "is missing"
    message = error["msg"].removeprefix("Value error, ")
    given = error.get("input")
    shown = f", not {given!r}" if isinstance(given, str | int | float | bool) and len(repr(given)) < 80 else ""
    return field, (message[0].lower() + message[1:] + shown if error["type"] != "value_error" else message)
