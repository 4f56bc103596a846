"""Candidates in MLflow: registered once, and only after the registered bytes were loaded and made to predict.

A broken model makes MLflow warn and no more; and two processes that both look first and register
afterwards both register. So registering happens under a lock, ends with the one write that makes a
version (nothing is registered if anything before it fails), and looks again afterwards.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sluicegate.errors import InputRefused, TamperingDetected
from sluicegate.evidence.predictions import (
    UNKNOWN_BYTE_NATS,
    Likelihoods,
    columns_of,
    input_of,
    predict,
    predict_likelihoods,
    predict_spans,
    task_of,
)
from sluicegate.manifest import digest_of_file, verify_folder
from sluicegate.progress import report
from sluicegate.registry import packaging, tracking, transfer
from sluicegate.registry.verification import LOADER, verify_model
from sluicegate.settings import Home
from sluicegate.spec import registered_name
from sluicegate.spec.model import LANGUAGE
from sluicegate.spec.pixels import bytes_of, dump_pixels
from sluicegate.spec.spans import parse_spans

if TYPE_CHECKING:
    import pandas as pd
    from mlflow import MlflowClient

PROBE_TEXTS = (
    "It does what it says, and I am glad.",
    "It broke on the second day.",
    "The box is blue: 12 × 8 cm.",
    "Ada Quill, 12 Example Street, Anytown, wrote on 3 May 2021.",  # nobody; for those that tag names
)
"""What every candidate is asked before it is registered; made up."""
PROBE_TOLERANCE = 1e-5
"""Largest difference of a probability between the candidate here and the one that came back; of a likelihood, the
share of it."""
_STEPS = 6


@dataclass(frozen=True)
class Registered:
    """A candidate's place in the registry."""

    model_name: str
    """The registered model, ``MODEL-candidate``."""
    version: int
    run_id: str
    """The run of its training, with its curve and its dossiers."""


def register(
    home: Home,
    *,
    model: str,
    candidate: Path,
    digest: str,
    dossier: Path,
    dossier_digest: str,
    policy: Path,
    policy_digest: str,
    training: Path,
    params: Mapping[str, Any],
    key: str,
) -> Registered:
    """The candidate's version, made now or found if it was registered before.

    Args:
        home: Where.
        model: The model's name.
        candidate: The candidate's folder.
        digest: Its digest.
        dossier: The dossier's folder.
        dossier_digest: Its digest; a candidate may be measured again, each dossier is kept.
        policy: The policy's file, canonical JSON; kept so that a reviewer with another home finds it.
        policy_digest: Its digest.
        training: The training's output, of which ``curve.jsonl`` and ``summary.json`` are logged.
        params: Settings to log.
        key: Content key of the training, which names its run.

    Raises:
        TamperingDetected: The folders are not what their digests say, or what came back is not what was sent.
        InputRefused: The candidate cannot be loaded, or answers otherwise after the way through MLflow.
        Unavailable: MLflow does not answer.
    """
    verify_folder(candidate, digest, f"candidate {digest[:12]}")
    verify_folder(dossier, dossier_digest, f"dossier {dossier_digest[:12]}")
    if digest_of_file(policy) != policy_digest:
        raise TamperingDetected(f"policy {policy_digest[:12]}", ("its bytes give another digest",))
    client = tracking.connect(home)
    name = registered_name(model)
    with tracking.exclusively(home, f"register-{model}", timeout_s=300), tracking.reachable(home):
        experiment = tracking.experiment(client, home, name)
        version = find_version(client, name, tracking.CANDIDATE_TAG, digest)
        if version is None:
            _step(1, "the run")
            run = tracking.find_or_create_run(client, experiment, tracking.KEY_TAG, key, name=f"{model} {key[:8]}")
            _log_training(client, home, run, training, params)
            discard_unregistered(client, home, experiment, name, tracking.CANDIDATE_TAG, digest)
            version = _register(client, home, experiment, name, run.info.run_id, candidate, digest)
        _step(6, "dossier and policy")
        run = client.get_run(version.run_id)
        transfer.log_evidence(client, run, "dossier", dossier, dossier_digest)
        transfer.log_evidence(client, run, "policy", policy, policy_digest)
        return Registered(name, int(version.version), str(version.run_id))


def find_version(client: MlflowClient, name: str, tag: str, value: str) -> Any | None:
    """The first version of a registered model with this tag, or None."""
    found = client.search_model_versions(f"name = '{name}' and tags.`{tag}` = '{value}'")
    return min(found, key=lambda version: int(version.version), default=None)


def create_version(client: MlflowClient, name: str, logged: Any, run_id: str, tag: str, tags: dict[str, str]) -> Any:
    """Makes the version of a logged model; of two that were made for one value of `tag`, the older stays."""
    from mlflow.exceptions import MlflowException

    try:
        client.create_registered_model(name)
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise
    # The artifact's own address: by the model's id, MLflow would look it up at a process-wide address.
    made = client.create_model_version(
        name, source=logged.artifact_location, run_id=run_id, model_id=logged.model_id, tags=tags
    )
    first = find_version(client, name, tag, tags[tag])
    if first is not None and first.version != made.version:
        client.delete_model_version(name, made.version)
        return first
    return made


def discard_unregistered(client: MlflowClient, home: Home, experiment: str, name: str, tag: str, value: str) -> None:
    """Takes away what killed tries logged under this tag: models that never became a version."""
    registered = {version.source for version in client.search_model_versions(f"name = '{name}'")}
    for logged in client.search_logged_models([experiment], filter_string=f"tags.`{tag}` = '{value}'"):
        if logged.artifact_location not in registered:
            client.delete_logged_model(logged.model_id)
            tracking.remove_local_artifacts(home, logged.artifact_location)


def _register(
    client: MlflowClient, home: Home, experiment: str, name: str, run_id: str, candidate: Path, digest: str
) -> Any:
    _step(2, "copying the candidate")
    logged = packaging.log_model(
        client, home, experiment_id=experiment, run_id=run_id, candidate=candidate, digest=digest, tags={}
    )
    with transfer.scratch(home) as folder:
        _step(3, "verifying what came back")
        came_back = transfer.fetch(home, logged.artifact_location, folder)
        verify_model(came_back, digest, f"candidate {digest[:12]} in MLflow")
        _step(4, "asking it to predict")
        _compare_answers(candidate, came_back, digest)
    _step(5, "the version")
    tags = {tracking.CANDIDATE_TAG: digest, tracking.KEY_TAG: client.get_run(run_id).data.tags[tracking.KEY_TAG]}
    return create_version(client, name, logged, run_id, tracking.CANDIDATE_TAG, tags)


def _compare_answers(candidate: Path, came_back: Path, digest: str) -> None:
    import numpy as np
    import pandas as pd

    asked = input_of(candidate)
    probes = list(PROBE_TEXTS) if asked == "text" else probe_images()
    table = packaging.answers(came_back, pd.DataFrame({asked: probes}))
    columns = list(columns_of(candidate))
    if list(table.columns) != columns:
        problem = f"gives the columns {list(table.columns)}, not {columns}"
        raise InputRefused(f"candidate {digest[:12]}", LOADER, problem)
    task = task_of(candidate)
    with transfer.quiet():
        if task in LANGUAGE:
            _compare_likelihoods(predict_likelihoods(candidate, PROBE_TEXTS, "asking the candidate"), table, digest)
            return
        if task == "token-classification":
            tagged = predict_spans(candidate, PROBE_TEXTS, "asking the candidate")
            if [parse_spans(*one) for one in zip(table["spans"], map(len, PROBE_TEXTS), strict=True)] != tagged:
                raise TamperingDetected(f"candidate {digest[:12]} in MLflow", ("it finds other spans",))
            return
        given = probes if asked == "text" else [bytes_of(image) for image in probes]
        here = predict(candidate, given, "asking the candidate")
    there = table[columns[1:]].to_numpy(dtype=float)
    if not np.allclose(here, there, rtol=0, atol=PROBE_TOLERANCE):
        gap = float(np.abs(here - there).max())
        raise TamperingDetected(f"candidate {digest[:12]} in MLflow", (f"its probabilities differ by up to {gap:.2g}",))
    if list(table["label"]) != [columns[1:][i] for i in there.argmax(axis=1)]:
        raise InputRefused(f"candidate {digest[:12]}", LOADER, "names a label that is not its most probable one")


def probe_images() -> list[str]:
    """Three images that every model for images is asked about: a slope, a board of squares, and noise."""
    import numpy as np

    down_H, across_W = np.arange(24), np.arange(32)
    slope_HW = down_H[:, None] * 4 + across_W * 4
    board_HW = (down_H[:, None] // 4 + across_W // 4) % 2 * 255
    noise_HWC = np.random.default_rng(0).integers(0, 256, (24, 32, 3))
    greys = [np.repeat(grey_HW[:, :, None], 3, axis=2) for grey_HW in (slope_HW, board_HW)]
    return [dump_pixels(image_HWC.astype(np.uint8)) for image_HWC in (*greys, noise_HWC)]


def _compare_likelihoods(here: Likelihoods, there: pd.DataFrame, digest: str) -> None:
    import numpy as np

    nats_N = there["unknown_bytes"] * UNKNOWN_BYTE_NATS - there["log_likelihood"]
    tokens_N = there["tokens"]
    same = np.array_equal(here.tokens_N, tokens_N) and np.allclose(here.nats_N, nats_N, rtol=PROBE_TOLERANCE)
    if not same:
        raise TamperingDetected(f"candidate {digest[:12]} in MLflow", ("it finds other texts likely",))


def _log_training(client: MlflowClient, home: Home, run: Any, training: Path, params: Mapping[str, Any]) -> None:
    tracking.log_params(client, run, params)
    curve, summary = training / "curve.jsonl", training / "summary.json"
    following = tracking.TrainingRun(home, client, run)
    if curve.exists():
        following.catch_up(curve)
        client.log_artifact(run.info.run_id, str(curve), "training")
    if summary.exists():
        client.log_artifact(run.info.run_id, str(summary), "training")
        tracking.log_params(client, client.get_run(run.info.run_id), {"run": json.loads(summary.read_text("utf-8"))})
    following.finish()


def _step(number: int, note: str) -> None:
    report("register", number, _STEPS, "steps", note)
