"""From base weights to the first gate."""

from __future__ import annotations

from pathlib import Path

from prefect import flow
from prefect.runtime import flow_run

from sluicegate.pipeline import Steps
from tasks.data import clean, fetch_inputs, plant_canaries, read_source, scrub, split, validate
from tasks.evidence import evaluate, judge
from tasks.gates import open_gate, start_release
from tasks.plan import Overrides, SpecPath, Start, plan
from tasks.registry import register
from tasks.training import fine_tune


def _name() -> str:
    return f"build {Path(flow_run.parameters['spec']).stem}"


@flow(name="build", flow_run_name=_name, persist_result=False)
def build(spec: SpecPath = "deployments/reviews-en.yaml", overrides: Overrides = None, start: Start = None) -> str:
    """Source → validate → scrub → clean → split → canaries → fine-tune → evaluate → judge → register → open gate.

    Args:
        spec: Path of the release spec, relative to the checkout.
        overrides: Settings to change for this run: path in the spec → value, for example `training.epochs` → 1.
        start: Statement and signature of who answers for the build; without it that is the spec's owner.

    Returns:
        The id of the gate at which the candidate stands.
    """
    with plan(spec, overrides, start) as planned:
        inputs = fetch_inputs(planned)
        source = read_source(planned)
        validated = validate(planned, source)
        scrubbed = scrub(planned, inputs, validated)
        cleaned = clean(planned, scrubbed)
        parts = split(planned, cleaned)
        taught = plant_canaries(planned, parts)
        trained = fine_tune(planned, inputs, taught)
        steps = Steps(source, validated, scrubbed, cleaned, parts, taught, trained)
        candidate, dossier = evaluate(planned, inputs, steps)
        judge(planned, dossier)
        registered = register(planned, steps, candidate, dossier)
        gate = open_gate(planned, candidate, dossier, registered)
        start_release(gate)
        return planned.finish(gate)
