"""What Sluicegate refuses, and how it says so.

    SluicegateError              anything below; the message is one line, ready for a person
    ├── InputRefused             exit 2   bad input: names the file, field, value and limit
    │   ├── SpecRefused                   the release spec, a suite or a policy
    │   └── DataRejected                  the data broke its contract
    ├── ReleaseDenied            exit 3   a gate or a decision that does not hold
    ├── TamperingDetected        exit 4   bytes differ from the digest that was approved
    └── Unavailable              exit 5   something needed is not there now: a lock, a server, a file that was cleaned

A refusal is not a bug: it names what was refused, the limit, the value and what to do next. It never
holds a cell value of the user's data.
"""

from __future__ import annotations

from pathlib import Path


class SluicegateError(Exception):
    """Base of every refusal; `str()` of it is one line for a person."""

    exit_code = 1


class InputRefused(SluicegateError):
    """Input that cannot be used.

    Args:
        where: The file (or table, or setting) that is at fault.
        field: The field, column or key inside it; empty if the whole of it is at fault.
        problem: What is wrong, with the value and the limit.
        remedy: What to do next; may be empty.
    """

    exit_code = 2

    def __init__(self, where: str | Path, field: str, problem: str, remedy: str = "") -> None:
        super().__init__(where, field, problem, remedy)  # the arguments survive pickling
        self.where, self.field, self.problem, self.remedy = str(where), field, problem, remedy

    def __str__(self) -> str:
        place = f"{self.where}: {self.field}" if self.field else self.where
        line = f"{place}: {self.problem}" + (f" ({self.remedy})" if self.remedy else "")
        return " ".join(line.split())


class SpecRefused(InputRefused):
    """A release spec, expectation suite or policy that cannot be used."""


class DataRejected(InputRefused):
    """Data broke its contract. Holds counts and column names, never cell values."""


class ReleaseDenied(SluicegateError):
    """A gate or a decision that does not hold; what it asked for did not happen."""

    exit_code = 3


class TamperingDetected(SluicegateError):
    """Bytes differ from the digest under which they were measured or approved.

    Args:
        what: The thing that was verified, for example ``candidate 3f2a… in stage internal``.
        faults: Every difference that was found, one line each.
    """

    exit_code = 4

    def __init__(self, what: str, faults: tuple[str, ...]) -> None:
        super().__init__(what, faults)
        self.what, self.faults = what, faults

    def __str__(self) -> str:
        return f"{self.what}: {len(self.faults)} differences: {'; '.join(self.faults)}"


class Unavailable(SluicegateError):
    """Something that is needed is not there now; trying again later, or the named remedy, may help."""

    exit_code = 5
