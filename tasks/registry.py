"""MLflow: registering candidates, promoting releases."""

from __future__ import annotations

from prefect import task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE

from sluicegate import pipeline, releasing
from sluicegate.pipeline import Steps
from sluicegate.registry.candidates import Registered
from sluicegate.settings import Home
from tasks.plan import Plan
from tasks.stage import stage


@task(name="register", cache_policy=NO_CACHE, persist_result=False)
def register(plan: Plan, steps: Steps, candidate: str, dossier: str) -> Registered:
    """The candidate's one version in MLflow, loaded and asked to predict before it counts."""
    with stage(plan, "register"):
        registered = pipeline.register(plan.build, steps, candidate, dossier)
    create_markdown_artifact(
        f"`{registered.model_name}` version {registered.version}, candidate `{candidate}`", key="candidate"
    )
    return registered


@task(name="promote", cache_policy=NO_CACHE, persist_result=False)
def promote(gate: str) -> None:
    """The approved bytes into their stage, verified there; the alias last."""
    release = releasing.promote(Home.from_environment(), gate)
    create_markdown_artifact(
        f"`{release.candidate[:16]}` is live in **{release.stage}** of **{release.model}**", key="release"
    )
