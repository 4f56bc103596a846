"""A candidate put into MLflow's form and logged: a model from code, safetensors only, no pickle.

MLflow writes the form itself; afterwards the absolute paths that it notes (they hold user names) are
made relative, and what it picked up from the working directory (a uv project's lock file) is taken out
again. What comes out is exactly what `verification` accepts.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sluicegate.errors import InputRefused
from sluicegate.registry.tracking import CANDIDATE_TAG
from sluicegate.registry.transfer import quiet, scratch
from sluicegate.registry.verification import CANDIDATE_PATH, LOADER, WRAPPING, requirements_of, signature_of
from sluicegate.settings import Home

if TYPE_CHECKING:
    import pandas as pd
    from mlflow import MlflowClient


def log_model(
    client: MlflowClient,
    home: Home,
    *,
    experiment_id: str,
    run_id: str,
    candidate: Path,
    digest: str,
    tags: dict[str, str],
) -> Any:
    """Logs the candidate as a model of `run_id`; its status is READY only when every byte is there.

    Args:
        client: From `tracking.connect`.
        home: Whose disk is used on the way.
        experiment_id: Where the model's artifacts go.
        run_id: The run that it belongs to.
        candidate: The candidate's folder; verify it before.
        digest: Its digest, kept as a tag.
        tags: Further tags.

    Returns:
        MLflow's logged model.
    """
    from mlflow.entities import LoggedModelOutput

    logged = client.create_logged_model(
        experiment_id, name="model", source_run_id=run_id, tags={CANDIDATE_TAG: digest, **tags}
    )
    with scratch(home) as folder:
        save(folder / "model", candidate, run_id=run_id, model_id=logged.model_id)
        client.log_model_artifacts(logged.model_id, str(folder / "model"))
    client.log_outputs(run_id, [LoggedModelOutput(logged.model_id, step=0)])
    return client.finalize_logged_model(logged.model_id, "READY")


def answers(folder: Path, table: pd.DataFrame) -> pd.DataFrame:
    """What the model in a downloaded folder says, as MLflow would serve it. Verify it first: this runs its code.

    Raises:
        InputRefused: MLflow cannot load it, or its answer does not fit its signature.
    """
    import mlflow
    from mlflow.exceptions import MlflowException

    try:
        with quiet():
            found: pd.DataFrame = mlflow.pyfunc.load_model(str(folder)).predict(table)
    except MlflowException as error:
        raise _refusal(folder, error) from error
    return found


def save(into: Path, candidate: Path, *, run_id: str, model_id: str) -> None:
    """Writes the candidate in MLflow's form into a new folder; needs as much room again beside it.

    Raises:
        InputRefused: The candidate's loader cannot be run.
    """
    import mlflow
    from mlflow.exceptions import MlflowException
    from mlflow.models import Model, ModelSignature
    from mlflow.types import Schema

    # A copy, because Python leaves byte code beside a script that is imported, and a candidate must not change.
    own = into.parent / "candidate"
    shutil.copytree(candidate, own)
    described = signature_of(own)
    signature = ModelSignature(*(Schema.from_json(json.dumps(described[side])) for side in ("inputs", "outputs")))
    model = Model(artifact_path="model", run_id=run_id, model_uuid=model_id, model_id=model_id)
    try:
        with quiet():
            mlflow.pyfunc.save_model(
                str(into),
                python_model=str(own / LOADER),
                artifacts={"candidate": str(own)},
                pip_requirements=requirements_of(own),
                signature=signature,
                mlflow_model=model,
            )
    except MlflowException as error:
        raise _refusal(candidate, error) from error
    flavor = model.flavors["python_function"]
    flavor["artifacts"]["candidate"] = {"path": CANDIDATE_PATH, "uri": CANDIDATE_PATH}
    flavor["model_code_path"] = LOADER
    model.save(str(into / "MLmodel"))
    for cache in [*into.rglob("__pycache__")]:
        shutil.rmtree(cache)
    for path in into.iterdir():
        if path.is_file() and path.name not in WRAPPING:
            path.unlink()


def _refusal(folder: Path, error: Exception) -> InputRefused:
    problem = str(error).strip().splitlines()[0][:300]
    return InputRefused(folder / LOADER, "", f"cannot be loaded as a model: {problem}", "train it again")
