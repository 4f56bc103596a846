"""Promotion: the bytes of an approved candidate into a stage, once, whatever is killed on the way.

    intent in the ledger → copy into the stage's own experiment → version → verification there
        → commit in the ledger → alias ``live``

Each write is found again by the gate's id before it is made: the intent and the commit by their keys in
the ledger, the run and the version by a tag. A copy without a version is a killed one and is taken away.
So promoting again finishes what was begun, and promoting a finished one changes nothing. The ledger
refuses the commit if the candidate was recalled meanwhile; then the copy is taken back.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sluicegate.errors import ReleaseDenied, SluicegateError, TamperingDetected
from sluicegate.gates.gate import find_gate, outcome
from sluicegate.gates.releases import record_commit, record_intent, releases
from sluicegate.gates.state import Gate, Release
from sluicegate.ledger.ledger import Ledger
from sluicegate.ledger.records import Records
from sluicegate.progress import report
from sluicegate.registry import archive, packaging, tracking, transfer
from sluicegate.registry.candidates import create_version, discard_unregistered, find_version
from sluicegate.registry.live import LIVE, alone_in, is_noted, point_live, verify_release, verify_version
from sluicegate.registry.rollback import finish_rollback
from sluicegate.settings import Home
from sluicegate.spec import registered_name

if TYPE_CHECKING:
    from mlflow import MlflowClient

__all__ = ["LIVE", "heal", "point_live", "promote", "verify_release"]
_PROMOTABLE = ("approved", "promoting", "released")
_STEPS = 8


def promote(home: Home, ledger: Ledger, gate: str, *, lock_timeout_s: float = 300) -> Release:
    """The release of an approved gate: made now, finished if it was begun, found if it is done.

    Args:
        home: Whose registry and archive.
        ledger: Where the approval is looked up; what the caller believes of the gate does not count.
        gate: The gate's id.
        lock_timeout_s: How long to wait for another promotion into the same stage.

    Returns:
        The release as it stands now: it may have been rolled back or recalled since.

    Raises:
        ReleaseDenied: The ledger has no approval for this gate, or the gate was ended, by a recall for example.
        TamperingDetected: The ledger's chain is broken; or the candidate, the dossier or the policy is not
            what was approved, here or after the copy.
        Unavailable: Something of it is nowhere to be found, or MLflow does not answer.
    """
    found = _approved(ledger, gate)
    with alone_in(home, found.model, found.stage, timeout_s=lock_timeout_s):
        found = _approved(ledger, gate)
        if found.state != "released":
            if faults := ledger.verify():
                raise TamperingDetected("the ledger", faults)
            _carry_over(home, ledger, found)
        _step(8, "setting the alias")
        point_live(home, ledger, found.model, found.stage)
        return next(r for r in releases(ledger, found.model) if r.gate == found.id)


def heal(home: Home, ledger: Ledger) -> tuple[str, ...]:
    """Finishes rollbacks and promotions that were begun, and sets or takes away aliases that a killed process left.

    Costs a look into the ledger when there is nothing to do. A stage that another process is busy with is
    left to it.

    Returns:
        What was done, and what could not be, one line each.
    """
    done = []
    known = outcome(ledger)
    for rollback in known.rollbacks:
        what = f"rollback of {rollback.model}/{rollback.stage}"
        try:
            back = finish_rollback(home, ledger, rollback, lock_timeout_s=0)
            done.append(f"finished the {what} to {back.candidate[:12]}")
        except SluicegateError as error:
            done.append(f"could not finish the {what}: {error}")
    for gate in known.gates:
        if gate.state == "promoting":
            what = f"promotion of {gate.candidate[:12]} to {gate.model}/{gate.stage}"
            try:
                promote(home, ledger, gate.id, lock_timeout_s=0)
                done.append(f"finished the {what}")
            except SluicegateError as error:
                done.append(f"could not finish the {what}: {error}")
    return tuple(done) + _heal_aliases(home, ledger)


def _heal_aliases(home: Home, ledger: Ledger) -> tuple[str, ...]:
    done = []
    known = outcome(ledger)
    for model, stage in sorted(known.stacks):
        release = known.live.get((model, stage))
        if is_noted(home, model, stage, release):
            continue
        what = f"the alias {LIVE} of {model}/{stage}"
        try:
            with alone_in(home, model, stage, timeout_s=0):
                if point_live(home, ledger, model, stage):
                    done.append(f"{'set' if release else 'took away'} {what}")
        except SluicegateError as error:
            done.append(f"could not {'set' if release else 'take away'} {what}: {error}")
    return tuple(done)


def _approved(records: Records, gate: str) -> Gate:
    found = find_gate(records, gate)
    if found.state not in _PROMOTABLE or found.decision is None or found.decision.decision != "approve":
        why = found.ended or found.state
        what = f"gate {found.id[:12]} of {found.model}/{found.stage}"
        raise ReleaseDenied(f"{what} is not approved ({why}): nothing is promoted")
    return found


def _carry_over(home: Home, ledger: Ledger, gate: Gate) -> None:
    _step(1, "recording the intent")
    record_intent(ledger, gate.id)
    _step(2, "fetching what was approved")
    candidate = archive.candidate(home, gate.candidate)
    dossier, policy = archive.dossier(home, gate.dossier), archive.policy(home, gate.policy)
    name = registered_name(gate.model, gate.stage)
    with tracking.reachable(home):
        client = tracking.connect(home)
        others = [r for r in releases(ledger, gate.model) if r.stage == gate.stage]
        _put_claims_right(client, name, gate, others)
        version = find_version(client, name, tracking.GATE_TAG, gate.id)
        if version is None:
            version = _copy(client, home, gate, name, candidate, dossier, policy)
        _step(6, "verifying it there")
        try:
            verify_version(client, home, gate, version)
        except TamperingDetected as error:
            # Not committed, so nobody was told to use it: the next try copies afresh.
            _take_back(client, home, gate, version, others)
            raise TamperingDetected(error.what, (*error.faults, "the copy was taken back; promote again")) from None
        _step(7, "recording the commit")
        facts = {"registered_model": name, "version": int(version.version), "run_id": str(version.run_id)}
        try:
            record_commit(ledger, gate.id, facts=facts)
        except ReleaseDenied:
            _take_back(client, home, gate, version, others)
            raise


def _copy(client: MlflowClient, home: Home, gate: Gate, name: str, candidate: Path, dossier: Path, policy: Path) -> Any:
    _step(3, "copying the evidence")
    experiment = tracking.experiment(client, home, name)
    run = tracking.find_or_create_run(
        client, experiment, tracking.GATE_TAG, gate.id, name=f"{gate.model} {gate.candidate[:8]}"
    )
    transfer.log_evidence(client, run, "dossier", dossier, gate.dossier)
    transfer.log_evidence(client, run, "policy", policy, gate.policy)
    _step(4, "copying the candidate")
    discard_unregistered(client, home, experiment, name, tracking.GATE_TAG, gate.id)
    tags = {tracking.GATE_TAG: gate.id}
    logged = packaging.log_model(
        client,
        home,
        experiment_id=experiment,
        run_id=run.info.run_id,
        candidate=candidate,
        digest=gate.candidate,
        tags=tags,
    )
    client.set_terminated(run.info.run_id)
    _step(5, "making the version")
    tags |= {tracking.CANDIDATE_TAG: gate.candidate}
    return create_version(client, name, logged, run.info.run_id, tracking.GATE_TAG, tags)


def _put_claims_right(client: MlflowClient, name: str, gate: Gate, others: Sequence[Release]) -> None:
    """Versions of other releases do not pass for this gate's copy, whatever tag somebody gave them."""
    gates = {str(release.facts["version"]): release.gate for release in others}
    for version in client.search_model_versions(f"name = '{name}' and tags.`{tracking.GATE_TAG}` = '{gate.id}'"):
        if (entered := gates.get(str(version.version))) is not None:
            client.set_model_version_tag(name, version.version, tracking.GATE_TAG, entered)


def _take_back(client: MlflowClient, home: Home, gate: Gate, version: Any, others: Sequence[Release]) -> None:
    """Undoes a copy that was not committed: version, run and bytes."""
    client.delete_model_version(version.name, version.version)
    if version.run_id not in {release.facts["run_id"] for release in others}:
        client.delete_run(version.run_id)
    experiment = tracking.experiment(client, home, version.name)
    discard_unregistered(client, home, experiment, version.name, tracking.GATE_TAG, gate.id)


def _step(number: int, note: str) -> None:
    report("promote", number, _STEPS, "steps", note)
