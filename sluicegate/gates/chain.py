"""Entries, and the chain that they form.

Each entry holds the hash of the one before it, and its own hash is the SHA-256 over the canonical JSON
(RFC 8785) of everything it says: number, predecessor, time, kind, model, idempotency key, body. Whoever
holds the entries can check them without us, without a database and without a key.

A chain alone shows that nothing was edited, removed from within, inserted or reordered. It cannot show
that its tail was cut off, nor that somebody with the whole database wrote it anew from the beginning:
for that its entries are signed and its head is checkpointed outside (`Entry.signature` is the seam).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

import rfc8785

from sluicegate.manifest import digest_of_value

Kind = Literal[
    "gate_opened",
    "gate_superseded",
    "gate_withdrawn",
    "decision",
    "approval_refused",
    "promotion_intended",
    "promotion_committed",
]
GENESIS = "0" * 64
"""What the first entry names as its predecessor."""


@dataclass(frozen=True)
class Entry:
    """One thing that happened, as the ledger keeps it."""

    seq: int
    """Its number; the first is 1."""
    prev: str
    """Hash of the entry before it."""
    hash: str
    """SHA-256 over its canonical JSON, 64 hexadecimal characters."""
    time: str
    """UTC, ISO 8601 with microseconds; never before the entry before it."""
    kind: str
    model: str
    body: dict[str, Any]
    """What happened; a JSON value."""
    idempotency_key: str | None = None
    """Two entries never share one, so what it stands for happens once."""
    signature: str | None = None
    """The service's signature over `hash`; none until entries are signed."""

    @property
    def content(self) -> dict[str, Any]:
        """All that `hash` covers."""
        return {
            "seq": self.seq,
            "prev": self.prev,
            "time": self.time,
            "kind": self.kind,
            "model": self.model,
            "idempotency_key": self.idempotency_key,
            "body": self.body,
        }

    def to_json(self) -> dict[str, Any]:
        """A JSON value that `from_json` reads back; exports are made of these."""
        return self.content | {"hash": self.hash, "signature": self.signature}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Entry:
        """The entry that `to_json` wrote; not checked, see `faults`."""
        return cls(**value)

    @classmethod
    def following(
        cls, last: Entry | None, *, time: str, kind: Kind, model: str, body: dict[str, Any], idempotency_key: str | None
    ) -> Entry:
        """The entry that comes after `last` (None: the first of all), with its hash."""
        seq, prev = (last.seq + 1, last.hash) if last else (1, GENESIS)
        # A clock that was set back must not make the record look as if it had another order.
        time = max(time, last.time) if last else time
        draft = cls(seq, prev, "", time, kind, model, json.loads(rfc8785.dumps(body)), idempotency_key)
        return cls(**(draft.to_json() | {"hash": digest_of_value(draft.content)}))


def faults(entry: Entry) -> tuple[str, ...]:
    """What is wrong with one entry taken by itself; empty if it says what it said when it was written."""
    try:
        found = digest_of_value(entry.content)
    except (rfc8785.CanonicalizationError, RecursionError):
        return (f"entry {entry.seq} was edited: it holds what is not JSON",)
    if found != entry.hash:
        return (f"entry {entry.seq} was edited: its content gives {found[:16]}…, its hash is {entry.hash[:16]}…",)
    return ()


def chain_faults(entries: Iterable[Entry]) -> tuple[str, ...]:
    """Every place where a whole chain, in order from its first entry, does not hold; empty if it does."""
    found: list[str] = []
    last: Entry | None = None
    for entry in entries:
        seq, prev = (last.seq + 1, last.hash) if last else (1, GENESIS)
        if entry.seq > seq:
            missing = f"entry {seq} is" if entry.seq == seq + 1 else f"entries {seq} to {entry.seq - 1} are"
            found.append(f"{missing} missing")
        elif entry.seq < seq:
            found.append(f"entry {entry.seq} is out of order: entry {seq} should be there")
        if entry.prev != prev:
            found.append(f"entry {entry.seq} does not follow the entry before it: its predecessor was another")
        if last and entry.time < last.time:
            found.append(f"entry {entry.seq} is dated before the entry before it")
        found += faults(entry)
        last = entry
    return tuple(found)
