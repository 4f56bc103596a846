"""What the ledger's entries come to: gates and their states, decisions, releases.

Nothing here is stored. A gate's state is what its entries, read in order, leave it in; an entry that
does not fit the state before it (a decision on a gate that had ended, a commit without its intent)
changes nothing, whoever wrote it.

    open ─── approve ──> approved ── intent ──> promoting ── commit ──> released
      ├───── reject ───> rejected        │
      ├───── withdraw ─> withdrawn  <────┘
      └───── newer ────> superseded
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from sluicegate.errors import TamperingDetected
from sluicegate.gates.chain import Entry
from sluicegate.manifest import digest_of_value

State = Literal["open", "approved", "promoting", "released", "rejected", "withdrawn", "superseded"]
Verb = Literal["approve", "reject"]
Via = Literal["command-line", "prefect-form"]
ENDED: tuple[State, ...] = ("rejected", "withdrawn", "superseded")
"""States out of which only another round leads."""


@dataclass(frozen=True)
class Decision:
    """What a named person decided about one gate, and on what grounds."""

    gate: str
    decision: Verb
    reviewer: str
    reason: str
    time: str
    """When it was decided, UTC."""
    via: Via
    verdicts: dict[str, int]
    """Verdict → how many checks had it when it was decided."""
    entry: str
    """Hash of the ledger entry that records it: the reviewer's receipt."""

    @property
    def statement(self) -> dict[str, str]:
        """What a reviewer's signature will cover, by its canonical JSON."""
        return {
            "gate": self.gate,
            "decision": self.decision,
            "reviewer": self.reviewer,
            "reason": self.reason,
            "time": self.time,
        }


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
    """1 the first time that the question is asked, and one more each time that it is reopened."""
    owner: str
    """Who is accountable for what was built."""
    opened: str
    """When, UTC."""
    state: State
    decision: Decision | None
    """The decision that ended the wait, if there is one."""
    facts: dict[str, Any]
    """What else was known at the opening: path of the spec, version, run id."""
    ended: str = ""
    """How it ended, in a few words, where no decision says so."""

    @property
    def question(self) -> tuple[str, str, str, str, str, str]:
        """All that makes two gates rounds of the same question."""
        return self.model, self.stage, self.candidate, self.dossier, self.policy, self.roster

    def to_json(self) -> dict[str, Any]:
        """A JSON value with every field."""
        return asdict(self)


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

    def to_json(self) -> dict[str, Any]:
        """A JSON value with every field."""
        return asdict(self)


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


def replay(entries: Iterable[Entry]) -> tuple[tuple[Gate, ...], tuple[Release, ...]]:
    """The gates, in the order of their opening, and the releases, oldest first, that `entries` come to.

    Raises:
        TamperingDetected: An entry lacks what its kind must hold.
    """
    gates: dict[str, Gate] = {}
    releases: list[Release] = []
    for entry in entries:
        try:
            if entry.kind == "gate_opened":
                gate = _opened(entry)
            elif (before := gates.get(entry.body.get("gate", ""))) is None or before.model != entry.model:
                continue
            else:
                gate = _after(before, entry)
                if gate.state == "released" and before.state == "promoting":
                    releases.append(_release(gate, entry))
        except (KeyError, TypeError) as error:
            raise TamperingDetected("the ledger", (f"entry {entry.seq} ({entry.kind}) lacks {error}",)) from None
        gates[gate.id] = gate
    return tuple(gates.values()), tuple(releases)


def live_among(releases: Iterable[Release]) -> dict[str, str]:
    """Stage → digest of the candidate that entered it last, among the releases of one model, oldest first."""
    return {release.stage: release.candidate for release in releases}


def _opened(entry: Entry) -> Gate:
    body = entry.body
    return Gate(
        id=gate_id(entry),
        model=entry.model,
        stage=body["stage"],
        candidate=body["candidate"],
        dossier=body["dossier"],
        policy=body["policy"],
        roster=body["roster"],
        round=body["round"],
        owner=body["owner"],
        opened=entry.time,
        state="open",
        decision=None,
        facts=dict(body["facts"]),
    )


def _after(gate: Gate, entry: Entry) -> Gate:
    body = entry.body
    match entry.kind, gate.state:
        case "decision", "open":
            state: State = "approved" if body["decision"] == "approve" else "rejected"
            return replace(gate, state=state, decision=_decision(entry))
        case "gate_superseded", "open":
            return replace(gate, state="superseded", ended=f"superseded by gate {body['by'][:12]}")
        case "gate_withdrawn", ("open" | "approved"):
            who = f" by {body['by']}" if body["by"] else ""
            why = f": {body['reason']}" if body["reason"] else ""
            return replace(gate, state="withdrawn", ended=f"withdrawn{who}{why}")
        case "promotion_intended", "approved":
            return replace(gate, state="promoting")
        case "promotion_committed", "promoting":
            return replace(gate, state="released")
    return gate


def _decision(entry: Entry) -> Decision:
    fields = ("gate", "decision", "reviewer", "reason", "time", "via", "verdicts")
    return Decision(**{field: entry.body[field] for field in fields}, entry=entry.hash)


def _release(gate: Gate, entry: Entry) -> Release:
    return Release(
        model=gate.model,
        stage=gate.stage,
        candidate=gate.candidate,
        dossier=gate.dossier,
        policy=gate.policy,
        roster=gate.roster,
        gate=gate.id,
        time=entry.time,
        facts=dict(entry.body["facts"]),
        entry=entry.hash,
    )
