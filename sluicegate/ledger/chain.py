"""The chain that the ledger's entries form, and whether it holds.

Each entry names the hash of the one before it, and the service signs its own hash (`entry`). So whoever
holds the entries can check them without us and without a database, and an export may show some of them
by their headers alone: the chain holds all the same.

The service's key is named by the first entry, and each `roster_changed` may name another, which counts
from the entry after it; that one is still signed by the key before. The chain shows that nothing was
edited, removed from within, inserted or reordered. It cannot show that its tail was cut off, nor that a
thief of the service's key wrote it anew: that takes a checkpoint or a pinned root (`checkpoint`, `roster`).
"""

from __future__ import annotations

import base64
from collections.abc import Iterable

from sluicegate.errors import InputRefused
from sluicegate.ledger.entry import GENESIS, Entry, Header, Kind, faults, signed_message
from sluicegate.signing.keys import PublicKey

__all__ = ["GENESIS", "NAMING_KEYS", "Entry", "Header", "Kind", "ServiceKeys", "chain_faults", "faults"]
NAMING_KEYS: tuple[Kind, ...] = ("ledger_opened", "roster_changed")
"""Kinds of entries that say which key is the service's."""
_UNNAMED = "the first entry does not open the ledger: nothing says which key is the service's"


class ServiceKeys:
    """Which key is the service's at which entry; learnt from the entries that say so, in order."""

    def __init__(self) -> None:
        self._since: list[tuple[int, PublicKey]] = []

    def learn(self, entry: Entry | Header) -> tuple[str, ...]:
        """Takes in the key that an entry names, if it is of a kind that does; gives what is wrong with it."""
        if entry.kind not in NAMING_KEYS:
            return ()
        if (entry.kind == "ledger_opened") != (entry.seq == 1):
            return (f"entry {entry.seq} is {entry.kind}: entry 1 opens the ledger, and no other does",)
        if isinstance(entry, Header):
            return (f"entry {entry.seq} ({entry.kind}) is shown without what it says: it names the service's key",)
        if entry.model:
            return (f"entry {entry.seq} ({entry.kind}) is about the model {entry.model}, not about all of them",)
        said = entry.body if entry.kind == "ledger_opened" else entry.body.get("roster")
        line = said.get("service_key") if isinstance(said, dict) else None
        try:
            key = PublicKey.parse(line if isinstance(line, str) else "", f"entry {entry.seq}")
        except InputRefused:
            return (f"entry {entry.seq} ({entry.kind}) does not name the service's key",)
        self._since.append((entry.seq, key))
        return ()

    @property
    def newest(self) -> PublicKey | None:
        """The key that signs what comes next; None if nothing says so."""
        return self._since[-1][1] if self._since else None

    def at(self, seq: int) -> PublicKey | None:
        """The key that signs the entry with this number; None if nothing says so."""
        return next((key for since, key in reversed(self._since) if since < seq or since == seq == 1), None)

    def faults(self, entry: Entry | Header) -> tuple[str, ...]:
        """What is wrong with the service's signature under an entry; empty if it holds."""
        key = self.at(entry.seq)
        if key is None:
            return (f"entry {entry.seq} cannot be checked: no entry before it names the service's key",)
        try:
            signature = base64.b64decode(entry.signature or "", validate=True)
        except (ValueError, TypeError):
            signature = b""
        if not entry.signature:
            return (f"entry {entry.seq} is not signed",)
        if not key.verifies(signature, signed_message(entry.hash)):
            return (f"entry {entry.seq} is not signed by the service's key {key.fingerprint}",)
        return ()


def chain_faults(entries: Iterable[Entry | Header], keys: ServiceKeys | None = None) -> tuple[str, ...]:
    """Every place where a whole chain, in order from its first entry, does not hold; empty if it does.

    Args:
        entries: Entries, or the headers of those that are not shown. Entries that name the service's key
            must be shown.
        keys: Learns which key is the service's at which entry, for whoever wants to know afterwards.
    """
    found: list[str] = []
    keys = keys or ServiceKeys()
    last: Entry | Header | None = None
    for entry in entries:
        found += _break(last, entry)
        edited = faults(entry)
        found += edited
        if last is None:
            found += keys.learn(entry) if entry.kind == "ledger_opened" else (_UNNAMED,)
        unsigned = keys.faults(entry) if keys.newest else ()  # where nothing names a key, that is said once
        found += unsigned
        if last is not None and not edited and not unsigned:
            found += keys.learn(entry)
        last = entry
    return tuple(found)


def _break(last: Entry | Header | None, entry: Entry | Header) -> list[str]:
    found = []
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
    return found
