"""Deciding: approvals, rejections and waivers by named reviewers, each bound to one gate.

What arrives is a letter: a statement, with the reviewer's signature or with a one-time code. Everything
that speaks against it is collected and said at once; what was refused is recorded too, without the words
that were typed. One rejection ends the gate; enough approvals, as the policy says, pass it.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

from sluicegate.errors import ReleaseDenied
from sluicegate.gates import codes
from sluicegate.gates.finding import gate_in
from sluicegate.gates.grounds import Grounds, approval_faults, waiver_faults
from sluicegate.gates.letters import NAMESPACES, Letter
from sluicegate.gates.reasons import reason_faults
from sluicegate.gates.replay import replay
from sluicegate.gates.roster import Roster
from sluicegate.gates.roster_changes import KINDS, rosters
from sluicegate.gates.state import CLOCKS_DIFFER_S, DECIDED, WAIVED, Decision, Gate, Outcome, Via, seconds_between
from sluicegate.gates.voters import voting_faults
from sluicegate.ledger.ledger import Ledger, Transaction
from sluicegate.manifest import digest_of_bytes
from sluicegate.signing import sshsig
from sluicegate.signing.keys import PublicKey

__all__ = ["Decision", "Grounds", "decide", "decision_letter", "waiver_letter"]
_DIGEST = re.compile(r"[0-9a-f]{64}")
_UTC = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z", re.ASCII)


def decision_letter(gate: Gate, verb: str, reviewer: str, reason: str, *, now: str) -> Letter:
    """What a reviewer signs to approve or reject."""
    values = (gate.id, verb, reviewer, reason, now)
    return Letter(subject="decision", statement=dict(zip(DECIDED, values, strict=True)))


def waiver_letter(
    gate: Gate, check: str, reviewer: str, reason: str, *, owner: str, expires: str, follow_up: str, now: str
) -> Letter:
    """What a reviewer signs to waive a check."""
    values = (gate.id, "waive", reviewer, reason, now, check, owner, expires, follow_up)
    return Letter(subject="decision", statement=dict(zip(WAIVED, values, strict=True)))


def decide(
    ledger: Ledger,
    gate_id: str,
    letter: Letter,
    *,
    grounds: Grounds,
    via: Via,
    attempt: str | None = None,
    code_key: Path | None = None,
) -> Gate:
    """Records a decision; the same reviewer deciding the same again changes nothing.

    Args:
        ledger: Where it is recorded.
        gate_id: The whole id of the gate.
        letter: What was decided, signed or with a one-time code.
        grounds: Derived now, from the bytes.
        via: How the letter came in.
        attempt: Names this try, where one may be delivered more than once: what was refused stays refused, even
            if nothing speaks against it any longer, and is recorded once.
        code_key: File of the key that one-time codes are derived from; without it a code is refused.

    Raises:
        ReleaseDenied: It does not hold; the refusal is recorded.
        InputRefused: There is no such gate.
    """

    def work(transaction: Transaction) -> Gate | tuple[str, ...]:
        gate = gate_in(transaction, gate_id)
        known = replay(transaction.entries(gate.model))
        key = f"refused:{gate_id}:{digest_of_bytes(attempt.encode())}" if attempt else None
        if (refused := transaction.find(key)) is not None:
            return tuple(refused.body["why"])  # delivered again: what was refused then is not a decision now
        if _recorded(gate, letter):
            return gate
        case = _Case(transaction, gate, known, letter, grounds, code_key)
        if case.faults:
            transaction.append("decision_refused", gate.model, case.refusal(via), idempotency_key=key)
            return case.faults
        kind, names = ("waiver", WAIVED) if case.verb == "waive" else ("decision", DECIDED)
        body = {name: letter.statement[name] for name in names} | case.proof | {"stage": gate.stage, "via": via}
        if kind == "decision":
            body["verdicts"] = dict(Counter(verdict.verdict for verdict in grounds.judgement.verdicts))
        # The database itself forbids two decisions by one person in one round, and two waivers of one check.
        which = f":{letter.statement['check']}:{letter.statement['expires']}" if kind == "waiver" else ""
        transaction.append(kind, gate.model, body, idempotency_key=f"{kind}:{gate_id}:{case.reviewer}{which}")  # type: ignore[arg-type]
        return gate_in(transaction, gate_id)

    outcome = ledger.transact(work)
    if isinstance(outcome, Gate):
        return outcome
    raise ReleaseDenied(f"gate {gate_id[:12]}: {'; '.join(outcome)}")


def _recorded(gate: Gate, letter: Letter) -> bool:
    """Whether the same person decided the same here before, at whatever time; for a code, whatever the reason."""
    said = letter.statement
    if not letter.signatures:
        return any((d.reviewer, d.decision) == (said.get("reviewer"), said.get("decision")) for d in gate.decisions)
    known = [d.statement for d in gate.decisions] + [w.statement for w in gate.waivers]
    return any(before | {"time": ""} == said | {"time": ""} for before in known)


class _Case:
    """One letter at one gate: what speaks against it, and what proves it."""

    def __init__(
        self,
        transaction: Transaction,
        gate: Gate,
        known: Outcome,
        letter: Letter,
        grounds: Grounds,
        code_key: Path | None,
    ) -> None:
        self.transaction, self.gate, self.known, self.now = transaction, gate, known, transaction.now
        self.said, self.letter = letter.statement, letter
        self.verb, self.reviewer = self.said.get("decision", ""), self.said.get("reviewer", "")
        self.wrong_code = False
        every = {roster.digest: roster for roster in rosters(transaction.entries("", KINDS))}
        faults = self._form_faults()
        if not faults:
            faults = [*self._standing_faults(every[gate.roster]), *reason_faults(self.said["reason"])]
            faults += self._time_faults()
            faults += waiver_faults(gate, self.said, grounds, known, self.now) if self.verb == "waive" else ()
            faults += approval_faults(gate, grounds.judgement, known) if self.verb == "approve" else ()
            self.proof, more = self._prove(code_key, bool(faults))
            faults += more
        self.faults = tuple(faults)

    def refusal(self, via: Via) -> dict[str, Any]:
        """What is kept of a refusal: nothing that might have been typed where an id belongs."""
        reviewer = self.reviewer if self.known.roster.knows(self.reviewer) else None
        verb = self.verb if self.verb in ("approve", "reject", "waive") else None
        body = {"gate": self.gate.id, "decision": verb, "reviewer": reviewer, "via": via, "why": list(self.faults)}
        return body | {"wrong_code": self.wrong_code}

    def _form_faults(self) -> list[str]:
        names = WAIVED if self.verb == "waive" else DECIDED
        if self.letter.subject != "decision" or self.verb not in ("approve", "reject", "waive"):
            return ["the letter holds no decision"]
        if set(self.said) != set(names):
            return [f"the decision does not say just {', '.join(names)}"]
        if self.said["gate"] != self.gate.id:
            other = self.said["gate"]
            return ["the decision is about another gate" + (f" ({other[:12]})" if _DIGEST.fullmatch(other) else "")]
        return []

    def _standing_faults(self, asked: Roster) -> list[str]:
        """What speaks against this person's deciding this gate now."""
        gate = self.gate
        if gate.decision is not None:
            taken = gate.decision
            return [f"{taken.reviewer} decided to {taken.decision} it at {taken.recorded}"]
        if gate.state != "open":
            return [f"it is {gate.ended or gate.state}"]
        if self.now > gate.closes:
            return [f"it closed at {gate.closes[:16].replace('T', ' ')} UTC"]
        found = list(voting_faults(gate, self.known.roster, asked, self.reviewer, self.verb))
        if self.verb != "waive" and any(d.reviewer == self.reviewer for d in gate.decisions):
            found.append(f"{self.reviewer} has decided already: a person counts once")
        return found

    def _prove(self, code_key: Path | None, refused: bool) -> tuple[dict[str, Any], list[str]]:
        member = self.known.roster.member(self.reviewer)
        if member is None:
            return {}, []
        if self.letter.signatures:
            return self._signed(member.key)
        if self.gate.rule.signature:
            return {}, [f"a signature is needed in {self.gate.stage}: `sluicegate {self.verb}` makes one"]
        if self.verb == "waive":
            return {}, ["a waiver needs a signature"]
        if refused:
            return {}, []  # a code is not used up by a decision that does not hold anyway
        standing = codes.standing(self.transaction.entries(kinds=codes.KINDS), member)
        proof = codes.check(standing, member, self.gate, self.verb, self.letter.code, now=self.now, key=code_key)
        self.wrong_code = proof.wrong
        return {"grade": "attested", "signature": None, "counter": proof.counter}, [proof.fault] if proof.fault else []

    def _signed(self, key: PublicKey) -> tuple[dict[str, Any], list[str]]:
        (first, *more) = self.letter.signatures
        found = ["one signature is wanted"] if more or first.by != self.reviewer else []
        if fault := sshsig.faults(dict(self.said), first.signature, key, NAMESPACES["decision"]):
            found.append(f"the signature of {self.reviewer} does not hold: {fault}")
        return {"grade": "signed", "signature": first.signature}, found

    def _time_faults(self) -> list[str]:
        time = self.said["time"]
        if not _UTC.fullmatch(time):  # it is kept for ever, and shown
            return ["the time of the decision must be UTC, written like 2026-01-31T12:00:00Z"]
        if not seconds_between(self.gate.opened, time) >= -CLOCKS_DIFFER_S:
            return [f"it is dated {time[:19]}, before the gate opened: set the clock of that machine"]
        if not seconds_between(self.now, time) <= CLOCKS_DIFFER_S:
            return [f"it is dated {time[:19]}, later than now: set the clock of that machine"]
        return []
