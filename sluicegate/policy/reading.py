"""Reading a policy file, and working out what holds in each stage of a spec."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, field_validator

from sluicegate.errors import SpecRefused
from sluicegate.evidence.checks import Check, known_checks
from sluicegate.policy.limits import Frozen, Limit
from sluicegate.policy.objectives import Aim, Objective, ObjectiveName, Scale
from sluicegate.policy.policy import Policy, StageLimits
from sluicegate.policy.rules import GateRule, default_rule, with_defaults
from sluicegate.spec import Spec, parse, read_yaml


class _PolicyFile(Frozen):
    description: str = ""
    stages: dict[str, list[Limit]]
    gates: dict[str, GateRule] = {}
    scorecard: Annotated[dict[ObjectiveName, Aim], Field(min_length=1)] | None = None

    @field_validator("gates", mode="before")
    @classmethod
    def _defaults(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {stage: with_defaults(stage, written) for stage, written in value.items()}


def load_policy(path: Path, spec: Spec) -> Policy:
    """Reads a policy and works out what holds in each stage of `spec`.

    Raises:
        SpecRefused: It is no policy, names a stage or check that the spec does not have, puts a limit on the
            wrong side or where no value can be, loosens a limit of an earlier stage, or checks nothing in the first
            stage; or its scorecard names such a check, one twice, or a `best` that is worse than `worst`. Every fault
            is named.
    """
    file = parse(_PolicyFile, read_yaml(path), path)
    checks = known_checks(spec)
    named = [("stages", stage) for stage in file.stages] + [("gates", stage) for stage in file.gates]
    faults = [
        (f"{part}.{stage}", f"is not a stage of the spec: {spec.stages}")
        for part, stage in named
        if stage not in spec.stages
    ]
    for stage, limits in file.stages.items():
        for place, limit in enumerate(limits):
            if fault := _fault(limit, limits[:place], checks):
                faults.append((f"stages.{stage}.{place}.check", fault))
    if not file.stages.get(spec.stages[0]):
        faults.append((f"stages.{spec.stages[0]}", "must hold a limit: without one everything would enter"))
    aims = file.scorecard or {}
    for name, aim in aims.items():
        for place, scale in enumerate(aim.findings):
            if fault := _fault_of_scale(scale, aim.findings[:place], checks):
                faults.append((f"scorecard.{name}.findings.{place}.check", fault))
    held, loosened = _inherit(file.stages, spec.stages)
    _refuse(path, faults + loosened)
    stages = tuple(
        StageLimits(stage=stage, limits=held[stage], gate=file.gates.get(stage) or default_rule(stage))
        for stage in spec.stages
    )
    objectives = tuple(Objective(name=name, weight=aim.weight, findings=aim.findings) for name, aim in aims.items())
    return Policy(description=file.description, stages=stages, scorecard=objectives)


def _fault(limit: Limit, earlier: Sequence[Limit], checks: Mapping[str, Check]) -> str | None:
    """What is wrong with a limit by itself and beside the limits before it; None if nothing."""
    name = limit.check
    if name not in checks:
        return _unknown(name, checks)
    check = checks[name]
    if (check.better == "higher") != (limit.min is not None):
        good, bad = ("min", "max") if check.better == "higher" else ("max", "min")
        return f"{name!r}: {check.better} is better, so its limit is a `{good}`, not a `{bad}`"
    if fault := _out_of_reach(limit, check):
        return fault
    if limit.hold == "interval" and not check.interval:
        return f"{name!r} has no interval, so it cannot be held to one"
    if any(e.check == name for e in earlier):
        return f"{name!r} is named twice in this stage"
    return None


def _out_of_reach(limit: Limit, check: Check) -> str | None:
    """That no value of the check lies where the limit does, so that all would hold or none; None if some may."""
    side, bound = ("min", limit.min) if limit.min is not None else ("max", limit.max)
    least, most = check.least_and_most
    if bound is None or least <= bound <= most:
        return None
    possible = f"from {least:g} to {most:g}" if math.isfinite(most) else f"{least:g} or more"
    percent = check.unit == "share" and least <= bound / 100 <= most
    meant = f"; for {bound:g} % write {bound / 100:g}" if percent else ""
    return f"{limit.check!r} can only be {possible}, so `{side}: {bound:g}` is no limit{meant}"


def _fault_of_scale(scale: Scale, earlier: Sequence[Scale], checks: Mapping[str, Check]) -> str | None:
    """What is wrong with a finding of an objective, by itself and beside those before it; None if nothing."""
    name = scale.check
    if name not in checks:
        return _unknown(name, checks)
    if (checks[name].better == "higher") != (scale.best > scale.worst):
        way = "above" if checks[name].better == "higher" else "below"
        better = f"{checks[name].better} is better, so `best` is {way} `worst`"
        return f"{name!r}: {better}; here `worst` is {scale.worst:g} and `best` {scale.best:g}"
    return f"{name!r} is named twice in this objective" if any(e.check == name for e in earlier) else None


def _unknown(name: str, checks: Mapping[str, Check]) -> str:
    close = get_close_matches(name, checks, n=3)
    hint = f"; did you mean {', '.join(close)}" if close else ""
    return f"{name!r} is no check that is measured under this spec{hint}"


def _inherit(
    written: Mapping[str, Sequence[Limit]], order: Sequence[str]
) -> tuple[dict[str, tuple[Limit, ...]], list[tuple[str, str]]]:
    """Each stage with its limits and those that it takes over, and every limit that is looser than the one before."""
    held: dict[str, Limit] = {}
    stages: dict[str, tuple[Limit, ...]] = {}
    faults = []
    for stage in order:
        for place, limit in enumerate(written.get(stage, ())):
            before = held.get(limit.check)
            if before is not None and (how := limit.looser_than(before)):
                faults.append((f"stages.{stage}.{place}", f"{limit.check!r} is looser than in an earlier stage: {how}"))
            held[limit.check] = limit
        stages[stage] = tuple(held[name] for name in sorted(held))
    return stages, faults


def _refuse(path: Path, faults: Sequence[tuple[str, str]]) -> None:
    if faults:
        (field, problem), *rest = faults
        raise SpecRefused(path, field, problem + "".join(f"; {f}: {p}" for f, p in rest))
