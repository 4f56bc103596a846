"""What is live, and how promotions, rollbacks and recalls are recorded.

A promotion and a rollback each have an intent, recorded before anything is touched, and a commit, recorded
after it was verified. A recall is one entry: from then on the candidate is live nowhere.
"""

from __future__ import annotations

from typing import Any, Literal, TypeVar

from sluicegate.errors import InputRefused, ReleaseDenied
from sluicegate.gates.gate import gate_in, outcome
from sluicegate.gates.letters import Letter
from sluicegate.gates.orders import age_faults, order_faults
from sluicegate.gates.reasons import reason_faults, typed
from sluicegate.gates.replay import replay
from sluicegate.gates.state import Outcome, Release, Rollback, State
from sluicegate.ledger.chain import Entry
from sluicegate.ledger.ledger import Ledger, Transaction
from sluicegate.ledger.records import Records
from sluicegate.ledger.writer import writes

T = TypeVar("T", Entry, Rollback)


def live(records: Records, model: str, stage: str) -> str | None:
    """Digest of the candidate that is live in this stage; None if none is."""
    found = outcome(records, model).live.get((model, stage))
    return found.candidate if found else None


def releases(records: Records, model: str | None = None) -> tuple[Release, ...]:
    """Every release of a model, or of all models, oldest first, whatever became of it."""
    return outcome(records, model).releases


def current_releases(records: Records, model: str | None = None) -> tuple[Release, ...]:
    """What is live in every stage of a model, or of all models."""
    return tuple(outcome(records, model).live.values())


def previous_release(records: Records, model: str, stage: str) -> tuple[Release, Release]:
    """What a rollback of this stage leaves, and what it returns to.

    Raises:
        InputRefused: Nothing was ever released there.
        ReleaseDenied: No earlier release is in good standing.
    """
    stack = outcome(records, model).stacks.get((model, stage), ())
    if not stack:
        problem = f"nothing was ever released to {typed(stage)} of {typed(model)}"
        raise InputRefused("rollback", "", problem, "`sluicegate status`")
    for earlier in reversed(stack[:-1]):
        if earlier.standing == "good":
            return stack[-1], earlier
    raise ReleaseDenied(f"{model}/{stage} has no earlier release in good standing to return to")


@writes
def record_intent(ledger: Ledger, gate: str) -> Entry:
    """Records that the promotion of an approved gate begins; once, whatever is tried again.

    Raises:
        ReleaseDenied: The gate is not approved.
        InputRefused: There is no such gate.
    """
    return _record(ledger, gate, "promotion_intended", "approved", {})


@writes
def record_commit(ledger: Ledger, gate: str, *, facts: dict[str, Any]) -> Entry:
    """Records that the bytes are in the stage and were verified there; from now on they are live.

    Args:
        ledger: Where it is recorded.
        gate: Id of the gate.
        facts: Registered version, run id. JSON, the same whenever it is tried again, no personal data.

    Raises:
        ReleaseDenied: No intent was recorded for it.
        InputRefused: There is no such gate.
    """
    return _record(ledger, gate, "promotion_committed", "promoting", {"facts": facts})


@writes
def record_rollback_intent(ledger: Ledger, letter: Letter) -> Rollback:
    """Records that a stage is being rolled back, on a signed order; the same order again finds it.

    Raises:
        ReleaseDenied: The order does not hold, or leads elsewhere than to the previous release in good standing.
    """
    order = letter.statement

    def work(transaction: Transaction) -> Rollback | tuple[str, ...]:
        known = replay(transaction.entries(order.get("model", "")))
        place = order.get("model", ""), order.get("stage", "")
        under_way = next((r for r in known.rollbacks if (r.model, r.stage) == place), None)
        if under_way and (under_way.leaves, under_way.returns_to) == (order.get("from"), order.get("to")):
            return under_way
        if faults := _order_faults(known, letter, "rollback", transaction.now) or _path_faults(transaction, letter):
            return _refuse(transaction, letter, known, faults)
        body = {key: order[key] for key in ("stage", "from", "to")} | {"order": dict(order)}
        entry = transaction.append("rollback_intended", place[0], body | {"signature": letter.signatures[0].signature})
        return Rollback(*place, leaves=order["from"], returns_to=order["to"], intended=entry.hash)

    return _done(ledger.transact(work), "rollback")


@writes
def record_rollback_commit(ledger: Ledger, rollback: Rollback, *, facts: dict[str, Any]) -> Entry:
    """Records that what the stage returns to was verified there; from now on that is live again."""
    key = f"rollback:{rollback.intended}"

    def work(transaction: Transaction) -> Entry:
        if (done := transaction.find(key)) is not None:
            return done
        if rollback not in replay(transaction.entries(rollback.model)).rollbacks:
            raise ReleaseDenied(f"no such rollback of {rollback.model}/{rollback.stage} is under way")
        body = {"stage": rollback.stage, "from": rollback.leaves, "to": rollback.returns_to, "facts": facts}
        return transaction.append("rollback_committed", rollback.model, body, idempotency_key=key)

    return ledger.transact(work)


@writes
def record_recall(ledger: Ledger, letter: Letter) -> Entry:
    """Records that a candidate is taken back from every stage, on a signed order; once.

    Raises:
        ReleaseDenied: The order does not hold; the refusal is recorded.
    """
    order = letter.statement
    key = f"recall:{order.get('model')}:{order.get('candidate')}"

    def work(transaction: Transaction) -> Entry | tuple[str, ...]:
        if (done := transaction.find(key)) is not None:
            return done
        known = replay(transaction.entries(order.get("model", "")))
        faults = _order_faults(known, letter, "recall", transaction.now)
        entered = {r.stage for r in known.releases if r.candidate == order.get("candidate") and r.standing == "good"}
        if not any(r.candidate == order.get("candidate") for r in known.releases):
            faults = (*faults, "no release of this model has that candidate")
        elif left_out := entered - set(order.get("stages", "").split(",")):
            faults = (*faults, f"the order leaves out {', '.join(sorted(left_out))}")
        if faults:
            return _refuse(transaction, letter, known, faults)
        body = {"candidate": order["candidate"], "order": dict(order), "signature": letter.signatures[0].signature}
        return transaction.append("release_recalled", order["model"], body, idempotency_key=key)

    return _done(ledger.transact(work), "recall")


def _order_faults(known: Outcome, letter: Letter, what: str, now: str) -> tuple[str, ...]:
    order = letter.statement
    if letter.subject != "order" or order.get("order") != what or len(letter.signatures) != 1:
        return (f"it is not an order to {what} with one signature",)
    return (
        *order_faults(known.roster, order, letter.signatures[0].signature),
        *age_faults(order, now),
        *reason_faults(order.get("reason", "")),
    )


def _path_faults(transaction: Transaction, letter: Letter) -> tuple[str, ...]:
    order = letter.statement
    try:
        leaves, back = previous_release(transaction, order.get("model", ""), order.get("stage", ""))
    except (InputRefused, ReleaseDenied) as refused:
        return (str(refused),)
    if (order.get("from"), order.get("to")) != (leaves.gate, back.gate):
        return (f"the stage now leads from {leaves.candidate[:12]} to {back.candidate[:12]}: give the order again",)
    return ()


def _refuse(transaction: Transaction, letter: Letter, known: Outcome, faults: tuple[str, ...]) -> tuple[str, ...]:
    who = letter.statement.get("reviewer", "")
    body = {
        "order": "recall" if letter.statement.get("order") == "recall" else "rollback",
        "reviewer": who if known.roster.knows(who) else None,  # anything might have been typed there: not kept
        "why": list(faults),
    }
    model = letter.statement.get("model", "")
    if any(gate.model == model for gate in known.gates):
        transaction.append("order_refused", model, body)
    return faults


def _done(result: T | tuple[str, ...], what: str) -> T:
    if isinstance(result, tuple):
        raise ReleaseDenied(f"{what}: {'; '.join(result)}")
    return result


def _record(
    ledger: Ledger,
    gate: str,
    kind: Literal["promotion_intended", "promotion_committed"],
    needed: State,
    more: dict[str, Any],
) -> Entry:
    key = f"{kind}:{gate}"

    def work(transaction: Transaction) -> Entry:
        if (done := transaction.find(key)) is not None:
            return done
        found = gate_in(transaction, gate)
        if found.state != needed:
            why = f" ({found.ended})" if found.ended else ""
            raise ReleaseDenied(f"gate {gate[:12]} is {found.state}{why}, not {needed}: nothing is promoted through it")
        body = {"gate": gate, "stage": found.stage, "candidate": found.candidate, "dossier": found.dossier}
        return transaction.append(kind, found.model, body | {"policy": found.policy} | more, idempotency_key=key)

    return ledger.transact(work)
