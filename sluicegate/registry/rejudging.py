"""The grounds on which a release was approved, derived anew from the dossier and the policy.

The service says what the verdicts were; nobody has to believe that. For each approval they are worked out
again, with the waivers that were in force and against what was live in the stage at that entry.
"""

from __future__ import annotations

from collections.abc import Sequence

from sluicegate.desk.figures import plural
from sluicegate.desk.lines import lines
from sluicegate.errors import SluicegateError
from sluicegate.evidence.dossier import Dossier
from sluicegate.gates.replay import replay
from sluicegate.gates.state import Decision, Gate, Outcome, gate_id
from sluicegate.ledger.chain import Entry
from sluicegate.policy import Judgement, Policy, judge


def rejudge(
    gate: Gate, dossier: Dossier, policy: Policy, entries: Sequence[Entry], known: Outcome
) -> tuple[tuple[str, ...], Judgement | None]:
    """Everything for which a gate's evidence and policy do not bear its approvals, and the verdicts at the last one.

    Args:
        gate: The gate, as it stands after the last entry.
        dossier: What it names, read and checked.
        policy: What it names.
        entries: All that concern the model, in order.
        known: What they come to.
    """
    found = []
    if dossier.candidate != gate.candidate:
        found.append(f"the dossier was measured on candidate {dossier.candidate[:12]}, not {gate.candidate[:12]}")
    try:
        rule = policy.rule(gate.stage)
    except SluicegateError as refused:
        return (*found, str(refused)), None
    if rule != gate.rule:
        found.append(f"the gate opened under another rule than its policy has for {gate.stage}")
    if fault := _accountable_fault(gate, dossier, entries, known):
        found.append(fault)
    judgement = None
    for approval in gate.decisions:
        if approval.decision == "approve":
            judgement = _judged_at(approval, gate, dossier, policy, entries)
            found += _approval_faults(approval, gate, judgement)
    return tuple(found), judgement


def _judged_at(approval: Decision, gate: Gate, dossier: Dossier, policy: Policy, entries: Sequence[Entry]) -> Judgement:
    """The verdicts as they were when somebody approved."""
    place = next(number for number, entry in enumerate(entries) if entry.hash == approval.entry)
    before = replay(entries[:place])
    live = before.live.get((gate.model, gate.stage))
    as_it_was = before.gate(gate.id)
    waived = as_it_was.waived(approval.recorded) if as_it_was else frozenset()
    return judge(dossier, policy, gate.stage, live=live.candidate if live else None, waived=waived)


def check_lines(judgement: Judgement, policy: Policy) -> tuple[str, ...]:
    """How the checks stood, in words: how many hold, and each that fails, is waived or is near its limit."""
    held = [v for v in judgement.verdicts if v.verdict == "pass"]
    said = [f"{len(held)} of {plural(len(judgement.verdicts), 'check')} held in {judgement.stage} when it was approved"]
    for line in lines(judgement, policy):
        if line.verdict != "pass":
            said.append(f"{line.verdict}, {'blocks' if line.blocks else 'does not block'}: {line.sentence}")
        elif line.near:
            said.append(f"near its limit: {line.sentence}")
    return tuple(said)


def _approval_faults(approval: Decision, gate: Gate, judgement: Judgement) -> list[str]:
    named = f"{approval.reviewer} approved gate {gate.id[:12]}"
    if not judgement.verdicts:
        return [f"{named}, though no check was judged"]
    blockers = ", ".join(f"{v.check} ({v.verdict.replace('_', ' ')})" for v in judgement.blockers)
    return [f"{named}, though checks blocked: {blockers}"] if blockers else []


def _accountable_fault(gate: Gate, dossier: Dossier, entries: Sequence[Entry], known: Outcome) -> str:
    """Why nobody but the service says who answers for what was built; empty if the builder or the dossier does."""
    if "owner" not in dossier.lineage:
        return ""
    started = {gate_id(e) for e in entries if e.kind == "gate_opened" and e.body.get("start")}
    signers = {one.accountable for one in known.gates if one.candidate == gate.candidate and one.id in started}
    if gate.accountable in (dossier.lineage["owner"] or "", *signers):
        return ""
    return f"{gate.accountable} is said to answer for what was built; neither the dossier nor a signed start says so"
