"""Fine-tuning."""

from __future__ import annotations

import json

from prefect import task
from prefect.artifacts import create_table_artifact
from prefect.cache_policies import NO_CACHE

from sluicegate import pipeline
from sluicegate.pipeline import Inputs
from sluicegate.steps import Step
from tasks.plan import Plan
from tasks.stage import stage


@task(name="fine-tune", cache_policy=NO_CACHE, persist_result=False)
def fine_tune(plan: Plan, inputs: Inputs, parts: Step) -> Step:
    """Weights from the base model and the training rows; goes on from its checkpoint after a crash."""
    with stage(plan, "fine-tune"):
        step = pipeline.fine_tune(plan.build, inputs, parts)
    curve = [json.loads(line) for line in (step.folder / "curve.jsonl").read_text(encoding="utf-8").splitlines()]
    create_table_artifact([line for line in curve if "validation_loss" in line], key="loss-curve")
    return step
