"""`export`, `clean`, `backup`, `restore`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.prompt import Confirm

from flows.cli.console import AsJson, console, print_json, say
from sluicegate.errors import InputRefused


def add_to(app: typer.Typer) -> None:
    """Adds this file's commands."""
    for command in (export, clean, backup, restore):
        app.command()(command)


def export(
    release: Annotated[
        str,
        typer.Argument(
            metavar="RELEASE", help="MODEL/STAGE for what is live there, or a candidate's first characters."
        ),
    ],
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder that is empty or not there yet.")],
    json_: AsJson = False,
) -> None:
    """Writes all that somebody else needs to check a release: weights, dossier, policy, roster, ledger entries."""
    from flows.cli.home import open_home
    from sluicegate.registry.export import export as export_release

    home, ledger = open_home()
    exported = export_release(home, ledger, release, folder)
    print_json(exported.to_json()) if json_ else say(f"Exported to {folder}; start with README.txt there.")


def clean(
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    json_: AsJson = False,
) -> None:
    """Lists what may go and how large it is, asks, and removes it; never what a release or an open gate needs."""
    from flows.cli.home import open_home
    from sluicegate.housekeeping.clean import plan, sweep

    home, ledger = open_home()
    what = plan(home, ledger)
    if json_:
        print_json(what.to_json())
        if not yes:
            return
    else:
        for item in what.items:
            say(f"{item.bytes / 1e6:10.1f} MB  {item.path}  ({item.why})")
        say(f"{what.bytes / 1e6:10.1f} MB in {len(what.items)} places may go.")
    if not what.items:
        return
    if not yes:
        if not sys.stdin.isatty():
            raise InputRefused("clean", "--yes", "is needed where nobody can be asked", "nothing was removed")
        if not Confirm.ask("Remove them?", default=False, console=console):
            return
    sweep(what)
    if not json_:
        say("Removed.")


def backup(file: Annotated[Path, typer.Argument(help="The archive to write (.tar).")]) -> None:
    """Writes the ledger, MLflow, candidates, dossiers and policies into one archive with their digests."""
    from sluicegate.housekeeping.backup import backup as write_backup
    from sluicegate.settings import Home

    written = write_backup(Home.from_environment(), file)
    say(f"Backed up to {file} ({file.stat().st_size / 1e6:.1f} MB).")
    for line in written.left_out:
        say(f"Not in it: {line}")


def restore(file: Annotated[Path, typer.Argument(help="An archive that `backup` wrote.")]) -> None:
    """Restores a backup into an empty home (SLUICEGATE_HOME), checking every file against its digest."""
    from sluicegate.housekeeping.backup import restore as read_backup
    from sluicegate.settings import Home

    home = Home.from_environment()
    restored = read_backup(file, home)
    say(f"Restored to {home.root}.")
    for line in restored.left_out:
        say(f"Was not in it: {line}")
