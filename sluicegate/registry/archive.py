"""Candidates, dossiers and policies by digest: from the home's own archive, or else out of MLflow.

Whatever is handed out was verified against the digest that was asked for, so it does not matter who could
write to the place where it lay.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any

import rfc8785

from sluicegate.errors import TamperingDetected, Unavailable
from sluicegate.manifest import Manifest, digest_of_bytes, digest_of_file, verify_folder
from sluicegate.registry import tracking, transfer
from sluicegate.registry.verification import CANDIDATE_PATH
from sluicegate.settings import Home

if TYPE_CHECKING:
    from mlflow import MlflowClient


def keep(folder: Path, store: Path) -> Path:
    """A copy of `folder` in the store, under its digest; whole or not there, once however often it is kept.

    Raises:
        TamperingDetected: What lies there under this digest is something else.
        OSError: The disk is full or cannot be written.
    """
    digest = Manifest.of_folder(folder).digest
    place = store / digest
    if place.exists():
        verify_folder(place, digest, f"{store.name}/{digest[:12]}")
        return place
    store.mkdir(parents=True, exist_ok=True)
    partial = store / f".{digest[:16]}-{os.getpid()}.partial"
    shutil.rmtree(partial, ignore_errors=True)
    shutil.copytree(folder, partial)
    verify_folder(partial, digest, f"the copy of {folder.name}")  # it may have changed under our hands
    try:
        partial.rename(place)
    except OSError:
        if not place.exists():
            raise
        shutil.rmtree(partial)  # another process was quicker
    return place


def keep_value(value: Any, store: Path) -> Path:
    """A JSON value (a policy) in the store, in canonical form, so that the file's SHA-256 is its digest."""
    content = rfc8785.dumps(value)
    place = store / f"{digest_of_bytes(content)}.json"
    if not place.exists():
        store.mkdir(parents=True, exist_ok=True)
        partial = store / f".{place.name}-{os.getpid()}.partial"
        partial.write_bytes(content)
        partial.replace(place)
    return place


def candidate(home: Home, digest: str) -> Path:
    """The candidate's folder.

    Raises:
        Unavailable: It is neither in the archive nor in MLflow.
        TamperingDetected: It is there, with other bytes, and nowhere whole.
    """
    return _folder(home, "candidate", digest, home.candidates, _candidate_from_mlflow)


def dossier(home: Home, digest: str) -> Path:
    """The dossier's folder.

    Raises:
        Unavailable: It is neither in the archive nor in MLflow.
        TamperingDetected: It is there, with other bytes, and nowhere whole.
    """
    return _folder(home, "dossier", digest, home.dossiers, _dossier_from_mlflow)


def policy(home: Home, digest: str) -> Path:
    """The policy's file: canonical JSON.

    Raises:
        Unavailable: It is neither in the archive nor in MLflow.
        TamperingDetected: It is there, with other bytes, and nowhere whole.
    """
    place = home.policies / f"{digest}.json"
    if place.exists() and digest_of_file(place) == digest:
        return place
    with transfer.scratch(home) as folder, tracking.reachable(home):
        client = tracking.connect(home)
        for run in _runs(client, "policy", digest):
            found = transfer.fetch_evidence(home, run, "policy", digest, folder)
            if digest_of_file(found) == digest:
                found.replace(place)
                return place
    raise _gone("policy", digest, place)


Fetch = Callable[[Home, "MlflowClient", str, Path], "list[Path]"]


def _folder(home: Home, what: str, digest: str, store: Path, fetch: Fetch) -> Path:
    place = store / digest
    if place.exists() and _holds(place, digest):
        return place
    with transfer.scratch(home) as folder, tracking.reachable(home):
        for found in fetch(home, tracking.connect(home), digest, folder):
            if _holds(found, digest):
                if place.exists():
                    # Kept for whoever wants to know what happened to it; `clean` offers to take it away.
                    place.rename(Path(mkdtemp(prefix=f".{digest[:16]}-", suffix=".damaged", dir=store)))
                return keep(found, store)
    raise _gone(what, digest, place)


def _holds(folder: Path, digest: str) -> bool:
    try:
        return Manifest.of_folder(folder).digest == digest
    except TamperingDetected:
        return False


def _gone(what: str, digest: str, place: Path) -> TamperingDetected | Unavailable:
    if place.exists():
        return TamperingDetected(f"{what} {digest[:12]}", (f"{place} was changed, and MLflow has no whole copy",))
    where = f"neither in {place.parent} nor in MLflow"
    return Unavailable(f"{what} {digest[:12]}… is {where}; run its spec again, or restore a backup")


def _candidate_from_mlflow(home: Home, client: MlflowClient, digest: str, into: Path) -> list[Path]:
    # Not a generator: what it found must outlast the look at the next one.
    found = []
    versions = client.search_model_versions(f"tags.`{tracking.CANDIDATE_TAG}` = '{digest}'")
    for number, version in enumerate(versions):
        model = transfer.fetch_version(home, client, version.name, version.version, into / str(number))
        if (model / CANDIDATE_PATH).is_dir():
            found.append(model / CANDIDATE_PATH)
            if _holds(found[-1], digest):
                break
    return found


def _dossier_from_mlflow(home: Home, client: MlflowClient, digest: str, into: Path) -> list[Path]:
    runs = _runs(client, "dossier", digest)
    return [transfer.fetch_evidence(home, run, "dossier", digest, into / str(n)) for n, run in enumerate(runs)]


def _runs(client: MlflowClient, kind: transfer.Kind, digest: str) -> list[Any]:
    experiments = [e.experiment_id for e in client.search_experiments()]
    wanted = f"tags.`{transfer.evidence_tag(kind, digest)}` = 'whole'"
    return list(client.search_runs(experiments, wanted)) if experiments else []
