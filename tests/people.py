"""People with keys, a ledger that has them on its roster, and what they sign."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sluicegate.gates.decisions import decision_letter, waiver_letter
from sluicegate.gates.letters import Letter
from sluicegate.gates.roster import EMPTY, Member, Roster, roster_now
from sluicegate.gates.roster_changes import KINDS, change_roster, propose, service_key_at_opening
from sluicegate.gates.state import Gate
from sluicegate.ledger.ledger import Ledger, utc_now
from sluicegate.ledger.records import Records
from sluicegate.signing import sshsig
from sluicegate.signing.keys import PrivateKey

STAGES = ("internal", "restricted", "public")
PASSPHRASE = "correct horse"


@dataclass(frozen=True)
class Person:
    """Somebody with an id and a private key in memory."""

    id: str
    key: PrivateKey
    roles: tuple[str, ...] = ()
    stages: tuple[str, ...] = STAGES

    @property
    def member(self) -> Member:
        return Member(id=self.id, roles=self.roles, stages=self.stages, public_key=self.key.public.line)

    def approves(self, gate: Gate, reason: str = "Holds on every group.", *, now: str | None = None) -> Letter:
        return self.decides(gate, "approve", reason, now=now)

    def rejects(self, gate: Gate, reason: str = "One group is left behind.", *, now: str | None = None) -> Letter:
        return self.decides(gate, "reject", reason, now=now)

    def decides(self, gate: Gate, verb: str, reason: str, *, now: str | None = None) -> Letter:
        return decision_letter(gate, verb, self.id, reason, now=now or utc_now()).signed(self.id, self.key)

    def waives(self, gate: Gate, check: str, *, expires: str, owner: str = "", now: str | None = None) -> Letter:
        letter = waiver_letter(
            gate,
            check,
            self.id,
            "Known, and small.",
            owner=owner or self.id,
            expires=expires,
            follow_up="Measured again next month.",
            now=now or utc_now(),
        )
        return letter.signed(self.id, self.key)

    def orders(self, what: str, reason: str = "It misleads people.", **said: str) -> Letter:
        """A rollback (model, stage, from_, to) or a recall (model, candidate, stages), signed."""
        named = {name.rstrip("_"): value for name, value in said.items()}
        statement = {"order": what, "reviewer": self.id, "reason": reason, "time": utc_now(), **named}
        return Letter(subject="order", statement=statement).signed(self.id, self.key)

    def start(self, **said: str) -> dict[str, object]:
        """A signed start, as a gate's opening keeps it."""
        statement = {"by": self.id, "time": utc_now(), **said}
        return {"statement": statement, "signature": sshsig.sign(statement, self.key, "sluicegate-start")}


def person(name: str, *roles: str, stages: Sequence[str] = STAGES) -> Person:
    """Somebody with a new key."""
    return Person(name, PrivateKey.generate(), tuple(sorted(roles)), tuple(stages))


def opened_ledger(folder: Path, **more: object) -> Ledger:
    """A ledger with a key of its own, and nothing in it."""
    return Ledger(f"sqlite:///{folder / 'ledger.db'}", key=folder / "keys" / "service.key", **more)  # type: ignore[arg-type]


def found(ledger: Ledger, *people: Person, needed: int = 1) -> Roster:
    """The first roster, signed by every administrator among `people`."""
    if not ledger.entries():
        ledger.begin()
    members = sorted((one.member for one in people), key=lambda member: member.id)
    key = service_key_at_opening(ledger.entries("", KINDS))
    after = EMPTY.changed(members=members, administrators_needed=needed, service_key=key)
    return change(ledger, after, "found", people[0].id, *(one for one in people if "administrator" in one.roles))


def change(ledger: Ledger, after: Roster, verb: str, who: str, *signers: Person) -> Roster:
    """Another roster, signed by `signers`."""
    letter = propose(ledger, after, verb, who)
    for signer in signers:
        letter = letter.signed(signer.id, signer.key)
    return change_roster(ledger, letter)


def add(ledger: Ledger, one: Person, by: Person) -> Roster:
    return change(ledger, roster_now(ledger).with_member(one.member), "add", one.id, by)


def revoke(ledger: Ledger, who: str, by: Person) -> Roster:
    return change(ledger, roster_now(ledger).without(who), "revoke", who, by)


def gate_now(records: Records, gate: Gate) -> Gate:
    from sluicegate.gates.gate import find_gate

    return find_gate(records, gate.id)
