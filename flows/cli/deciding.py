"""What a reviewer types: `brief`, `approve`, `reject`, `waive`, `submit`, `code`, `withdraw`, `reopen`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.prompt import Confirm, Prompt

from flows.cli.console import AsJson, console, print_json, say
from flows.cli.keys import KeyFile, passphrase_for, signing_key
from flows.cli.submitting import Desk, require_new, say_standing
from sluicegate.errors import InputRefused, ReleaseDenied

if TYPE_CHECKING:
    from sluicegate.gates.letters import Letter
    from sluicegate.gates.state import Gate
    from sluicegate.settings import Home
    from sluicegate.signing.keys import PrivateKey

GateArgument = Annotated[
    str, typer.Argument(metavar="GATE", help="The gate's id, or its first characters (at least 4).")
]
As = Annotated[str, typer.Option("--as", metavar="ID", help="Your id as a reviewer, as the roster names it.")]
Reason = Annotated[
    str, typer.Option("--reason", metavar="TEXT", help="Why; kept in the ledger for ever. No personal data.")
]
MaybeAs = Annotated[str | None, typer.Option("--as", metavar="ID", help="Who does this.")]
MaybeReason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; kept in the ledger for ever.")]
Out = Annotated[
    Path | None,
    typer.Option("--out", metavar="FILE", help="Write the signed decision there and hand nothing over."),
]


def add_to(app: typer.Typer) -> None:
    """Adds this file's commands."""
    for command in (brief, approve, reject, waive, submit, code, withdraw, reopen):
        app.command()(command)


def brief(
    gate: GateArgument,
    html: Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write it as one HTML page.")] = None,
    json_: AsJson = False,
) -> None:
    """Shows one page on a gate: the question, the three worst things, every check, what changed, what to type."""
    page = Desk.at(gate).brief()
    if html is not None:
        html.write_text(page.to_html(), "utf-8")
        say(f"wrote {html}")
        return
    print_json(page.to_json()) if json_ else page.to_terminal(console)


def approve(
    gate: GateArgument, as_: As, reason: Reason, key: KeyFile = None, out: Out = None, json_: AsJson = False
) -> None:
    """Approves, signed with your key; with the last approval that is needed, the candidate enters the stage.

    The digests are recomputed and the brief is rendered here, before you sign. Refused while a blocking check
    fails or was not evaluated (exit code 3); the refusal is recorded too.
    """
    _decide(gate, "approve", as_, reason, key, out, json_)


def reject(
    gate: GateArgument, as_: As, reason: Reason, key: KeyFile = None, out: Out = None, json_: AsJson = False
) -> None:
    """Rejects, signed with your key: the gate ends, and the rejection stays in the ledger."""
    _decide(gate, "reject", as_, reason, key, out, json_)


def waive(
    gate: GateArgument,
    check: Annotated[str, typer.Argument(metavar="CHECK", help="The check that need not hold at this gate.")],
    as_: As,
    reason: Reason,
    until: Annotated[str, typer.Option("--until", metavar="DAY", help="The last day on which it counts, YYYY-MM-DD.")],
    owner: Annotated[str, typer.Option("--owner", metavar="ID", help="Who answers for what is left undone.")],
    follow_up: Annotated[str, typer.Option("--follow-up", metavar="TEXT", help="What will be done about it.")],
    key: KeyFile = None,
    out: Out = None,
    json_: AsJson = False,
) -> None:
    """Waives a blocking check at this gate, for a reason, until a day; signed with your key."""
    from sluicegate.gates.decisions import waiver_letter
    from sluicegate.ledger.ledger import utc_now

    desk = Desk.at(gate)
    letter = waiver_letter(
        desk.gate, check, as_, reason, owner=owner, expires=until, follow_up=follow_up, now=utc_now()
    )
    _sign_and_submit(desk, letter, as_, key, out, json_)


def submit(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A signed letter, as `--out` wrote it.")],
    json_: AsJson = False,
) -> None:
    """Hands over a letter that was signed elsewhere: a decision, an order, or a change of the roster."""
    from sluicegate.gates.letters import Letter

    letter = Letter.read(file)
    if letter.subject == "decision":
        desk = Desk.at(letter.statement.get("gate", ""))
        desk.submit(letter, via="file", quiet=json_)
        _report(desk, json_)
    elif letter.subject == "roster":
        from flows.cli.roster import record

        record(letter)
    else:
        from flows.cli.responding import carry_out

        carry_out(letter, json_=json_)


def code(
    gate: GateArgument,
    decision: Annotated[str, typer.Argument(metavar="DECISION", help="approve or reject.")],
    as_: As,
    secret: Annotated[
        Path | None,
        typer.Option("--secret", metavar="FILE", help="Your sealed secret; ~/.config/sluicegate/ID.secret without it."),
    ] = None,
) -> None:
    """Makes a one-time code for the form in the Prefect UI: for this decision at this gate, within five minutes."""
    from datetime import UTC, datetime

    from flows.cli.keys import OWN_KEYS
    from sluicegate.signing import ocra

    if decision not in ("approve", "reject"):
        raise InputRefused("code", "DECISION", f"must be approve or reject, not {decision[:20]!r}")
    path = (secret or OWN_KEYS / f"{as_}.secret").expanduser()
    if not path.is_file():
        raise InputRefused(path, "", "there is no such file", "an administrator makes it: sluicegate reviewer codes")
    whole = Desk.at(gate).gate.id
    opened = ocra.open_sealed(path.read_bytes(), passphrase_for(path)(), path)
    counter = _next_counter(path)
    say(ocra.decision_code(opened, whole, decision, counter, datetime.now(UTC)))


def withdraw(gate: GateArgument, as_: MaybeAs = None, reason: MaybeReason = "", json_: AsJson = False) -> None:
    """Takes the question back before anybody decides it."""
    from flows.cli.home import open_home
    from sluicegate.gates.gate import find_gate
    from sluicegate.gates.gate import withdraw as withdraw_gate

    home, ledger = open_home()
    ended = withdraw_gate(ledger, find_gate(ledger, gate).id, by=as_, reason=reason)
    desk = Desk(home, ledger, ended)
    desk.wake()
    _report(desk, json_)


def reopen(gate: GateArgument, as_: MaybeAs = None, reason: MaybeReason = "", json_: AsJson = False) -> None:
    """Asks again after a rejection, a withdrawal, an expiry, a newer candidate, or under a new roster.

    That is a new round with a new id; nothing carries over.
    """
    from flows.cli.home import open_home
    from sluicegate.gates.gate import find_gate
    from sluicegate.gates.gate import reopen as reopen_gate

    home, ledger = open_home()
    opened = reopen_gate(ledger, find_gate(ledger, gate).id, by=as_, reason=reason)
    desk = Desk(home, ledger, opened)
    desk.start_run()
    _report(desk, json_)


def review(home: Home, gate_id: str, *, ask: bool) -> None:
    """Shows a gate's brief and, on a terminal, asks for the decision, gate after gate, until nobody wants to go on."""
    from sluicegate.desk.tally import awaited

    while True:
        desk = Desk.at(gate_id)
        desk.brief().to_terminal(console)
        if ask and _nobody_is_there(desk):
            from flows.cli.founding import found_here

            if found_here(home):
                gate_id = desk.following() or gate_id
                continue
        able = (*awaited(desk.gate), *desk.gate.excluded)
        if desk.gate.state != "open" or not ask or not awaited(desk.gate):
            say_standing(desk.gate, commands=False)
            return
        verb = Prompt.ask("Your decision", choices=["approve", "reject", "later"], default="later", console=console)
        if verb == "later":
            say_standing(desk.gate, commands=False)
            return
        who = Prompt.ask("Your reviewer id", choices=[*able], console=console)
        why = Prompt.ask("Your reason (kept for ever, no personal data)", console=console)
        try:
            _require_reason(why)
            _signed(desk, _letter(desk.gate, verb, who, why), who, None)
        except (ReleaseDenied, InputRefused) as denied:
            say(f"Refused: {denied}")
            continue
        following = desk.following()
        say_standing(desk.gate, following)
        if following is None:
            return
        gate_id = following


def _nobody_is_there(desk: Desk) -> bool:
    from sluicegate.gates.roster import EMPTY, roster_now

    return desk.gate.state == "open" and roster_now(desk.records) == EMPTY


def _decide(gate_id: str, verb: str, who: str, why: str, key: Path | None, out: Path | None, json_: bool) -> None:
    desk = Desk.at(gate_id)
    _sign_and_submit(desk, _letter(desk.gate, verb, who, why), who, key, out, json_)


def _letter(gate: Gate, verb: str, who: str, why: str) -> Letter:
    from sluicegate.gates.decisions import decision_letter
    from sluicegate.gates.reasons import tidy
    from sluicegate.ledger.ledger import utc_now

    return decision_letter(gate, verb, who, tidy(why), now=utc_now())


def _sign_and_submit(desk: Desk, letter: Letter, who: str, key: Path | None, out: Path | None, json_: bool) -> None:
    """Shows what is signed, signs it, and hands it over or writes it down."""
    require_new(out)
    _require_reason(letter.statement["reason"])
    page = desk.brief()  # recomputes every digest; what does not agree ends here
    if sys.stdin.isatty() and not json_:
        page.to_terminal(console)
        if not Confirm.ask(f"Sign: {letter.statement['decision']} as {who}?", default=False, console=console):
            return
    if out is not None:
        private = signing_key(who, key)
        _require_own_key(desk, who, private)
        out.write_text(letter.signed(who, private).to_text(), "utf-8")
        say(f"Signed, and written to {out}. Where the ledger or Prefect can be reached: sluicegate submit {out}")
        return
    _signed(desk, letter, who, key, quiet=json_)
    _report(desk, json_)


def _require_own_key(desk: Desk, who: str, key: PrivateKey) -> None:
    """Refuses to write a letter that every gate would refuse: its signer hears of that only later."""
    from sluicegate.gates.roster import roster_now

    member = roster_now(desk.records).member(who)
    if member is None or member.key != key.public:
        raise InputRefused("--key", "", f"is not the key that the roster has for {who}", "`sluicegate reviewer list`")


def _require_reason(reason: str) -> None:
    """Refuses a reason that the ledger would not keep, before anybody signs it."""
    from sluicegate.gates.reasons import reason_faults

    if faults := reason_faults(reason):
        raise InputRefused("--reason", "", "; ".join(faults))


def _signed(desk: Desk, letter: Letter, who: str, key: Path | None, *, quiet: bool = False) -> None:
    desk.submit(letter.signed(who, signing_key(who, key)), via="command-line", quiet=quiet)


def _next_counter(secret: Path) -> int:
    """Counts up beside the secret; a code's number is never used twice."""
    place = secret.with_name(f"{secret.name}.counter")
    try:
        counter = int(place.read_text("utf-8")) + 1
    except FileNotFoundError:
        counter = 1
    except ValueError:
        raise InputRefused(place, "", "must hold a number", "ask an administrator for a new secret") from None
    partial = place.with_name(f".{place.name}.partial")
    partial.write_text(str(counter), "utf-8")
    partial.replace(place)
    return counter


def _report(desk: Desk, json_: bool) -> None:
    print_json(desk.gate.to_json()) if json_ else say_standing(desk.gate, desk.following())
