"""Evidence and judgement."""

from __future__ import annotations

from prefect import task
from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.cache_policies import NO_CACHE

from sluicegate import pipeline
from sluicegate.desk.summary import summary
from sluicegate.evidence.dossier import load_dossier
from sluicegate.pipeline import Inputs, Steps
from sluicegate.registry import archive
from tasks.plan import Plan
from tasks.stage import stage


@task(name="evaluate", cache_policy=NO_CACHE, persist_result=False)
def evaluate(plan: Plan, inputs: Inputs, steps: Steps) -> tuple[str, str]:
    """Packs the candidate and measures it; returns the digests of candidate and dossier."""
    with stage(plan, "evaluate"):
        candidate = pipeline.pack(plan.build, steps.trained)
        dossier = pipeline.evaluate(plan.build, inputs, steps, candidate)
    page = summary(load_dossier(archive.dossier(plan.home, dossier)))
    create_markdown_artifact(page, key="dossier", description=f"Dossier {dossier[:12]} of candidate {candidate[:12]}")
    return candidate, dossier


@task(name="judge", cache_policy=NO_CACHE, persist_result=False)
def judge(plan: Plan, dossier: str) -> None:
    """Shows the verdicts that the policy gives for each stage; none of them is stored."""
    with stage(plan, "judge"):
        judgements = {name: pipeline.judge_stage(plan.build, dossier, name) for name in plan.build.spec.stages}
    rows = [
        {
            "stage": name,
            "check": verdict.check,
            "verdict": verdict.verdict,
            "value": verdict.value,
            "limit": verdict.limit,
        }
        for name, judgement in judgements.items()
        for verdict in judgement.verdicts
    ]
    create_table_artifact(rows, key="verdicts", description="Dossier × policy, stage by stage")
    scores = [
        {"stage": name, "objective": each.objective, "weight": each.weight, "score": each.score}
        for name, judgement in judgements.items()
        for each in (judgement.scorecard.objectives if judgement.scorecard else ())
    ]
    if scores:
        create_table_artifact(scores, key="scorecard", description="Beside the verdicts; it overrides none")
