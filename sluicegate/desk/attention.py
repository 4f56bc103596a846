"""What a gate needs while nobody decides: reminders, a passing on, and an end.

Everything follows from the entries and the time. What was recorded is found by its idempotency key, so
looking twice, or in two processes at once, records it once. After a pause only the newest reminder is due,
not one for every period that was missed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Literal

from sluicegate.desk.times import lasting, moment
from sluicegate.gates.replay import replay
from sluicegate.gates.state import Gate, Outcome, Release, seconds_between
from sluicegate.ledger.chain import Kind
from sluicegate.ledger.ledger import Ledger, Transaction, utc_now
from sluicegate.ledger.records import Records
from sluicegate.ledger.writer import writes

DueKind = Literal["remind", "escalate", "expire", "waiver-lapsed"]
_HOUR_S = 3600
_ENTRIES: dict[DueKind, Kind] = {
    "remind": "gate_reminded",
    "escalate": "gate_escalated",
    "expire": "gate_expired",
    "waiver-lapsed": "gate_reminded",
}


@dataclass(frozen=True)
class Due:
    """One thing that somebody should hear of now."""

    kind: DueKind
    model: str
    gate: str
    """Id of the gate; of a waiver, the gate at which it was given."""
    number: int
    """Which reminder it is, counted from 1; 0 for what happens once."""
    why: str
    """In a few words. No personal data."""
    check: str = ""
    """The check whose waiver lapsed."""
    owner: str = ""
    """Id of who answers for what that waiver left undone."""
    waiver: str = ""
    """Hash of the entry that recorded that waiver."""

    @property
    def key(self) -> str:
        """The idempotency key under which the ledger keeps it."""
        if self.kind == "waiver-lapsed":
            return f"{self.kind}:{self.waiver}"
        return f"{self.kind}:{self.gate}" + (f":{self.number}" if self.number else "")


@dataclass(frozen=True)
class Attended:
    """Something that was due and is now in the ledger."""

    due: Due
    gate: Gate
    """As it stood just before."""
    administrators: tuple[str, ...]
    """Ids of those to whom it is passed on."""


def due(gates: Iterable[Gate], now: str, live: Iterable[Release] = ()) -> tuple[Due, ...]:
    """All that should have been said by `now`, whether or not the ledger has it already.

    Args:
        gates: As they stand.
        now: UTC, as the ledger writes it.
        live: What is live in the stages; the gates that it came through are among `gates`.
    """
    known = {gate.id: gate for gate in gates}
    waiting = [one for gate in known.values() if gate.state == "open" for one in _of_waiting(gate, now)]
    lapsed = [one for release in live if release.gate in known for one in _lapsed(known[release.gate], now)]
    return (*waiting, *lapsed)


def unattended(records: Records, now: str | None = None) -> tuple[Due, ...]:
    """What is due and not in the ledger yet.

    Args:
        records: The ledger.
        now: UTC; None: this moment, by the clock of this machine.
    """
    entries = records.entries()
    if not entries:
        return ()
    recorded = {entry.idempotency_key for entry in entries}
    now = max(now or utc_now(), entries[-1].time)  # a clock that was set back changes nothing
    return tuple(one for one in _due(replay(entries), now) if one.key not in recorded)


@writes
def attend(ledger: Ledger) -> tuple[Attended, ...]:
    """Records all that is due, each in a transaction of its own; what others recorded meanwhile is not among it.

    Raises:
        Unavailable: The ledger is locked, does not answer, or cannot be written from here.
        TamperingDetected: An entry does not give its own hash.
    """
    now = ledger.transact(lambda transaction: transaction.now)
    done = (record(ledger, one) for one in unattended(ledger, now))
    return tuple(attended for attended in done if attended is not None)


def record(ledger: Ledger, one: Due) -> Attended | None:
    """Looks again when nobody else can write, and records it if it is still due; None if it is not."""
    return ledger.transact(partial(_record, one))


def _record(one: Due, transaction: Transaction) -> Attended | None:
    if transaction.find(one.key) is not None:
        return None
    known = replay(transaction.entries(one.model))
    gate = known.gate(one.gate)
    if gate is None or one.key not in {still.key for still in _due(known, transaction.now)}:
        return None
    body: dict[str, str | int] = {"gate": gate.id, "why": one.why}
    if one.number:
        body["number"] = one.number
    if one.waiver:
        body |= {"waiver": one.waiver, "check": one.check}
    transaction.append(_ENTRIES[one.kind], one.model, body, idempotency_key=one.key)
    return Attended(one, gate, known.roster.administrators)


def _due(known: Outcome, now: str) -> tuple[Due, ...]:
    return due(known.gates, now, known.live.values())


def _of_waiting(gate: Gate, now: str) -> Iterable[Due]:
    age_s = seconds_between(gate.opened, now)
    if now >= gate.closes:
        yield Due("expire", gate.model, gate.id, 0, f"nobody decided by {moment(gate.closes)}")
        return
    left = f"open for {lasting(age_s)}, closes {moment(gate.closes)}"
    if (number := int(age_s // (gate.rule.remind_after_hours * _HOUR_S))) > 0:
        yield Due("remind", gate.model, gate.id, number, left)
    if age_s >= gate.rule.escalate_after_hours * _HOUR_S:
        yield Due("escalate", gate.model, gate.id, 0, left)


def _lapsed(gate: Gate, now: str) -> Iterable[Due]:
    """Waivers of a live release that count no longer; of several for one check, the one that lasted longest."""
    longest = {waiver.check: waiver for waiver in sorted(gate.waivers, key=lambda waiver: waiver.expires)}
    for check, waiver in longest.items():
        if not waiver.in_force(now):
            why = f"the waiver of {check} ended with {waiver.expires}"
            yield Due("waiver-lapsed", gate.model, gate.id, 0, why, check, waiver.owner, waiver.entry)
