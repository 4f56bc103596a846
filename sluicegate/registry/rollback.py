"""Rollback and recall: a stage back to what it served before, and a candidate taken out of every stage.

    rollback   intent in the ledger → verification of what it returns to → commit in the ledger → alias ``live``
    recall     entry in the ledger → alias ``live`` away wherever it pointed to that candidate

Both are done on an order that a responder signed. Nothing is copied: an earlier release is still in its
stage's registered model. The alias follows the ledger, so doing either again finishes what was begun, and
changes nothing once it is done.
"""

from __future__ import annotations

from sluicegate.errors import ReleaseDenied, SluicegateError, TamperingDetected, Unavailable
from sluicegate.gates.gate import outcome
from sluicegate.gates.letters import Letter
from sluicegate.gates.orders import RECALLED, ROLLED_BACK
from sluicegate.gates.releases import (
    previous_release,
    record_recall,
    record_rollback_commit,
    record_rollback_intent,
    releases,
)
from sluicegate.gates.state import Outcome, Release, Rollback
from sluicegate.ledger.ledger import Ledger, utc_now
from sluicegate.ledger.records import Records
from sluicegate.progress import report
from sluicegate.registry.live import LIVE, alone_in, point_live, verify_release
from sluicegate.settings import Home

_STEPS = 4


def rollback_order(records: Records, model: str, stage: str, reviewer: str, reason: str) -> Letter:
    """What a responder signs to roll a stage back to its previous release in good standing.

    Raises:
        InputRefused: Nothing was ever released there.
        ReleaseDenied: No earlier release is in good standing.
    """
    leaves, back = previous_release(records, model, stage)
    values = ("rollback", model, stage, leaves.gate, back.gate, reviewer, reason, utc_now())
    return Letter(subject="order", statement=dict(zip(ROLLED_BACK, values, strict=True)))


def recall_order(records: Records, release: Release, reviewer: str, reason: str) -> Letter:
    """What a responder signs to take the candidate of a release back from every stage that it is in.

    Raises:
        ReleaseDenied: It was recalled before.
    """
    same = [r for r in releases(records, release.model) if r.candidate == release.candidate]
    if any(r.standing == "recalled" for r in same):
        raise ReleaseDenied(f"candidate {release.candidate[:12]} of {release.model} was recalled before")
    stages = ",".join(sorted({r.stage for r in same if r.standing == "good"}))
    values = ("recall", release.model, release.candidate, stages, reviewer, reason, utc_now())
    return Letter(subject="order", statement=dict(zip(RECALLED, values, strict=True)))


def rollback(home: Home, ledger: Ledger, letter: Letter, *, lock_timeout_s: float = 300) -> Release:
    """Rolls a stage back: begun now, finished if it was begun, found if it is done.

    Args:
        home: Whose registry.
        ledger: Where it is recorded, and what says whether the order holds.
        letter: The order, signed.
        lock_timeout_s: How long to wait for another change of the stage.

    Returns:
        What is live again.

    Raises:
        ReleaseDenied: The order does not hold; that is recorded.
        TamperingDetected: The ledger's chain is broken, or what the stage would return to is not what was approved.
        Unavailable: It is not there, or MLflow does not answer.
    """
    model, stage = letter.statement.get("model", ""), letter.statement.get("stage", "")
    if (model, stage) not in outcome(ledger, model).stacks:  # no lock is named after whatever a stranger wrote
        record_rollback_intent(ledger, letter)
        raise ReleaseDenied(f"rollback: nothing was ever released to {stage} of {model}")
    with alone_in(home, model, stage, timeout_s=lock_timeout_s):
        if (done := _done(outcome(ledger, model), letter)) is not None:
            point_live(home, ledger, model, stage)
            return done
        if faults := ledger.verify():
            raise TamperingDetected("the ledger", faults)
        _step(1, "recording the intent")
        return _finish(home, ledger, record_rollback_intent(ledger, letter))


def finish_rollback(home: Home, ledger: Ledger, begun: Rollback, *, lock_timeout_s: float = 300) -> Release:
    """Finishes a rollback whose intent is in the ledger; what is live then.

    Raises:
        ReleaseDenied: It is not under way any longer.
        TamperingDetected: The ledger's chain is broken, or what the stage would return to is not what was approved.
        Unavailable: It is not there, MLflow does not answer, or another process changes the stage.
    """
    with alone_in(home, begun.model, begun.stage, timeout_s=lock_timeout_s):
        if faults := ledger.verify():
            raise TamperingDetected("the ledger", faults)
        return _finish(home, ledger, begun)


def recall(home: Home, ledger: Ledger, letter: Letter, *, lock_timeout_s: float = 300) -> tuple[Release, ...]:
    """Takes a candidate back from every stage: in the ledger first, then in MLflow; again, it finishes what is left.

    It does not wait for the whole chain to be verified: what is recalled comes out whatever else is wrong.

    Args:
        home: Whose registry.
        ledger: Where it is recorded, and what says whether the order holds.
        letter: The order, signed.
        lock_timeout_s: How long to wait for another change of a stage.

    Returns:
        Every release of the candidate, oldest first.

    Raises:
        ReleaseDenied: The order does not hold; that is recorded.
        Unavailable: It is recalled, and the alias of a stage could not be taken away yet.
    """
    record_recall(ledger, letter)
    model, candidate = letter.statement["model"], letter.statement["candidate"]
    taken = tuple(r for r in releases(ledger, model) if r.candidate == candidate)
    left = []
    for stage in sorted({release.stage for release in taken}):
        try:
            with alone_in(home, model, stage, timeout_s=lock_timeout_s):
                point_live(home, ledger, model, stage, look=True)
        except SluicegateError as error:
            left.append(f"{model}/{stage}: {error}")
    if left:
        what = f"candidate {candidate[:12]} is recalled, but the alias {LIVE} could not be looked after"
        raise Unavailable(f"{what} in {'; '.join(left)}; `sluicegate status` tries it again")
    return taken


def _done(known: Outcome, letter: Letter) -> Release | None:
    """What is live, if that is where the order leads and what it leaves was left already."""
    order = letter.statement
    place = order["model"], order["stage"]
    live = known.live.get(place)
    entered = {r.gate for r in known.releases if (r.model, r.stage) == place}
    left = entered - {r.gate for r in known.stacks[place]}
    return live if live and live.gate == order.get("to") and order.get("from") in left else None


def _finish(home: Home, ledger: Ledger, begun: Rollback) -> Release:
    back = next(r for r in releases(ledger, begun.model) if r.gate == begun.returns_to)
    _step(2, "verifying what it returns to")
    try:
        verify_release(home, back)
    except TamperingDetected as error:
        remedy = f"the stage stays as it is: `sluicegate recall {back.candidate[:12]}`, then roll back further"
        raise TamperingDetected(error.what, (*error.faults, remedy)) from None
    _step(3, "recording the commit")
    record_rollback_commit(ledger, begun, facts=back.facts)
    _step(4, "setting the alias")
    point_live(home, ledger, begun.model, begun.stage)
    return next(r for r in releases(ledger, begun.model) if r.gate == begun.returns_to)


def _step(number: int, note: str) -> None:
    report("rollback", number, _STEPS, "steps", note)
