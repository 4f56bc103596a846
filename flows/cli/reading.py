"""What anybody may look at: `status`, `inbox`, `history`."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from flows.cli.console import AsJson, console, print_json, say
from sluicegate.errors import InputRefused, SluicegateError, TamperingDetected

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sluicegate.desk.inbox import Look, Row
    from sluicegate.gates.state import Gate, Outcome
    from sluicegate.ledger.chain import Entry
    from sluicegate.ledger.ledger import Ledger
    from sluicegate.runs import Run
    from sluicegate.settings import Home

_STYLES = {"over": "bold red", "closing": "bold red", "escalated": "red", "overdue": "yellow", "waiting": ""}
_SHORT = 12


def add_to(app: typer.Typer) -> None:
    """Adds this file's commands."""
    for command in (status, inbox, history):
        app.command()(command)


def status(json_: AsJson = False) -> None:
    """Shows runs (where each stands), open gates, what is live in every stage, and what was taken back."""
    from flows.cli.home import open_home
    from flows.cli.server import served
    from sluicegate import runs
    from sluicegate.gates.gate import outcome

    home, ledger = open_home()
    known, builds = outcome(ledger), runs.read(home.runs)
    waiting = [gate for gate in known.gates if gate.state == "open"]
    left = [release for release in known.releases if release.standing != "good"]
    empty = [place for place in known.stacks if place not in known.live]
    if json_:
        print_json(
            {
                "home": str(home.root),
                "served": served(home),
                "runs": [asdict(run) for run in builds],
                "open_gates": [gate.to_json() for gate in waiting],
                "live": [release.to_json() for release in known.live.values()],
                "taken_back": [release.to_json() for release in left],
                "empty_stages": [{"model": model, "stage": stage} for model, stage in empty],
                "rollbacks_under_way": [asdict(rollback) for rollback in known.rollbacks],
                "reviewers": [member.id for member in known.roster.members],
                "faults": list(known.faults),
            }
        )
        return
    _show_runs(builds)
    _show_releases(known)
    for model, stage in empty:
        say(f"Nothing is live in {model}/{stage} since a recall: sluicegate rollback {model} {stage}")
    _show_faults(known.faults)
    if not known.roster.members:
        say("Nobody is on the roster yet: sluicegate init-ledger")
    say(f"Open gates: {len(waiting)} (sluicegate inbox). Home: {home.root}")


def inbox(json_: AsJson = False) -> None:
    """Lists the open gates, the most urgent first: who may decide, what is needed, what fails or is near its limit.

    First those whose time is over or ends within a day, then those that should have been passed on or reminded
    of. Among equals those that nobody can approve as they stand come first, then those that close sooner.
    """
    from flows.cli.home import open_home
    from sluicegate.desk.inbox import rows
    from sluicegate.gates.gate import outcome
    from sluicegate.ledger.ledger import utc_now

    home, ledger = open_home()
    known = outcome(ledger)
    looks = {gate.id: _look(home, ledger, gate) for gate in known.gates if gate.state == "open"}
    waiting = rows(known, looks, utc_now())
    if json_:
        print_json([row.to_json() for row in waiting])
        return
    if not waiting:
        say("No gate is open.")
        return
    console.print(_inbox_table(waiting))
    say(f"sluicegate brief {waiting[0].gate.id[:_SHORT]}   shows what speaks for and against it")


def history(
    model: Annotated[str, typer.Argument(help="Name of the model.")],
    json_: AsJson = False,
) -> None:
    """Shows what became of a model, and of the roster: every opening, decision, refusal, promotion and order."""
    from flows.cli.home import open_home

    _, ledger = open_home()
    entries = ledger.entries(model)
    if not any(entry.model == model for entry in entries):
        known = sorted({entry.model for entry in ledger.entries()} - {""})
        raise InputRefused(
            "history", "MODEL", f"the ledger has nothing on {model!r}", f"it knows {', '.join(known) or 'no model yet'}"
        )
    if json_:
        print_json([entry.to_json() for entry in entries])
        return
    console.print(_history_table(entries))
    _show_faults(_faults(entries))


def _look(home: Home, ledger: Ledger, gate: Gate) -> Look | str:
    """What a gate's bytes come to, or why they cannot be looked at: one gate must not hide the others."""
    from sluicegate import releasing
    from sluicegate.desk.inbox import Look

    try:
        case = releasing.open_case(home, gate.id, ledger)
    except (SluicegateError, OSError) as error:
        return str(error)
    return Look(case.judgement, case.policy)


def _faults(entries: Sequence[Entry]) -> tuple[str, ...]:
    from sluicegate.gates.replay import replay

    try:
        return replay(entries).faults
    except TamperingDetected as error:
        return error.faults


def _show_runs(builds: Sequence[Run]) -> None:
    table = Table("run", "model", "state", "at", "", title="Runs", title_justify="left")
    for run in builds:
        counted = f"{run.stage} {run.done:,} of {run.total:,} {run.unit}"
        at = counted if run.state == "running" and run.total else run.stage
        _add(table, run.id, run.model, run.state, at, run.why or (f"gate {run.gate[:_SHORT]}" if run.gate else ""))
    console.print(table if builds else "No runs yet: sluicegate run deployments/reviews-en.yaml")


def _show_releases(known: Outcome) -> None:
    from sluicegate.desk.times import moment

    table = Table("model", "stage", "candidate", "since", title="Live", title_justify="left")
    for release in known.live.values():
        _add(table, release.model, release.stage, release.candidate[:_SHORT], moment(release.time))
    console.print(table if known.live else "Nothing is live yet.")
    left = [release for release in known.releases if release.standing != "good"]
    table = Table("model", "stage", "candidate", "entered", "what became of it", title="Taken back")
    table.title_justify = "left"
    for release in left:
        cells = (release.model, release.stage, release.candidate[:_SHORT], moment(release.time), release.standing)
        _add(table, *cells)
    if left:
        console.print(table)
    for rollback in known.rollbacks:
        say(
            f"A rollback of {rollback.model}/{rollback.stage} is under way: the next command that opens it finishes it."
        )


def _inbox_table(waiting: Sequence[Row]) -> Table:
    from sluicegate.desk.tally import names
    from sluicegate.desk.times import lasting

    table = Table("gate", "asks for", "waits", "who may decide, what is needed", "to look at")
    for row in waiting:
        gate = row.gate
        asks = f"{gate.stage} of {gate.model}" + (f", round {gate.round}" if gate.round > 1 else "")
        left = f"{lasting(row.left_s)} left" if row.left_s > 0 else "its time is over"
        waits = f"{lasting(row.age_s)}, {left}" + ("" if row.urgency == "waiting" else f" ({row.urgency})")
        decide = f"{names(row.awaited)}: {'; '.join(gate.needed) or 'nothing more'}"
        _add(table, gate.id[:_SHORT], asks, waits, decide, "; ".join(row.remarks), style=_STYLES[row.urgency])
    return table


def _history_table(entries: Sequence[Entry]) -> Table:
    from sluicegate.desk.telling import tell
    from sluicegate.desk.times import moment

    table = Table("#", "time", "what", "how", "gate", "stage", "who", "why")
    for entry in entries:
        told = tell(entry)
        time = moment(entry.time).removesuffix(" UTC")
        _add(table, str(entry.seq), time, told.what, told.grade, told.gate[:_SHORT], told.stage, told.who, told.why)
    return table


def _show_faults(faults: Sequence[str]) -> None:
    from sluicegate.desk.escaping import visible

    for fault in faults:
        say(f"Fault: {visible(fault)}")


def _add(table: Table, *cells: Any, style: str = "") -> None:
    """A row whose cells show what was written, and do nothing of it."""
    from sluicegate.desk.escaping import LONGEST_REASONED, visible

    table.add_row(*(Text(visible(str(cell), LONGEST_REASONED)) for cell in cells), style=style or None)
