"""The brief in a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from sluicegate.desk.escaping import LONGEST_REASONED, visible

if TYPE_CHECKING:
    from sluicegate.desk.brief import Brief, Line, Waived
    from sluicegate.desk.scorecard import Scored

# A mark as well as a colour: some read without colour.
_MARKS = {
    "pass": ("✓", "green"),
    "fail": ("✗", "bold red"),
    "not evaluated": ("?", "bold yellow"),
    "not applicable": ("-", "dim"),
    "waived": ("~", "yellow"),
}
_NEAR = ("≈", "yellow")
_NARROW, _NARROW_LIMIT = 100, 9


def draw(brief: Brief, console: Console) -> None:
    """Prints the brief."""
    head = Text(visible(brief.question), style="bold")
    for notice in brief.notices:
        head.append("\n" + visible(notice, LONGEST_REASONED), style="bold magenta")
    head.append("\n" + visible(brief.recommendation), style="red" if brief.blocked else "green")
    console.print(Panel(head, border_style="red" if brief.blocked else "green"))
    _section(console, "Look at first", [_sentence(line) for line in brief.first])
    _section(console, "How it is decided", [_pairs(brief.voting)] if brief.voting else [])
    _section(console, "Waivers", [_waived(waived) for waived in brief.waivers])
    _section(console, "What was trained", [_pairs(brief.provenance)])
    _heading(console, "Checks")
    console.print(_checks(brief, console.width))
    if brief.scorecard:
        _section(console, "Scorecard", [Text(visible(brief.scorecard.sentence)), _scorecard(brief.scorecard)])
    _section(console, f"What changed since {brief.since}" if brief.since else "What changed", [_changes(brief)])
    reports = [Text.assemble((f"{visible(name):<11}", "dim"), visible(place)) for name, place in brief.reports]
    _section(console, "Reports", reports, whole=True)
    _section(console, "What approving will do", [Text(visible(line)) for line in brief.consequences])
    _section(console, "To go on", [Text(visible(line), style="cyan") for line in brief.commands], whole=True)


def _section(console: Console, heading: str, content: Sequence[Text | Table], *, whole: bool = False) -> None:
    """A heading and what stands under it; nothing if nothing does. What is `whole` is not wrapped, to be copied."""
    if content:
        _heading(console, heading)
    for part in content:
        if whole and isinstance(part, Text):
            console.print(Text("  ").append_text(part), soft_wrap=True)
        else:
            console.print(Padding(part, (0, 0, 0, 2), expand=False))


def _heading(console: Console, heading: str) -> None:
    console.print()
    console.print(Text(visible(heading), style="bold underline"))


def _verdict(line: Line) -> Text:
    mark, style = _mark(line)
    return Text(f"{mark} {line.verdict}", style=style)


def _sentence(line: Line) -> Text:
    mark, style = _mark(line)
    return Text.assemble((f"{mark} ", style), visible(line.sentence))


def _waived(waived: Waived) -> Text:
    style = "yellow" if waived.in_force else "bold red"
    return Text.assemble(("~ ", style), visible(waived.sentence, LONGEST_REASONED))


def _mark(line: Line) -> tuple[str, str]:
    return _NEAR if line.near else _MARKS.get(line.verdict, ("", ""))


def _checks(brief: Brief, width: int) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for heading in ("  verdict", "check", "value", brief.interval_heading, "limit"):
        # In a narrow terminal the limit's words wrap before a check's name is broken.
        most = _NARROW_LIMIT if heading == "limit" and width < _NARROW else None
        table.add_column(heading, overflow="fold", header_style="dim", max_width=most)
    for line in brief.checks:
        verdict = Text("  ").append_text(_verdict(line))
        if line.blocks:
            verdict.append(", blocks", style="bold red")
        if line.near:
            verdict.append(", near", style="yellow")
        cells = (line.check, line.value, line.interval, line.limit)
        table.add_row(verdict, *(Text(visible(cell)) for cell in cells))
    return table


def _scorecard(scored: Scored) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for heading in ("objective", "weight", "points", *((scored.since,) if scored.since else ()), ""):
        table.add_column(visible(heading), overflow="fold", header_style="dim")
    for axis in scored.axes:
        before = (axis.before,) if scored.since else ()
        cells = (axis.objective, axis.weight, axis.points, *before, "; ".join(axis.notes))
        table.add_row(*(Text(visible(cell)) for cell in cells))
    return table


def _changes(brief: Brief) -> Table | Text:
    if not brief.since:
        return Text("Nothing has been released to this stage yet: this would be the first release.")
    if not brief.changes:
        return Text("Nothing.")
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, show_header=False)
    for change in brief.changes:
        step = f"{change.before} → {change.now}" if change.before else change.now
        table.add_row(*(Text(visible(cell)) for cell in (change.what, step, change.detail)))
    return table


def _pairs(pairs: tuple[tuple[str, str], ...]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, show_header=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in pairs:
        table.add_row(Text(visible(name)), Text(visible(value, LONGEST_REASONED)))
    return table
