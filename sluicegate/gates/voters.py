"""Who may decide a gate, and what makes a decision of theirs count.

Asked when a letter comes in, and again of every entry at each replay.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sluicegate.gates import quorum
from sluicegate.gates.letters import NAMESPACES
from sluicegate.gates.roster import Roster
from sluicegate.gates.state import DECIDED, WAIVED, Gate
from sluicegate.ledger.chain import Entry
from sluicegate.signing import sshsig


def voting_faults(gate: Gate, roster: Roster, asked: Roster, reviewer: str, verb: str) -> tuple[str, ...]:
    """Why this person's decision would not count at this gate; empty if it would.

    Args:
        gate: The gate.
        roster: As it stands now.
        asked: As it stood when the gate opened.
        reviewer: Id of who decides.
        verb: approve, reject or waive.
    """
    able = _able(gate, roster, asked)
    who = f"{', '.join(i for i in able if i not in gate.excluded) or 'nobody'} may decide {gate.stage}"
    if not roster.knows(reviewer):
        if asked.knows(reviewer):
            return (f"{reviewer} was taken off the roster",)
        return (f"the id given is not a reviewer's ({who})",)
    if not asked.knows(reviewer):
        return (f"{reviewer} came on the roster after the gate opened: `sluicegate reopen {gate.id[:12]}` asks them",)
    if reviewer not in able:
        return (f"{reviewer} may not decide {gate.stage} ({who})",)
    if verb != "reject" and reviewer in gate.excluded:
        return (f"{reviewer} answers for what was built and may not {verb} it ({who})",)
    if verb != "reject" and not gate.accountable:
        return ("nobody is named who answers for what was built, so nobody can approve it",)
    return ()


def recorded_faults(entry: Entry, gate: Gate, roster: Roster, asked: Roster) -> tuple[str, ...]:
    """Why a decision or a waiver does not count, though it is in the ledger; empty if it does.

    Whether a one-time code was used before is for `codes` to say.

    Args:
        entry: The entry that records it.
        gate: The gate, as it stood before.
        roster: As it stood then.
        asked: As it stood when the gate opened.
    """
    body = entry.body
    verb, reviewer, waives = body["decision"], body["reviewer"], entry.kind == "waiver"
    if verb not in (("waive",) if waives else ("approve", "reject")):
        return ("it decides nothing that its kind could",)
    found = list(voting_faults(gate, roster, asked, reviewer, verb))
    if entry.time > gate.closes:
        found.append(f"the gate closed at {gate.closes}")
    if waives and not gate.rule.waivers:
        found.append(f"no check may be waived in {gate.stage}")
    if not waives and any(known.reviewer == reviewer for known in gate.decisions):
        found.append(f"{reviewer} had decided already")
    if body["grade"] not in ("signed", "attested"):
        found.append("it says neither that it is signed nor that it is attested")
    elif body["grade"] == "attested" and (gate.rule.signature or waives):
        found.append(f"a signature is needed {'to waive' if waives else f'in {gate.stage}'}, a code is not enough")
    elif body["grade"] == "signed":
        found += _signature_faults(body, WAIVED if waives else DECIDED, roster)
    return tuple(found)


def approvers(gate: Gate, roster: Roster) -> dict[str, tuple[str, ...]]:
    """Id → roles of everybody who approved and may still decide this stage."""
    members = {d.reviewer: roster.member(d.reviewer) for d in gate.decisions if d.decision == "approve"}
    still = roster.eligible(gate.stage)
    return {who: member.roles for who, member in members.items() if member is not None and who in still}


def passed(gate: Gate, roster: Roster) -> bool:
    """Whether enough have approved."""
    return quorum.filled(gate.rule.approvals, approvers(gate, roster))


def as_it_stands(gate: Gate, roster: Roster, asked: Roster) -> Gate:
    """An open gate with those who may decide it now and what is missing; any other as it is."""
    if gate.state != "open":
        return gate
    able = _able(gate, roster, asked)
    eligible = tuple(i for i in able if i not in gate.excluded) if gate.accountable else ()
    needed = quorum.missing(gate.rule, approvers(gate, roster))
    return replace(gate, eligible=eligible, excluded=tuple(i for i in able if i in gate.excluded), needed=needed)


def _able(gate: Gate, roster: Roster, asked: Roster) -> tuple[str, ...]:
    both = set(roster.eligible(gate.stage)) & set(asked.eligible(gate.stage))
    return tuple(i for i in sorted(both) if not gate.asked or i in gate.asked)


def _signature_faults(body: Mapping[str, Any], fields: tuple[str, ...], roster: Roster) -> list[str]:
    member = roster.member(body["reviewer"])
    if member is None:
        return []  # said already
    statement = {name: body[name] for name in fields}
    fault = sshsig.faults(statement, body["signature"], member.key, NAMESPACES["decision"])
    return [f"the signature of {member.id} does not hold: {fault}"] if fault else []
