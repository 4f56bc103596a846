"""The data half: inputs, source, validation, scrubbing, cleaning, split."""

from __future__ import annotations

import json

from prefect import task
from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.cache_policies import NO_CACHE

from sluicegate import pipeline
from sluicegate.pipeline import Inputs
from sluicegate.steps import Step
from tasks.plan import Plan
from tasks.stage import stage


@task(name="fetch inputs", cache_policy=NO_CACHE, persist_result=False)
def fetch_inputs(plan: Plan) -> Inputs:
    """Pinned archives: fetched, hash-checked, unpacked; found if they are there."""
    with stage(plan, "inputs"):
        return pipeline.fetch_inputs(plan.build)


@task(name="read source", cache_policy=NO_CACHE, persist_result=False)
def read_source(plan: Plan) -> Step:
    """Rows of any source as the canonical table."""
    with stage(plan, "source"):
        step = pipeline.read_source(plan.build)
    source = json.loads((step.folder / "source.json").read_text(encoding="utf-8"))
    create_markdown_artifact(
        f"{source['rows']:,} rows, licence {source['licence']}, digest of the source `{source['fingerprint']}`",
        key="source",
    )
    return step


@task(name="validate", cache_policy=NO_CACHE, persist_result=False)
def validate(plan: Plan, source: Step) -> Step:
    """The expectation suite; shows each expectation and how many rows broke it."""
    with stage(plan, "validate"):
        step = pipeline.validate(plan.build, source)
    report = json.loads((step.folder / "validation.json").read_text(encoding="utf-8"))
    rows = [
        {
            "expectation": expectation["type"],
            "columns": ", ".join(expectation["columns"]),
            "holds": expectation["success"],
            "rows that break it": expectation["unexpected_count"],
        }
        for expectation in report["expectations"]
    ]
    create_table_artifact(rows, key="validation", description=f"Full report: {step.folder / 'validation.html'}")
    return step


@task(name="scrub", cache_policy=NO_CACHE, persist_result=False)
def scrub(plan: Plan, inputs: Inputs, validated: Step) -> Step:
    """Personal data out of the texts, or metadata out of the images; shows counts by entity, or by kind."""
    with stage(plan, "scrub"):
        step = pipeline.scrub(plan.build, inputs, validated)
    report = json.loads((step.folder / "scrubbing.json").read_text(encoding="utf-8"))
    rows = [
        {
            "entity": entity,
            "found": counts["found"],
            "operator": counts["operator"],
            "left": report["residual"].get(entity, 0),
        }
        for entity, counts in sorted(report.get("by_entity", {}).items())
    ]
    rows += [{"metadata": kind, "found": count} for kind, count in report.get("metadata", {}).items()]
    what = "images" if "images" in report else "texts"
    create_table_artifact(rows, key="scrubbing", description=f"{report[what]} {what} scrubbed")
    return step


@task(name="clean", cache_policy=NO_CACHE, persist_result=False)
def clean(plan: Plan, scrubbed: Step) -> Step:
    """Repeats, contamination and harmful text; shows how many rows went, and why."""
    with stage(plan, "clean"):
        step = pipeline.clean(plan.build, scrubbed)
    passage = json.loads((step.folder / "passage.json").read_text(encoding="utf-8"))
    rows = [{"why": why, "rows": count} for why, count in passage["dropped"].items()]
    kept = f"{passage['rows_out']:,} of {passage['rows_in']:,} rows are kept"
    create_table_artifact(rows, key="cleaning", description=kept)
    return step


@task(name="split", cache_policy=NO_CACHE, persist_result=False)
def split(plan: Plan, cleaned: Step) -> Step:
    """Train, validation and test rows."""
    with stage(plan, "split"):
        step = pipeline.split(plan.build, cleaned)
    create_table_artifact(pipeline.rows_of(step), key="split", description=f"Digest of the parts: {step.output}")
    return step


@task(name="plant canaries", cache_policy=NO_CACHE, persist_result=False)
def plant_canaries(plan: Plan, parts: Step) -> Step:
    """Canaries among the training rows, where the spec wants any; the parts themselves where it does not."""
    with stage(plan, "canaries"):
        return pipeline.plant_canaries(plan.build, parts)
