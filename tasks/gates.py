"""Opening gates, and starting the flow run that waits at each."""

from __future__ import annotations

from typing import Annotated

from prefect import task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.deployments import run_deployment
from prefect.exceptions import ObjectNotFound
from prefect.logging import get_run_logger
from pydantic import Field

from sluicegate import pipeline, releasing
from sluicegate.registry.candidates import Registered
from sluicegate.settings import Home
from tasks.plan import Plan
from tasks.stage import stage

GateId = Annotated[str, Field(title="Gate", pattern="^[0-9a-f]{64}$")]
RELEASE = "release/release"


@task(name="open gate", cache_policy=NO_CACHE, persist_result=False)
def open_gate(plan: Plan, candidate: str, dossier: str, registered: Registered) -> str:
    """The gate of the first stage that the candidate has not entered; opened once."""
    with stage(plan, "open gate"):
        gate = pipeline.open_first_gate(plan.build, candidate, dossier, registered).id
    _show_brief(plan.home, gate)
    return gate


@task(name="open next gate", cache_policy=NO_CACHE, persist_result=False)
def open_next_gate(gate: str) -> str | None:
    """The gate of the stage after this one; None after the last."""
    home = Home.from_environment()
    following = releasing.open_next_gate(home, gate)
    if following is None:
        return None
    _show_brief(home, following.id)
    return following.id


@task(name="start release", cache_policy=NO_CACHE, persist_result=False, retries=3, retry_delay_seconds=2)
def start_release(gate: str) -> None:
    """Starts the gate's one `release` run, if the server knows that deployment; again finds the same run.

    Embedded, before anything was deployed, there is nothing to start: `sluicegate up` does it later.
    """
    if not start_release_run(gate):
        get_run_logger().info("no deployment %s yet: `sluicegate up` starts the gate's run", RELEASE)


def start_release_run(gate: str) -> bool:
    """Starts the gate's one run on the server, or finds it; False where the server has no such deployment."""
    try:
        run_deployment(
            RELEASE,
            parameters={"gate": gate},
            flow_run_name=f"release {gate[:12]}",
            idempotency_key=release_key(gate),
            timeout=0,
            as_subflow=False,
        )
    except ObjectNotFound:
        return False
    return True


def release_key(gate: str) -> str:
    """The idempotency key of a gate's run: however often it is started, there is one."""
    return f"release-{gate}"


def _show_brief(home: Home, gate: str) -> None:
    create_markdown_artifact(releasing.brief(home, gate).to_markdown(), key=f"brief-{gate[:12]}", description="Brief")
