"""What anybody may look at: `status`, `inbox`, `history`."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from flows.cli.console import AsJson, console, print_json, say
from sluicegate.errors import InputRefused

if TYPE_CHECKING:
    from sluicegate.gates.chain import Entry


def add_to(app: typer.Typer) -> None:
    """Adds this file's commands."""
    for command in (status, inbox, history):
        app.command()(command)


def status(json_: AsJson = False) -> None:
    """Shows runs (where each stands), open gates, and what is live in every stage."""
    from flows.cli.home import open_home
    from flows.cli.server import served
    from sluicegate import runs
    from sluicegate.gates.gate import gates
    from sluicegate.gates.releases import current_releases

    home, ledger = open_home()
    known, waiting = runs.read(home.runs), [g for g in gates(ledger) if g.state == "open"]
    live = current_releases(ledger)
    if json_:
        print_json(
            {
                "home": str(home.root),
                "served": served(home),
                "runs": [asdict(run) for run in known],
                "open_gates": [gate.to_json() for gate in waiting],
                "live": [release.to_json() for release in live],
            }
        )
        return
    table = Table("run", "model", "state", "at", "", title="Runs", title_justify="left")
    for run in known:
        at = (
            f"{run.stage} {run.done:,} of {run.total:,} {run.unit}"
            if run.state == "running" and run.total
            else run.stage
        )
        table.add_row(run.id, run.model, run.state, at, run.why or (f"gate {run.gate[:12]}" if run.gate else ""))
    console.print(table if known else "No runs yet: sluicegate run deployments/reviews-en.yaml")
    table = Table("model", "stage", "candidate", "since", title="Live", title_justify="left")
    for release in live:
        table.add_row(release.model, release.stage, release.candidate[:12], release.time)
    console.print(table if live else "Nothing is live yet.")
    say(f"Open gates: {len(waiting)} (sluicegate inbox). Home: {home.root}")


def inbox(json_: AsJson = False) -> None:
    """Lists the open gates, oldest first: stage, age, who may decide."""
    from flows.cli.home import open_home
    from sluicegate.gates.gate import gates, roster_of

    _, ledger = open_home()
    waiting = [gate for gate in gates(ledger) if gate.state == "open"]
    eligible = {gate.id: roster_of(ledger, gate).eligible(gate.stage) for gate in waiting}
    if json_:
        print_json([gate.to_json() | {"eligible": list(eligible[gate.id])} for gate in waiting])
        return
    if not waiting:
        say("No gate is open.")
        return
    table = Table("gate", "model", "stage", "candidate", "round", "open for", "who may decide")
    for gate in waiting:
        table.add_row(
            gate.id[:12],
            gate.model,
            gate.stage,
            gate.candidate[:12],
            str(gate.round),
            _age(gate.opened),
            ", ".join(eligible[gate.id]),
        )
    console.print(table)
    say(f"sluicegate brief {waiting[0].id[:12]}   shows what speaks for and against it")


def history(
    model: Annotated[str, typer.Argument(help="Name of the model.")],
    json_: AsJson = False,
) -> None:
    """Shows what became of a model: every opening, decision, refusal and promotion, from the ledger."""
    from flows.cli.home import open_home

    _, ledger = open_home()
    entries = ledger.entries(model)
    if not entries:
        known = sorted({entry.model for entry in ledger.entries()})
        raise InputRefused(
            "history", "MODEL", f"the ledger has nothing on {model!r}", f"it knows {', '.join(known) or 'no model yet'}"
        )
    if json_:
        print_json([entry.to_json() for entry in entries])
        return
    table = Table("#", "time", "what", "gate", "stage", "who", "why")
    for entry in entries:
        body = entry.body
        what = entry.kind.replace("_", " ") + (f": {body['decision']}" if "decision" in body else "")
        why = body.get("reason") or body.get("why") or ""
        table.add_row(
            str(entry.seq),
            entry.time[:16].replace("T", " "),
            what,
            _gate_of(entry)[:12],
            str(body.get("stage", "")),
            _who(entry.kind, body),
            "; ".join(why) if isinstance(why, list) else str(why),
        )
    console.print(table)


def _gate_of(entry: Entry) -> str:
    from sluicegate.gates.state import gate_id

    return gate_id(entry) if entry.kind == "gate_opened" else str(entry.body.get("gate", ""))


def _age(opened: str) -> str:
    minutes = int((datetime.now(UTC) - datetime.fromisoformat(opened)).total_seconds() // 60)
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min" if minutes < 48 * 60 else f"{minutes // (24 * 60)} days"


def _who(kind: str, body: dict[str, Any]) -> str:
    """Who did it; of a gate that was superseded `by` names a gate, not a person."""
    return str(body.get("reviewer") or (body.get("by") if kind != "gate_superseded" else "") or "")
