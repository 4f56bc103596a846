"""The checks of a brief, one line each, the worst first."""

from __future__ import annotations

from dataclasses import dataclass

from sluicegate.desk.figures import NOTHING, figure, span, title_of
from sluicegate.desk.near import near, relative_margin
from sluicegate.policy import Judgement, Limit, Policy, Verdict

_BLOCKING = ("fail", "not_evaluated", "not_applicable")
_HARMLESS = ("fail", "waived", "not_evaluated", "near", "pass", "not_applicable")
"""Both from the worst."""
_AT_LEAST_FIRST = 3


@dataclass(frozen=True)
class Line:
    """One check of the policy, written for a person."""

    check: str
    title: str
    """What the check is, in plain words, and which group decides where each has a finding of its own."""
    verdict: str
    value: str
    interval: str
    limit: str
    why: str
    blocks: bool
    """Whether approval is refused because of it."""
    waivable: bool
    """Whether it may be waived at this gate."""
    near: str
    """Why it is near its limit though it holds; empty if it is not."""

    @property
    def sentence(self) -> str:
        """The line in words: title, value, limit, and why where the figures do not say it."""
        interval = f" ({self.interval})" if self.interval != NOTHING else ""
        why = self.near or (self.why if self.verdict not in ("pass", "fail") else "")
        fixed = "; nobody may waive it" if self.blocks and not self.waivable else ""
        return f"{self.title}: {self.value}{interval}, limit {self.limit}{f': {why}' if why else ''}{fixed}"


def lines(judgement: Judgement, policy: Policy) -> tuple[Line, ...]:
    """Every verdict as a line: what blocks, what fails, what is waived, what is near its limit, what holds."""
    limits = {limit.check: limit for limit in policy.limits(judgement.stage)} if judgement.verdicts else {}
    ranked = [(verdict, _near(verdict, limits)) for verdict in judgement.verdicts]
    return tuple(_line(verdict, why, limits.get(verdict.check)) for verdict, why in sorted(ranked, key=_severity))


def to_look_at_first(known: tuple[Line, ...]) -> tuple[Line, ...]:
    """Every line that does not simply hold, and the smallest margins, so that there are three at least.

    Args:
        known: All lines, in the order of `lines`.
    """
    notable = sum(line.blocks or bool(line.near) or line.verdict in ("fail", "not evaluated") for line in known)
    shown = [line for line in known if line.verdict != "waived" and (line.blocks or line.verdict != "not applicable")]
    return tuple(shown[: max(notable, _AT_LEAST_FIRST)])


def _near(verdict: Verdict, limits: dict[str, Limit]) -> str:
    limit = limits.get(verdict.check)
    return near(verdict, limit) if limit is not None else ""


def _severity(ranked: tuple[Verdict, str]) -> tuple[int, float]:
    """What blocks comes first, a failure before what was not evaluated; the rest by the smallest margin."""
    verdict, why_near = ranked
    if verdict.blocks:
        return _BLOCKING.index(verdict.verdict), relative_margin(verdict)
    place = "near" if why_near else verdict.verdict
    return len(_BLOCKING) + _HARMLESS.index(place), relative_margin(verdict)


def _line(verdict: Verdict, why_near: str, limit: Limit | None) -> Line:
    return Line(
        check=verdict.check,
        title=title_of(verdict.check, verdict.group) + (f" ({verdict.among})" if verdict.among else ""),
        verdict=verdict.verdict.replace("_", " "),
        value=figure(verdict.value, verdict.unit, limit),
        interval=span(verdict.interval, verdict.unit, limit),
        limit=verdict.limit,
        why=verdict.why,
        blocks=verdict.blocks,
        waivable=verdict.waivable,
        near=why_near,
    )
