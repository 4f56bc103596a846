"""Gates: opening, opening again, withdrawing, finding.

A gate opens once for each question (model, stage, candidate, dossier, policy, roster). Asking the same
question again finds it, whatever became of it; only `reopen` starts another round, with an id of its
own, and nothing carries over from the round before.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sluicegate.errors import InputRefused, ReleaseDenied, TamperingDetected
from sluicegate.gates.chain import Entry
from sluicegate.gates.ledger import Ledger, Transaction
from sluicegate.gates.reasons import reason_faults, tidy, typed
from sluicegate.gates.roster import Roster
from sluicegate.gates.state import ENDED, Decision, Gate, Release, gate_id, replay
from sluicegate.manifest import digest_of_value

__all__ = [
    "Decision",
    "Gate",
    "Release",
    "find_gate",
    "gate_in",
    "gates",
    "open_gate",
    "reopen",
    "roster_of",
    "withdraw",
]
_SHORTEST_PREFIX = 4


def open_gate(
    ledger: Ledger,
    *,
    model: str,
    stage: str,
    candidate: str,
    dossier: str,
    policy: str,
    roster: Roster,
    owner: str,
    facts: dict[str, Any],
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
        roster: Who may decide; kept with the opening.
        owner: Who is accountable for what was built.
        facts: What else a reader wants to know: path of the spec, version, run id. JSON, no personal data.

    Raises:
        Unavailable: The ledger is locked or does not answer.
        TamperingDetected: An entry of this model does not give its own hash.
    """
    body = {
        "stage": stage,
        "candidate": candidate,
        "dossier": dossier,
        "policy": policy,
        "roster": roster.digest,
        "reviewers": roster.to_json(),
        "owner": owner,
        "facts": facts,
    }

    def work(transaction: Transaction) -> Gate:
        known, _ = replay(transaction.entries(model))
        rounds = [g for g in known if g.question == (model, stage, candidate, dossier, policy, roster.digest)]
        return rounds[-1] if rounds else _open(transaction, model, body, known, round_number=1)

    return ledger.transact(work)


def reopen(ledger: Ledger, gate: str, by: str | None = None, reason: str = "") -> Gate:
    """A new round of a gate that was rejected, withdrawn or superseded; it has an id of its own.

    Doing it twice gives the same round, as long as nobody has ended that one too.

    Args:
        ledger: Where it is recorded.
        gate: Id of the round that ended.
        by: Id of whoever asks for it, if they say so.
        reason: Why; may be empty.

    Raises:
        ReleaseDenied: The gate has not ended, or a later round of it has.
        InputRefused: There is no such gate, or the reason cannot be kept.
    """
    reason = _kept_reason(reason, by)

    def work(transaction: Transaction) -> Gate:
        opening = _opening(transaction, gate)
        known, _ = replay(transaction.entries(opening.model))
        ended = next(g for g in known if g.id == gate)
        latest = [g for g in known if g.question == ended.question][-1]
        if ended.state not in ENDED:
            raise ReleaseDenied(f"gate {gate[:12]} is {ended.state}: only a gate that has ended opens again")
        if latest.id != ended.id and latest.state == "open":
            return latest
        if latest.id != ended.id:
            raise ReleaseDenied(f"gate {gate[:12]} has a later round, {latest.id[:12]}, which is {latest.state}")
        carried = {key: opening.body[key] for key in opening.body if key not in ("round", "reopens", "by", "reason")}
        body = carried | {"reopens": ended.id, "by": by, "reason": reason}
        return _open(transaction, opening.model, body, known, round_number=ended.round + 1)

    return ledger.transact(work)


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


def gates(ledger: Ledger, model: str | None = None) -> tuple[Gate, ...]:
    """Every gate of a model, or of all models, in the order of their opening."""
    return replay(ledger.entries(model))[0]


def find_gate(ledger: Ledger, prefix: str) -> Gate:
    """The one gate whose id begins with `prefix`, of at least 4 characters.

    Raises:
        InputRefused: None does, or more than one, or the prefix is too short.
    """
    prefix = prefix.strip().lower()
    if len(prefix) < _SHORTEST_PREFIX:
        raise InputRefused("gate", "", f"{typed(prefix)} is shorter than {_SHORTEST_PREFIX} characters")
    opened = {gate_id(entry): entry.model for entry in ledger.entries(kinds=("gate_opened",))}
    matching = [known for known in opened if known.startswith(prefix)]
    if len(matching) > 1:
        some = ", ".join(known[: len(prefix) + 4] for known in matching[:3])
        raise InputRefused("gate", "", f"{len(matching)} gates begin with {prefix}", f"give more of it: {some}")
    if not matching:
        raise InputRefused("gate", "", f"no gate begins with {typed(prefix)}", "`sluicegate inbox` lists the open ones")
    return next(g for g in gates(ledger, opened[matching[0]]) if g.id == matching[0])


def roster_of(ledger: Ledger, gate: Gate) -> Roster:
    """The roster as it stood when the gate opened.

    Raises:
        TamperingDetected: What the ledger kept does not give the roster's digest.
    """
    opening = next(e for e in ledger.entries(gate.model, ("gate_opened",)) if gate_id(e) == gate.id)
    roster = Roster.from_json(opening.body["reviewers"])
    if roster.digest != gate.roster:
        raise TamperingDetected(f"roster of gate {gate.id[:12]}", (f"it gives {roster.digest[:16]}…",))
    return roster


def _open(
    transaction: Transaction, model: str, body: dict[str, Any], known: Sequence[Gate], *, round_number: int
) -> Gate:
    question = digest_of_value([model] + [body[key] for key in ("stage", "candidate", "dossier", "policy", "roster")])
    entry = transaction.append(
        "gate_opened", model, body | {"round": round_number}, idempotency_key=f"open:{question}:{round_number}"
    )
    opened = gate_id(entry)
    order = list(dict.fromkeys([g.candidate for g in known] + [body["candidate"]]))
    older = set(order[: order.index(body["candidate"])])
    for gate in known:
        same_question = gate.candidate == body["candidate"] and gate.stage == body["stage"]
        if gate.state == "open" and (gate.candidate in older or same_question):
            superseded = {"gate": gate.id, "by": opened}
            transaction.append("gate_superseded", model, superseded, idempotency_key=f"supersede:{gate.id}")
    return gate_in(transaction, opened)


def _opening(transaction: Transaction, gate: str) -> Entry:
    for entry in transaction.entries(kinds=("gate_opened",)):
        if gate_id(entry) == gate:
            return entry
    raise InputRefused("gate", "", f"there is none with the id {typed(gate)}", "`sluicegate inbox` lists the open ones")


def gate_in(transaction: Transaction, gate: str) -> Gate:
    """The gate with this whole id, as it stands inside a transaction.

    Raises:
        InputRefused: There is none.
    """
    model = _opening(transaction, gate).model
    return next(g for g in replay(transaction.entries(model))[0] if g.id == gate)


def _kept_reason(reason: str, by: str | None) -> str:
    faults = reason_faults(reason, required=False)
    if faults:
        raise InputRefused("reason", "", "; ".join(faults))
    if by is not None and typed(by) != by:
        raise InputRefused("id", "", f"{typed(by)} is not an id", "small letters, digits and hyphens")
    return tidy(reason)
