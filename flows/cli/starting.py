"""Before the first run: `init`, `doctor`, `schema`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from flows.cli.console import AsJson, print_json, say
from sluicegate.errors import InputRefused


def add_to(app: typer.Typer) -> None:
    """Adds this file's commands."""
    for command in (init, doctor, schema):
        app.command()(command)


def init(
    data: Annotated[Path, typer.Argument(help="Your data: a CSV, JSON Lines or Parquet file.")],
    model: Annotated[str | None, typer.Option(help="Name of the model; the file's name if it is not given.")] = None,
    text: Annotated[str | None, typer.Option(help="Column with the text; found if it is plain.")] = None,
    label: Annotated[str | None, typer.Option(help="Column with the label; found if it is plain.")] = None,
    group: Annotated[
        list[str] | None, typer.Option(help="Column whose groups the evidence is broken down by; may be repeated.")
    ] = None,
    owner: Annotated[str, typer.Option(help="Id of the person who is accountable for the build.")] = "owner",
    out: Annotated[Path, typer.Option(help="Folder to write to.")] = Path(),
) -> None:
    """Writes a commented spec, a suite and a policy for your own data; nothing is overwritten."""
    from sluicegate.drafting import draft

    written = draft(data, model=model, text=text, label=label, groups=group or [], owner=owner, out=out)
    for path in written.files:
        say(f"wrote {path}")
    say(f"\nLook through them, then: sluicegate run {written.spec}")


def doctor(
    spec: Annotated[
        Path | None, typer.Argument(help="Also check what this spec needs, and whether its gates could be passed.")
    ] = None,
    repair: Annotated[
        bool, typer.Option("--repair", help="Put MLflow's aliases and tags right, as the ledger says they are.")
    ] = False,
    json_: AsJson = False,
) -> None:
    """Checks the installation and says what is missing and how to mend it; exit code 2 if something is."""
    from sluicegate.housekeeping import registry
    from sluicegate.housekeeping.doctor import diagnose
    from sluicegate.ledger.ledger import open_ledger
    from sluicegate.settings import Home

    home = Home.from_environment()
    for line in registry.repair(home, open_ledger(home)) if repair else ():
        print(line, file=sys.stderr)
    found = diagnose(
        home,
        lock=Path(__file__).resolve().parents[2] / "requirements.lock",
        spec=spec,
        environ=os.environ,
    )
    if json_:
        print_json([{"name": d.name, "ok": d.ok, "detail": d.detail, "remedy": d.remedy} for d in found])
    else:
        for d in found:
            mend = f"  → {d.remedy}" if d.remedy and not d.ok else ""
            say(f"{'ok  ' if d.ok else 'FAIL'}  {d.name}: {d.detail}{mend}")
    if not all(d.ok for d in found):
        sys.exit(InputRefused.exit_code)


def schema() -> None:
    """Prints the JSON Schema of the release spec, for editors."""
    from sluicegate.spec import Spec

    print_json({"$schema": "https://json-schema.org/draft/2020-12/schema"} | Spec.model_json_schema())
