"""`sluicegate selftest`: does the gate catch a bad model?"""

from __future__ import annotations

import os
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from flows.cli.console import AsJson, console, print_json, say, showing_progress
from flows.cli.running import parse_overrides
from sluicegate.errors import ReleaseDenied

if TYPE_CHECKING:
    from sluicegate.selftest.report import Report, Result


def add_to(app: typer.Typer) -> None:
    """Adds this file's command."""
    app.command()(selftest)


def selftest(
    spec: Annotated[Path, typer.Argument(help="The release spec, YAML.")] = Path("deployments/reviews-en.yaml"),
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="PATH=VALUE", help="Change a setting: `--set data.rows=3000` makes it faster."),
    ] = None,
    stage: Annotated[str | None, typer.Option(help="The stage at whose gate they are tried; else the first.")] = None,
    keep: Annotated[
        bool,
        typer.Option("--keep", help="Leave candidates, dossiers and steps, raw rows among them, in HOME/selftest."),
    ] = False,
    json_: AsJson = False,
) -> None:
    """Makes bad candidates on purpose, and a good one, and sends them through a gate whose reviewers always approve.

    Ends with 3 if a bad one is not caught, or the good one does not pass.
    """
    from sluicegate.selftest import run
    from sluicegate.settings import Home

    with nullcontext() if json_ else showing_progress():
        report = run(Home.from_environment(), spec, parse_overrides(set_ or []), stage, os.environ, keep=keep)
    print_json(report.to_json()) if json_ else _show(report)
    if report.wrong:
        raise ReleaseDenied(report.failure)


def _show(report: Report) -> None:
    table = Table("candidate", "what was planted", "verdict", "caught by", show_lines=True)
    for result in report.results:
        table.add_row(result.name, result.planted, result.verdict, _caught_by(result))
    console.print(table)
    say(f"{report.sentence} Stage {report.stage} of {report.model}, {report.seconds / 60:.1f} minutes.")


def _caught_by(result: Result) -> str:
    lines = [f"{v.check}: {v.why}" for v in result.caught_by] or [*result.tampering]
    if result.verdict == "not tried":
        lines = [result.why]
    elif not lines and not result.right:
        lines = [f"NOT CAUGHT{f' ({result.why})' if result.why else ''}"]
    return "\n".join(lines)
