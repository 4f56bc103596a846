"""A ledger in memory: whoever holds it has the service's key, and can write what no verb would."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sluicegate.gates.letters import Letter
from sluicegate.gates.replay import replay
from sluicegate.gates.roster import EMPTY, Roster
from sluicegate.gates.state import DECIDED, Gate, Outcome, gate_id, later
from sluicegate.ledger.chain import Entry, Kind
from sluicegate.policy import GateRule
from sluicegate.signing.keys import PrivateKey
from tests.people import Person

START = "2026-01-05T10:00:00.000000Z"


class Book:
    """Entries as the service would sign them, one second apart."""

    def __init__(self, *team: Person, codes: dict[str, int] | None = None) -> None:
        self.key = PrivateKey.generate()
        self.entries: list[Entry] = []
        self.now = START
        self._known: tuple[tuple[str, ...], Outcome] | None = None
        self.add("ledger_opened", "", {"service_key": self.key.public.line, "format": 2})
        given = codes or {}
        members = sorted((one.member.model_copy(update={"code": given.get(one.id, 0)}) for one in team), key=by_id)
        founding = EMPTY.changed(members=members, administrators_needed=1, service_key=self.key.public.line)
        self.change_roster(founding, *(one for one in team if "administrator" in one.roles))

    def add(self, kind: Kind, model: str, body: dict[str, Any]) -> Entry:
        """Appends an entry, signed by the service."""
        self.now = later(self.now, timedelta(seconds=1))
        last = self.entries[-1] if self.entries else None
        entry = Entry.following(
            last, time=self.now, kind=kind, model=model, body=body, idempotency_key=None, sign=self.key.sign
        )
        self.entries.append(entry)
        return entry

    @property
    def outcome(self) -> Outcome:
        key = tuple(entry.hash for entry in self.entries)
        if self._known is None or self._known[0] != key:
            self._known = key, replay(self.entries)
        return self._known[1]

    def gate(self, gate: str) -> Gate:
        found = self.outcome.gate(gate)
        assert found is not None
        return found

    def change_roster(self, after: Roster, *signers: Person) -> None:
        before = self.outcome.roster
        statement = {
            "ledger": self.entries[0].hash,
            "previous": before.digest,
            "roster": after.digest,
            "verb": "change",
            "id": "",
            "time": self.now,
        }
        letter = Letter(subject="roster", statement=statement, roster=after.to_json())
        for signer in signers:
            letter = letter.signed(signer.id, signer.key)
        value = letter.model_dump(mode="json")
        self.add("roster_changed", "", {name: value[name] for name in ("roster", "statement", "signatures")})

    def open(self, candidate: str = "c1" * 32, stage: str = "internal", model: str = "reviews", **changed: Any) -> str:
        """Opens a gate; its id."""
        body = {
            "stage": stage,
            "candidate": candidate,
            "dossier": "d1" * 32,
            "policy": "e1" * 32,
            "roster": self.outcome.roster.digest,
            "rule": GateRule.from_json({"signature": stage != "internal"}).to_json(),
            "accountable": "otto",
            "start": None,
            "asked": [],
            "facts": {},
            "round": 1,
        }
        return gate_id(self.add("gate_opened", model, body | changed))

    def decide(self, gate: str, who: Person, verb: str = "approve", **changed: Any) -> Entry:
        """Records a decision that `who` signed."""
        statement = dict(zip(DECIDED, (gate, verb, who.id, "Holds on every group.", self.now), strict=True))
        signed = Letter(subject="decision", statement=statement).signed(who.id, who.key).signatures[0].signature
        body = statement | {"grade": "signed", "signature": signed, "via": "command-line", "verdicts": {"pass": 1}}
        return self.add("decision", self.gate(gate).model, body | changed)

    def attest(self, gate: str, who: str, counter: int, verb: str = "approve") -> Entry:
        """Records a decision as the service says that it was taken by a one-time code."""
        statement = dict(zip(DECIDED, (gate, verb, who, "Holds on every group.", self.now), strict=True))
        said = {"grade": "attested", "signature": None, "counter": counter, "via": "prefect-form", "verdicts": {}}
        return self.add("decision", self.gate(gate).model, statement | said)

    def about(self, kind: Kind, gate: str, **more: Any) -> Entry:
        """Records something that happened to a gate."""
        return self.add(kind, self.gate(gate).model, {"gate": gate, **more})

    def release(self, who: Person, *candidates: str, stage: str = "internal", model: str = "reviews") -> list[str]:
        """Takes candidates into a stage, one after the other; the ids of their gates."""
        through = []
        for candidate in candidates:
            through.append(self.open(candidate, stage, model))
            self.decide(through[-1], who)
            self.about("promotion_intended", through[-1])
            self.about("promotion_committed", through[-1], facts={})
        return through

    def order(self, kind: Kind, letter: Letter, model: str = "reviews", **changed: Any) -> Entry:
        """Records what a responder ordered: a rollback, a recall."""
        said = letter.statement
        named = ("stage", "from", "to") if kind == "rollback_intended" else ("candidate",)
        body = {name: said[name] for name in named if name in said}
        return self.add(kind, model, body | {"order": said, "signature": letter.signatures[0].signature} | changed)


def by_id(member: Any) -> str:
    """What members are put in order by."""
    return str(member.id)
