"""Deciding: an approval or a rejection by a named reviewer, bound to one gate.

Everything that speaks against a decision is collected and said at once; what was refused is recorded
too, without the words that were typed. One decision ends the gate. How many people must agree, and
their signatures, come into `decide` between the checks and the entry.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from sluicegate.errors import ReleaseDenied
from sluicegate.gates.figures import plural
from sluicegate.gates.gate import gate_in
from sluicegate.gates.ledger import Ledger, Transaction
from sluicegate.gates.reasons import reason_faults, tidy
from sluicegate.gates.roster import Roster
from sluicegate.gates.state import Decision, Gate, Verb, Via, live_among, replay
from sluicegate.manifest import digest_of_bytes
from sluicegate.policy import Judgement

__all__ = ["Decision", "decide"]


def decide(
    ledger: Ledger,
    gate_id: str,
    *,
    decision: Verb,
    reviewer: str,
    reason: str,
    judgement: Judgement,
    roster: Roster,
    via: Via,
    attempt: str | None = None,
) -> Decision:
    """Records a decision; the same reviewer deciding the same again gets the decision that was recorded.

    Args:
        ledger: Where it is recorded.
        gate_id: The whole id of the gate.
        decision: What was decided.
        reviewer: Id of who decided.
        reason: Why; it stays in the ledger for ever.
        judgement: Dossier × policy for this gate's stage, derived now.
        roster: The roster as it stood when the gate opened (`roster_of`).
        via: How the decision came in.
        attempt: Names this try, where one may be delivered more than once: what was refused stays refused, even
            if nothing speaks against it any longer, and is recorded once.

    Raises:
        ReleaseDenied: It does not hold; the refusal is recorded.
        InputRefused: There is no such gate.
    """

    def work(transaction: Transaction) -> Decision | tuple[str, ...]:
        gate = gate_in(transaction, gate_id)
        if gate.decision is not None and (gate.decision.reviewer, gate.decision.decision) == (reviewer, decision):
            return gate.decision
        key = f"refused:{gate_id}:{digest_of_bytes(attempt.encode())}" if attempt else None
        if (refused := transaction.find(key)) is not None:
            return tuple(refused.body["why"])  # delivered again: what was refused then is not a decision now
        _, releases = replay(transaction.entries(gate.model))
        live = live_among(releases).get(gate.stage)
        faults = _faults(gate, decision, reviewer, reason, roster)
        faults += _grounds(gate, judgement, live) if decision == "approve" else ()
        if faults:
            known = reviewer if roster.knows(reviewer) else None  # anything might have been typed there: not kept
            body: dict[str, Any] = {"gate": gate_id, "decision": decision, "reviewer": known, "via": via}
            transaction.append("approval_refused", gate.model, body | {"why": list(faults)}, idempotency_key=key)
            return faults
        transaction.append(
            "decision",
            gate.model,
            {
                "gate": gate_id,
                "stage": gate.stage,
                "decision": decision,
                "reviewer": reviewer,
                "reason": tidy(reason),
                "time": transaction.now,
                "via": via,
                "verdicts": dict(Counter(verdict.verdict for verdict in judgement.verdicts)),
            },
            # The database itself forbids two decisions by one person in one round.
            idempotency_key=f"decision:{gate_id}:{reviewer}",
        )
        recorded = gate_in(transaction, gate_id).decision
        assert recorded is not None
        return recorded

    outcome = ledger.transact(work)
    if isinstance(outcome, Decision):
        return outcome
    raise ReleaseDenied(f"gate {gate_id[:12]}: {'; '.join(outcome)}")


def _faults(gate: Gate, decision: Verb, reviewer: str, reason: str, roster: Roster) -> tuple[str, ...]:
    """What speaks against this person's taking this decision here, now, in these words."""
    found = []
    if gate.decision is not None:
        found.append(f"{gate.decision.reviewer} decided to {gate.decision.decision} it at {gate.decision.time}")
    elif gate.state != "open":
        found.append(f"it is {gate.ended or gate.state}")
    if roster.digest != gate.roster:
        found.append("the roster is not the one under which the gate opened: run the spec again to open a new gate")
    elif not roster.knows(reviewer):
        found.append(f"the id given is not a reviewer's ({_who(gate, roster)} may decide {gate.stage})")
    elif not roster.may_decide(reviewer, gate.stage):
        found.append(f"{reviewer} may not decide {gate.stage} ({_who(gate, roster)} may)")
    return (*found, *reason_faults(reason))


def _who(gate: Gate, roster: Roster) -> str:
    return ", ".join(roster.eligible(gate.stage)) or "nobody"


def _grounds(gate: Gate, judgement: Judgement, live: str | None) -> tuple[str, ...]:
    """What speaks against an approval on the grounds of these verdicts."""
    found = []
    if judgement.stage != gate.stage:
        found.append(f"the verdicts are of stage {judgement.stage or 'unknown'}, not {gate.stage}")
    if judgement.live != live:
        found.append(f"the verdicts compare with another release than the one now live in {gate.stage}")
    if not judgement.verdicts:
        found.append("no check was judged, and what was not evaluated is not passed")
    if judgement.blockers:
        names = ", ".join(f"{blocker.check} ({blocker.verdict.replace('_', ' ')})" for blocker in judgement.blockers)
        found.append(f"{plural(len(judgement.blockers), 'check')} in the way: {names}")
    return tuple(found)
