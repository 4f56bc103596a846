"""The brief: one page from which a person can decide.

It begins with the question and with what speaks against a yes, and ends with the commands to type. It
is composed from the gate, the dossier and the verdicts alone, so a reviewer's own machine renders the
same brief as the service. `markdown.py` and `terminal.py` draw it.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from sluicegate.evidence.dossier import Dossier
from sluicegate.gates.changes import Change, Previous, changes
from sluicegate.gates.figures import NOTHING, figure, plural, span, title_of
from sluicegate.gates.provenance import provenance
from sluicegate.gates.state import ENDED, Gate
from sluicegate.policy import Judgement, Verdict

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["Brief", "Change", "Line", "Previous", "compose"]
SHORT = 12
"""Characters of a digest that are shown; enough to tell gates and candidates apart."""
_BLOCKING = ("fail", "not_evaluated", "not_applicable")
_HARMLESS = ("fail", "waived", "not_evaluated", "pass", "not_applicable")
"""Both from the worst."""


@dataclass(frozen=True)
class Line:
    """One check of the policy, written for a person."""

    check: str
    title: str
    """What the check is, in plain words."""
    verdict: str
    value: str
    interval: str
    limit: str
    why: str
    blocks: bool
    """Whether approval is refused because of it."""

    @property
    def sentence(self) -> str:
        """The line in words: title, value, limit, and why where the figures do not say it."""
        interval = f" ({self.interval})" if self.interval != NOTHING else ""
        why = f": {self.why}" if self.why and self.verdict not in ("pass", "fail") else ""
        return f"{self.title}: {self.value}{interval}, limit {self.limit}{why}"


@dataclass(frozen=True)
class Brief:
    """All that a person needs to decide about one gate. Its strings are as people wrote them: drawing escapes them."""

    gate: str
    """Id of the gate."""
    question: str
    recommendation: str
    blocked: bool
    """Whether approval would be refused."""
    notices: tuple[str, ...]
    """What to know before anything else, for example that the gate has ended."""
    first: tuple[Line, ...]
    """What to look at first: the three worst checks."""
    provenance: tuple[tuple[str, str], ...]
    """What was trained, on what, by whom: name and value."""
    interval_heading: str
    checks: tuple[Line, ...]
    """Every check that the policy names for the stage, the worst first."""
    since: str
    """What the changes are counted from."""
    changes: tuple[Change, ...]
    reports: tuple[tuple[str, str], ...]
    """Name and path or address of each report."""
    consequences: tuple[str, ...]
    """What approving will do."""
    commands: tuple[str, ...]
    """Command lines that go on from here."""

    def to_json(self) -> dict[str, Any]:
        """A JSON value with every field."""
        return asdict(self)

    def to_markdown(self) -> str:
        """The brief as Markdown, everything that people wrote escaped."""
        from sluicegate.gates.markdown import draw

        return draw(self)

    def to_terminal(self, console: Console) -> None:
        """Prints the brief, everything that people wrote escaped."""
        from sluicegate.gates.terminal import draw

        draw(self, console)


def compose(
    gate: Gate,
    dossier: Dossier,
    judgement: Judgement,
    *,
    previous: Previous | None = None,
    reviewers: Sequence[str] = (),
    links: Mapping[str, str] | None = None,
    notices: Sequence[str] = (),
) -> Brief:
    """The brief of one gate.

    Args:
        gate: The gate.
        dossier: The gate's dossier.
        judgement: Its verdicts for the gate's stage.
        previous: What is now live in that stage; None if nothing is.
        reviewers: Ids of who may decide (`Roster.eligible`).
        links: Name → path or address of each report.
        notices: What to say before anything else.
    """
    lines = tuple(_line(verdict) for verdict in sorted(judgement.verdicts, key=_severity))
    since = f"release {previous.candidate[:SHORT]} {previous.time[:10]}".strip() if previous else ""
    confidence = dossier.settings.get("confidence")
    return Brief(
        gate=gate.id,
        question=f"May candidate {gate.candidate[:SHORT]} enter {gate.stage} of {gate.model}?",
        recommendation=_recommendation(judgement, [line.check for line in lines if line.blocks]),
        blocked=bool(judgement.blockers) or not judgement.verdicts,
        notices=(*_notices(gate, reviewers), *notices),
        first=tuple(line for line in lines if line.blocks or line.verdict != "not applicable")[:3],
        provenance=provenance(gate, dossier.lineage),
        interval_heading=f"{confidence:.0%} interval" if isinstance(confidence, float) else "interval",
        checks=lines,
        since=since,
        changes=changes(dossier, judgement, previous) if previous else (),
        reports=tuple((links or {}).items()),
        consequences=_consequences(gate, previous),
        commands=_commands(gate, judgement, reviewers),
    )


def _severity(verdict: Verdict) -> tuple[int, float]:
    """What blocks comes first, a failure before what was not evaluated; the rest by the smallest margin."""
    if verdict.blocks:
        return _BLOCKING.index(verdict.verdict), _relative_margin(verdict)
    return len(_BLOCKING) + _HARMLESS.index(verdict.verdict), _relative_margin(verdict)


def _relative_margin(verdict: Verdict) -> float:
    # Margins are in units of their own (shares, rows, megabytes); against the value itself they compare.
    if verdict.margin is None or verdict.value is None:
        return 0.0
    # At a limit that is also the best that there is (nothing leaked, all expectations hold) it is not near failing.
    if verdict.margin == 0 and (verdict.value == 0 or verdict.unit.startswith("yes")):
        return 1.0
    return verdict.margin / max(abs(verdict.value), abs(verdict.margin), 1e-12)


def _line(verdict: Verdict) -> Line:
    return Line(
        check=verdict.check,
        title=title_of(verdict.check),
        verdict=verdict.verdict.replace("_", " "),
        value=figure(verdict.value, verdict.unit),
        interval=span(verdict.interval, verdict.unit),
        limit=verdict.limit,
        why=verdict.why,
        blocks=verdict.blocks,
    )


def _recommendation(judgement: Judgement, blockers: Sequence[str]) -> str:
    total = len(judgement.verdicts)
    if not total:
        return "No check was judged: approval is refused."
    if blockers:
        names = ", ".join(blockers[:3]) + (", …" if len(blockers) > 3 else "")
        verb = "blocks" if len(blockers) == 1 else "block"
        return f"{len(blockers)} of {plural(total, 'check')} {verb}: {names}. Approval is refused while that is so."
    held = sum(verdict.verdict == "pass" for verdict in judgement.verdicts)
    if held == total:
        return f"All {plural(total, 'check')} hold." if total > 1 else "The one check holds."
    others = sorted({v.verdict.replace("_", " ") for v in judgement.verdicts if v.verdict != "pass"})
    return f"Nothing blocks: {held} of {plural(total, 'check')} hold; the rest: {', '.join(others)}."


def _notices(gate: Gate, reviewers: Sequence[str]) -> tuple[str, ...]:
    if gate.decision is not None:
        taken = gate.decision
        verb = "approved" if taken.decision == "approve" else "rejected"
        return (f"This gate was {verb} by {taken.reviewer} on {taken.time[:16].replace('T', ' ')} UTC: {taken.reason}",)
    if gate.state != "open":
        return (f"This gate is {gate.ended or gate.state}: nothing is decided here any more.",)
    return () if reviewers else (f"Nobody on the roster may decide stage {gate.stage}.",)


def _consequences(gate: Gate, previous: Previous | None) -> tuple[str, ...]:
    stages = gate.facts.get("stages")
    following = stages[stages.index(gate.stage) + 1 :] if isinstance(stages, list) and gate.stage in stages else []
    replaced = f", in the place of {previous.candidate[:SHORT]}" if previous else ""
    return (
        f"The candidate's bytes are copied to the registered model {gate.model}-{gate.stage} and verified there.",
        f"It becomes live in {gate.stage}{replaced}; your id and your reason stay in the ledger.",
        f"The gate of {following[0]} opens next." if following else "It is the last stage: no gate follows.",
    )


def _commands(gate: Gate, judgement: Judgement, reviewers: Sequence[str]) -> tuple[str, ...]:
    short = gate.id[:SHORT]
    if gate.state in ENDED:
        return (f"sluicegate reopen {short}",)
    if gate.state != "open":
        return ()
    who = reviewers[0] if len(reviewers) == 1 else "YOUR-ID"
    reject = f'sluicegate reject {short} --as {who} --reason "…"'
    if judgement.verdicts and not judgement.blockers:
        return (f'sluicegate approve {short} --as {who} --reason "…"', reject)
    spec = gate.facts.get("spec")
    again = (f"sluicegate run {shlex.quote(spec)}",) if isinstance(spec, str) else ()
    return (reject, *again)
