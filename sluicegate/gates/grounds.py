"""What the evidence says for and against a decision: verdicts, and which of them may be waived."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sluicegate.gates.reasons import reason_faults
from sluicegate.gates.state import Gate, Outcome
from sluicegate.policy import Judgement

LONGEST_WAIVER_DAYS = 366


@dataclass(frozen=True)
class Grounds:
    """What a decision is taken on, derived by whoever writes the ledger."""

    judgement: Judgement
    """Dossier × policy × waivers for this gate's stage."""
    waivable: Collection[str] = ()
    """Checks that the policy lets people waive."""


def approval_faults(gate: Gate, judgement: Judgement, known: Outcome) -> tuple[str, ...]:
    """What speaks against an approval on the grounds of these verdicts."""
    live = known.live.get((gate.model, gate.stage))
    found = []
    if judgement.stage != gate.stage:
        found.append(f"the verdicts are of stage {judgement.stage or 'unknown'}, not {gate.stage}")
    if judgement.live != (live.candidate if live else None):
        found.append(f"the verdicts compare with another release than the one now live in {gate.stage}")
    if not judgement.verdicts:
        found.append("no check was judged")
    elif blockers := judgement.blockers:
        named = ", ".join(f"{v.check} ({v.verdict.replace('_', ' ')})" for v in blockers)
        checks = "1 check blocks" if len(blockers) == 1 else f"{len(blockers)} checks block"
        found.append(f"{checks}: {named}")
    return tuple(found)


def waiver_faults(gate: Gate, said: Mapping[str, str], grounds: Grounds, known: Outcome, now: str) -> tuple[str, ...]:
    """What speaks against waiving a check.

    Args:
        gate: The gate.
        said: The statement, whole.
        grounds: The verdicts now.
        known: What the ledger comes to.
        now: The ledger's time, UTC.
    """
    found = []
    if not gate.rule.waivers:
        found.append(f"the policy lets nobody waive a check in {gate.stage}")
    named = {v.check: v for v in grounds.judgement.verdicts}
    check = said["check"]
    if check not in named:
        found.append(f"the policy has no check of that name in {gate.stage}")
    elif check not in grounds.waivable:
        found.append(f"the policy lets nobody waive {check}")
    elif not named[check].blocks:
        found.append(f"{check} does not block: there is nothing to waive")
    found += [f"follow-up: {fault}" for fault in reason_faults(said["follow_up"])]
    if not known.roster.knows(said["owner"]):
        found.append("the owner of the waiver is not on the roster")
    return (*found, *_expiry_faults(said["expires"], now))


def _expiry_faults(expires: str, now: str) -> tuple[str, ...]:
    try:
        day = date.fromisoformat(expires)
    except ValueError:
        day = None
    if day is None or day.isoformat() != expires:  # days are compared as they are written
        return ("the day on which the waiver expires must be written YYYY-MM-DD",)
    today = datetime.fromisoformat(now).date()
    if not today <= day <= today + timedelta(days=LONGEST_WAIVER_DAYS):
        return (f"a waiver expires within {LONGEST_WAIVER_DAYS} days from today, not on {day}",)
    return ()
