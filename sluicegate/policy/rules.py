"""What it takes to pass a stage's gate: how many people, of which roles, by when, and how they say so.

A policy file puts them beside its limits, stage by stage; what is not said has its default:

    gates:
      internal: {signature: false}             # a one-time code is enough
      public:
        approvals:
          - {count: 1, roles: [release-manager]}
          - {count: 1}                         # anybody else who may decide there
        waivers: false
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, field_validator

from sluicegate.policy.limits import Frozen
from sluicegate.spec import Identifier, parse

CODE_IS_ENOUGH = ("internal",)
"""Stages at whose gates a signature is asked for only if the policy says so."""
MOST_PEOPLE, LONGEST_DAYS = 100, 3650
_Days = Annotated[float, Field(gt=0, le=LONGEST_DAYS, strict=True)]
_Hours = Annotated[float, Field(gt=0, le=24 * LONGEST_DAYS, strict=True)]


class Approvals(Frozen):
    """So many approvals, by people who have one of these roles."""

    count: Annotated[int, Field(ge=1, le=MOST_PEOPLE, strict=True)] = 1
    """How many people."""
    roles: tuple[Identifier, ...] = ()
    """Each of them has at least one of these; empty: anybody who may decide in the stage."""

    @field_validator("roles", mode="after")
    @classmethod
    def _in_order(cls, roles: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(sorted(set(roles)))


class GateRule(Frozen):
    """What it takes to pass one stage's gate."""

    approvals: tuple[Approvals, ...] = (Approvals(),)
    """A number of approvals, or a list of ``{count, roles}``; one person gives one approval, whatever their roles."""
    accountable_may_approve: bool = False
    """Whether the person accountable for the build may approve it."""
    open_for_days: _Days = 14
    """Days after which an undecided gate expires."""
    remind_after_hours: _Hours = 24
    """Hours after which those who may decide are reminded."""
    escalate_after_hours: _Hours = 72
    """Hours after which it is passed on to the administrators."""
    signature: bool = True
    """Whether an approval must be signed. If not, a one-time code is enough: the default at ``internal``."""
    waivers: bool = True
    """Whether checks may be waived at this gate."""

    @field_validator("approvals", mode="before")
    @classmethod
    def _number(cls, value: Any) -> Any:
        if isinstance(value, int) and not isinstance(value, bool):
            return [{"count": value}]
        if not isinstance(value, list | tuple) or not value:
            raise ValueError(f"must be a number of approvals, or a list of {{count, roles}}, not {value!r:.40}")
        return value

    @field_validator("approvals", mode="after")
    @classmethod
    def _merged(cls, approvals: tuple[Approvals, ...]) -> tuple[Approvals, ...]:
        """Roles first, then anybody: the order in a file means nothing, nor does counting to two in two lines."""
        counts: dict[tuple[str, ...], int] = {}
        for part in approvals:
            counts[part.roles] = counts.get(part.roles, 0) + part.count
        if (people := sum(counts.values())) > MOST_PEOPLE:
            raise ValueError(f"ask for {people} people, more than {MOST_PEOPLE}")
        named = sorted(counts, key=lambda roles: (not roles, roles))
        return tuple(Approvals(count=counts[roles], roles=roles) for roles in named)

    @property
    def people(self) -> int:
        """How many people must approve."""
        return sum(part.count for part in self.approvals)

    def to_json(self) -> dict[str, Any]:
        """A JSON value, from which `from_json` makes the same rule."""
        return self.model_dump(mode="json")

    @classmethod
    def from_json(cls, value: Any, where: Path | str = "gate rule") -> GateRule:
        """The rule that `to_json` wrote.

        Raises:
            SpecRefused: It is not one.
        """
        return parse(cls, value, where)


def with_defaults(stage: str, written: Any) -> Any:
    """What a file says of a stage's gate, with the default that depends on the stage filled in."""
    return {"signature": stage not in CODE_IS_ENOUGH} | written if isinstance(written, dict) else written


def default_rule(stage: str) -> GateRule:
    """The rule of a stage of which a policy says nothing."""
    return GateRule.from_json(with_defaults(stage, {}))
