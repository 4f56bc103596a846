"""One-time codes: what a reviewer types into the form in the Prefect UI instead of a signature.

A code is derived from the gate, the decision and a counter (OCRA, RFC 6287) under a secret that the
reviewer and the service share. It is good once, for five minutes, for that decision at that gate. It
proves to the service that the reviewer was there, and to nobody else.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sluicegate.errors import Unavailable
from sluicegate.gates.roster import EMPTY, Member, Roster
from sluicegate.gates.state import Codes, Gate
from sluicegate.ledger.chain import Entry, Kind
from sluicegate.signing import ocra
from sluicegate.signing.key_files import write_new_file

MOST_FAILURES = 5
"""After so many wrong codes in a row, codes of that reviewer are locked until they are given a new secret."""
KINDS: tuple[Kind, ...] = ("roster_changed", "decision", "decision_refused")
"""Entries that say how it stands with codes."""


@dataclass(frozen=True)
class Proof:
    """What a code comes to."""

    counter: int = 0
    """Of the code that was taken."""
    fault: str = ""
    """Why it was not taken; empty if it was."""
    wrong: bool = False
    """Whether it counts towards the lock."""


class CodeBook:
    """How it stands with everybody's codes, learnt from decisions and refusals in order."""

    def __init__(self) -> None:
        self.standings: dict[tuple[str, int], Codes] = {}
        """(Id, number of the secret) → how it stands."""

    def of(self, member: Member) -> Codes:
        """How it stands with somebody's codes under the secret that they have now."""
        return self.standings.get((member.id, member.code), Codes())

    def take(self, member: Member | None, counter: int) -> tuple[str, ...]:
        """Notes a code that was accepted; why it should not have been, if so."""
        if member is None or not member.code:
            return ("they have no one-time codes",)
        if counter <= self.of(member).used:
            return ("that one-time code was used before",)
        self.standings[member.id, member.code] = Codes(used=counter)
        return ()

    def miss(self, member: Member | None) -> None:
        """Notes a wrong code."""
        if member is not None:
            before = self.of(member)
            self.standings[member.id, member.code] = replace(before, failures=before.failures + 1)


def standing(entries: Iterable[Entry], member: Member) -> Codes:
    """How it stands with somebody's codes, whatever model they were for.

    Args:
        entries: Those of `KINDS`, of every model.
        member: Whose codes.
    """
    book, roster = CodeBook(), EMPTY
    for entry in entries:
        if entry.kind == "roster_changed":
            roster = Roster.from_json(entry.body["roster"])
        elif entry.body["reviewer"] != member.id:
            continue
        elif entry.kind == "decision" and entry.body["grade"] == "attested":
            book.take(roster.member(member.id), entry.body["counter"])
        elif entry.kind == "decision_refused" and entry.body["wrong_code"]:
            book.miss(roster.member(member.id))
    return book.of(member)


def check(standing: Codes, member: Member, gate: Gate, verb: str, code: str, *, now: str, key: Path | None) -> Proof:
    """Whether `code` is `member`'s for this decision at this gate, now.

    Args:
        standing: How it stands with their codes.
        member: Whose code it is said to be.
        gate: The gate.
        verb: approve or reject.
        code: What was typed.
        now: The ledger's time, UTC.
        key: File of the key that secrets are derived from.
    """
    if not code.strip():
        return Proof(fault="neither a signature nor a one-time code came with it")
    if not member.code:
        return Proof(fault=f"{member.id} has no one-time codes (`sluicegate reviewer codes` gives them)")
    if standing.failures >= MOST_FAILURES:
        return Proof(fault=f"one-time codes of {member.id} are locked after {MOST_FAILURES} failures")
    typed = re.sub(r"\s", "", code)
    secret = ocra.reviewer_secret(master(key), member.id, member.code)
    at = datetime.fromisoformat(now)
    counter = (
        ocra.matching_counter(secret, gate.id, verb, typed, after=standing.used, at=at)
        if re.fullmatch(r"\d{8}", typed)
        else None
    )
    if counter is None:
        left = MOST_FAILURES - standing.failures - 1
        return Proof(fault=f"the one-time code is wrong, used or older than 5 minutes; {left} tries left", wrong=True)
    return Proof(counter=counter)


def master(key: Path | None) -> bytes:
    """The key that every reviewer's secret is derived from.

    Raises:
        Unavailable: It is not here.
    """
    try:
        content = key.read_bytes() if key is not None else b""
    except OSError:
        content = b""
    if len(content) < 32:
        raise Unavailable("the key of one-time codes is not here (keys/code.key); `sluicegate reviewer codes` makes it")
    return content


def make_master(key: Path) -> bytes:
    """The key that every reviewer's secret is derived from, made if it is not there; for its owner alone."""
    if not key.exists():
        key.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_new_file(key, secrets.token_bytes(32), mode=0o600)
    return master(key)
