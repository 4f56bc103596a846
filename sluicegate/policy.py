"""Limits for each stage, and what they make of a dossier.

A policy is a YAML file; every stage holds all limits of the stage before it, and may tighten one or add
one, never loosen one:

    stages:
      internal:
        - {check: performance.macro_f1, min: 0.60}
        - {check: drift.share, max: 0.5, blocking: false}        # shown, does not block
      public:
        - {check: performance.macro_f1, min: 0.66, hold: interval} # the interval's lower end must hold
        - {check: comparison.macro_f1_change, min: -0.01, not_applicable: allow}

Verdicts are derived, never stored: dossier × policy × stage × what is live there × waivers. It fails
closed: what the dossier lacks is `not_evaluated` and blocks, what does not apply blocks unless the limit
allows it, and a comparison with another release than the one now live does not count.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, model_validator

from sluicegate.errors import SpecRefused
from sluicegate.evidence.checks import Check, check_of, known_checks
from sluicegate.evidence.dossier import Dossier
from sluicegate.evidence.finding import Finding
from sluicegate.manifest import digest_of_value
from sluicegate.spec import Spec, parse, read_yaml

Outcome = Literal["pass", "fail", "not_evaluated", "not_applicable", "waived"]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False)


class Limit(_Frozen):
    """What one check must hold in a stage."""

    check: str
    """Name from the catalogue, for example ``performance.f1[negative]``."""
    min: float | None = None
    """At least this, for a check where higher is better …"""
    max: float | None = None
    """… or at most this, for one where lower is better."""
    hold: Literal["value", "interval"] = "value"
    """What is held to the limit: the value, or the end of its confidence interval that is worse."""
    blocking: bool = True
    """Whether approval is refused while it does not hold."""
    not_applicable: Literal["allow", "block"] = "block"
    """What becomes of it where it cannot apply, for example a comparison when nothing is live yet."""

    @model_validator(mode="after")
    def _one_bound(self) -> Limit:
        if (self.min is None) == (self.max is None):
            raise ValueError("name either `min` or `max`")
        return self

    @property
    def text(self) -> str:
        """The limit for a person: ``≥ 0.6``, or ``interval ≥ 0.6``."""
        bound = f"≥ {self.min:g}" if self.min is not None else f"≤ {self.max:g}"
        return f"interval {bound}" if self.hold == "interval" else bound

    def margin(self, finding: Finding) -> float | None:
        """How far the finding is on the good side of the limit, in the check's unit; below 0 it fails.

        None if the finding has no number that could be held to the limit.
        """
        ends = (finding.value, finding.value) if self.hold == "value" else finding.interval
        if ends is None or ends[0] is None or ends[1] is None:
            return None
        return ends[0] - self.min if self.min is not None else float(self.max or 0.0) - ends[1]

    def looser_than(self, other: Limit) -> str | None:
        """In which way this limit asks for less than `other`; None if in no way."""
        if self.min is not None and other.min is not None and self.min < other.min:
            return f"min {self.min:g} is below {other.min:g}"
        if self.max is not None and other.max is not None and self.max > other.max:
            return f"max {self.max:g} is above {other.max:g}"
        if other.hold == "interval" and self.hold == "value":
            return "it is held to the value, no longer to the interval"
        if other.blocking and not self.blocking:
            return "it no longer blocks"
        if other.not_applicable == "block" and self.not_applicable == "allow":
            return "it now allows not_applicable"
        return None


class StageLimits(_Frozen):
    """Every limit that holds in one stage, those of earlier stages included."""

    stage: str
    """The stage."""
    limits: tuple[Limit, ...]
    """One for each check at most, in order of the checks' names."""


class Policy(_Frozen):
    """Limits for every stage, inheritance worked out."""

    description: str = ""
    """What the policy is for."""
    stages: tuple[StageLimits, ...]
    """In the order in which a candidate goes through them."""

    @property
    def digest(self) -> str:
        """SHA-256 over the canonical JSON."""
        return digest_of_value(self.to_json())

    def to_json(self) -> dict[str, Any]:
        """A JSON value, from which `from_json` makes the same policy."""
        return self.model_dump(mode="json")

    @classmethod
    def from_json(cls, value: Any, where: Path | str = "policy") -> Policy:
        """The policy that `to_json` wrote.

        Raises:
            SpecRefused: It is not one.
        """
        return parse(cls, value, where)

    def limits(self, stage: str) -> tuple[Limit, ...]:
        """Every limit that holds in `stage`.

        Raises:
            SpecRefused: The policy does not know the stage.
        """
        for entry in self.stages:
            if entry.stage == stage:
                return entry.limits
        raise SpecRefused("policy", "stages", f"knows no stage {stage!r}, only {[s.stage for s in self.stages]}")


class _PolicyFile(_Frozen):
    description: str = ""
    stages: dict[str, list[Limit]]


class Verdict(_Frozen):
    """What a limit makes of a finding."""

    check: str
    """The check."""
    verdict: Outcome
    """The outcome."""
    limit: str
    """The limit for a person, for example ``≥ 0.6``."""
    value: float | None = None
    """The finding's value."""
    interval: tuple[float, float] | None = None
    """The finding's interval."""
    unit: str = ""
    """Unit of both."""
    why: str = ""
    """Why it is anything but `pass`, in a sentence."""
    blocking: bool = True
    """Whether the policy lets this check block."""
    not_applicable: Literal["allow", "block"] = "block"
    """Whether the policy lets it pass where it cannot apply."""
    margin: float | None = None
    """How far it is on the good side of the limit, in `unit`; None if nothing was measured."""

    @property
    def blocks(self) -> bool:
        """Whether approval is refused because of it."""
        if self.verdict == "not_applicable":
            return self.blocking and self.not_applicable == "block"
        return self.blocking and self.verdict in ("fail", "not_evaluated")


class Judgement(_Frozen):
    """What a policy makes of a dossier for one stage."""

    verdicts: tuple[Verdict, ...]
    """One for each limit of the stage, in order of the checks' names."""
    stage: str = ""
    """The stage."""
    live: str | None = None
    """Digest of the release that comparisons were made with; null if nothing is live in the stage."""

    @property
    def blockers(self) -> tuple[Verdict, ...]:
        """Verdicts because of which approval is refused."""
        return tuple(v for v in self.verdicts if v.blocks)


def load_policy(path: Path, spec: Spec) -> Policy:
    """Reads a policy and works out what holds in each stage of `spec`.

    Raises:
        SpecRefused: It is no policy, names a stage or check that the spec does not have, puts a limit on the
            wrong side, loosens a limit of an earlier stage, or checks nothing in the first stage. Every fault
            is named.
    """
    file = parse(_PolicyFile, read_yaml(path), path)
    checks = known_checks(spec)
    unknown = [stage for stage in file.stages if stage not in spec.stages]
    faults = [(f"stages.{stage}", f"is not a stage of the spec: {spec.stages}") for stage in unknown]
    for stage, limits in file.stages.items():
        for place, limit in enumerate(limits):
            if fault := _fault(limit, limits[:place], checks):
                faults.append((f"stages.{stage}.{place}.check", fault))
    if not file.stages.get(spec.stages[0]):
        faults.append((f"stages.{spec.stages[0]}", "must hold a limit: without one everything would enter"))
    stages, loosened = _inherit(file.stages, spec.stages)
    _refuse(path, faults + loosened)
    return Policy(description=file.description, stages=stages)


def _fault(limit: Limit, earlier: Sequence[Limit], checks: Mapping[str, Check]) -> str | None:
    """What is wrong with a limit by itself and beside the limits before it; None if nothing."""
    name = limit.check
    if name not in checks:
        close = get_close_matches(name, checks, n=3)
        hint = f"; did you mean {', '.join(close)}" if close else ""
        return f"{name!r} is no check that is measured under this spec{hint}"
    check = checks[name]
    if (check.better == "higher") != (limit.min is not None):
        good, bad = ("min", "max") if check.better == "higher" else ("max", "min")
        return f"{name!r}: {check.better} is better, so its limit is a `{good}`, not a `{bad}`"
    if limit.hold == "interval" and not check.interval:
        return f"{name!r} has no interval, so it cannot be held to one"
    if any(e.check == name for e in earlier):
        return f"{name!r} is named twice in this stage"
    return None


def _inherit(
    written: Mapping[str, Sequence[Limit]], order: Sequence[str]
) -> tuple[tuple[StageLimits, ...], list[tuple[str, str]]]:
    """Each stage with the limits that it takes over, and every limit that is looser than the one before."""
    held: dict[str, Limit] = {}
    stages, faults = [], []
    for stage in order:
        for place, limit in enumerate(written.get(stage, ())):
            before = held.get(limit.check)
            if before is not None and (how := limit.looser_than(before)):
                faults.append((f"stages.{stage}.{place}", f"{limit.check!r} is looser than in an earlier stage: {how}"))
            held[limit.check] = limit
        stages.append(StageLimits(stage=stage, limits=tuple(held[name] for name in sorted(held))))
    return tuple(stages), faults


def _refuse(path: Path, faults: Sequence[tuple[str, str]]) -> None:
    if faults:
        (field, problem), *rest = faults
        raise SpecRefused(path, field, problem + "".join(f"; {f}: {p}" for f, p in rest))


def judge(dossier: Dossier, policy: Policy, stage: str, *, live: str | None, waived: Collection[str] = ()) -> Judgement:
    """What `policy` makes of `dossier` for `stage`.

    Args:
        dossier: The findings.
        policy: The limits.
        stage: The stage that the candidate would enter.
        live: Digest of the candidate that is live in that stage; None if none is.
        waived: Names of checks that are waived there.

    Raises:
        SpecRefused: The policy does not know the stage.
    """
    verdicts = [_verdict(limit, dossier, live) for limit in policy.limits(stage)]
    verdicts = [
        v.model_copy(update={"verdict": "waived", "why": f"waived; without the waiver: {v.verdict}, {v.why}"})
        if v.check in waived and v.blocks
        else v
        for v in verdicts
    ]
    return Judgement(verdicts=tuple(verdicts), stage=stage, live=live)


def _verdict(limit: Limit, dossier: Dossier, live: str | None) -> Verdict:
    compared = check_of(limit.check).compared
    finding = dossier.find(limit.check, live if compared else None)
    margin = limit.margin(finding) if finding is not None and finding.status == "measured" else None
    outcome, why = _outcome(limit, finding, margin)
    if compared and live in (None, dossier.candidate):
        why = "nothing is live in this stage" if live is None else "this very candidate is live in this stage"
        finding, margin, outcome = None, None, "not_applicable"
    elif compared and finding is None and any(f.check == limit.check for f in dossier.findings):
        why = "stale: it was not measured against the release that is live in this stage now"
    return Verdict(
        check=limit.check,
        verdict=outcome,
        limit=limit.text,
        value=finding.value if finding else None,
        interval=finding.interval if finding else None,
        unit=check_of(limit.check).unit,
        why=why,
        blocking=limit.blocking,
        not_applicable=limit.not_applicable,
        margin=margin,
    )


def _outcome(limit: Limit, finding: Finding | None, margin: float | None) -> tuple[Outcome, str]:
    if finding is None:
        return "not_evaluated", "the dossier does not hold it"
    if finding.status != "measured":
        return finding.status, finding.why
    if margin is None:
        return "not_evaluated", "it was measured without an interval, to which the limit holds it"
    if margin < 0:
        low, high = finding.interval or (math.nan, math.nan)
        held = f"{finding.value:g}" if limit.hold == "value" else f"the interval {low:g} to {high:g}"
        return "fail", f"{held} is not {limit.text.removeprefix('interval ')}"
    return "pass", ""
