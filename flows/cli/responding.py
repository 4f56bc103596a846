"""What a responder types when something live must go: `rollback` and `recall`."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.prompt import Confirm

from flows.cli.console import AsJson, console, print_json, say, showing_progress
from flows.cli.keys import KeyFile, signing_key
from flows.cli.submitting import require_new
from sluicegate.errors import InputRefused

if TYPE_CHECKING:
    from sluicegate.gates.letters import Letter

As = Annotated[str, typer.Option("--as", metavar="ID", help="Your id; the roster must name you a responder.")]
Reason = Annotated[
    str, typer.Option("--reason", metavar="TEXT", help="Why; kept in the ledger for ever. No personal data.")
]
Out = Annotated[
    Path | None, typer.Option("--out", metavar="FILE", help="Write the signed order there, for `sluicegate submit`.")
]


def add_to(app: typer.Typer) -> None:
    """Adds this file's commands."""
    app.command()(rollback)
    app.command()(recall)


def rollback(
    model: Annotated[str, typer.Argument(help="Name of the model.")],
    stage: Annotated[str, typer.Argument(help="The stage.")],
    as_: As,
    reason: Reason,
    key: KeyFile = None,
    out: Out = None,
    json_: AsJson = False,
) -> None:
    """Returns a stage to its previous release that is in good standing; verified, and signed with your key."""
    from flows.cli.home import open_home
    from sluicegate.registry.rollback import rollback_order

    _, ledger = open_home()
    _give(rollback_order(ledger, model, stage, as_, reason), as_, key, out, json_)


def recall(
    release: Annotated[
        str,
        typer.Argument(
            metavar="RELEASE", help="MODEL/STAGE for what is live there, or a candidate's first characters."
        ),
    ],
    as_: As,
    reason: Reason,
    key: KeyFile = None,
    out: Out = None,
    json_: AsJson = False,
) -> None:
    """Takes a candidate back from every stage; afterwards those stages have nothing live until they are rolled back."""
    from flows.cli.home import open_home
    from sluicegate.registry.export import find_release
    from sluicegate.registry.rollback import recall_order

    _, ledger = open_home()
    _give(recall_order(ledger, find_release(ledger, release), as_, reason), as_, key, out, json_)


def carry_out(letter: Letter, *, json_: bool = False) -> None:
    """Does what a signed order says, and tells what is live afterwards."""
    from flows.cli.home import open_home
    from sluicegate.gates.releases import current_releases
    from sluicegate.registry import rollback

    home, ledger = open_home()
    if letter.subject != "order":
        raise InputRefused("letter", "subject", f"is a {letter.subject}, not an order")
    with nullcontext() if json_ else showing_progress():
        do = rollback.recall if letter.statement.get("order") == "recall" else rollback.rollback
        do(home, ledger, letter)
    live = current_releases(ledger, letter.statement["model"])
    if json_:
        print_json([release.to_json() for release in live])
        return
    what = "Recalled" if letter.statement["order"] == "recall" else "Rolled back"
    say(f"\n{what}. Live of {letter.statement['model']} now:")
    for release in live:
        say(f"  {release.stage}: {release.candidate[:12]}, since {release.time[:16].replace('T', ' ')} UTC")
    if not live:
        say("  nothing")


def _give(letter: Letter, as_: str, key: Path | None, out: Path | None, json_: bool) -> None:
    from sluicegate.desk.escaping import visible

    require_new(out)
    if sys.stdin.isatty() and not json_:
        for name, value in letter.statement.items():
            say(f"  {name:<10} {visible(value)}")
        if not Confirm.ask(f"Sign this order as {as_}?", default=False, console=console):
            return
    signed = letter.signed(as_, signing_key(as_, key))
    if out is not None:
        out.write_text(signed.to_text(), "utf-8")
        say(f"Signed, and written to {out}. Where the ledger can be reached: sluicegate submit {out}")
        return
    carry_out(signed, json_=json_)
