"""Writing through the process that has the service's key.

A function that writes is marked with `writes`. Where the ledger is written by another process
(`SLUICEGATE_LEDGERD`), calling it sends its name and arguments there as one line of JSON, and what comes
back, result or refusal, is what the call gives. Otherwise it runs here. The types in the function's
signature say how arguments and result are written and read; nothing else passes, and nothing is pickled.
"""

from __future__ import annotations

import functools
import inspect
import json
import socket
import typing
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

from pydantic import TypeAdapter, ValidationError

from sluicegate import errors
from sluicegate.errors import InputRefused, SluicegateError, Unavailable
from sluicegate.ledger.ledger import Ledger, open_ledger
from sluicegate.settings import Home

P = ParamSpec("P")
R = TypeVar("R")
MOST_BYTES = 8 * 1024 * 1024
"""Of one request."""
_ANSWER_TIMEOUT_S = 300


def writes(function: Callable[P, R]) -> Callable[P, R]:
    """Marks a function that writes the ledger; its first parameter is a `Ledger` or a `Home`."""
    verb = Verb(function)
    VERBS[verb.name] = verb

    @functools.wraps(function)
    def here_or_there(*args: P.args, **kwargs: P.kwargs) -> R:
        bound = verb.signature.bind(*args, **kwargs)
        first, *_ = bound.arguments.values()
        listening = first.socket if isinstance(first, Ledger) else first.ledgerd
        if listening is None:
            return function(*args, **kwargs)
        return cast(R, verb.ask(listening, bound))

    return here_or_there


class Verb:
    """A function that may be asked for over the socket.

    Args:
        function: Every parameter of it has a type that pydantic can read from JSON, except for the first one.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function, self.signature = function, inspect.signature(function)
        self.name = f"{function.__module__}.{function.__qualname__}".removeprefix("sluicegate.")
        parameters = self.signature.parameters.values()
        if any(each.kind in (each.VAR_POSITIONAL, each.VAR_KEYWORD) for each in parameters):
            raise TypeError(f"{self.name}: what is sent over a socket is named")

    @functools.cached_property
    def types(self) -> dict[str, Any]:
        """Parameter → its type; `return` is one of them. Read late: names may not be there at import."""
        return typing.get_type_hints(self.function, include_extras=True)

    @functools.cached_property
    def adapters(self) -> dict[str, TypeAdapter[Any]]:
        """Parameter → what reads and writes it; `return` is one of them, the first parameter is not."""
        _, *named = self.signature.parameters
        return {name: TypeAdapter(self.types[name]) for name in (*named, "return")}

    def ask(self, listening: Path, bound: inspect.BoundArguments) -> Any:
        """What the process at the socket answers when it is asked to do this.

        Raises:
            SluicegateError: What the function raised there; `Unavailable` if nobody answers.
        """
        _, *named = bound.arguments.items()
        arguments = {name: self.adapters[name].dump_python(value, mode="json") for name, value in named}
        line = json.dumps({"verb": self.name, "arguments": arguments}).encode() + b"\n"
        if len(line) > MOST_BYTES:
            raise InputRefused("ledgerd", self.name, f"has {len(line)} bytes, at most {MOST_BYTES} are taken")
        answer = _answer(listening, line)
        if "refused" in answer:
            raise _refusal(answer["refused"])
        return self.adapters["return"].validate_json(json.dumps(answer["result"]))

    def run(self, home: Home, arguments: Mapping[str, Any]) -> Any:
        """Does it here, with arguments as they came over the socket; the result as a JSON value.

        Raises:
            InputRefused: An argument is missing, unknown or of another type.
            SluicegateError: What the function raises.
        """
        first, *named = self.signature.parameters.values()
        known = {each.name for each in named}
        needed = {each.name for each in named if each.default is each.empty}
        if odd := (arguments.keys() - known) | (needed - arguments.keys()):
            raise InputRefused("ledgerd", self.name, f"unknown or missing: {', '.join(sorted(map(repr, odd)))[:200]}")
        values = {name: self._read(name, value) for name, value in arguments.items()}
        target = open_ledger(home) if self.types[first.name] is Ledger else home
        bound = self.signature.bind_partial(target)
        bound.arguments |= values
        return self.adapters["return"].dump_python(self.function(*bound.args, **bound.kwargs), mode="json")

    def _read(self, name: str, value: Any) -> Any:
        try:
            return self.adapters[name].validate_json(json.dumps(value))
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]  # never the value: it may be a reason
            place = ".".join(str(part) for part in (name, *first["loc"]))
            raise InputRefused("ledgerd", f"{self.name}: {place}", str(first["type"])) from None


VERBS: dict[str, Verb] = {}
"""What may be asked for: the marked functions of every module that was imported."""


def refused(error: SluicegateError) -> dict[str, Any]:
    """A refusal as a JSON value, which comes out of the asking process as the same error."""
    return {"refused": {"error": type(error).__name__, "arguments": json.loads(json.dumps(error.args, default=str))}}


def _refusal(said: Mapping[str, Any]) -> SluicegateError:
    kind = getattr(errors, str(said["error"]), None)
    if not (isinstance(kind, type) and issubclass(kind, SluicegateError)):
        kind = Unavailable
    return kind(*(tuple(each) if isinstance(each, list) else each for each in said["arguments"]))


def _answer(listening: Path, line: bytes) -> dict[str, Any]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(_ANSWER_TIMEOUT_S)
        try:
            connection.connect(str(listening))
        except OSError as error:
            why = error.strerror or str(error)
            raise Unavailable(
                f"no ledgerd answers at {listening} ({why}): start `sluicegate ledgerd`, or correct SLUICEGATE_LEDGERD"
            ) from None
        try:
            connection.sendall(line)
            with connection.makefile("rb") as answers:
                answer = json.loads(answers.readline())
        except (OSError, ValueError):
            raise Unavailable(f"ledgerd at {listening} gave no answer: look whether it was done, try again") from None
    return cast(dict[str, Any], answer)
