"""Who may decide: `reviewer key|add|list|rotate|revoke|threshold|codes|service-key|sign`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Column, Table

from flows.cli.console import AsJson, console, print_json, say
from flows.cli.keys import KeyFile, default_path, new_passphrase, signing_key
from flows.cli.submitting import require_new
from sluicegate.errors import InputRefused

if TYPE_CHECKING:
    from sluicegate.gates.letters import Letter
    from sluicegate.gates.roster import Member, Roster
    from sluicegate.ledger.ledger import Ledger
    from sluicegate.settings import Home
    from sluicegate.signing.keys import PublicKey

As = Annotated[str, typer.Option("--as", metavar="ID", help="Your id as an administrator.")]
Id = Annotated[str, typer.Argument(metavar="ID", help="The reviewer's id.")]
Pub = Annotated[Path, typer.Argument(metavar="PUB", help="Their public key: a file of OpenSSH, ending in .pub.")]
Stages = Annotated[
    list[str] | None,
    typer.Option("--stage", metavar="STAGE", help="A stage whose gates they may decide; may be repeated."),
]
Roles = Annotated[
    list[str] | None,
    typer.Option(
        "--role", metavar="ROLE", help="A role; may be repeated. `administrator` and `responder` mean something here."
    ),
]
Out = Annotated[
    Path | None, typer.Option("--out", metavar="FILE", help="Write the signed letter there, for `sluicegate submit`.")
]

reviewer = typer.Typer(name="reviewer", help="Who may decide, and with which key.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Adds this file's commands."""
    for name, command in (
        ("key", key),
        ("add", add),
        ("list", list_),
        ("rotate", rotate),
        ("revoke", revoke),
        ("threshold", threshold),
        ("codes", codes),
        ("service-key", service_key),
        ("sign", sign),
    ):
        reviewer.command(name)(command)
    app.add_typer(reviewer)


def key(
    id_: Id,
    file: Annotated[Path | None, typer.Option(help="Where to; ~/.config/sluicegate/ID.key without it.")] = None,
) -> None:
    """Makes a key pair for you on this machine; the private half is encrypted and stays here."""
    from sluicegate.gates.reasons import typed
    from sluicegate.signing.keys import create_private_key

    if typed(id_) != id_:
        raise InputRefused("id", "", f"{typed(id_)} is not an id", "small letters, digits and hyphens")
    path = (file or default_path(id_)).expanduser()
    path.parent.mkdir(parents=True, exist_ok=True)
    public = create_private_key(path, new_passphrase(path), id_)
    say(f"Your private key is {path}. Give {path}.pub to an administrator.")
    say(public.fingerprint)


def add(
    id_: Id,
    pub: Pub,
    as_: As,
    stages: Stages = None,
    roles: Roles = None,
    key_file: KeyFile = None,
    out: Out = None,
) -> None:
    """Puts somebody on the roster, or gives them other stages and roles."""
    ledger, now = _roster()
    if now.knows(id_) and now.member(id_).public_key != _public(pub).line:  # type: ignore[union-attr]
        raise InputRefused("roster", "id", f"{id_} has another key", f"sluicegate reviewer rotate {id_} {pub}")
    known = now.member(id_)
    member = member_of(id_, _public(pub), roles or [], stages or []).model_copy(
        update={"code": known.code if known else 0}
    )
    _change(ledger, now.with_member(member), "add", id_, as_, key_file, out)


def list_(json_: AsJson = False) -> None:
    """Lists who may decide what, with their keys' fingerprints."""
    _, now = _roster()
    if json_:
        print_json(now.to_json() | {"digest": now.digest})
        return
    if not now.members:
        say("Nobody is on the roster yet: sluicegate init-ledger --as YOUR-ID")
        return
    table = Table("id", "roles", "stages", Column("key", no_wrap=True), "codes")
    for member in now.members:
        given = f"secret {member.code}" if member.code else ""
        row = (member.id, ", ".join(member.roles), ", ".join(member.stages), fingerprint(member.public_key), given)
        table.add_row(*row)
    console.print(table)
    say(f"Administrators who must sign a change: {now.administrators_needed} of {len(now.administrators)}.")
    if now.revoked:
        say(f"Revoked: {', '.join(now.revoked)}.")


def rotate(id_: Id, pub: Pub, as_: As, key_file: KeyFile = None, out: Out = None) -> None:
    """Gives somebody another key; what the old one signed keeps its meaning, from now on it signs nothing."""
    ledger, now = _roster()
    member = _known(now, id_).model_copy(update={"public_key": _public(pub).line})
    _change(ledger, now.with_member(member), "rotate", id_, as_, key_file, out)


def revoke(id_: Id, as_: As, key_file: KeyFile = None, out: Out = None) -> None:
    """Takes somebody off the roster; nobody gets their id again."""
    ledger, now = _roster()
    _change(ledger, now.without(id_), "revoke", id_, as_, key_file, out)


def threshold(
    number: Annotated[int, typer.Argument(metavar="N", min=1, help="How many administrators.")],
    as_: As,
    key_file: KeyFile = None,
    out: Out = None,
) -> None:
    """Sets how many administrators must sign a change of the roster."""
    ledger, now = _roster()
    after = now.changed(administrators_needed=number)
    _change(ledger, after, "threshold", str(number), as_, key_file, out)


def codes(
    id_: Id,
    as_: As,
    secret: Annotated[Path, typer.Option("--secret", metavar="FILE", help="Where the new secret goes, sealed.")],
    key_file: KeyFile = None,
    out: Out = None,
) -> None:
    """Gives somebody a new secret for one-time codes, sealed with a passphrase that you tell them another way.

    It is run where the service's keys are. It also unlocks codes that wrong tries have locked.
    """
    from sluicegate.gates.codes import make_master
    from sluicegate.signing import ocra

    home = _home_with_keys()
    ledger, now = _roster()
    member = _known(now, id_)
    if secret.exists():
        raise InputRefused(secret, "", "exists already and is never overwritten", "name another file")
    master = make_master(home.code_key)
    member = member.model_copy(update={"code": member.code + 1})
    sealed = ocra.seal(ocra.reviewer_secret(master, id_, member.code), new_passphrase(secret))
    _change(ledger, now.with_member(member), "codes", id_, as_, key_file, out)
    secret.touch(mode=0o600)
    secret.write_bytes(sealed)
    say(f"The secret is in {secret}. {id_} makes codes with it: sluicegate code GATE approve --as {id_}")


def service_key(as_: As, key_file: KeyFile = None, out: Out = None) -> None:
    """Gives the service a new key, where the old one is lost to a thief; run where the ledger is written."""
    from sluicegate.ledger.service import Service
    from sluicegate.signing.keys import create_service_key, load_service_key

    home = _home_with_keys()
    ledger, now = _roster()
    place = Service(home.service_key).next_path
    public = (load_service_key(place) if place.exists() else create_service_key(place)).public
    _change(ledger, now.changed(service_key=public.line), "service-key", public.fingerprint, as_, key_file, out)


def sign(
    file: Annotated[Path, typer.Argument(help="A letter that another administrator wrote with --out.")],
    as_: As,
    key_file: KeyFile = None,
) -> None:
    """Adds your signature to a change of the roster that another administrator has begun."""
    from sluicegate.gates.letters import Letter
    from sluicegate.gates.roster import Roster

    letter = Letter.read(file)
    if letter.subject != "roster":
        raise InputRefused(file, "subject", f"is a {letter.subject}, not a change of the roster")
    proposed = Roster.from_json(letter.roster)
    if proposed.digest != letter.statement.get("roster"):
        raise InputRefused(file, "roster", "is another than the one that was signed")
    _say_difference(_roster()[1], proposed)
    file.write_text(letter.signed(as_, signing_key(as_, key_file)).to_text(), "utf-8")
    say(f"Signed. When enough have signed: sluicegate submit {file}")


def record(letter: Letter) -> None:
    """Records a change of the roster that was signed elsewhere, and says what it came to."""
    record_now(_roster()[0], letter)


def record_now(ledger: Ledger, letter: Letter) -> None:
    """Records a change of the roster, says what it came to, and asks anew at gates that had nobody to ask."""
    from sluicegate.gates.gate import gates, reopen
    from sluicegate.gates.roster import EMPTY, roster_now
    from sluicegate.gates.roster_changes import change_roster

    before = roster_now(ledger)
    now = change_roster(ledger, letter)
    _say_difference(before, now)
    for gate in gates(ledger):
        if gate.state != "open" or gate.roster == now.digest:
            continue
        place = f"{gate.model}/{gate.stage}"
        if gate.roster == EMPTY.digest:  # it asked nobody: whoever waits at it waits for this
            again = reopen(ledger, gate.id, reason="the roster was founded")
            say(f"Gate {gate.id[:12]} ({place}) asked nobody; its next round is open: {again.id[:12]}")
        else:
            say(f"Gate {gate.id[:12]} ({place}) asks the roster of before: sluicegate reopen {gate.id[:12]}")


def _change(
    ledger: Ledger, after: Roster, verb: str, who: str, as_: str, key_file: Path | None, out: Path | None
) -> None:
    letter = proposed(ledger, after, verb, who).signed(as_, signing_key(as_, key_file))
    if out is not None:
        require_new(out)
        out.write_text(letter.to_text(), "utf-8")
        say(f"Written to {out}. Another administrator signs it: sluicegate reviewer sign {out} --as ID")
        return
    record_now(ledger, letter)


def proposed(ledger: Ledger, after: Roster, verb: str, who: str) -> Letter:
    """A change of the roster that nobody has signed yet."""
    from sluicegate.gates.roster_changes import propose

    return propose(ledger, after, verb, who)


def _say_difference(before: Roster, after: Roster) -> None:
    for member in after.members:
        if (known := before.member(member.id)) != member:
            what = "changed" if known else "new"
            where = f"roles {', '.join(member.roles) or 'none'}; stages {', '.join(member.stages) or 'none'}"
            say(f"{what}: {member.id}, {where}; key {fingerprint(member.public_key)}")
    for gone in set(after.revoked) - set(before.revoked):
        say(f"revoked: {gone}")
    if after.administrators_needed != before.administrators_needed:
        say(f"administrators who must sign a change: {after.administrators_needed}")
    if after.service_key != before.service_key:
        say(f"the service's key: {fingerprint(after.service_key)}")


def _roster() -> tuple[Ledger, Roster]:
    from sluicegate.gates.roster import roster_now
    from sluicegate.ledger.ledger import open_ledger
    from sluicegate.settings import Home

    ledger = open_ledger(Home.from_environment())
    return ledger, roster_now(ledger)


def _home_with_keys() -> Home:
    """The home, on the machine and as the user that writes the ledger: its keys are nowhere else."""
    from sluicegate.settings import Home

    home = Home.from_environment()
    if home.ledgerd is not None:
        remedy = "run this as the user that writes the ledger, without it"
        raise InputRefused("SLUICEGATE_LEDGERD", "", "is set: the ledger's keys are not here", remedy)
    return home


def _known(now: Roster, id_: str) -> Member:
    from sluicegate.gates.reasons import typed

    if (member := now.member(id_)) is None:
        raise InputRefused("roster", "id", f"{typed(id_)} is not on it", "`sluicegate reviewer list`")
    return member


def member_of(id_: str, public: PublicKey, roles: Sequence[str], stages: Sequence[str]) -> Member:
    """Somebody for the roster; whatever is wrong with them is refused by name."""
    from sluicegate.gates.roster import Member
    from sluicegate.spec import parse

    value = {"id": id_, "roles": list(roles), "stages": list(stages), "public_key": public.line}
    return parse(Member, value, "reviewer")


def _public(path: Path) -> PublicKey:
    from sluicegate.signing.keys import PublicKey

    try:
        return PublicKey.parse(path.expanduser().read_text("utf-8"), path)
    except FileNotFoundError:
        raise InputRefused(path, "", "there is no such file") from None
    except (OSError, UnicodeDecodeError):
        raise InputRefused(path, "", "cannot be read as a public key") from None


def fingerprint(line: str) -> str:
    """Of a public key, as `ssh-keygen -l` prints it."""
    from sluicegate.signing.keys import PublicKey

    return PublicKey(line).fingerprint
