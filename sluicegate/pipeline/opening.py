"""Registering a candidate, and opening its gate."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from sluicegate.gates.gate import Gate, find_gate, open_gate
from sluicegate.gates.releases import current_releases
from sluicegate.pipeline.build import Build
from sluicegate.pipeline.evaluation import Steps
from sluicegate.policy import Policy, load_policy
from sluicegate.registry import archive, candidates


def register(build: Build, steps: Steps, candidate: str, dossier: str) -> candidates.Registered:
    """The candidate's version in MLflow: loaded, asked to predict, and there once, with its dossier and policy."""
    policy = archive.keep_value(_policy(build).to_json(), build.home.policies)
    return candidates.register(
        build.home,
        model=build.spec.model,
        candidate=archive.candidate(build.home, candidate),
        digest=candidate,
        dossier=archive.dossier(build.home, dossier),
        dossier_digest=dossier,
        policy=policy,
        policy_digest=policy.stem,
        training=steps.trained.folder,
        params=build.spec.training.model_dump(mode="json", exclude={"engine"}),  # the summary says what it was
        key=steps.trained.key,
    )


def open_first_gate(build: Build, candidate: str, dossier: str, registered: candidates.Registered) -> Gate:
    """Opens the gate of the first stage in which this candidate is not live.

    A candidate that is live in every stage has no gate left to pass; then the gate is found through which
    it came last. One that was rolled back finds the gate through which it came: `reopen` asks again.

    Raises:
        ReleaseDenied: The candidate was recalled.
        Unavailable: The ledger is locked or does not answer.
    """
    spec, ledger = build.spec, build.ledger()
    policy = _policy(build)
    archive.keep_value(policy.to_json(), build.home.policies)
    entered = {r.stage: r for r in current_releases(ledger, spec.model) if r.candidate == candidate}
    remaining = [stage for stage in spec.stages if stage not in entered]
    if not remaining:
        return find_gate(ledger, entered[spec.stages[-1]].gate)
    return open_gate(
        ledger,
        model=spec.model,
        stage=remaining[0],
        candidate=candidate,
        dossier=dossier,
        policy=policy.digest,
        rule=policy.rule(remaining[0]),
        accountable=build.accountable,
        facts={"stages": spec.stages, "spec": _spec_as_typed(build.loaded.path), "registered": asdict(registered)},
        asked=spec.reviewers,
        start=build.start,
    )


def _policy(build: Build) -> Policy:
    return load_policy(build.policy_path, build.spec)


def _spec_as_typed(path: Path) -> str:
    """The spec's path from where the build was started, without the folders of whoever started it."""
    here = Path.cwd()
    return path.relative_to(here).as_posix() if path.is_relative_to(here) else path.name
