"""What the entries of a ledger say, in plain words, for somebody who does not know it.

Only what counts is said. What people wrote stands between quotation marks; whoever prints it makes it
harmless first (`escaping`).
"""

from __future__ import annotations

from collections.abc import Sequence

from sluicegate.desk.times import moment
from sluicegate.gates.state import Decision, Gate, Outcome, Waiver
from sluicegate.ledger.chain import Entry, Header
from sluicegate.ledger.checkpoint import Checkpoint

SHORT = 12
"""Characters of a digest that are shown."""
_VERBS = {"approve": "approved", "reject": "rejected"}
_GRADES: dict[str, str] = {
    "signed": "signed with their own key",
    "attested": "attested by the service, which took a one-time code",
}


def statements(outcome: Outcome, entries: Sequence[Entry]) -> tuple[str, ...]:
    """Who decided what, and what became of it, one line each, in the order of the entries.

    Args:
        outcome: What the entries come to.
        entries: Those that `outcome` was derived from.
    """
    numbers = {entry.hash: entry.seq for entry in entries}
    lines: list[tuple[int, str]] = []
    for gate in outcome.gates:
        lines += [(numbers[one.entry], _decided(gate, one)) for one in gate.decisions]
        lines += [(numbers[one.entry], _waived(gate, one)) for one in gate.waivers]
    standing = {"good": "", "rolled back": "; the stage was rolled back since", "recalled": "; it was recalled since"}
    for release in outcome.releases:
        where = f"{release.stage} of {release.model} through gate {release.gate[:SHORT]}"
        line = f"Candidate {release.candidate[:SHORT]} entered {where} on {moment(release.time)}"
        lines.append((numbers[release.entry], line + standing[release.standing]))
    lines += [(entry.seq, _changed(entry)) for entry in entries if entry.kind == "roster_changed"]
    lines += _orders(outcome, entries)
    return tuple(line for _, line in sorted(lines))


def as_of(newest: Checkpoint | None, chain: Sequence[Entry | Header]) -> str:
    """As of when all of it is said."""
    if newest is None:
        return "As of no checkpoint: nothing shows that this is the whole ledger and not its beginning"
    more = len([entry for entry in chain if entry.seq > newest.seq])
    after = f"; {more} entries came after it" if more else ""
    return f"As of checkpoint {newest.head[:SHORT]} (entry {newest.seq}, {moment(newest.time)}){after}"


def _changed(entry: Entry) -> str:
    said = entry.body["statement"]
    signers = ", ".join(sorted(str(one["by"]) for one in entry.body["signatures"]))
    what = f"version {entry.body['roster']['version']} of the roster ({said.get('verb')} {said.get('id')})"
    return f"{signers} signed {what} on {moment(entry.time)}"


def _decided(gate: Gate, one: Decision) -> str:
    who = f"{one.reviewer} {_VERBS.get(one.decision, one.decision)} candidate {gate.candidate[:SHORT]}"
    asked = f"for {gate.stage} of {gate.model} on {moment(one.recorded)}, {_GRADES.get(one.grade, one.grade)}"
    ground = f"on dossier {gate.dossier[:SHORT]} under policy {gate.policy[:SHORT]} and roster {gate.roster[:SHORT]}"
    named = f"gate {gate.id[:SHORT]}, round {gate.round}; {gate.accountable or 'nobody'} answers for what was built"
    return f"{who} {asked}, {ground} ({named}): “{one.reason}”"


def _waived(gate: Gate, one: Waiver) -> str:
    what = f"{one.reviewer} waived {one.check} for candidate {gate.candidate[:SHORT]} in {gate.stage} of {gate.model}"
    until = f"until {one.expires}, {_GRADES.get(one.grade, one.grade)} (gate {gate.id[:SHORT]})"
    return f"{what} {until}: “{one.reason}”; {one.owner} answers for it, and will: “{one.follow_up}”"


def _orders(outcome: Outcome, entries: Sequence[Entry]) -> list[tuple[int, str]]:
    """Rollbacks that were done, and recalls."""
    without_effect = {fault.partition(" (")[0] for fault in outcome.faults}
    candidates = {release.gate: release.candidate[:SHORT] for release in outcome.releases}
    begun: dict[tuple[str, str], Entry] = {}
    found = []
    for entry in entries:
        if f"entry {entry.seq}" in without_effect:
            continue
        if entry.kind == "rollback_intended":
            begun[entry.model, entry.body["stage"]] = entry
        elif entry.kind == "rollback_committed":
            order = begun[entry.model, entry.body["stage"]].body["order"]
            way = f"from {candidates[order['from']]} to {candidates[order['to']]}"
            line = f"{order['reviewer']} rolled {order['stage']} of {entry.model} back {way} on {moment(entry.time)}"
            found.append((entry.seq, f"{line}, {_GRADES['signed']}: “{order['reason']}”"))
        elif entry.kind == "release_recalled":
            order = entry.body["order"]
            line = f"{order['reviewer']} recalled candidate {order['candidate'][:SHORT]} of {entry.model}"
            found.append((entry.seq, f"{line} on {moment(entry.time)}, {_GRADES['signed']}: “{order['reason']}”"))
    return found
