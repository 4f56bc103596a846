"""Whether somebody could pass each gate at all, asked before hours of training are spent."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sluicegate.gates import quorum
from sluicegate.gates.roster import Roster
from sluicegate.policy import GateRule, Policy


def unsatisfiable(
    policy: Policy, stages: Sequence[str], roster: Roster, accountable: str, asked: Collection[str]
) -> tuple[str, ...]:
    """Why gates could never be passed, one line for each reason; empty if all of them could.

    A signature needs no look of its own: everybody on a roster has a key.

    Args:
        policy: The rules.
        stages: The stages that a candidate is to go through.
        roster: Who may decide what.
        accountable: Id of whoever answers for the build; empty if nobody is named.
        asked: Ids whom the spec asks to decide; empty: all whom the roster allows.

    Raises:
        SpecRefused: The policy does not know a stage.
    """
    if not roster.members:
        return ("nobody is on the roster, so no gate could be passed",)
    strangers = [reviewer for reviewer in asked if not roster.knows(reviewer)]
    found = [f"{reviewer} is asked to decide and is not on the roster" for reviewer in strangers]
    if not accountable:
        found.append("nobody is named who answers for the build, so no gate could be passed")
    for stage in stages:
        found += [f"stage {stage}: {why}" for why in _stage(policy.rule(stage), stage, roster, accountable, asked)]
    return tuple(found)


def _stage(rule: GateRule, stage: str, roster: Roster, accountable: str, asked: Collection[str]) -> list[str]:
    able = [reviewer for reviewer in roster.eligible(stage) if not asked or reviewer in asked]
    if not able:
        return [f"nobody {'who is asked' if asked else 'on the roster'} may decide it"]
    excluded = not rule.accountable_may_approve and accountable in able
    people = {m.id: m.roles for m in roster.members if m.id in able and not (excluded and m.id == accountable)}
    if not people:
        return [f"only {accountable} may decide it, and {accountable} answers for the build"]
    note = f"; {accountable} answers for the build and does not count" if excluded else ""
    return [why + note for why in _lacks(rule, people)]


def _lacks(rule: GateRule, people: Mapping[str, Sequence[str]]) -> list[str]:
    """What everybody's approval together would not be enough for."""
    lacks = []
    for part in rule.approvals:
        able = [reviewer for reviewer, roles in people.items() if quorum.fits(part.roles, roles)]
        if part.roles and len(able) < part.count:
            wanted = f"{_approvals(part.count)} from {' or '.join(part.roles)}"
            lacks.append(f"it needs {wanted}, which {_named(able)} could give")
    if len(people) < rule.people:
        lacks.append(
            f"it needs {_approvals(rule.people)}, one from each person, and {_named(list(people))} may approve"
        )
    if not lacks and (missing := quorum.missing(rule, people)):
        lacks.append(f"one person gives one approval, so with everybody's it would still need {', '.join(missing)}")
    return lacks


def _approvals(count: int) -> str:
    return "1 approval" if count == 1 else f"{count} approvals"


def _named(people: Sequence[str]) -> str:
    return f"only {', '.join(people)}" if people else "nobody"
