"""How it stands with a gate's votes: until when, who may still decide, what is needed, what was decided."""

from __future__ import annotations

from collections.abc import Sequence

from sluicegate.desk.times import lasting, moment
from sluicegate.gates import quorum
from sluicegate.gates.roster import Roster
from sluicegate.gates.state import Decision, Gate, seconds_between
from sluicegate.gates.voters import approvers

_MOST_NAMES = 12


def awaited(gate: Gate) -> tuple[str, ...]:
    """Ids of those whose approval would count and who have not decided yet."""
    decided = {decision.reviewer for decision in gate.decisions}
    return tuple(reviewer for reviewer in gate.eligible if reviewer not in decided)


def completing(gate: Gate, roster: Roster) -> tuple[str, ...]:
    """Ids of those whose approval, given now, would be the last one needed."""
    people = approvers(gate, roster)
    return tuple(
        reviewer
        for reviewer in awaited(gate)
        if quorum.filled(gate.rule.approvals, people | {reviewer: _roles(roster, reviewer)})
    )


def out_of_reach(gate: Gate, roster: Roster) -> tuple[str, ...]:
    """What would still be missing if everybody who may approve did so; empty if the gate can be passed."""
    everybody = {reviewer: _roles(roster, reviewer) for reviewer in awaited(gate)}
    return quorum.missing(gate.rule, approvers(gate, roster) | everybody)


def closed(gate: Gate, now: str) -> bool:
    """Whether an open gate can no longer be decided, though nobody has recorded its end yet."""
    return gate.state == "open" and now > gate.closes


def tally(gate: Gate, roster: Roster, now: str) -> tuple[tuple[str, str], ...]:
    """Name and value of what a reader asks about the votes.

    Args:
        gate: The gate, as it stands now.
        roster: As it stands now.
        now: UTC, as the ledger writes it.
    """
    return (
        *(_waiting(gate, now) if gate.state == "open" else ()),
        *((_verb(decision), _told(decision, roster)) for decision in gate.decisions),
    )


def names(ids: Sequence[str]) -> str:
    """``rita, ravi and 3 more``; nobody, where there is nobody."""
    more = len(ids) - _MOST_NAMES
    return ", ".join(ids[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "") or "nobody"


def _waiting(gate: Gate, now: str) -> list[tuple[str, str]]:
    left = seconds_between(now, gate.closes)
    found = [("open until", f"{moment(gate.closes)} ({f'{lasting(left)} left' if left > 0 else 'that is over'})")]
    found.append(("may approve", names(awaited(gate))))
    if gate.excluded:
        found.append(("may only reject", f"{names(gate.excluded)} (answered for what was built)"))
    found.append(("still needed", "; ".join(gate.needed) or "nothing more"))
    found.append(("how", "signed with the reviewer's own key" if gate.rule.signature else _CODE))
    return found


_CODE = "signed with the reviewer's own key, or with a one-time code"


def _verb(decision: Decision) -> str:
    return "approved by" if decision.decision == "approve" else "rejected by"


def _told(decision: Decision, roster: Roster) -> str:
    gone = "" if roster.knows(decision.reviewer) else ", who is no longer on the roster"
    when = moment(decision.recorded or decision.time)
    return f"{decision.reviewer}{gone} ({decision.grade}, {when}): {decision.reason}"


def _roles(roster: Roster, reviewer: str) -> tuple[str, ...]:
    member = roster.member(reviewer)
    return member.roles if member is not None else ()
