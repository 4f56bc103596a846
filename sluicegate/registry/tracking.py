"""MLflow as evidence store: one experiment a stage, one run a key, nothing logged twice.

MLflow shows what happened; the ledger decides. Everything here is found again by tags of ours before it
is made, so a process that was killed and started again goes on in the same run. Only the client with
an explicit address is used: MLflow's fluent functions write the user's name into every run, and keep
process-wide state.
"""

from __future__ import annotations

import errno
import json
import logging
import math
import shutil
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit
from urllib.request import url2pathname

from filelock import FileLock, Timeout
from sqlalchemy import Engine, event, make_url
from sqlalchemy.exc import DatabaseError

from sluicegate.errors import InputRefused, Unavailable
from sluicegate.manifest import digest_of_value
from sluicegate.settings import Home
from sluicegate.spec import registered_name

if TYPE_CHECKING:
    from mlflow import MlflowClient

KEY_TAG = "sluicegate.key"
"""On a run: the content key of the work that it records."""
CANDIDATE_TAG = "sluicegate.candidate"
"""On a logged model and on a model version: the candidate's digest."""
GATE_TAG = "sluicegate.gate"
"""On a stage's run and model version: the id of the gate that let it in."""

PARAM_LIMIT_CHARACTERS = 6000
_PARAMS_A_CALL, _METRICS_A_CALL = 100, 1000
_FLUSH_S = 2.0
_DISK_FAULTS = {errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EDQUOT}


@contextmanager
def exclusively(home: Home, name: str, *, timeout_s: float = 60) -> Iterator[None]:
    """The block while no other process on this home is inside the same `name`; a killed holder lets go.

    Raises:
        Unavailable: Another process holds it for longer than `timeout_s`.
    """
    folder = home.root / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(folder / f"{name}.lock", timeout=timeout_s):
            yield
    except Timeout:
        raise Unavailable(f"{name} is being done by another process (lock {folder / name}.lock); try again") from None


@contextmanager
def reachable(home: Home) -> Iterator[None]:
    """Turns MLflow's faults into refusals of ours.

    Raises:
        Unavailable: MLflow does not answer, or answers with a fault.
        InputRefused: The disk is full or cannot be written.
    """
    from mlflow.exceptions import MlflowException

    try:
        yield
    except (MlflowException, DatabaseError) as error:
        problem = str(error).strip().splitlines()[0][:200] if str(error).strip() else type(error).__name__
        raise Unavailable(f"MLflow at {shown(home.tracking_uri)} refused: {problem}") from error
    except OSError as error:
        if error.errno not in _DISK_FAULTS:
            raise
        where = error.filename or home.mlflow_artifacts
        problem, remedy = f"cannot be written: {error.strerror}", "free some room and run again"
        raise InputRefused(where, "SLUICEGATE_HOME", problem, remedy) from error


def shown(uri: str) -> str:
    """An address without the user and password that it may hold."""
    parts = urlsplit(uri)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl() if parts.netloc else uri


def page_of(home: Home, run_id: str, artifact: str) -> str:
    """Address of a run's artifact in MLflow's UI; empty if nothing is known to show it."""
    ui = home.mlflow_ui or (home.tracking_uri if home.tracking_uri.startswith("http") else "")
    # The run is found whatever experiment the address names.
    return f"{shown(ui).rstrip('/')}/#/experiments/0/runs/{run_id}/artifacts/{artifact}" if ui and run_id else ""


def connect(home: Home) -> MlflowClient:
    """A client for the home's tracking server, or for its own SQLite file (made at the first call, in seconds).

    Raises:
        Unavailable: The server does not answer.
    """
    import mlflow

    # It announces every migration of its own tables at INFO, and every version that it waits for.
    for noisy in ("mlflow.store.db.utils", "alembic", "mlflow.store.model_registry.abstract_store"):
        logging.getLogger(noisy).setLevel(logging.ERROR)
    with reachable(home):
        if _is_local(home):
            _make_tables(home)
        return mlflow.MlflowClient(tracking_uri=home.tracking_uri, registry_uri=home.tracking_uri)


def _make_tables(home: Home) -> None:
    """Makes MLflow's database, if it is not there, beside its place; then it is put there whole.

    Made in its place, it could not be started again by MLflow when a kill had left half of its tables, nor
    by two processes at once.
    """
    import mlflow

    place = Path(make_url(home.tracking_uri).database or "")
    with exclusively(home, "mlflow-start"):
        if place.exists():
            return
        place.parent.mkdir(parents=True, exist_ok=True)
        partial = place.with_name(f".{place.name}.partial")
        partial.unlink(missing_ok=True)
        # MLflow goes through a hundred migrations, each of them synchronised to the disk: for nothing, here.
        event.listen(Engine, "connect", _unsynchronised)
        try:
            mlflow.MlflowClient(tracking_uri=f"sqlite:///{partial}", registry_uri=f"sqlite:///{partial}")
        finally:
            event.remove(Engine, "connect", _unsynchronised)
        # Through SQLite, since MLflow keeps its connections open.
        copy = place.with_name(f".{place.name}.copy")
        with closing(sqlite3.connect(partial)) as made, closing(sqlite3.connect(copy)) as whole:
            made.backup(whole)
        copy.replace(place)
        partial.unlink()


def _unsynchronised(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA synchronous=OFF")


def _is_local(home: Home) -> bool:
    return home.tracking_uri.startswith("sqlite:")


def experiment(client: MlflowClient, home: Home, name: str) -> str:
    """Id of the experiment called `name`, made if it is not there.

    Raises:
        Unavailable: Somebody deleted it; its name stays taken.
    """
    from mlflow.exceptions import MlflowException

    found = client.get_experiment_by_name(name)
    if found is None:
        location = (home.mlflow_artifacts / name).as_uri() if _is_local(home) else None
        try:
            return str(client.create_experiment(name, artifact_location=location))
        except MlflowException as error:
            if error.error_code != "RESOURCE_ALREADY_EXISTS":
                raise
            found = client.get_experiment_by_name(name)  # somebody else was quicker
    if found.lifecycle_stage != "active":
        remedy = f"`mlflow experiments restore -x {found.experiment_id}` brings it back"
        raise Unavailable(f"experiment {name!r} was deleted in MLflow; {remedy}")
    return str(found.experiment_id)


def find_run(client: MlflowClient, experiment_id: str, tag: str, value: str) -> Any | None:
    """The oldest run of an experiment with this tag, or None."""
    found = client.search_runs([experiment_id], f"tags.`{tag}` = '{value}'", order_by=["attributes.start_time ASC"])
    return found[0] if found else None


def find_or_create_run(client: MlflowClient, experiment_id: str, tag: str, value: str, *, name: str) -> Any:
    """The run of an experiment with this tag; call while holding the lock that stands for the tag."""
    found = find_run(client, experiment_id, tag, value)
    return found or client.create_run(experiment_id, run_name=name, tags={tag: value})


def flat(params: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """Nested settings as MLflow's parameters: dotted name → text of at most 6,000 characters.

    A longer value is cut and ends in its own SHA-256, so that two of them stay apart.
    """
    found: dict[str, str] = {}
    for key, value in params.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping):
            found |= flat(value, f"{name}.")
            continue
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
        if len(text) > PARAM_LIMIT_CHARACTERS:
            text = f"{text[: PARAM_LIMIT_CHARACTERS - 80]}… sha256:{digest_of_value(text)}"
        found[name[:250]] = text
    return found


def log_params(client: MlflowClient, run: Any, params: Mapping[str, Any]) -> None:
    """Logs the parameters that the run does not have yet; MLflow refuses to change one."""
    from mlflow.entities import Param

    new = [Param(key, value) for key, value in flat(params).items() if key not in run.data.params]
    for start in range(0, len(new), _PARAMS_A_CALL):
        client.log_batch(run.info.run_id, params=new[start : start + _PARAMS_A_CALL])


class TrainingRun:
    """One training run in MLflow, the same one however often the training was killed and started again.

    Figures are sent every two seconds and at the end. What a killed process did not send is caught up
    with from the curve that the training itself keeps.
    """

    def __init__(self, home: Home, client: MlflowClient, run: Any) -> None:
        self._home, self._client, self.run_id = home, client, str(run.info.run_id)
        self._waiting: list[Any] = []
        self._sent_at = time.monotonic()
        self._logged = {
            (key, point.step) for key in run.data.metrics for point in client.get_metric_history(self.run_id, key)
        }

    @classmethod
    def start(cls, home: Home, model: str, key: str, params: Mapping[str, Any]) -> TrainingRun:
        """Finds the run that has this content key, or makes it, in the experiment ``MODEL-candidate``.

        Raises:
            Unavailable: MLflow does not answer.
        """
        client = connect(home)
        with exclusively(home, f"run-{key[:20]}"), reachable(home):
            name = registered_name(model)
            run = find_or_create_run(client, experiment(client, home, name), KEY_TAG, key, name=f"{model} {key[:8]}")
            log_params(client, run, params)
            return cls(home, client, run)

    def log(self, step: int, metrics: Mapping[str, float | int | str]) -> None:
        """Logs the finite numbers in `metrics` at `step`, unless they were logged there before."""
        from mlflow.entities import Metric

        now = int(time.time() * 1000)
        for key, value in metrics.items():
            if key == "step" or not isinstance(value, int | float) or not math.isfinite(value):
                continue
            if (key, step) not in self._logged:
                self._logged.add((key, step))
                self._waiting.append(Metric(key, float(value), now, step))
        if time.monotonic() - self._sent_at > _FLUSH_S:
            self._send()

    def catch_up(self, curve: Path) -> None:
        """Logs every line of a curve (JSON objects with a ``step``) that was not logged before."""
        for line in curve.read_text(encoding="utf-8").splitlines():
            point = json.loads(line)
            self.log(int(point["step"]), point)
        self._send()

    def finish(self, status: Literal["FINISHED", "FAILED", "KILLED"] = "FINISHED") -> None:
        """Sends what is waiting and says how the run ended."""
        self._send()
        with reachable(self._home):
            self._client.set_terminated(self.run_id, status)

    def _send(self) -> None:
        with reachable(self._home):
            for start in range(0, len(self._waiting), _METRICS_A_CALL):
                self._client.log_batch(self.run_id, metrics=self._waiting[start : start + _METRICS_A_CALL])
        self._waiting, self._sent_at = [], time.monotonic()


def remove_local_artifacts(home: Home, uri: str) -> None:
    """Takes away an artifact folder that MLflow no longer lists, if it lies under this home.

    A tracking server's artifacts are its own: there, ``mlflow gc`` takes away what was deleted.
    """
    folder = Path(url2pathname(urlsplit(uri).path))
    if urlsplit(uri).scheme == "file" and folder.resolve().is_relative_to(home.mlflow_artifacts.resolve()):
        shutil.rmtree(folder, ignore_errors=True)
