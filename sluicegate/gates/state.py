"""What the ledger's entries come to: gates and their states, decisions, waivers, releases.

    open ─── enough approve ──> approved ── intent ──> promoting ── commit ──> released
      ├───── one rejects ─────> rejected       │
      ├───── withdraw ────────> withdrawn  <───┘
      ├───── newer ───────────> superseded
      └───── too late ────────> expired

A recall withdraws every gate of its candidate that has not ended, also while it is promoting. `replay.py`
derives all of it from the entries; nothing here is stored.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from pydantic import TypeAdapter

from sluicegate.errors import TamperingDetected
from sluicegate.gates.roster import Roster
from sluicegate.gates.votes import DECIDED, WAIVED, Decision, Grade, Verb, Via, Waiver
from sluicegate.ledger.chain import Entry
from sluicegate.manifest import digest_of_value
from sluicegate.policy import GateRule

__all__ = [
    "DECIDED",
    "ENDED",
    "WAIVED",
    "Codes",
    "Decision",
    "Gate",
    "Grade",
    "Outcome",
    "Release",
    "Rollback",
    "Standing",
    "State",
    "Verb",
    "Via",
    "Waiver",
    "closing",
    "gate_id",
    "later",
    "seconds_between",
]
State = Literal["open", "approved", "promoting", "released", "rejected", "withdrawn", "superseded", "expired"]
Standing = Literal["good", "rolled back", "recalled"]
ENDED: tuple[State, ...] = ("rejected", "withdrawn", "superseded", "expired")
"""States out of which only another round leads."""


@dataclass(frozen=True)
class Gate:
    """The question: may this candidate, with this dossier, under this policy, enter this stage of this model?"""

    id: str
    """SHA-256 over the question, the roster and the entry that opened it."""
    model: str
    stage: str
    candidate: str
    """Digest of the candidate."""
    dossier: str
    """Digest of the dossier."""
    policy: str
    """Digest of the policy."""
    roster: str
    """Digest of the roster as it stood when the gate opened."""
    round: int
    """1 the first time that this candidate asks for this stage, and one more each time after."""
    accountable: str
    """Who answers for what was built; empty if nobody is named."""
    opened: str
    """When, UTC."""
    closes: str
    """Until when it can be decided, UTC."""
    state: State
    rule: GateRule
    """What it takes to pass."""
    asked: tuple[str, ...] = ()
    """Ids whom the spec asks to decide; empty: all whom the roster allows."""
    decisions: tuple[Decision, ...] = ()
    """Those that count, in their order."""
    waivers: tuple[Waiver, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)
    """What else was known at the opening: path of the spec, version, run id."""
    ended: str = ""
    """How it ended, in a few words, where no decision says so."""
    eligible: tuple[str, ...] = ()
    """Ids of those whose approval counts, whether they have given it yet or not."""
    excluded: tuple[str, ...] = ()
    """Ids of those who may reject but not approve or waive, since they answer for what was built."""
    needed: tuple[str, ...] = ()
    """What is missing for a yes, in words."""

    @property
    def question(self) -> tuple[str, str, str, str, str]:
        """All that makes two gates rounds of the same question; who is asked is not part of it."""
        return self.model, self.stage, self.candidate, self.dossier, self.policy

    @property
    def decision(self) -> Decision | None:
        """The decision that ended the wait: the rejection, or the approval that was the last one needed."""
        ended = self.state in ("approved", "promoting", "released", "rejected")
        return self.decisions[-1] if ended and self.decisions else None

    def waived(self, day: str) -> frozenset[str]:
        """Checks that need not hold on `day`."""
        return frozenset(waiver.check for waiver in self.waivers if waiver.in_force(day))

    def to_json(self) -> dict[str, Any]:
        """A JSON value with every field, and the decision that ended the wait."""
        value: dict[str, Any] = _GATE.dump_python(self, mode="json")
        decided = self.decision
        return value | {"decision": _DECISION.dump_python(decided, mode="json") if decided else None}


@dataclass(frozen=True)
class Release:
    """A candidate that entered a stage."""

    model: str
    stage: str
    candidate: str
    dossier: str
    policy: str
    roster: str
    gate: str
    """Id of the gate that it came through."""
    time: str
    """When the promotion was committed, UTC."""
    facts: dict[str, Any]
    """What the promotion noted: registered version, run id."""
    entry: str
    """Hash of the ledger entry that committed it."""
    standing: Standing = "good"

    def to_json(self) -> dict[str, Any]:
        """A JSON value with every field."""
        value: dict[str, Any] = _RELEASE.dump_python(self, mode="json")
        return value


_GATE, _DECISION, _RELEASE = TypeAdapter(Gate), TypeAdapter(Decision), TypeAdapter(Release)


@dataclass(frozen=True)
class Rollback:
    """A return to an earlier release that was begun and is not committed."""

    model: str
    stage: str
    leaves: str
    """Id of the gate through which the release came that is left."""
    returns_to: str
    """The same of the release that comes back."""
    intended: str
    """Hash of the entry that began it."""


@dataclass(frozen=True)
class Codes:
    """How it stands with somebody's one-time codes."""

    used: int = 0
    """The counter of the last code that was taken; the next one's is higher."""
    failures: int = 0
    """Codes in a row that were wrong."""


@dataclass(frozen=True)
class Outcome:
    """All that the entries come to."""

    gates: tuple[Gate, ...]
    """In the order of their opening."""
    releases: tuple[Release, ...]
    """Oldest first."""
    roster: Roster
    """As it stands after the last entry."""
    live: dict[tuple[str, str], Release]
    """(Model, stage) → what is live there; a stage whose release was recalled has none until it is rolled back."""
    rollbacks: tuple[Rollback, ...]
    """Under way."""
    codes: dict[tuple[str, int], Codes]
    """(Id, number of the secret) → how it stands, as far as these entries tell: codes are for any model."""
    faults: tuple[str, ...]
    """Entries that do not count, though the service signed them: one line each."""
    stacks: dict[tuple[str, str], tuple[Release, ...]] = field(default_factory=dict)
    """(Model, stage) → releases that were not rolled back, oldest first; the last was entered last."""

    def gate(self, gate: str) -> Gate | None:
        """The gate with this whole id."""
        return next((known for known in self.gates if known.id == gate), None)


def gate_id(opening: Entry) -> str:
    """The id of the gate that an entry opened: SHA-256 over what it asks, of whom, and the entry itself.

    Raises:
        TamperingDetected: The entry lacks part of it.
    """
    keys = ("stage", "candidate", "dossier", "policy", "roster")
    if missing := [key for key in keys if not isinstance(opening.body.get(key), str)]:
        raise TamperingDetected("the ledger", (f"entry {opening.seq} opens a gate without {', '.join(missing)}",))
    return digest_of_value(
        {"model": opening.model, "opened_by": opening.hash} | {key: opening.body[key] for key in keys}
    )


def closing(opened: str, rule: GateRule) -> str:
    """When a gate that opened then can no longer be decided, UTC."""
    return later(opened, timedelta(days=rule.open_for_days))


def later(time: str, span: timedelta) -> str:
    """A time of the ledger, moved."""
    moved = datetime.fromisoformat(time) + span
    return moved.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


CLOCKS_DIFFER_S = 300
"""How far the clock of somebody else's machine may be ahead of the ledger's."""


def seconds_between(before: str, after: str) -> float:
    """From one time of the ledger to another, s; negative if it is the other way round."""
    try:
        return (datetime.fromisoformat(after) - datetime.fromisoformat(before)).total_seconds()
    except (ValueError, TypeError):
        return math.nan
