"""Carrying out what a responder signed."""

from __future__ import annotations

from typing import Annotated

from prefect import task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from pydantic import Field

from sluicegate.gates.letters import Letter
from sluicegate.ledger.ledger import open_ledger
from sluicegate.registry import rollback
from sluicegate.settings import Home

SignedOrder = Annotated[str, Field(title="Signed order", description="The file that `--out` wrote.", min_length=2)]


@task(name="roll back", cache_policy=NO_CACHE, persist_result=False)
def roll_back(order: str) -> str:
    """The stage's previous release in good standing, verified, is live again; says which."""
    home = Home.from_environment()
    back = rollback.rollback(home, open_ledger(home), Letter.from_text(order, "order"))
    create_markdown_artifact(
        f"`{back.candidate[:16]}` is live again in **{back.stage}** of **{back.model}**", key="rollback"
    )
    return f"{back.candidate[:12]} is live again in {back.stage} of {back.model}"


@task(name="take back", cache_policy=NO_CACHE, persist_result=False)
def take_back(order: str) -> str:
    """The candidate is recalled in the ledger and live nowhere; says where it was released."""
    home = Home.from_environment()
    taken = rollback.recall(home, open_ledger(home), Letter.from_text(order, "order"))
    stages, model = sorted({release.stage for release in taken}), taken[0].model
    create_markdown_artifact(
        f"`{taken[0].candidate[:16]}` of **{model}** is recalled; it was released to {', '.join(stages)}", key="recall"
    )
    return f"{taken[0].candidate[:12]} of {model} is recalled from {', '.join(stages)}"
