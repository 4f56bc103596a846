"""What a stage serves: its alias in MLflow, set by what the ledger says, and the bytes behind it."""

from __future__ import annotations

import json
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sluicegate.errors import TamperingDetected
from sluicegate.gates.gate import outcome
from sluicegate.gates.state import Gate, Release
from sluicegate.ledger.records import Records
from sluicegate.manifest import digest_of_file, verify_folder
from sluicegate.registry import tracking, transfer
from sluicegate.registry.verification import verify_model
from sluicegate.settings import Home
from sluicegate.spec import registered_name

if TYPE_CHECKING:
    from mlflow import MlflowClient

LIVE = "live"
"""Alias of a stage's registered model: the version to serve."""


def alone_in(home: Home, model: str, stage: str, *, timeout_s: float) -> AbstractContextManager[None]:
    """The block while no other process on this home changes this stage; not to be nested.

    Raises:
        Unavailable: Another process changes it for longer than `timeout_s`.
    """
    return tracking.exclusively(home, f"promote-{model}-{stage}", timeout_s=timeout_s)


def point_live(home: Home, records: Records, model: str, stage: str, *, look: bool = False) -> bool:
    """Sets the stage's alias to what the ledger says is live there, or takes it away if nothing is.

    Call it inside `alone_in`. A note in the home says which release it was set for, so that MLflow need not
    be asked each time.

    Args:
        home: Whose registry.
        records: What says which release is live.
        model: The model.
        stage: Where something was released once.
        look: Asks MLflow whatever the note says.

    Returns:
        Whether there was anything to do.
    """
    release = outcome(records, model).live.get((model, stage))
    if not look and is_noted(home, model, stage, release):
        return False
    name = registered_name(model, stage)
    wanted = str(release.facts["version"]) if release else None
    with tracking.reachable(home):
        client = tracking.connect(home)
        changed = alias_of(client, name) != wanted
        if changed and wanted is not None:
            client.set_registered_model_alias(name, LIVE, wanted)
        elif changed:
            client.delete_registered_model_alias(name, LIVE)
    note = _note(home, model, stage)
    note.parent.mkdir(parents=True, exist_ok=True)
    partial = note.with_suffix(".partial")
    partial.write_text(_noted(home, release), "utf-8")
    partial.replace(note)
    return changed


def is_noted(home: Home, model: str, stage: str, release: Release | None) -> bool:
    """Whether the stage's alias was set for this release (None: was taken away) the last time."""
    note = _note(home, model, stage)
    return note.exists() and note.read_text("utf-8") == _noted(home, release)


def alias_of(client: MlflowClient, name: str) -> str | None:
    """The version that a registered model's alias points to; None without alias, or without such a model."""
    from mlflow.exceptions import MlflowException

    try:
        found = client.get_registered_model(name).aliases.get(LIVE)
    except MlflowException as error:
        if error.error_code != "RESOURCE_DOES_NOT_EXIST":
            raise
        return None
    return None if found is None else str(found)  # SQLite gives numbers here, a server gives text


def verify_release(home: Home, release: Release) -> None:
    """Fetches a release as its consumers would and checks every byte of it against the ledger.

    Raises:
        TamperingDetected: The candidate, the dossier or the policy is not what was approved.
        Unavailable: It is not there.
    """
    with tracking.reachable(home):
        client = tracking.connect(home)
        name, version = release.facts["registered_model"], str(release.facts["version"])
        verify_version(client, home, release, client.get_model_version(name, version))


def verify_version(client: MlflowClient, home: Home, approved: Gate | Release, version: Any) -> None:
    """Checks every byte of a registered version against what was approved.

    Raises:
        TamperingDetected: The candidate, the dossier or the policy is not what was approved.
    """
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


def _note(home: Home, model: str, stage: str) -> Path:
    return home.root / "live" / f"{model}-{stage}.json"


def _noted(home: Home, release: Release | None) -> str:
    gate = release.gate if release else None
    return json.dumps({"gate": gate, "tracking": tracking.shown(home.tracking_uri)})
