"""What is live, and how a promotion is recorded: an intent before the copy, a commit after its verification."""

from __future__ import annotations

from typing import Any, Literal

from sluicegate.errors import ReleaseDenied
from sluicegate.gates.chain import Entry
from sluicegate.gates.gate import gate_in
from sluicegate.gates.ledger import Ledger, Transaction
from sluicegate.gates.state import Release, State, live_among, replay


def live(ledger: Ledger, model: str, stage: str) -> str | None:
    """Digest of the candidate whose promotion to this stage was committed last; None if nothing was ever released."""
    return live_among(releases(ledger, model)).get(stage)


def releases(ledger: Ledger, model: str | None = None) -> tuple[Release, ...]:
    """Every release of a model, or of all models, oldest first."""
    return replay(ledger.entries(model))[1]


def current_releases(ledger: Ledger, model: str | None = None) -> tuple[Release, ...]:
    """The newest release of every stage of a model, or of all models."""
    newest = {(release.model, release.stage): release for release in releases(ledger, model)}
    return tuple(newest.values())


def record_intent(ledger: Ledger, gate: str) -> Entry:
    """Records that the promotion of an approved gate begins; once, whatever is tried again.

    Raises:
        ReleaseDenied: The gate is not approved.
        InputRefused: There is no such gate.
    """
    return _record(ledger, gate, "promotion_intended", "approved", {})


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
            raise ReleaseDenied(f"gate {gate[:12]} is {found.state}, not {needed}: nothing is promoted through it")
        body = {"gate": gate, "stage": found.stage, "candidate": found.candidate, "dossier": found.dossier}
        return transaction.append(kind, found.model, body | {"policy": found.policy} | more, idempotency_key=key)

    return ledger.transact(work)
