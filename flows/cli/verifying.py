"""`verify`: what anybody can check with nothing but files and the key of the root."""

from __future__ import annotations

import re
import sys
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from flows.cli.console import AsJson, print_json, say
from sluicegate.errors import InputRefused, TamperingDetected

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_LENGTH = re.compile(r"(\d{1,6})([mhdw])")


def add_to(app: typer.Typer) -> None:
    """Adds this file's commands."""
    app.command()(verify)


def verify(
    what: Annotated[
        str,
        typer.Argument(
            metavar="RELEASE|LEDGER",
            help="The folder of an exported release; or a ledger: URL or file of its database, or an excerpt (.json).",
        ),
    ],
    trust: Annotated[
        str,
        typer.Option(
            metavar="ROOT",
            envvar="SLUICEGATE_TRUST",
            help="A file of the public keys that signed the first roster, or the fingerprint of one (SHA256:…).",
        ),
    ] = "",
    checkpoint: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="A checkpoint or a receipt that was kept elsewhere; may be given again."),
    ] = None,
    max_age: Annotated[
        str, typer.Option(metavar="AGE", help="How old the newest checkpoint may be: 7d, 12h, 30m.")
    ] = "",
    json_: AsJson = False,
) -> None:
    """Checks a release or a ledger, offline: who approved what on which evidence, and everything that is wrong."""
    from sluicegate.audit.receipts import read_kept
    from sluicegate.audit.trust import read_trust
    from sluicegate.registry.verifying import Kept, verify_ledger, verify_release_folder

    kept = Kept.of(one for path in checkpoint or () for one in read_kept(path))
    trusted, age = read_trust(trust) if trust else (), _span(max_age)
    if Path(what).is_dir():
        found = verify_release_folder(Path(what), trusted=trusted, kept=kept, max_age=age)
    else:
        found = verify_ledger(what, trusted=trusted, kept=kept, max_age=age)
    if json_:
        print_json(found.to_json())
    if found.faults:
        for fault in found.faults:
            print(fault, file=sys.stderr)
        raise typer.Exit(TamperingDetected.exit_code)
    if not json_:
        for line in found.statements:
            say(line)
        say("Verified: nothing is wrong.")


def _span(written: str) -> timedelta | None:
    if not written:
        return None
    matched = _LENGTH.fullmatch(written.strip())
    if matched is None:
        raise InputRefused("verify", "--max-age", "is not a length of time", "for example 7d, 12h or 30m")
    return timedelta(**{_UNITS[matched[2]]: int(matched[1])})
