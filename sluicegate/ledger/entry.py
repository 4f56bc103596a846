"""One entry of the ledger, and its header.

The header holds number, predecessor, time, kind, and the digests of what the entry is about and of what
it says. Its canonical JSON (RFC 8785) gives the entry's hash, which the service signs: so an entry can be
shown by its header alone, and checked all the same.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from typing import Any, Literal

import rfc8785

from sluicegate.manifest import digest_of_bytes, digest_of_value

Kind = Literal[
    "ledger_opened",
    "roster_changed",
    "build_started",
    "gate_opened",
    "gate_superseded",
    "gate_withdrawn",
    "gate_reminded",
    "gate_escalated",
    "gate_expired",
    "decision",
    "waiver",
    "decision_refused",
    "promotion_intended",
    "promotion_committed",
    "rollback_intended",
    "rollback_committed",
    "release_recalled",
    "order_refused",
    "checkpoint_published",
]
GENESIS = "0" * 64
"""What the first entry names as its predecessor."""


@dataclass(frozen=True)
class Header:
    """An entry without what it says: enough for the chain to be checked."""

    seq: int
    prev: str
    hash: str
    time: str
    kind: str
    model: str
    """Digest of the model's name."""
    body: str
    """Digest of model, body and idempotency key."""
    signature: str | None = None

    @property
    def content(self) -> dict[str, Any]:
        """All that `hash` covers."""
        fields = ("seq", "prev", "time", "kind", "model", "body")
        return {field: getattr(self, field) for field in fields}

    @property
    def digest(self) -> str:
        """What `hash` must be: the SHA-256 over the canonical JSON of `content`.

        Raises:
            UnicodeEncodeError: A field holds what is not text.
        """
        # Plain names and no fractions: here the fast encoder writes what RFC 8785 asks for.
        text = json.dumps(self.content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return digest_of_bytes(text.encode())

    def to_json(self) -> dict[str, Any]:
        """A JSON value that `from_json` reads back."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Header:
        """The header that `to_json` wrote; not checked, see `chain_faults`."""
        return cls(**value)


@dataclass(frozen=True)
class Entry:
    """One thing that happened, as the ledger keeps it."""

    seq: int
    """Its number; the first is 1."""
    prev: str
    """Hash of the entry before it."""
    hash: str
    """SHA-256 over the canonical JSON of its header, 64 hexadecimal characters."""
    time: str
    """UTC, ISO 8601 with microseconds; never before the entry before it."""
    kind: str
    model: str
    """The model that it is about; empty if it is about all of them."""
    body: dict[str, Any]
    """What happened; a JSON value."""
    idempotency_key: str | None = None
    """Two entries never share one, so what it stands for happens once."""
    signature: str | None = None
    """The service's signature over `hash`: Ed25519, base64."""

    @property
    def header(self) -> Header:
        """The entry without what it says.

        Raises:
            rfc8785.CanonicalizationError: It holds what is not JSON.
        """
        said = {"model": self.model, "body": self.body, "idempotency_key": self.idempotency_key}
        return Header(
            seq=self.seq,
            prev=self.prev,
            hash=self.hash,
            time=self.time,
            kind=self.kind,
            model=_digest_of_name(self.model),
            body=digest_of_value(said),
            signature=self.signature,
        )

    def to_json(self) -> dict[str, Any]:
        """A JSON value that `from_json` reads back; exports are made of these."""
        return {field: getattr(self, field) for field in self.__dataclass_fields__}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Entry:
        """The entry that `to_json` wrote; not checked, see `chain_faults`."""
        return cls(**value)

    @classmethod
    def following(
        cls,
        last: Entry | Header | None,
        *,
        time: str,
        kind: Kind,
        model: str,
        body: dict[str, Any],
        idempotency_key: str | None,
        sign: Callable[[bytes], bytes],
    ) -> Entry:
        """The entry that comes after `last` (None: the first of all), with its hash, signed."""
        seq, prev = (last.seq + 1, last.hash) if last else (1, GENESIS)
        # A clock that was set back must not make the record look as if it had another order.
        time = max(time, last.time) if last else time
        draft = cls(seq, prev, "", time, kind, model, json.loads(rfc8785.dumps(body)), idempotency_key)
        found = draft.header.digest
        return replace(draft, hash=found, signature=base64.b64encode(sign(signed_message(found))).decode())


@lru_cache
def _digest_of_name(model: str) -> str:
    return digest_of_value(model)  # a ledger has few models and many entries


def signed_message(entry_hash: str) -> bytes:
    """What the service signs of an entry."""
    return b"sluicegate-entry:" + entry_hash.encode()


def faults(entry: Entry | Header) -> tuple[str, ...]:
    """What is wrong with one entry taken by itself; empty if it says what it said when it was written."""
    try:
        header = entry.header if isinstance(entry, Entry) else entry
        found = header.digest
    except (rfc8785.CanonicalizationError, UnicodeEncodeError, RecursionError):
        return (f"entry {entry.seq} was edited: it holds what is not JSON",)
    if found != entry.hash:
        return (f"entry {entry.seq} was edited: its content gives {found[:16]}…, its hash is {entry.hash[:16]}…",)
    return ()
