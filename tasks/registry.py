"""MLflow: registering candidates, promoting releases."""

from __future__ import annotations

from prefect import task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE

from sluicegate import pipeline, releasing
from sluicegate.desk.escaping import markdown_link
from sluicegate.pipeline import Steps
from sluicegate.registry import transfer
from sluicegate.registry.candidates import Registered
from sluicegate.settings import Home
from tasks.plan import Plan
from tasks.stage import stage


@task(name="register", cache_policy=NO_CACHE, persist_result=False)
def register(plan: Plan, steps: Steps, candidate: str, dossier: str) -> Registered:
    """The candidate's one version in MLflow, loaded and asked to predict before it counts."""
    with stage(plan, "register"):
        registered = pipeline.register(plan.build, steps, candidate, dossier)
    page = transfer.dossier_page(plan.home, registered.run_id, dossier)
    create_markdown_artifact(
        f"`{registered.model_name}` version {registered.version}, candidate `{candidate}`"
        + (f"\n\n{markdown_link('Its dossier in MLflow', page)}" if page else ""),
        key="candidate",
    )
    return registered


@task(name="promote", cache_policy=NO_CACHE, persist_result=False)
def promote(gate: str) -> None:
    """The approved bytes into their stage, verified there; the alias last."""
    release = releasing.promote(Home.from_environment(), gate)
    create_markdown_artifact(
        f"`{release.candidate[:16]}` is live in **{release.stage}** of **{release.model}**", key="release"
    )
