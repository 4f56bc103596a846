"""The brief in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from sluicegate.gates.escaping import visible

if TYPE_CHECKING:
    from sluicegate.gates.brief import Brief, Line

# A mark as well as a colour: some read without colour.
_MARKS = {
    "pass": ("✓", "green"),
    "fail": ("✗", "bold red"),
    "not evaluated": ("?", "bold yellow"),
    "not applicable": ("-", "dim"),
    "waived": ("~", "yellow"),
}
_NARROW, _NARROW_LIMIT = 100, 9


def draw(brief: Brief, console: Console) -> None:
    """Prints the brief."""
    head = Text(visible(brief.question), style="bold")
    for notice in brief.notices:
        head.append("\n" + visible(notice, 2200), style="bold magenta")
    head.append("\n" + visible(brief.recommendation), style="red" if brief.blocked else "green")
    console.print(Panel(head, border_style="red" if brief.blocked else "green"))
    if brief.first:
        _heading(console, "Look at first")
        for line in brief.first:
            console.print(Padding(_sentence(line), (0, 0, 0, 2), expand=False))
    _heading(console, "What was trained")
    console.print(Padding(_pairs(brief.provenance), (0, 0, 0, 2), expand=False))
    _heading(console, "Checks")
    console.print(_checks(brief, console.width))
    _heading(console, f"What changed since {brief.since}" if brief.since else "What changed")
    console.print(Padding(_changes(brief), (0, 0, 0, 2), expand=False))
    if brief.reports:
        _heading(console, "Reports")
        for name, place in brief.reports:
            # Not wrapped: a path or an address is copied whole.
            console.print(Text.assemble((f"  {visible(name):<11}", "dim"), visible(place)), soft_wrap=True)
    _heading(console, "What approving will do")
    for consequence in brief.consequences:
        console.print(Padding(Text(visible(consequence)), (0, 0, 0, 2), expand=False))
    if brief.commands:
        _heading(console, "To go on")
        for command in brief.commands:
            # Not wrapped: a command is copied whole.
            console.print(Text("  " + visible(command), style="cyan"), soft_wrap=True)


def _heading(console: Console, heading: str) -> None:
    console.print()
    console.print(Text(visible(heading), style="bold underline"))


def _verdict(line: Line) -> Text:
    mark, style = _MARKS.get(line.verdict, ("", ""))
    return Text(f"{mark} {line.verdict}", style=style)


def _sentence(line: Line) -> Text:
    mark, style = _MARKS.get(line.verdict, ("", ""))
    return Text.assemble((f"{mark} ", style), visible(line.sentence))


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
        cells = (line.check, line.value, line.interval, line.limit)
        table.add_row(verdict, *(Text(visible(cell)) for cell in cells))
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
        table.add_row(Text(visible(name)), Text(visible(value)))
    return table
