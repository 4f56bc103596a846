"""The scorecard of a brief: what the policy's objectives make of the dossier, beside the release that is live."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sluicegate.desk.changes import Previous
from sluicegate.desk.figures import NOTHING, figure, title_of
from sluicegate.policy import FindingScore, Judgement, ObjectiveScore, Policy, Scorecard, score

_MOST_NAMED = 3


@dataclass(frozen=True)
class Part:
    """One finding of an objective, written for a person."""

    check: str
    title: str
    value: str
    scale: str
    """Which values are worth 0 and 100 points."""
    points: str
    why: str
    """Why it has no value."""


@dataclass(frozen=True)
class Axis:
    """One objective, written for a person."""

    objective: str
    weight: str
    points: str
    """Of 100; a dash if all of its findings are left out."""
    before: str
    """The same of the live release; empty if there is none."""
    notes: tuple[str, ...]
    """What counts nothing, and what is left out."""
    parts: tuple[Part, ...]
    score: float | None
    """From 0 to 1."""
    score_before: float | None


@dataclass(frozen=True)
class Scored:
    """The scorecard, written for a person."""

    sentence: str
    """The total, and that it decides nothing."""
    since: str
    """Which release stands beside it; empty if none does."""
    axes: tuple[Axis, ...]

    @property
    def in_words(self) -> str:
        """What the plot shows, for those who cannot see it."""
        said = (f"{a.objective} {a.points}" + (f" ({a.before} before)" if a.before else "") for a in self.axes)
        return f"Points of 100 by objective: {', '.join(said)}"


def scored(judgement: Judgement, policy: Policy, previous: Previous | None, since: str) -> Scored | None:
    """The scorecard of a judgement; None if the policy names no objective.

    The live release's is worked out from its own dossier under the same policy. A comparison has nothing to compare
    it with, so there it is left out.

    Args:
        judgement: With the candidate's scorecard.
        policy: Under which it was judged.
        previous: What is live in the stage; None if nothing is.
        since: What that is called.
    """
    card = judgement.scorecard
    if card is None:
        return None
    before = score(previous.dossier, policy.scorecard, live=previous.candidate) if previous else None
    earlier = {each.objective: each for each in before.objectives} if before else {}
    return Scored(
        sentence=_sentence(card, before, judgement),
        since=since if before else "",
        axes=tuple(_axis(each, earlier.get(each.objective)) for each in card.objectives),
    )


def _points(share: float | None) -> str:
    return NOTHING if share is None else f"{100 * share:.0f}"


def _sentence(card: Scorecard, before: Scorecard | None, judgement: Judgement) -> str:
    total = f"{_points(card.total)} of 100 points" if card.total is not None else "No points: nothing of it applies"
    was = f", {_points(before.total)} of the live release's own dossier" if before else ""
    blocked = len(judgement.blockers)
    held = f"{blocked} {'check blocks' if blocked == 1 else 'checks block'} all the same" if blocked else ""
    return f"{total}{was}. No score overrides a limit{f': {held}' if held else ''}."


def _axis(each: ObjectiveScore, before: ObjectiveScore | None) -> Axis:
    return Axis(
        objective=each.objective,
        weight=f"{each.weight:g}",
        points=_points(each.score),
        before=_points(before.score) if before else "",
        notes=_notes(each.findings),
        parts=tuple(_part(found) for found in each.findings),
        score=each.score,
        score_before=before.score if before else None,
    )


def _part(found: FindingScore) -> Part:
    return Part(
        check=found.check,
        title=title_of(found.check),
        value=figure(found.value, found.unit),
        scale=f"0 at {found.worst:g}, 100 at {found.best:g}",
        points=_points(found.score),
        why=f"{found.status.replace('_', ' ')}: {found.why}" if found.why else "",
    )


def _notes(findings: Sequence[FindingScore]) -> tuple[str, ...]:
    told = (("not_evaluated", "not evaluated, counts 0"), ("not_applicable", "not applicable, left out"))
    names = {status: [found.check for found in findings if found.status == status] for status, _ in told}
    return tuple(f"{said}: {_some(names[status])}" for status, said in told if names[status])


def _some(checks: Sequence[str]) -> str:
    more = len(checks) - _MOST_NAMED
    return ", ".join(checks[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
