"""The brief as Markdown, for a Prefect artifact or a file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from sluicegate.desk.escaping import LONGEST_REASONED, markdown, markdown_link, visible

if TYPE_CHECKING:
    from sluicegate.desk.brief import Brief, Line
    from sluicegate.desk.scorecard import Scored

_MARKS = {"pass": "✅", "fail": "❌", "not evaluated": "❔", "not applicable": "➖", "waived": "🟡"}
_NEAR = "⚠️"


def draw(brief: Brief) -> str:
    """The brief as Markdown."""
    sections = [
        f"# {markdown(brief.question)}",
        "\n".join(f"> {_whole(notice)}\n" for notice in brief.notices),
        f"**{markdown(brief.recommendation)}**",
        _section("Look at first", _bullets(_sentence(line) for line in brief.first)),
        _section("How it is decided", _table(("", ""), [(f"**{name}**", _whole(said)) for name, said in brief.voting])),
        _section("Waivers", _bullets(f"{_MARKS['waived']} {_whole(waived.sentence)}" for waived in brief.waivers)),
        _section("What was trained", _table(("", ""), [(f"**{name}**", markdown(v)) for name, v in brief.provenance])),
        _section("Checks", _checks(brief)),
        _section("Scorecard", _scorecard(brief.scorecard)) if brief.scorecard else "",
        _section(*_changes(brief)),
        _section("Reports", _bullets(markdown_link(name, target) for name, target in brief.reports)),
        _section("What approving will do", _bullets(markdown(line) for line in brief.consequences)),
        _section("Commands", "```\n" + "\n".join(visible(line) for line in brief.commands) + "\n```")
        if brief.commands
        else "",
    ]
    return "\n\n".join(section for section in sections if section) + "\n"


def _sentence(line: Line) -> str:
    return f"{_mark(line)} {markdown(line.sentence)}"


def _mark(line: Line) -> str:
    return _NEAR if line.near else _MARKS.get(line.verdict, "")


def _whole(text: str) -> str:
    return markdown(text, LONGEST_REASONED)


def _checks(brief: Brief) -> str:
    rows = [
        (
            f"{_mark(line)} {markdown(line.verdict)}{' **blocks**' if line.blocks else ', near' if line.near else ''}",
            markdown(line.check),
            markdown(line.value),
            markdown(line.interval),
            markdown(line.limit),
            markdown(line.why or line.near),
        )
        for line in brief.checks
    ]
    return _table(("verdict", "check", "value", markdown(brief.interval_heading), "limit", "why"), rows)


def _scorecard(scored: Scored) -> str:
    beside = (markdown(scored.since),) if scored.since else ()
    rows = [
        (
            markdown(axis.objective),
            axis.weight,
            axis.points,
            *((axis.before,) if beside else ()),
            markdown("; ".join(axis.notes)),
        )
        for axis in scored.axes
    ]
    heading = ("objective", "weight", "points of 100", *beside, "")
    return f"{markdown(scored.sentence)}\n\n{_table(heading, rows)}"


def _changes(brief: Brief) -> tuple[str, str]:
    if not brief.since:
        return "What changed", "Nothing has been released to this stage yet: this would be the first release."
    rows = [tuple(markdown(cell) for cell in (c.what, c.before, c.now, c.detail)) for c in brief.changes]
    return f"What changed since {markdown(brief.since)}", _table(
        ("", "before", "now", ""), rows
    ) if rows else "Nothing."


def _section(heading: str, content: str) -> str:
    return f"## {heading}\n\n{content}" if content else ""


def _bullets(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _table(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heading, ["---"] * len(heading), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) if rows else ""
