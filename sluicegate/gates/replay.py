"""From the ledger's entries to gates, decisions, releases and what is live.

The service signed every entry, and is believed for what only it can know: that a gate was opened, that
bytes were copied. It is not believed for what people decide: each signature of theirs is checked here
again, under the roster as it stood at that entry. A decision that does not hold counts for nothing and is
named in `Outcome.faults`; so does an entry that does not fit the state before it, whoever wrote it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from sluicegate.errors import InputRefused, TamperingDetected
from sluicegate.gates.codes import CodeBook
from sluicegate.gates.roster_changes import RosterHistory
from sluicegate.gates.stacks import Stacks
from sluicegate.gates.state import DECIDED, WAIVED, Decision, Gate, Outcome, State, Waiver, closing, gate_id
from sluicegate.gates.voters import as_it_stands, passed, recorded_faults
from sluicegate.ledger.chain import Entry
from sluicegate.policy import GateRule
from sluicegate.signing import sshsig

__all__ = ["replay"]


def replay(entries: Iterable[Entry]) -> Outcome:
    """What `entries` come to: those of one model or of all, with the ledger-wide ones.

    Raises:
        TamperingDetected: An entry lacks what its kind must hold, or changed the roster without the signatures.
    """
    replaying = _Replay()
    for entry in entries:
        try:
            replaying.take(entry)
        except (KeyError, TypeError, AttributeError, ValueError, InputRefused, OverflowError) as error:
            problem = f"entry {entry.seq} ({entry.kind}) lacks what it must hold: {type(error).__name__} {error}"
            raise TamperingDetected("the ledger", (problem,)) from None
    return replaying.outcome()


class _Replay:
    def __init__(self) -> None:
        self.gates: dict[str, Gate] = {}
        self.rosters = RosterHistory()
        self.stacks = Stacks()
        self.codes = CodeBook()
        self.answered: dict[tuple[str, str], set[str]] = {}  # (model, candidate) → whoever ever answered for it
        self.faults: list[str] = []

    def take(self, entry: Entry) -> None:
        handlers: dict[str, Callable[[Entry], None]] = {
            "ledger_opened": self.rosters.learn,
            "roster_changed": self.rosters.learn,
            "gate_opened": self._gate_opened,
            "decision": self._decision,
            "waiver": self._waiver,
            "decision_refused": self._refused,
            "gate_superseded": self._superseded,
            "gate_withdrawn": self._withdrawn,
            "gate_expired": self._expired,
            "promotion_intended": self._promotion_intended,
            "promotion_committed": self._promotion_committed,
            "rollback_intended": self._rollback_intended,
            "rollback_committed": self._rollback_committed,
            "release_recalled": self._recalled,
        }
        if entry.kind in handlers:
            handlers[entry.kind](entry)

    def outcome(self) -> Outcome:
        rosters = self.rosters.by_digest
        return Outcome(
            gates=tuple(as_it_stands(g, self.rosters.newest, rosters[g.roster]) for g in self.gates.values()),
            releases=tuple(self.stacks.releases.values()),
            roster=self.rosters.newest,
            live=self.stacks.live,
            rollbacks=tuple(self.stacks.rollbacks.values()),
            codes=dict(self.codes.standings),
            faults=tuple(self.faults),
            stacks=self.stacks.places,
        )

    def _fault(self, entry: Entry, *problems: str) -> None:
        line = f"entry {entry.seq} ({entry.kind.replace('_', ' ')}) does not count"
        self.faults += [f"{line}: {problem}" for problem in problems]

    def _gate(self, entry: Entry, *states: State) -> Gate | None:
        gate = self.gates.get(entry.body["gate"])
        if gate is None or gate.model != entry.model:
            self._fault(entry, "there is no such gate")
            return None
        if gate.state not in states:
            self._fault(entry, f"the gate was {gate.state}")
            return None
        return gate

    def _set(self, gate: Gate) -> None:
        self.gates[gate.id] = gate

    # --- gates ------------------------------------------------------------------------------------

    def _gate_opened(self, entry: Entry) -> None:
        body = entry.body
        if body["roster"] != self.rosters.newest.digest:
            return self._fault(entry, "it names another roster than the one of that time")
        if (entry.model, body["candidate"]) in self.stacks.recalled:
            return self._fault(entry, "its candidate was recalled")
        rule = GateRule.from_json(body["rule"])
        accountable = self._accountable(entry)
        out = self.answered.setdefault((entry.model, body["candidate"]), set())
        out |= {accountable} - {""}
        gate = Gate(
            id=gate_id(entry),
            model=entry.model,
            stage=body["stage"],
            candidate=body["candidate"],
            dossier=body["dossier"],
            policy=body["policy"],
            roster=body["roster"],
            round=body["round"],
            accountable=accountable,
            opened=entry.time,
            closes=closing(entry.time, rule),
            state="open",
            rule=rule,
            asked=tuple(body["asked"]),
            facts=dict(body["facts"]),
            # Whoever ever answered for this candidate is out, whoever answers for it in this round.
            excluded=() if rule.accountable_may_approve else tuple(sorted(out)),
        )
        self._set(gate)

    def _accountable(self, entry: Entry) -> str:
        start = entry.body.get("start")
        named = str(entry.body.get("accountable") or "")
        if not start:
            return named
        member = self.rosters.newest.member(named)
        fault = "nobody on the roster has this id" if member is None else ""
        if member is not None:
            fault = sshsig.faults(start["statement"], start["signature"], member.key, "sluicegate-start")
        if not fault and start["statement"].get("by") != named:
            fault = "it names somebody else"
        if fault:
            self._fault(entry, f"the signature under its start does not hold ({fault}): nobody answers for it")
            return ""
        return named

    def _superseded(self, entry: Entry) -> None:
        if gate := self._gate(entry, "open"):
            self._set(replace(gate, state="superseded", ended=f"superseded by gate {entry.body['by'][:12]}"))

    def _withdrawn(self, entry: Entry) -> None:
        if gate := self._gate(entry, "open", "approved"):
            who = f" by {entry.body['by']}" if entry.body["by"] else ""
            why = f": {entry.body['reason']}" if entry.body["reason"] else ""
            self._set(replace(gate, state="withdrawn", ended=f"withdrawn{who}{why}"))

    def _expired(self, entry: Entry) -> None:
        if gate := self._gate(entry, "open"):
            if entry.time < gate.closes:
                return self._fault(entry, f"the gate was open until {gate.closes}")
            self._set(replace(gate, state="expired", ended=f"expired: nobody decided by {gate.closes[:16]}"))

    # --- decisions --------------------------------------------------------------------------------

    def _decision(self, entry: Entry) -> None:
        gate = self._gate(entry, "open")
        if gate is None or not self._counts(entry, gate):
            return
        fields = {name: entry.body[name] for name in (*DECIDED, "via", "grade", "signature", "verdicts")}
        decision = Decision(**fields, entry=entry.hash, recorded=entry.time)
        gate = replace(gate, decisions=(*gate.decisions, decision))
        if decision.decision == "reject":
            gate = replace(gate, state="rejected")
        elif passed(gate, self.rosters.newest):
            gate = replace(gate, state="approved")
        self._set(gate)

    def _waiver(self, entry: Entry) -> None:
        gate = self._gate(entry, "open")
        if gate is None or not self._counts(entry, gate):
            return
        names = [name for name in (*WAIVED, "via", "grade", "signature") if name != "decision"]
        waiver = Waiver(**{name: entry.body[name] for name in names}, entry=entry.hash)
        self._set(replace(gate, waivers=(*gate.waivers, waiver)))

    def _counts(self, entry: Entry, gate: Gate) -> bool:
        """Whether what somebody decided holds here and now; whatever speaks against it is noted."""
        roster, asked = self.rosters.newest, self.rosters.by_digest[gate.roster]
        found = recorded_faults(entry, gate, roster, asked)
        if not found and entry.body["grade"] == "attested":
            found = self.codes.take(roster.member(entry.body["reviewer"]), entry.body["counter"])
        self._fault(entry, *found)
        return not found

    def _refused(self, entry: Entry) -> None:
        if entry.body.get("wrong_code"):
            self.codes.miss(self.rosters.newest.member(entry.body["reviewer"] or ""))

    # --- releases ---------------------------------------------------------------------------------

    def _promotion_intended(self, entry: Entry) -> None:
        if gate := self._gate(entry, "approved"):
            self._set(replace(gate, state="promoting"))

    def _promotion_committed(self, entry: Entry) -> None:
        if gate := self._gate(entry, "promoting"):
            self.stacks.enter(gate, entry)
            self._set(replace(gate, state="released"))

    def _rollback_intended(self, entry: Entry) -> None:
        self._fault(entry, *self.stacks.begin_rollback(entry, self.rosters.newest))

    def _rollback_committed(self, entry: Entry) -> None:
        self._fault(entry, *self.stacks.end_rollback(entry))

    def _recalled(self, entry: Entry) -> None:
        if found := self.stacks.recall(entry, self.rosters.newest):
            return self._fault(entry, *found)
        ended = f"its candidate was recalled by {entry.body['order']['reviewer']}"
        for gate in list(self.gates.values()):
            same = (gate.model, gate.candidate) == (entry.model, entry.body["candidate"])
            if same and gate.state in ("open", "approved", "promoting"):
                self._set(replace(gate, state="withdrawn", ended=ended))
