"""What a reviewer types: `brief`, `approve`, `reject`, `withdraw`, `reopen`."""

from __future__ import annotations

import sys
import time
from contextlib import nullcontext
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.prompt import Prompt

from flows.cli.console import AsJson, console, print_json, say, showing_progress
from sluicegate.errors import ReleaseDenied

if TYPE_CHECKING:
    from sluicegate.gates.state import Gate
    from sluicegate.settings import Home

GateArgument = Annotated[
    str, typer.Argument(metavar="GATE", help="The gate's id, or its first characters (at least 4).")
]
As = Annotated[str, typer.Option("--as", metavar="ID", help="Your id as a reviewer, as the spec names it.")]
Reason = Annotated[
    str, typer.Option("--reason", metavar="TEXT", help="Why; kept in the ledger for ever. No personal data.")
]
MaybeAs = Annotated[str | None, typer.Option("--as", metavar="ID", help="Who does this.")]
MaybeReason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; kept in the ledger for ever.")]
_PATIENCE_S = 180


def add_to(app: typer.Typer) -> None:
    """Adds this file's commands."""
    for command in (brief, approve, reject, withdraw, reopen):
        app.command()(command)


def brief(gate: GateArgument, json_: AsJson = False) -> None:
    """Shows one page on a gate: the question, the three worst things, every check, what changed, what to type."""
    from sluicegate import releasing

    page = releasing.brief(_home(), gate)
    print_json(page.to_json()) if json_ else page.to_terminal(console)


def approve(gate: GateArgument, as_: As, reason: Reason, json_: AsJson = False) -> None:
    """Approves: the candidate enters the stage, and the next stage's gate opens.

    Refused while a blocking check fails or was not evaluated (exit code 3); the refusal is recorded too.
    """
    _report(_decide(_home(), gate, "approve", as_, reason, quiet=json_), json_)


def reject(gate: GateArgument, as_: As, reason: Reason, json_: AsJson = False) -> None:
    """Rejects: the gate ends, and the rejection stays in the ledger."""
    _report(_decide(_home(), gate, "reject", as_, reason, quiet=json_), json_)


def withdraw(gate: GateArgument, as_: MaybeAs = None, reason: MaybeReason = "", json_: AsJson = False) -> None:
    """Takes the question back before anybody decides it."""
    from flows.cli.home import open_home
    from sluicegate.gates.gate import find_gate
    from sluicegate.gates.gate import withdraw as withdraw_gate

    _, ledger = open_home()
    _report(withdraw_gate(ledger, find_gate(ledger, gate).id, by=as_, reason=reason), json_)


def reopen(gate: GateArgument, as_: MaybeAs = None, reason: MaybeReason = "", json_: AsJson = False) -> None:
    """Asks again after a rejection, a withdrawal or a newer candidate.

    That is a new round with a new id; nothing carries over.
    """
    from flows.cli.home import open_home
    from sluicegate.gates.gate import find_gate
    from sluicegate.gates.gate import reopen as reopen_gate

    home, ledger = open_home()
    opened = reopen_gate(ledger, find_gate(ledger, gate).id, by=as_, reason=reason)
    _start_run_if_served(home, opened)
    _report(opened, json_)


def review(home: Home, gate_id: str, *, ask: bool) -> None:
    """Shows a gate's brief and, on a terminal, asks for the decision, gate after gate, until nobody wants to go on."""
    from sluicegate import releasing
    from sluicegate.gates.gate import find_gate, roster_of
    from sluicegate.gates.ledger import Ledger

    while True:
        ledger = Ledger(home.ledger_url)
        gate = find_gate(ledger, gate_id)
        page = releasing.brief(home, gate.id)
        page.to_terminal(console)
        if gate.state != "open" or not ask:
            _say_standing(gate, commands=False)
            return
        verb = Prompt.ask("Your decision", choices=["approve", "reject", "later"], default="later", console=console)
        if verb == "later":
            _say_standing(gate, commands=False)
            return
        who = Prompt.ask(
            "Your reviewer id", choices=list(roster_of(ledger, gate).eligible(gate.stage)), console=console
        )
        why = Prompt.ask("Your reason (kept for ever, no personal data)", console=console)
        try:
            decided = _decide(home, gate.id, verb, who, why)
        except ReleaseDenied as denied:
            say(f"Refused, and recorded: {denied}")
            continue
        _say_standing(decided)
        following = _following(home, decided)
        if following is None:
            return
        gate_id = following


def _decide(home: Home, gate_id: str, verb: Any, who: str, why: str, *, quiet: bool = False) -> Gate:
    from sluicegate import progress, releasing

    decided = releasing.decide(home, gate_id, decision=verb, reviewer=who, reason=why, via="command-line")
    with nullcontext() if quiet else showing_progress():
        if not _resume_if_served(home, decided) and decided.state in ("approved", "promoting", "released"):
            releasing.promote(home, decided.id)
            progress.report("promote", 1, 1, "done")
            releasing.open_next_gate(home, decided.id)
    return _now(home, decided.id)


def _resume_if_served(home: Home, gate: Gate) -> bool:
    """Wakes the gate's suspended run, if a server is up and has one, and waits until it has promoted."""
    from flows.cli.server import served_api

    address = served_api(home)
    if address is None:
        return False
    from flows.cli.waiting import wake

    if not wake(home, address, gate):
        return False
    deadline = time.monotonic() + _PATIENCE_S
    while _now(home, gate.id).state in ("approved", "promoting"):
        if time.monotonic() > deadline:
            print("The decision is recorded; its run has not promoted it yet (is a worker up?).", file=sys.stderr)
            break
        time.sleep(1)
    return True


def _start_run_if_served(home: Home, gate: Gate) -> None:
    from flows.cli.server import served_api

    if (address := served_api(home)) is not None:
        from flows.cli.waiting import start

        start(home, address, gate)


def _report(gate: Gate, json_: bool) -> None:
    print_json(gate.to_json()) if json_ else _say_standing(gate)


def _say_standing(gate: Gate, *, commands: bool = True) -> None:
    from sluicegate.gates.escaping import visible

    short, place = gate.id[:12], f"stage {gate.stage} of {gate.model}"
    if gate.state == "open":
        say(f"\nAwaiting review: gate {short}, {place}." + (" To go on, one of:" if commands else ""))
        for verb in ("approve", "reject") if commands else ():
            say(f'  sluicegate {verb} {short} --as ID --reason "…"')
        say(f"  sluicegate brief {short}" + ("" if commands else "   (this page again)"))
        return
    by = f", decided by {gate.decision.reviewer}" if gate.decision else ""
    say(f"\nGate {short}, {place}: {gate.state}{by}.")
    if gate.state == "released" and (following := _following(_home(), gate)) is not None:
        say(f"The next gate is open: sluicegate brief {following[:12]}")
    elif gate.state in ("rejected", "withdrawn", "superseded"):
        say(f"{visible(gate.ended)}\nTo ask again: sluicegate reopen {short}".strip())


def _following(home: Home, gate: Gate) -> str | None:
    """The open gate of the same candidate after this one, if there is one."""
    from sluicegate.gates.gate import gates
    from sluicegate.gates.ledger import Ledger

    later = [
        g.id
        for g in gates(Ledger(home.ledger_url), gate.model)
        if g.candidate == gate.candidate and g.state == "open" and g.id != gate.id
    ]
    return later[-1] if later else None


def _now(home: Home, gate_id: str) -> Gate:
    from sluicegate.gates.gate import find_gate
    from sluicegate.gates.ledger import Ledger

    return find_gate(Ledger(home.ledger_url), gate_id)


def _home() -> Home:
    from flows.cli.home import open_home

    return open_home()[0]
