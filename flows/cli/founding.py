"""The beginning of a ledger: its key, and the first person on its roster, in whom all trust is rooted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.prompt import Prompt

from flows.cli.console import console, say
from flows.cli.keys import KeyFile, default_path, signing_key
from flows.cli.roster import Roles, Stages, fingerprint, key, member_of, proposed, record_now
from sluicegate.errors import InputRefused

if TYPE_CHECKING:
    from sluicegate.settings import Home

_FOUNDER_ROLES = ["administrator", "responder"]
_STAGES = ["internal", "restricted", "public"]


def add_to(app: typer.Typer) -> None:
    """Adds this file's command."""
    app.command("init-ledger")(init_ledger)


def init_ledger(
    as_: Annotated[str | None, typer.Option("--as", metavar="ID", help="Found the roster, as this person.")] = None,
    key_file: KeyFile = None,
    stages: Stages = None,
    roles: Roles = None,
) -> None:
    """Makes the service's key and opens the ledger; with --as, founds the roster: the root of all trust."""
    from sluicegate.gates.roster import EMPTY, roster_now
    from sluicegate.gates.roster_changes import KINDS, service_key_at_opening
    from sluicegate.ledger.ledger import open_ledger
    from sluicegate.settings import Home

    home = Home.from_environment()
    ledger = open_ledger(home)
    if home.ledgerd is None:
        ledger.begin()
    service = service_key_at_opening(ledger.entries("", KINDS))
    say(f"The ledger is open. The service's key: {fingerprint(service)}, in {home.service_key}")
    if as_ is None:
        if roster_now(ledger) == EMPTY:
            say("Nobody is on the roster yet: sluicegate init-ledger --as YOUR-ID")
        return
    if roster_now(ledger) != EMPTY:
        raise InputRefused("roster", "", "was founded before", "`sluicegate reviewer add` puts more people on it")
    private = signing_key(as_, key_file)
    member = member_of(as_, private.public, roles or _FOUNDER_ROLES, stages or _STAGES)
    after = EMPTY.changed(members=[member], administrators_needed=1, service_key=service)
    record_now(ledger, proposed(ledger, after, "found", as_).signed(as_, private))
    root = home.root / "root.pub"
    root.write_text(f"{private.public.line} {as_}\n", "utf-8")
    say(f"The root of trust is {private.public.fingerprint}, written to {root}.")
    say("Whoever verifies a release pins it: sluicegate verify RELEASE --trust root.pub")


def found_here(home: Home) -> bool:
    """On a terminal: offers whoever sits there to found the roster with a key of their own; whether they did."""
    say("Nobody is on the roster yet, so nobody can decide. You can found it, as its first administrator.")
    id_ = Prompt.ask("Your reviewer id (shown in the ledger for ever; empty: later)", default="", console=console)
    if not id_:
        return False
    if not default_path(id_).exists():
        key(id_)
    init_ledger(id_, default_path(id_))
    return True
