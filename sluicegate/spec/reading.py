"""Files that a person wrote, as values, and values as models; each fault is one line with its field."""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from sluicegate.errors import SpecRefused

T = TypeVar("T", bound=BaseModel)
_LONGEST_KEY = 60
"""Characters of a key that a refusal shows."""
_MERGE = "tag:yaml.org,2002:merge"


class _KeyTwice(yaml.MarkedYAMLError):
    """A mapping has a key twice; PyYAML itself would drop the first value without a word."""

    def __init__(self, first: yaml.ScalarNode, second: yaml.ScalarNode) -> None:
        super().__init__(None, first.start_mark, None, second.start_mark)
        self.key: str = second.value[:_LONGEST_KEY]
        self.first_line, self.line = first.start_mark.line + 1, second.start_mark.line + 1


class _EachKeyOnce(yaml.SafeLoader):
    """YAML's plain values; a key stands once in its mapping, and may override one that `<<` brings in.

    Keys are compared where the file is taken apart: later, the keys of a merge and those written look alike.
    """

    def compose_mapping_node(self, anchor: Any) -> yaml.MappingNode:
        node = super().compose_mapping_node(anchor)
        seen: dict[Hashable, yaml.ScalarNode] = {}
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):  # any other kind cannot be a key, which is refused later
                same = (_MERGE,) if key.tag == _MERGE else self.construct_object(key)
                if same in seen:
                    raise _KeyTwice(seen[same], key)
                seen[same] = key
        return node


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
        SpecRefused: The file is missing, unreadable, not UTF-8, not YAML, not a mapping, or has a key twice.
    """
    try:
        value = yaml.load(read_text(path), _EachKeyOnce)
    except _KeyTwice as error:
        problem = f"the key {error.key!r} stands in line {error.first_line} already, and only one of them would count"
        raise SpecRefused(path, f"line {error.line}", problem, "write each key once in its mapping") from None
    except (yaml.YAMLError, ValueError) as error:  # ValueError: a day such as 2024-13-45
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
