"""The inbox: open gates by urgency, with what whoever is on call wants to know of each at a glance.

The order: gates whose time is over, though nobody has recorded their end; those that close within a day;
those old enough to be passed on; those old enough for a reminder; the rest. Among equals those come first
that nobody can approve as they stand, then those that close sooner, then those that have waited longer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sluicegate.desk.attention import due
from sluicegate.desk.caveats import left_or_recalled, older_than_live
from sluicegate.desk.lines import Line, lines
from sluicegate.desk.tally import awaited, out_of_reach
from sluicegate.gates.state import Gate, Outcome, seconds_between
from sluicegate.policy import Judgement, Policy

Urgency = Literal["over", "closing", "escalated", "overdue", "waiting"]
ORDER: tuple[Urgency, ...] = ("over", "closing", "escalated", "overdue", "waiting")
"""From the most urgent."""
CLOSING_S = 86400
"""Time left, s, from which on a gate is `closing`."""
_MOST_NAMED = 3


@dataclass(frozen=True)
class Look:
    """What a gate's dossier comes to."""

    judgement: Judgement
    policy: Policy


@dataclass(frozen=True)
class Row:
    """One open gate."""

    gate: Gate
    urgency: Urgency
    age_s: float
    """Since it opened."""
    left_s: float
    """Until it closes; below 0 that is over."""
    awaited: tuple[str, ...]
    """Ids of those whose approval would count and who have not decided yet."""
    blocking: tuple[str, ...]
    """Checks because of which approval is refused."""
    failing: tuple[str, ...]
    """Checks that fail and do not block."""
    near: tuple[str, ...]
    """Checks that hold and are near their limit."""
    waived: tuple[str, ...]
    """Checks that are waived."""
    older_than_live: bool
    """Whether its candidate is older than what is live in the stage."""
    left_before: bool
    """Whether its candidate was rolled back or recalled, here or in another stage."""
    stuck: bool
    """Whether nobody can approve it as it stands: too few people, or nobody who answers for it."""
    unseen: str
    """Why its dossier could not be looked at; empty if it could."""

    @property
    def remarks(self) -> tuple[str, ...]:
        """What to look at, in a few words each, the gravest first."""
        said = (
            (self.unseen, f"cannot be looked at: {self.unseen}"),
            (self.stuck, "not enough people can approve it"),
            (self.left_before, "was rolled back or recalled"),
            (self.older_than_live, "older than the live release"),
            (self.blocking, f"{len(self.blocking)} block: {_some(self.blocking)}"),
            (self.failing, f"fails: {_some(self.failing)}"),
            (self.near, f"near: {_some(self.near)}"),
            (self.waived, f"waived: {_some(self.waived)}"),
        )
        return tuple(words for holds, words in said if holds)

    def to_json(self) -> dict[str, Any]:
        """A JSON value: the gate's fields and this row's."""
        own = {name: value for name, value in vars(self).items() if name != "gate"}
        listed = {name: list(value) if isinstance(value, tuple) else value for name, value in own.items()}
        return self.gate.to_json() | listed


def rows(known: Outcome, looks: Mapping[str, Look | str], now: str) -> tuple[Row, ...]:
    """Every open gate, the most urgent first.

    Args:
        known: All that the ledger says, of every model.
        looks: Id of a gate → what its dossier comes to, or why that cannot be said.
        now: UTC, as the ledger writes it.
    """
    found = [
        _row(gate, known, looks.get(gate.id, "nobody looked"), now) for gate in known.gates if gate.state == "open"
    ]
    return tuple(sorted(found, key=_place))


def _row(gate: Gate, known: Outcome, look: Look | str, now: str) -> Row:
    seen: tuple[Line, ...] = () if isinstance(look, str) else lines(look.judgement, look.policy)
    left_s = seconds_between(now, gate.closes)
    return Row(
        gate=gate,
        urgency=_urgency(gate, left_s, now),
        age_s=seconds_between(gate.opened, now),
        left_s=left_s,
        awaited=awaited(gate),
        blocking=tuple(line.check for line in seen if line.blocks),
        failing=tuple(line.check for line in seen if line.verdict == "fail" and not line.blocks),
        near=tuple(line.check for line in seen if line.near),
        waived=tuple(line.check for line in seen if line.verdict == "waived"),
        older_than_live=older_than_live(gate, known) is not None,
        left_before=bool(left_or_recalled(gate, known)),
        stuck=not awaited(gate) or bool(out_of_reach(gate, known.roster)),
        unseen=look if isinstance(look, str) else "" if seen else "no check was judged",
    )


def _urgency(gate: Gate, left_s: float, now: str) -> Urgency:
    kinds = {one.kind for one in due((gate,), now)}
    if "expire" in kinds:
        return "over"
    if left_s <= CLOSING_S:
        return "closing"
    return "escalated" if "escalate" in kinds else "overdue" if "remind" in kinds else "waiting"


def _place(row: Row) -> tuple[int, bool, float, float]:
    hindered = bool(row.blocking or row.stuck or row.unseen)
    return ORDER.index(row.urgency), not hindered, row.left_s, -row.age_s


def _some(checks: tuple[str, ...]) -> str:
    more = len(checks) - _MOST_NAMED
    return ", ".join(checks[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
