"""Gates: opening, opening again, withdrawing.

A gate opens once for each question (model, stage, candidate, dossier, policy). Asking the same question
again finds it, whatever became of it; only `reopen` starts another round, with an id of its own, and
nothing carries over from the round before. An open gate that asks an older roster is asked anew by the
same question under the roster of now.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sluicegate.errors import InputRefused, ReleaseDenied
from sluicegate.gates.finding import find_gate, gate_in, gates, known_gate, opening_of, outcome
from sluicegate.gates.reasons import reason_faults, tidy, typed
from sluicegate.gates.replay import replay
from sluicegate.gates.state import ENDED, Decision, Gate, Outcome, Release, gate_id
from sluicegate.ledger.ledger import Ledger, Transaction
from sluicegate.ledger.writer import writes
from sluicegate.manifest import digest_of_value
from sluicegate.policy import GateRule
from sluicegate.spec import CANDIDATE, registered_name

__all__ = [
    "Decision",
    "Gate",
    "Release",
    "find_gate",
    "gate_in",
    "gates",
    "open_gate",
    "outcome",
    "reopen",
    "withdraw",
]
_OF_A_ROUND = ("round", "reopens", "by", "reason")


@writes
def open_gate(
    ledger: Ledger,
    *,
    model: str,
    stage: str,
    candidate: str,
    dossier: str,
    policy: str,
    rule: GateRule,
    accountable: str,
    facts: dict[str, Any],
    asked: list[str] | None = None,
    start: dict[str, Any] | None = None,
) -> Gate:
    """The gate of this question: opened now, or the latest round of it if it was opened before.

    Opening supersedes what it makes pointless: open gates of candidates that came before this one, and
    gates that ask about this candidate and stage on other evidence, policy or roster.

    Args:
        ledger: Where it is recorded.
        model: Name of the model.
        stage: The stage to be entered.
        candidate: Digest of the candidate.
        dossier: Digest of its dossier.
        policy: Digest of the policy.
        rule: What that policy says it takes to pass this stage's gate.
        accountable: Id of who answers for what was built; empty if nobody is named.
        facts: What else a reader wants to know: path of the spec, version, run id. JSON, no personal data.
        asked: Ids of those who are asked to decide; empty: all whom the roster allows.
        start: Statement and signature of whoever started the build, if they signed.

    Raises:
        Unavailable: The ledger is locked or does not answer.
        TamperingDetected: An entry of this model does not give its own hash.
        ReleaseDenied: The candidate was recalled, or another model's registered model has the stage's name.
    """
    body = {
        "stage": stage,
        "candidate": candidate,
        "dossier": dossier,
        "policy": policy,
        "rule": rule.to_json(),
        "accountable": accountable,
        "start": start,
        "asked": sorted(set(asked or ())),
        "facts": facts,
    }

    def work(transaction: Transaction) -> Gate:
        known = replay(transaction.entries(model))
        _refuse_recalled(known, candidate)
        _refuse_taken_name(transaction, model, stage)
        rounds = [g for g in known.gates if g.question == (model, stage, candidate, dossier, policy)]
        if rounds and not (rounds[-1].state == "open" and rounds[-1].roster != known.roster.digest):
            return rounds[-1]
        return _open(transaction, model, body, known)

    return ledger.transact(work)


@writes
def reopen(ledger: Ledger, gate: str, by: str | None = None, reason: str = "") -> Gate:
    """A new round of a gate that has ended, or that asks an older roster; it has an id of its own.

    Doing it twice gives the same round, as long as nobody has ended that one too. A release that was rolled
    back may be asked for again; a candidate that was recalled may not.

    Args:
        ledger: Where it is recorded.
        gate: Id of the round that ended.
        by: Id of whoever asks for it, if they say so.
        reason: Why; may be empty.

    Raises:
        ReleaseDenied: The gate has not ended, or a later round of it has, or its candidate was recalled.
        InputRefused: There is no such gate, or the reason cannot be kept.
    """
    reason = _kept_reason(reason, by)

    def work(transaction: Transaction) -> Gate:
        opening = opening_of(transaction, gate)
        known = replay(transaction.entries(opening.model))
        ended = known_gate(known, gate)
        latest = [g for g in known.gates if g.question == ended.question][-1]
        late = latest.state == "open" and transaction.now > latest.closes
        outdated = late or (latest.state == "open" and latest.roster != known.roster.digest)
        if latest.id != ended.id and latest.state == "open" and not outdated:
            return latest
        if latest.id != ended.id and not outdated:
            raise ReleaseDenied(f"gate {gate[:12]} has a later round, {latest.id[:12]}, which is {latest.state}")
        _refuse_recalled(known, ended.candidate)
        left = any(r.gate == ended.id and r.standing == "rolled back" for r in known.releases)
        if ended.state not in ENDED and not outdated and not left:
            raise ReleaseDenied(f"gate {gate[:12]} is {ended.state}: only a gate that has ended opens again")
        carried = {key: opening.body[key] for key in opening.body if key not in (*_OF_A_ROUND, "roster")}
        return _open(transaction, opening.model, carried | {"reopens": ended.id, "by": by, "reason": reason}, known)

    return ledger.transact(work)


@writes
def withdraw(ledger: Ledger, gate: str, *, by: str | None = None, reason: str = "") -> Gate:
    """Ends a gate that nobody needs to decide any more, or whose approval has not been acted on.

    Args:
        ledger: Where it is recorded.
        gate: Id of the gate.
        by: Id of whoever withdraws it, if they say so.
        reason: Why; may be empty.

    Raises:
        ReleaseDenied: Its promotion is under way or done, or it ended otherwise.
        InputRefused: There is no such gate, or the reason cannot be kept.
    """
    reason = _kept_reason(reason, by)

    def work(transaction: Transaction) -> Gate:
        found = gate_in(transaction, gate)
        if found.state == "withdrawn":
            return found
        if found.state not in ("open", "approved"):
            raise ReleaseDenied(f"gate {gate[:12]} is {found.state}: it can no longer be withdrawn")
        body = {"gate": gate, "by": by, "reason": reason}
        transaction.append("gate_withdrawn", found.model, body, idempotency_key=f"withdraw:{gate}")
        return gate_in(transaction, gate)

    return ledger.transact(work)


def _open(transaction: Transaction, model: str, body: dict[str, Any], known: Outcome) -> Gate:
    same = [g for g in known.gates if (g.stage, g.candidate) == (body["stage"], body["candidate"])]
    number = len(same) + 1
    asks = [model] + [body[key] for key in ("stage", "candidate")]
    entry = transaction.append(
        "gate_opened",
        model,
        body | {"roster": known.roster.digest, "round": number},
        idempotency_key=f"open:{digest_of_value(asks)}:{number}",
    )
    opened = gate_id(entry)
    older = _older(known.gates, body["candidate"])
    for gate in known.gates:
        same_question = gate.candidate == body["candidate"] and gate.stage == body["stage"]
        if gate.state == "open" and (gate.candidate in older or same_question):
            superseded = {"gate": gate.id, "by": opened}
            transaction.append("gate_superseded", model, superseded, idempotency_key=f"supersede:{gate.id}")
    return gate_in(transaction, opened)


def _refuse_recalled(known: Outcome, candidate: str) -> None:
    if any(r.candidate == candidate and r.standing == "recalled" for r in known.releases):
        raise ReleaseDenied(f"candidate {candidate[:12]} was recalled: it is not asked for again")


def _refuse_taken_name(transaction: Transaction, model: str, stage: str) -> None:
    """Where two models came to one name in the registry, the release of one would be taken for the other's."""
    taken = {
        registered_name(entry.model, place): entry.model
        for entry in transaction.entries(kinds=("gate_opened",))
        for place in (entry.body["stage"], CANDIDATE)
        if entry.model != model
    }
    for name in (registered_name(model, stage), registered_name(model)):
        if name in taken:
            raise ReleaseDenied(f"{model}/{stage}: {name} is the registered model of {taken[name]}; rename the stage")


def _older(known: Sequence[Gate], candidate: str) -> set[str]:
    """Candidates that first stood before a gate earlier than this one did."""
    order = list(dict.fromkeys([g.candidate for g in known] + [candidate]))
    return set(order[: order.index(candidate)])


def _kept_reason(reason: str, by: str | None) -> str:
    faults = reason_faults(reason, required=False)
    if faults:
        raise InputRefused("reason", "", "; ".join(faults))
    if by is not None and typed(by) != by:
        raise InputRefused("id", "", f"{typed(by)} is not an id", "small letters, digits and hyphens")
    return tidy(reason)
