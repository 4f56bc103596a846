"""The scorecard of a dossier: what its findings are worth to the objectives that the policy names.

It stands beside the limits and overrides none: a stage that is blocked stays blocked at the highest score. It has
no memory and is derived anew each time, from a dossier and a policy.
"""

from __future__ import annotations

from collections.abc import Sequence

from sluicegate.evidence.dossier import Dossier
from sluicegate.evidence.finding import Finding, Status
from sluicegate.policy.limits import Frozen
from sluicegate.policy.looking_up import look_up
from sluicegate.policy.objectives import Objective, Scale


class FindingScore(Frozen):
    """What one finding is worth to an objective."""

    check: str
    status: Status
    """What was not evaluated is worth 0; what is not applicable is left out."""
    value: float | None
    unit: str
    worst: float
    best: float
    score: float | None
    """From 0 to 1; None if it is left out."""
    why: str = ""
    """Why there is no value."""


class ObjectiveScore(Frozen):
    """How well one objective is met."""

    objective: str
    weight: float
    score: float | None
    """Mean of its findings' scores, from 0 to 1; None if all of them are left out."""
    findings: tuple[FindingScore, ...]


class Scorecard(Frozen):
    """How well all objectives are met."""

    total: float | None
    """Mean of the objectives' scores by weight, from 0 to 1; None if all of them are left out."""
    objectives: tuple[ObjectiveScore, ...]
    """In the policy's order."""


def score(dossier: Dossier, objectives: Sequence[Objective], *, live: str | None) -> Scorecard | None:
    """What the objectives make of a dossier; None if there are none.

    Args:
        dossier: The findings.
        objectives: The policy's.
        live: Digest of the candidate that is live in the stage; None if none is.
    """
    if not objectives:
        return None
    scored = tuple(_objective(objective, dossier, live) for objective in objectives)
    weighed = [(each.score, each.weight) for each in scored if each.score is not None]
    return Scorecard(total=_mean(weighed), objectives=scored)


def _objective(objective: Objective, dossier: Dossier, live: str | None) -> ObjectiveScore:
    found = tuple(_finding(scale, dossier, live) for scale in objective.findings)
    mean = _mean([(each.score, 1.0) for each in found if each.score is not None])
    return ObjectiveScore(objective=objective.name, weight=objective.weight, score=mean, findings=found)


def _finding(scale: Scale, dossier: Dossier, live: str | None) -> FindingScore:
    """The finding that is worth least, where each group has one of its own."""
    return min(
        (_scored(scale, finding) for finding in look_up(scale.check, dossier, live)),
        key=lambda scored: 0.0 if scored.score is None else scored.score,
    )


def _scored(scale: Scale, finding: Finding) -> FindingScore:
    worth = {"not_evaluated": 0.0, "not_applicable": None}
    return FindingScore(
        check=scale.check,
        status=finding.status,
        value=finding.value,
        unit=finding.unit,
        worst=scale.worst,
        best=scale.best,
        score=worth[finding.status] if finding.value is None else scale.of(finding.value),
        why=finding.why,
    )


def _mean(weighed: Sequence[tuple[float, float]]) -> float | None:
    """Mean of scores by weight; None of none."""
    if not weighed:
        return None
    return min(1.0, sum(score * weight for score, weight in weighed) / sum(weight for _, weight in weighed))
