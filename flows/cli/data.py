"""Looking at data before any run: `suggest-suite`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from flows.cli.console import say
from flows.cli.stopping import all_or_nothing
from sluicegate.errors import InputRefused


def add_to(app: typer.Typer) -> None:
    """Adds this file's commands."""
    app.command("suggest-suite")(suggest_suite)


def suggest_suite(
    data: Annotated[Path, typer.Argument(help="Your data: a CSV, JSON Lines or Parquet file.")],
    text: Annotated[str | None, typer.Option(help="Column with the text; found if it is plain.")] = None,
    label: Annotated[str | None, typer.Option(help="Column with the label; found if it is plain.")] = None,
    group: Annotated[
        list[str] | None, typer.Option(help="Column that the spec names as a group; may be repeated.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="File to write to; without it the suite is printed.")] = None,
) -> None:
    """Drafts an expectation suite from a look at your data, to be edited and committed; nothing is overwritten."""
    from sluicegate.data.refusing import refusing
    from sluicegate.data.validation.suggesting import suggest

    if out is not None and out.exists():
        raise InputRefused(out, "", "is there already, and nothing is overwritten", "choose another --out")
    with all_or_nothing():
        suite = suggest(data, text=text, label=label, groups=group or [])
    written = json.dumps(suite, indent=1, ensure_ascii=False)
    if out is None:
        with refusing(Path("standard output")):
            print(written, flush=True)
        return
    with refusing(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(written + "\n", encoding="utf-8")
    say(f"wrote {out}: {len(suite['expectations'])} expectations; read them, edit them, name the file in the spec")
