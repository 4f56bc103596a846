"""The ledger: the append-only record of every opening, decision and promotion. It is the only authority.

One table in SQLite or PostgreSQL. Writers take turns (SQLite: immediate transactions; PostgreSQL: a
table lock), the database forbids two entries with one number or one predecessor, and a race that is
lost all the same is run again. Every entry is checked against its own hash whenever it is read, so an
edited one is never acted on; `verify` checks the whole chain.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar

import rfc8785
from sqlalchemy import Connection, NullPool, RowMapping, Select, create_engine, event, insert, make_url, select
from sqlalchemy.exc import ArgumentError, DatabaseError, IntegrityError, NoSuchModuleError, OperationalError

from sluicegate.errors import InputRefused, ReleaseDenied, TamperingDetected, Unavailable
from sluicegate.gates import schema
from sluicegate.gates.chain import Entry, Kind, chain_faults, faults

T = TypeVar("T")
Guard = Callable[[Sequence[Entry]], None]
_BUSY_TIMEOUT_S = 30
_ATTEMPTS = 8
_LOST_RACE = {"40001", "40P01"}  # PostgreSQL: serialization failure, deadlock


def utc_now() -> str:
    """This moment, UTC, ISO 8601 with microseconds."""
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


class Transaction:
    """Reading and appending in one transaction: all of it is kept, or none."""

    def __init__(self, connection: Connection, clock: Callable[[], str]) -> None:
        self._connection, self.now = connection, clock()

    def entries(self, model: str | None = None, kinds: Collection[str] = ()) -> tuple[Entry, ...]:
        """Entries in order, of one model or of all, of some kinds or of all.

        Raises:
            TamperingDetected: One of them does not give its own hash.
        """
        query = select(schema.entries).order_by(schema.entries.c.seq)
        if model is not None:
            query = query.where(schema.entries.c.model == model)
        if kinds:
            query = query.where(schema.entries.c.kind.in_(list(kinds)))
        return self._read(query)

    def append(self, kind: Kind, model: str, body: dict[str, Any], *, idempotency_key: str | None = None) -> Entry:
        """Adds an entry, or finds the one that was added under this key before.

        Raises:
            ReleaseDenied: The key stands for something else already.
            TamperingDetected: The last entry does not give its own hash.
        """
        if (known := self.find(idempotency_key)) is not None:
            if (known.kind, known.model, rfc8785.dumps(known.body)) != (kind, model, rfc8785.dumps(body)):
                raise ReleaseDenied(f"ledger entry {known.seq} already records this otherwise ({known.kind})")
            return known
        head = self._read(select(schema.entries).order_by(schema.entries.c.seq.desc()).limit(1))
        entry = Entry.following(
            head[0] if head else None,
            time=self.now,
            kind=kind,
            model=model,
            body=body,
            idempotency_key=idempotency_key,
        )
        row = entry.to_json() | {"body": rfc8785.dumps(entry.body).decode()}
        self._connection.execute(insert(schema.entries).values(**row))
        return entry

    def find(self, idempotency_key: str | None) -> Entry | None:
        """The entry that was added under this key, if one was."""
        if idempotency_key is None:
            return None
        found = self._read(select(schema.entries).where(schema.entries.c.idempotency_key == idempotency_key))
        return found[0] if found else None

    def _read(self, query: Select[Any]) -> tuple[Entry, ...]:
        found = tuple(_entry(row) for row in self._connection.execute(query).mappings())
        if faulty := tuple(fault for entry in found for fault in faults(entry)):
            raise TamperingDetected("the ledger", faulty)
        return found


class Ledger:
    """The ledger at a SQLAlchemy URL (SQLite or PostgreSQL); its table is made if it is not there.

    It holds no connection between calls, so many processes may have one each.

    Args:
        url: For example ``sqlite:////home/me/.sluicegate/ledger.db``.
        clock: What the time is, as `utc_now` gives it.

    Raises:
        InputRefused: The URL cannot be read or is of another database, or the file cannot be used.
        Unavailable: The database does not answer.
    """

    def __init__(self, url: str, *, clock: Callable[[], str] = utc_now) -> None:
        try:
            parsed = make_url(url)
            if parsed.get_backend_name() not in ("sqlite", "postgresql"):
                raise InputRefused("ledger", "URL", "must be of SQLite or PostgreSQL", "see SLUICEGATE_LEDGER_URL")
            waiting = {"timeout": _BUSY_TIMEOUT_S} if parsed.get_backend_name() == "sqlite" else {"connect_timeout": 10}
            self._engine = create_engine(parsed, poolclass=NullPool, connect_args=waiting)
        except (ArgumentError, NoSuchModuleError):
            raise InputRefused("ledger", "URL", "is not a database URL", "see SLUICEGATE_LEDGER_URL") from None
        self.url, self._clock = parsed.render_as_string(hide_password=True), clock
        if self._engine.dialect.name == "sqlite":
            event.listen(self._engine, "connect", _leave_transactions_to_us)
            event.listen(self._engine, "begin", _begin_sqlite)
        with self._connected(writing=False) as connection:
            there = schema.exists(connection)
        if not there:
            with self._connected(writing=True, lock=False) as connection:
                schema.create(connection)

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
            model: The model that it happened to.
            body: The rest, a JSON value. No personal data.
            idempotency_key: Stands for what happened; it is recorded once.
            guard: Sees the model's entries inside the transaction and may raise to refuse.

        Raises:
            ReleaseDenied: The guard refused, or the key stands for something else already.
            Unavailable: The database is locked or does not answer.
        """

        def work(transaction: Transaction) -> Entry:
            if guard is not None and transaction.find(idempotency_key) is None:
                guard(transaction.entries(model))
            return transaction.append(kind, model, body, idempotency_key=idempotency_key)

        return self.transact(work)

    def transact(self, work: Callable[[Transaction], T]) -> T:
        """What `work` returns, done in one transaction. A lost race runs it again, so it has no other effects.

        Raises:
            Unavailable: The database is locked or does not answer, or every race was lost.
        """
        for attempt in range(_ATTEMPTS):
            try:
                with self._connected(writing=True) as connection:
                    return work(Transaction(connection, self._clock))
            except _LostRaceError:
                time.sleep(0.02 * 2**attempt)
        raise Unavailable(f"the ledger {self.url} is too busy; try again")

    def entries(self, model: str | None = None, kinds: Collection[str] = ()) -> tuple[Entry, ...]:
        """Entries in order, of one model or of all, of some kinds or of all.

        Raises:
            TamperingDetected: One of them does not give its own hash.
        """
        with self._connected(writing=False) as connection:
            return Transaction(connection, self._clock).entries(model, kinds)

    def verify(self) -> tuple[str, ...]:
        """Every fault of the chain: entries edited, removed, inserted or reordered; empty if it holds.

        A tail that was cut off leaves a shorter chain that holds: compare its head with one kept elsewhere.
        """
        with self._connected(writing=False) as connection:
            rows = connection.execute(select(schema.entries).order_by(schema.entries.c.seq)).mappings()
            found = chain_faults(_entry(row) for row in rows)
            gone = schema.missing_triggers(connection)
        return found + tuple(f"the database no longer keeps itself append-only: {name} is gone" for name in gone)

    @contextmanager
    def _connected(self, *, writing: bool, lock: bool = True) -> Iterator[Connection]:
        try:
            with self._engine.connect().execution_options(writing=writing) as connection, connection.begin():
                if writing and lock and connection.dialect.name == "postgresql":
                    connection.exec_driver_sql("LOCK TABLE entries IN EXCLUSIVE MODE")
                yield connection
        except IntegrityError as error:
            raise _LostRaceError from error
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", None) in _LOST_RACE:
                raise _LostRaceError from error
            raise self._refusal(error) from None
        except DatabaseError as error:
            raise self._refusal(error) from None

    def _refusal(self, error: DatabaseError) -> InputRefused | Unavailable:
        # Only SQLite's own short phrases are shown: a driver's message may hold the address or the statement.
        problem = str(error.orig).splitlines()[0] if error.orig else ""
        if self._engine.dialect.name == "sqlite" and "locked" not in problem:
            return InputRefused(self.url, "ledger", f"cannot be used: {problem}")
        busy = "is locked by another process" if "locked" in problem else "does not answer"
        return Unavailable(f"the ledger {self.url} {busy}; try again")


class _LostRaceError(Exception):
    """Somebody else wrote first; nothing was kept, the work is run again."""


def _entry(row: RowMapping) -> Entry:
    try:
        body = json.loads(row["body"])
    except ValueError:
        body = None
    # A body that is not canonical was not written by us: hand it on in a form that cannot give the hash.
    if not isinstance(body, dict) or _canonical(body) != row["body"]:
        body = {"": str(row["body"])}
    return Entry(**({key: row[key] for key in row} | {"body": body}))


def _canonical(body: dict[str, Any]) -> str | None:
    try:
        return rfc8785.dumps(body).decode()
    except (rfc8785.CanonicalizationError, RecursionError):
        return None


def _leave_transactions_to_us(dbapi_connection: Any, _record: object) -> None:
    dbapi_connection.isolation_level = None  # the driver would begin deferred ones by itself


def _begin_sqlite(connection: Connection) -> None:
    # A deferred transaction that turns into a writing one can lose what it read: take the lock at once.
    writing = connection.get_execution_options().get("writing", True)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
