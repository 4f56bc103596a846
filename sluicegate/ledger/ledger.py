"""The ledger: the append-only, signed record of everything that decides about a release. It is the only authority.

One table in SQLite or PostgreSQL. Writers take turns, the database forbids two entries with one number
or one predecessor, and a race that is lost all the same is run again. The first entry names the
service's key, which signs every entry. Whenever an entry is read it is checked against its own hash and
its signature, so an edited one is never acted on; `verify` checks the whole chain.

Whoever has the key writes; a process without it reads, and hands what is to be written to the one that
has it (`writer`).
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import select

from sluicegate.errors import Unavailable
from sluicegate.ledger import schema
from sluicegate.ledger.chain import Entry, Kind, ServiceKeys, chain_faults
from sluicegate.ledger.database import Database, LostRaceError
from sluicegate.ledger.service import Service
from sluicegate.ledger.transaction import Transaction, entry_of
from sluicegate.settings import Home
from sluicegate.signing.keys import PublicKey, load_service_key

__all__ = ["Ledger", "Transaction", "open_ledger", "utc_now"]
T = TypeVar("T")
Guard = Callable[[Sequence[Entry]], None]
_ATTEMPTS = 8


def utc_now() -> str:
    """This moment, UTC, ISO 8601 with microseconds."""
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def open_ledger(home: Home) -> Ledger:
    """The ledger of an installation, written with its key, or through the process that `home.ledgerd` names.

    Raises:
        InputRefused: Its URL cannot be read, or what is there is not a ledger of this version.
        Unavailable: The database does not answer.
    """
    if home.ledgerd is not None:
        return Ledger(home.ledger_url, socket=home.ledgerd)
    return Ledger(home.ledger_url, key=home.service_key)


class Ledger:
    """The ledger at a SQLAlchemy URL (SQLite or PostgreSQL).

    It holds no connection between calls, so many processes may have one each.

    Args:
        url: For example ``sqlite:////home/me/.sluicegate/ledger.db``.
        key: File of the service's key, read at the first write; made then, if the ledger is empty and there is none.
        socket: Where the process listens that writes for this one. Without key and socket it only reads.
        clock: What the time is, as `utc_now` gives it.

    Raises:
        InputRefused: The URL cannot be read or is of another database, or what is there is not a ledger of this
            version.
        Unavailable: The database does not answer.
    """

    def __init__(
        self,
        url: str,
        *,
        key: Path | None = None,
        socket: Path | None = None,
        clock: Callable[[], str] = utc_now,
    ) -> None:
        self._database = Database(url)
        self.url, self.socket, self.key, self._clock = self._database.url, socket, key, clock
        self._service = Service(key) if key else None
        with self._database.connected(writing=False) as connection:
            self._there = schema.is_ready(connection, self.url)
        if not self._there and self._service:
            with self._database.connected(writing=True, lock=False) as connection:
                schema.upgrade(connection, self.url)
            self._there = True

    def append(
        self,
        kind: Kind,
        model: str,
        body: dict[str, Any],
        *,
        idempotency_key: str | None = None,
        guard: Guard | None = None,
    ) -> Entry:
        """Adds an entry, or finds the one that was added under this key before.

        Args:
            kind: What happened.
            model: The model that it happened to; empty: it is about all of them.
            body: The rest, a JSON value. No personal data.
            idempotency_key: Stands for what happened; it is recorded once.
            guard: Sees the model's entries inside the transaction and may raise to refuse.

        Raises:
            ReleaseDenied: The guard refused, or the key stands for something else already.
            Unavailable: The database is locked or does not answer, or this process may not write.
        """

        def work(transaction: Transaction) -> Entry:
            if guard is not None and transaction.find(idempotency_key) is None:
                guard(transaction.entries(model))
            return transaction.append(kind, model, body, idempotency_key=idempotency_key)

        return self.transact(work)

    def transact(self, work: Callable[[Transaction], T]) -> T:
        """What `work` returns, done in one transaction. A lost race runs it again, so it has no other effects.

        Raises:
            Unavailable: The database is locked or does not answer, every race was lost, or this process may not
                write.
        """
        if self._service is None:
            raise Unavailable(self._why_not())
        for attempt in range(_ATTEMPTS):
            try:
                with self._database.connected(writing=True) as connection:
                    return work(Transaction(connection, self._clock, self._service))
            except LostRaceError:
                time.sleep(0.02 * 2**attempt)
        raise Unavailable(f"the ledger {self.url} is too busy; try again")

    def begin(self) -> Entry:
        """The first entry: written now, and the service's key made, if the ledger is empty.

        Raises:
            InputRefused: The key's file cannot be used.
            Unavailable: This process may not write, or the key is not there, or is not the ledger's.
        """

        def work(transaction: Transaction) -> Entry:
            transaction.signing_key()
            return transaction.entries(kinds=("ledger_opened",))[0]

        return self.transact(work)

    def entries(self, model: str | None = None, kinds: Collection[str] = ()) -> tuple[Entry, ...]:
        """Entries in order, of one model (and those about all models) or of all, of some kinds or of all.

        Raises:
            TamperingDetected: One of them does not give its own hash, or is not signed by the service.
        """
        if not self._is_there():
            return ()
        with self._database.connected(writing=False) as connection:
            return Transaction(connection, self._clock).entries(model, kinds)

    def verify(self) -> tuple[str, ...]:
        """Every fault: entries edited, removed, inserted, reordered or not signed by the service; empty if it holds.

        A tail that was cut off leaves a shorter chain that holds: compare it with a checkpoint kept elsewhere.
        """
        if not self._is_there():
            return ()
        with self._database.connected(writing=False) as connection:
            keys = ServiceKeys()
            rows = connection.execution_options(yield_per=1000).execute(
                select(schema.entries).order_by(schema.entries.c.seq)
            )
            found = chain_faults((entry_of(row) for row in rows.mappings()), keys)
            gone = schema.missing_triggers(connection)
        found += self._foreign(keys.newest)
        return found + tuple(f"the database no longer keeps itself append-only: {name} is gone" for name in gone)

    def _foreign(self, newest: PublicKey | None) -> tuple[str, ...]:
        """Whether all of it was written anew by somebody without the key that lies here."""
        if newest is None or self.key is None or not os.access(self.key, os.R_OK):
            return ()
        ours = load_service_key(self.key).public
        following = Service(self.key).next_path
        if newest == ours or (following.exists() and load_service_key(following).public == newest):
            return ()
        return (
            f"the ledger is signed by {newest.fingerprint}, but the service's key {self.key} is {ours.fingerprint}",
        )

    def _is_there(self) -> bool:
        if not self._there:  # whoever writes may have made the table since
            with self._database.connected(writing=False) as connection:
                self._there = schema.is_ready(connection, self.url)
        return self._there

    def _why_not(self) -> str:
        if self.socket is not None:
            return f"this process does not write the ledger itself; ledgerd does, at {self.socket}"
        return (
            "this process only reads the ledger: set SLUICEGATE_LEDGERD to the socket of the process that writes it,"
            " or make the service's key with `sluicegate init-ledger`"
        )
