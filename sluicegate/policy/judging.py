"""What a policy makes of a dossier for one stage. Derived each time, never stored."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Sequence
from typing import Literal

from sluicegate.evidence.dossier import Dossier
from sluicegate.evidence.finding import Finding
from sluicegate.policy.limits import Frozen, Limit
from sluicegate.policy.looking_up import look_up
from sluicegate.policy.policy import Policy
from sluicegate.policy.scoring import Scorecard, score

Outcome = Literal["pass", "fail", "not_evaluated", "not_applicable", "waived"]
_WORST: tuple[Outcome, ...] = ("fail", "not_evaluated", "not_applicable", "pass")
"""What decides where findings of several groups differ, the worst first."""


class Verdict(Frozen):
    """What a limit makes of a finding."""

    check: str
    """The check."""
    group: str | None = None
    """The group that decides, where each has a finding of its own: the worst that fails, else was not evaluated."""
    among: str = ""
    """How all of these groups fare, for example ``of 5 groups: 2 fail, 3 pass``; empty where there are none."""
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
    waivable: bool = True
    """Whether a waiver of it counts in the stage."""

    @property
    def blocks(self) -> bool:
        """Whether approval is refused because of it."""
        if self.verdict == "not_applicable":
            return self.blocking and self.not_applicable == "block"
        return self.blocking and self.verdict in ("fail", "not_evaluated")


class Judgement(Frozen):
    """What a policy makes of a dossier for one stage."""

    verdicts: tuple[Verdict, ...]
    """One for each limit of the stage, in order of the checks' names."""
    stage: str = ""
    """The stage."""
    live: str | None = None
    """Digest of the release that comparisons were made with; null if nothing is live in the stage."""
    scorecard: Scorecard | None = None
    """What the policy's objectives make of the dossier; null if it names none. No verdict depends on it."""

    @property
    def blockers(self) -> tuple[Verdict, ...]:
        """Verdicts because of which approval is refused."""
        return tuple(v for v in self.verdicts if v.blocks)


def judge(dossier: Dossier, policy: Policy, stage: str, *, live: str | None, waived: Collection[str] = ()) -> Judgement:
    """What `policy` makes of `dossier` for `stage`.

    Args:
        dossier: The findings.
        policy: The limits.
        stage: The stage that the candidate would enter.
        live: Digest of the candidate that is live in that stage; None if none is.
        waived: Names of checks that are waived there; a check that is not waivable stays as it is.

    Raises:
        SpecRefused: The policy does not know the stage.
    """
    waivers = policy.rule(stage).waivers
    verdicts = [_verdict(limit, dossier, live, waivable=waivers and limit.waivable) for limit in policy.limits(stage)]
    verdicts = [
        v.model_copy(update={"verdict": "waived", "why": f"waived; without the waiver: {v.verdict}, {v.why}"})
        if v.check in waived and v.waivable and v.blocks
        else v
        for v in verdicts
    ]
    scorecard = score(dossier, policy.scorecard, live=live)
    return Judgement(verdicts=tuple(verdicts), stage=stage, live=live, scorecard=scorecard)


def _verdict(limit: Limit, dossier: Dossier, live: str | None, *, waivable: bool) -> Verdict:
    """The verdict of the finding that is worst; every one of them must hold."""
    judged = [(finding, *_judged(limit, finding)) for finding in look_up(limit.check, dossier, live)]
    finding, outcome, why, margin = min(judged, key=lambda one: (_WORST.index(one[1]), one[3] or 0.0))
    return Verdict(
        check=limit.check,
        group=finding.group,
        among=_among([one[1] for one in judged]) if finding.group is not None else "",
        verdict=outcome,
        limit=limit.text,
        value=finding.value,
        interval=finding.interval,
        unit=finding.unit,  # a finding says whether its figure is modelled
        why=why,
        blocking=limit.blocking,
        not_applicable=limit.not_applicable,
        margin=margin,
        waivable=waivable,
    )


def _among(outcomes: Sequence[Outcome]) -> str:
    counted = Counter(outcomes)
    said = ", ".join(f"{counted[outcome]} {outcome.replace('_', ' ')}" for outcome in _WORST if counted[outcome])
    return f"of {len(outcomes)} groups: {said}"


def _judged(limit: Limit, finding: Finding) -> tuple[Outcome, str, float | None]:
    """What the limit makes of one finding, why, and the margin."""
    if finding.status != "measured":
        return finding.status, finding.why, None
    margin = limit.margin(finding)
    if margin is None:
        return "not_evaluated", "it was measured without an interval, to which the limit holds it", None
    if not margin >= 0:  # and so not where it is no number
        low, high = (limit.told(end, finding.unit) for end in finding.interval or (math.nan, math.nan))
        value = limit.told(finding.value or 0.0, finding.unit)
        held = value if limit.hold == "value" else f"the interval {low} to {high}"
        return "fail", f"{held} is not {limit.text.removeprefix('interval ')}", margin
    return "pass", "", margin
