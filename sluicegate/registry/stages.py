"""Promotion: the bytes of an approved candidate into a stage, once, whatever is killed on the way.

    intent in the ledger → copy into the stage's own experiment → version → verification there
        → commit in the ledger → alias ``live``

Each write is found again by the gate's id before it is made: the intent and the commit by their keys in
the ledger, the run and the version by a tag. A copy without a version is a killed one and is taken away.
So promoting again finishes what was begun, and promoting a finished one changes nothing.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sluicegate.errors import ReleaseDenied, SluicegateError, TamperingDetected
from sluicegate.gates.gate import find_gate, gates
from sluicegate.gates.ledger import Ledger
from sluicegate.gates.releases import record_commit, record_intent, releases
from sluicegate.gates.state import Gate, Release
from sluicegate.manifest import digest_of_file, verify_folder
from sluicegate.progress import report
from sluicegate.registry import archive, packaging, tracking, transfer
from sluicegate.registry.candidates import create_version, discard_unregistered, find_version
from sluicegate.registry.verification import verify_model
from sluicegate.settings import Home

if TYPE_CHECKING:
    from mlflow import MlflowClient

LIVE = "live"
"""Alias of a stage's registered model: the version to serve."""
_PROMOTABLE = ("approved", "promoting", "released")
_STEPS = 8


def promote(home: Home, ledger: Ledger, gate: str, *, lock_timeout_s: float = 300) -> Release:
    """The release of an approved gate: made now, finished if it was begun, found if it is done.

    Args:
        home: Whose registry and archive.
        ledger: Where the approval is looked up; what the caller believes of the gate does not count.
        gate: The gate's id.
        lock_timeout_s: How long to wait for another promotion into the same stage.

    Raises:
        ReleaseDenied: The ledger has no approval for this gate, or the gate was ended.
        TamperingDetected: The ledger's chain is broken; or the candidate, the dossier or the policy is not
            what was approved, here or after the copy.
        Unavailable: Something of it is nowhere to be found, or MLflow does not answer.
    """
    found = _approved(ledger, gate)
    with tracking.exclusively(home, f"promote-{found.model}-{found.stage}", timeout_s=lock_timeout_s):
        found = _approved(ledger, gate)
        if found.state != "released":
            if faults := ledger.verify():
                raise TamperingDetected("the ledger", faults)
            _carry_over(home, ledger, found)
        release = next(r for r in releases(ledger, found.model) if r.gate == found.id)
        _step(8, "setting the alias")
        point_live(home, ledger, found.model, found.stage)
    return release


def heal(home: Home, ledger: Ledger) -> tuple[str, ...]:
    """Finishes promotions that were begun, and sets aliases that a killed process did not set.

    Costs a look into the ledger when there is nothing to do. A promotion that another process is busy
    with is left to it.

    Returns:
        What was done, and what could not be, one line each.
    """
    done = []
    for gate in gates(ledger):
        if gate.state != "promoting":
            continue
        what = f"promotion of {gate.candidate[:12]} to {gate.model}/{gate.stage}"
        try:
            promote(home, ledger, gate.id, lock_timeout_s=0)
            done.append(f"finished the {what}")
        except SluicegateError as error:
            done.append(f"could not finish the {what}: {error}")
    for model, stage in sorted({(r.model, r.stage) for r in releases(ledger)}):
        try:
            if point_live(home, ledger, model, stage):
                done.append(f"set the alias {LIVE} of {model}/{stage}")
        except SluicegateError as error:
            done.append(f"could not set the alias {LIVE} of {model}/{stage}: {error}")
    return tuple(done)


def point_live(home: Home, ledger: Ledger, model: str, stage: str) -> bool:
    """Sets the stage's alias to the release that the ledger committed last; whether there was anything to do.

    A note in the home says which release it was set for, so that MLflow need not be asked each time.
    """
    newest = [r for r in releases(ledger, model) if r.stage == stage][-1]
    note = home.root / "live" / f"{model}-{stage}.json"
    content = json.dumps({"gate": newest.gate, "tracking": tracking.shown(home.tracking_uri)})
    if note.exists() and note.read_text("utf-8") == content:
        return False
    name, version = newest.facts["registered_model"], str(newest.facts["version"])
    with tracking.reachable(home):
        client = tracking.connect(home)
        # SQLite gives numbers here, a server gives text.
        changed = str(client.get_registered_model(name).aliases.get(LIVE)) != version
        if changed:
            client.set_registered_model_alias(name, LIVE, version)
    note.parent.mkdir(parents=True, exist_ok=True)
    partial = note.with_suffix(".partial")
    partial.write_text(content, "utf-8")
    partial.replace(note)
    return changed


def verify_release(home: Home, release: Release) -> None:
    """Fetches a release as its consumers would and checks every byte of it against the ledger.

    Raises:
        TamperingDetected: The candidate, the dossier or the policy is not what was approved.
        Unavailable: It is not there.
    """
    with tracking.reachable(home):
        client = tracking.connect(home)
        name, version = release.facts["registered_model"], str(release.facts["version"])
        _verify(client, home, release, client.get_model_version(name, version))


def _approved(ledger: Ledger, gate: str) -> Gate:
    found = find_gate(ledger, gate)
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
    name = tracking.experiment_name(gate.model, gate.stage)
    with tracking.reachable(home):
        client = tracking.connect(home)
        version = find_version(client, name, tracking.GATE_TAG, gate.id)
        if version is None:
            version = _copy(client, home, gate, name, candidate, dossier, policy)
        _step(6, "verifying it there")
        try:
            _verify(client, home, gate, version)
        except TamperingDetected as error:
            # Not committed, so nobody was told to use it: the next try copies afresh.
            client.delete_model_version(name, version.version)
            client.delete_run(version.run_id)
            raise TamperingDetected(error.what, (*error.faults, "the copy was taken back; promote again")) from None
    _step(7, "recording the commit")
    facts = {"registered_model": name, "version": int(version.version), "run_id": str(version.run_id)}
    record_commit(ledger, gate.id, facts=facts)


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


def _verify(client: MlflowClient, home: Home, approved: Gate | Release, version: Any) -> None:
    where = f"{approved.model}/{approved.stage}"
    with transfer.scratch(home) as folder:
        model = transfer.fetch_version(home, client, version.name, version.version, folder / "model")
        verify_model(model, approved.candidate, f"candidate {approved.candidate[:12]} in {where}")
        run = client.get_run(version.run_id)
        dossier = transfer.fetch_evidence(home, run, "dossier", approved.dossier, folder / "dossier")
        verify_folder(dossier, approved.dossier, f"dossier {approved.dossier[:12]} in {where}")
        policy = transfer.fetch_evidence(home, run, "policy", approved.policy, folder / "policy")
        if digest_of_file(policy) != approved.policy:
            raise TamperingDetected(f"policy {approved.policy[:12]} in {where}", ("its bytes give another digest",))


def _step(number: int, note: str) -> None:
    report("promote", number, _STEPS, "steps", note)
