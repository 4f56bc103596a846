"""Reading and appending inside one transaction of the ledger's database."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from functools import cached_property
from typing import Any

import rfc8785
from sqlalchemy import Connection, RowMapping, Select, insert, select

from sluicegate.errors import ReleaseDenied, TamperingDetected, Unavailable
from sluicegate.ledger import schema
from sluicegate.ledger.chain import NAMING_KEYS, Entry, Kind, ServiceKeys, faults
from sluicegate.ledger.service import Service
from sluicegate.signing.keys import PrivateKey

FORMAT = 2
"""Of the entries; the first one names it."""
_COLUMNS = schema.entries.c


class Transaction:
    """Reading and appending in one transaction: all of it is kept, or none.

    Args:
        connection: Inside a transaction; no other may write until it ends.
        clock: What the time is.
        service: What signs; without it nothing can be appended.
    """

    def __init__(self, connection: Connection, clock: Callable[[], str], service: Service | None = None) -> None:
        self._connection, self._clock, self._service = connection, clock, service
        self._last: Entry | None = None
        self._keys: ServiceKeys | None = None

    @cached_property
    def now(self) -> str:
        """The time; never before the last entry's, wherever the clock was set to."""
        last = self.last()
        return max(self._clock(), last.time) if last else self._clock()

    def last(self) -> Entry | None:
        """The newest entry; None if there is none."""
        if self._last is None:  # whoever writes holds the lock: only we can add to it
            found = self._read(select(schema.entries).order_by(_COLUMNS.seq.desc()).limit(1))
            self._last = found[0] if found else None
        return self._last

    def entries(self, model: str | None = None, kinds: Collection[str] = ()) -> tuple[Entry, ...]:
        """Entries in order, of one model (and those about all models) or of all, of some kinds or of all.

        Raises:
            TamperingDetected: One of them does not give its own hash, or is not signed by the service.
        """
        query = select(schema.entries).order_by(_COLUMNS.seq)
        if model is not None:
            query = query.where(_COLUMNS.model.in_([model, ""]))
        if kinds:
            query = query.where(_COLUMNS.kind.in_(list(kinds)))
        return self._read(query)

    def append(self, kind: Kind, model: str, body: dict[str, Any], *, idempotency_key: str | None = None) -> Entry:
        """Adds an entry, or finds the one that was added under this key before.

        Raises:
            ReleaseDenied: The key stands for something else already.
            TamperingDetected: The last entry does not give its own hash, or is not signed by the service.
            Unavailable: The service's key is not there.
        """
        if (known := self.find(idempotency_key)) is not None:
            if (known.kind, known.model, rfc8785.dumps(known.body)) != (kind, model, rfc8785.dumps(body)):
                raise ReleaseDenied(f"ledger entry {known.seq} already records this otherwise ({known.kind})")
            return known
        return self._add(self.begin(), self.signing_key(), kind, model, body, idempotency_key)

    def begin(self) -> Entry:
        """The newest entry; if there is none, the first one is written, which names the service's key."""
        if (last := self.last()) is not None:
            return last
        key = self._signing().first_key()
        return self._add(None, key, "ledger_opened", "", {"service_key": key.public.line, "format": FORMAT}, None)

    def signing_key(self) -> PrivateKey:
        """The key that is the service's now.

        Raises:
            Unavailable: It is not there.
        """
        current = self._service_keys().at(self.begin().seq + 1)
        if current is None:
            raise TamperingDetected("the ledger", ("no entry says which key is the service's",))
        return self._signing().key(current)

    def find(self, idempotency_key: str | None) -> Entry | None:
        """The entry that was added under this key, if one was."""
        if idempotency_key is None:
            return None
        found = self._read(select(schema.entries).where(_COLUMNS.idempotency_key == idempotency_key))
        return found[0] if found else None

    def _add(
        self,
        last: Entry | None,
        key: PrivateKey,
        kind: Kind,
        model: str,
        body: dict[str, Any],
        idempotency_key: str | None,
    ) -> Entry:
        keys = self._service_keys()
        entry = Entry.following(
            last,
            time=self.now,
            kind=kind,
            model=model,
            body=body,
            idempotency_key=idempotency_key,
            sign=key.sign,
        )
        self._connection.execute(insert(schema.entries).values(**row_of(entry)))
        self._last = entry
        keys.learn(entry)
        if kind in NAMING_KEYS and keys.newest is not None:
            self._signing().key(keys.newest)  # a key that we do not have would end the ledger: not kept then
        return entry

    def _signing(self) -> Service:
        if self._service is None:
            raise Unavailable("this is a reading transaction: nothing can be appended in it")
        return self._service

    def _service_keys(self) -> ServiceKeys:
        if self._keys is None:
            self._keys = keys = ServiceKeys()
            query = select(schema.entries).where(_COLUMNS.model == "", _COLUMNS.kind.in_(NAMING_KEYS))
            for row in self._connection.execute(query.order_by(_COLUMNS.seq)).mappings():
                entry = entry_of(row)
                found = faults(entry) + (keys.faults(entry) if entry.seq > 1 else ()) + keys.learn(entry)
                if found:
                    raise TamperingDetected("the ledger", found)
            if self._service is not None and keys.newest is not None:
                self._service.settle(keys.newest)
        return self._keys

    def _read(self, query: Select[Any]) -> tuple[Entry, ...]:
        found = tuple(entry_of(row) for row in self._connection.execute(query).mappings())
        if not found:
            return ()
        keys = self._service_keys()
        if faulty := tuple(fault for entry in found for fault in faults(entry) + keys.faults(entry)):
            raise TamperingDetected("the ledger", faulty)
        return found


def row_of(entry: Entry) -> dict[str, Any]:
    """The columns of an entry."""
    return entry.to_json() | {"body": rfc8785.dumps(entry.body).decode()}


def entry_of(row: RowMapping) -> Entry:
    """The entry that a row holds, whatever somebody put there; not checked."""
    try:
        body = json.loads(row["body"])
    except (ValueError, TypeError, RecursionError):
        body = None
    # A body that is not canonical was not written by us: hand it on in a form that cannot give the hash.
    if not isinstance(body, dict) or row["body"] not in _canonical(body):
        body = {"": str(row["body"])}
    said = {key: value if key == "seq" or value is None else str(value) for key, value in row.items()}
    return Entry(**(said | {"body": body}))


def _canonical(body: dict[str, Any]) -> Iterator[str]:
    # Where there are no fractions and no odd names, the fast encoder writes what RFC 8785 asks for.
    yield json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    with suppress(rfc8785.CanonicalizationError, RecursionError):
        yield rfc8785.dumps(body).decode()
