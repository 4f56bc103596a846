"""The brief: one page from which a person can decide.

It begins with the question and with what speaks against a yes, and ends with the commands to type. It
is composed from the gate, the dossier, the verdicts and what the ledger says of the model, so a reviewer's
own machine renders the same brief as the service. `terminal`, `markdown` and `html` draw it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from sluicegate.desk.caveats import caveats
from sluicegate.desk.changes import Change, Previous, changes
from sluicegate.desk.figures import plural
from sluicegate.desk.lines import Line, lines, to_look_at_first
from sluicegate.desk.next_steps import SHORT, commands, consequences
from sluicegate.desk.provenance import provenance
from sluicegate.desk.scorecard import Scored, scored
from sluicegate.desk.tally import awaited, closed, tally
from sluicegate.desk.waivers import Waived, waivers
from sluicegate.evidence.dossier import Dossier
from sluicegate.gates.state import Gate, Outcome
from sluicegate.policy import Judgement, Policy

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["Brief", "Change", "Line", "Previous", "Waived", "compose"]


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
    """What to look at first: every check that blocks, fails or is near its limit, and the worst others up to three."""
    voting: tuple[tuple[str, str], ...]
    """Until when, who, what is still needed, what was decided: name and value."""
    waivers: tuple[Waived, ...]
    """Those in force first, then those that lapsed."""
    provenance: tuple[tuple[str, str], ...]
    """What was trained, on what, by whom: name and value."""
    interval_heading: str
    checks: tuple[Line, ...]
    """Every check that the policy names for the stage, the worst first."""
    scorecard: Scored | None
    """What the policy's objectives come to, if it names any; it decides nothing."""
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
        from sluicegate.desk.markdown import draw

        return draw(self)

    def to_html(self) -> str:
        """The brief as one HTML page that needs nothing beside it, everything that people wrote escaped."""
        from sluicegate.desk.html import draw

        return draw(self)

    def to_terminal(self, console: Console) -> None:
        """Prints the brief, everything that people wrote escaped."""
        from sluicegate.desk.terminal import draw

        draw(self, console)


def compose(
    gate: Gate,
    dossier: Dossier,
    judgement: Judgement,
    *,
    policy: Policy,
    known: Outcome,
    now: str,
    previous: Previous | None = None,
    links: Mapping[str, str] | None = None,
    notices: Sequence[str] = (),
) -> Brief:
    """The brief of one gate.

    Args:
        gate: The gate.
        dossier: The gate's dossier.
        judgement: Its verdicts for the gate's stage.
        policy: What it was judged by.
        known: All that the ledger says of the gate's model, as of now.
        now: UTC, as the ledger writes it.
        previous: What was live in that stage when the gate was decided, or is now; None if nothing.
        links: Name → path or address of each report.
        notices: What to say before anything else, beside what the ledger says.
    """
    checks = lines(judgement, policy)
    since = f"release {previous.candidate[:SHORT]} {previous.time[:10]}".strip() if previous else ""
    confidence = dossier.settings.get("confidence")
    hindered = gate.state == "open" and (not awaited(gate) or closed(gate, now))
    return Brief(
        gate=gate.id,
        question=f"May candidate {gate.candidate[:SHORT]} enter {gate.stage} of {gate.model}?",
        recommendation=_recommendation(judgement, [line.check for line in checks if line.blocks], hindered=hindered),
        blocked=bool(judgement.blockers) or not judgement.verdicts or hindered,
        notices=(*caveats(gate, known, now), *notices),
        first=to_look_at_first(checks),
        voting=tally(gate, known.roster, now),
        waivers=waivers(gate, now),
        provenance=provenance(gate, dossier.lineage),
        interval_heading=f"{confidence:.0%} interval" if isinstance(confidence, float) else "interval",
        checks=checks,
        scorecard=scored(judgement, policy, previous, since),
        since=since,
        changes=changes(dossier, judgement, previous) if previous else (),
        reports=tuple((links or {}).items()),
        consequences=consequences(gate, known, previous),
        commands=commands(gate, known, judgement, now),
    )


def _recommendation(judgement: Judgement, blockers: Sequence[str], *, hindered: bool) -> str:
    total = len(judgement.verdicts)
    if not total:
        return "No check was judged: approval is refused."
    if blockers:
        names = ", ".join(blockers[:3]) + (", …" if len(blockers) > 3 else "")
        verb = "blocks" if len(blockers) == 1 else "block"
        return f"{len(blockers)} of {plural(total, 'check')} {verb}: {names}. Approval is refused while that is so."
    nobody = " But nobody can approve it now." if hindered else ""
    held = sum(verdict.verdict == "pass" for verdict in judgement.verdicts)
    if held == total:
        return (f"All {plural(total, 'check')} hold." if total > 1 else "The one check holds.") + nobody
    others = sorted({v.verdict.replace("_", " ") for v in judgement.verdicts if v.verdict != "pass"})
    return f"Nothing blocks: {held} of {plural(total, 'check')} hold; the rest: {', '.join(others)}.{nobody}"
