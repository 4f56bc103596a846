"""Bytes to and from MLflow: evidence logged once under its digest, folders fetched as a consumer would get them."""

from __future__ import annotations

import logging
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from sluicegate.registry import tracking
from sluicegate.settings import Home

if TYPE_CHECKING:
    from mlflow import MlflowClient

Kind = Literal["dossier", "policy"]
_PLACES: dict[Kind, str] = {"dossier": "dossiers/{}", "policy": "policies/{}.json"}


@contextmanager
def scratch(home: Home) -> Iterator[Path]:
    """A folder on the home's own disk that is gone after the block; `clean` takes away what a kill left."""
    parent = home.root / "tmp"
    parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=parent) as folder:
        yield Path(folder)


def log_evidence(client: MlflowClient, run: Any, kind: Kind, path: Path, digest: str) -> None:
    """Logs a dossier's folder or a policy's file with a run, unless it is there whole already.

    The tag that says so is written last: without it, what a killed process left is written over.
    """
    tag = evidence_tag(kind, digest)
    if tag in client.get_run(run.info.run_id).data.tags:
        return
    place = _PLACES[kind].format(digest)
    if path.is_dir():
        client.log_artifacts(run.info.run_id, str(path), place)
    else:
        client.log_artifact(run.info.run_id, str(path), place.rpartition("/")[0])
    client.set_tag(run.info.run_id, tag, "whole")


def dossier_page(home: Home, run_id: str, digest: str) -> str:
    """Address of a dossier's page in MLflow's UI; empty if nothing is known to show it."""
    return tracking.page_of(home, run_id, f"{_PLACES['dossier'].format(digest)}/index.html")


def evidence_tag(kind: Kind, digest: str) -> str:
    """The tag of a run that has this evidence, whole."""
    return f"sluicegate.{kind}.{digest}"


def fetch_evidence(home: Home, run: Any, kind: Kind, digest: str, into: Path) -> Path:
    """A copy of what `log_evidence` logged; not verified."""
    return fetch(home, f"{run.info.artifact_uri}/{_PLACES[kind].format(digest)}", into)


def fetch_version(home: Home, client: MlflowClient, name: str, version: str, into: Path) -> Path:
    """The folder of a registered version's model, from where a consumer of that version would get it."""
    return fetch(home, client.get_model_version_download_uri(name, version), into)


def fetch(home: Home, uri: str, into: Path) -> Path:
    """A copy of an artifact, file or folder, below `into`."""
    import mlflow

    into.mkdir(parents=True, exist_ok=True)
    with quiet():
        found = mlflow.artifacts.download_artifacts(
            artifact_uri=uri, dst_path=str(into), tracking_uri=home.tracking_uri, registry_uri=home.tracking_uri
        )
    return Path(found)


@contextmanager
def quiet() -> Iterator[None]:
    """Without MLflow's advice on type hints and input examples, and without its progress bars."""
    from mlflow.environment_variables import MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR as PROGRESS_BAR

    logger = logging.getLogger("mlflow")
    level, bars, show = logger.level, PROGRESS_BAR.get_raw(), warnings.showwarning
    logger.setLevel(logging.ERROR)
    PROGRESS_BAR.set("false")
    warnings.showwarning = _show_nothing  # a filter is not enough: MLflow sets its own inside
    try:
        yield
    finally:
        logger.setLevel(level)
        warnings.showwarning = show
        if bars is None:
            PROGRESS_BAR.unset()
        else:
            PROGRESS_BAR.set(bars)


def _show_nothing(*_: Any, **__: Any) -> None:
    pass
