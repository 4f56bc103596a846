"""The ledger's database: SQLite or PostgreSQL, one connection a call, writers in turn.

SQLite takes its lock when a writing transaction begins; on PostgreSQL it is an advisory one, which needs no
right but to insert. Whoever does not keep to it loses the race: the table's own rules let no two entries
have one number. What a driver says when it fails becomes one line without addresses or passwords.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, NullPool, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, IntegrityError, NoSuchModuleError, OperationalError

from sluicegate.addresses import with_driver
from sluicegate.errors import InputRefused, Unavailable

_BUSY_TIMEOUT_S = 30
_WRITING_LOCK = 0x51C1CF  # any constant: writers of the ledger take turns
_LOST_RACE = {"40001", "40P01"}  # PostgreSQL: serialization failure, deadlock


class LostRaceError(Exception):
    """Somebody else wrote first; nothing was kept, the work is run again."""


class Database:
    """The database at a SQLAlchemy URL.

    Raises:
        InputRefused: The URL cannot be read or is of another database.
    """

    def __init__(self, url: str) -> None:
        try:
            parsed = with_driver(url)
            if parsed.get_backend_name() not in ("sqlite", "postgresql"):
                raise InputRefused("ledger", "URL", "must be of SQLite or PostgreSQL", "see SLUICEGATE_LEDGER_URL")
            waiting = {"timeout": _BUSY_TIMEOUT_S} if parsed.get_backend_name() == "sqlite" else {"connect_timeout": 10}
            self._engine = create_engine(parsed, poolclass=NullPool, connect_args=waiting)
        except (ArgumentError, NoSuchModuleError):
            raise InputRefused("ledger", "URL", "is not a database URL", "see SLUICEGATE_LEDGER_URL") from None
        self.url = make_url(url).render_as_string(hide_password=True)
        if self._engine.dialect.name == "sqlite":
            event.listen(self._engine, "connect", _leave_transactions_to_us)
            event.listen(self._engine, "begin", _begin_sqlite)

    @contextmanager
    def connected(self, *, writing: bool, lock: bool = True) -> Iterator[Connection]:
        """A connection inside a transaction, which is kept if the block ends without an error.

        Args:
            writing: Whether it may write; one writer at a time.
            lock: Whether the table is there to be locked (PostgreSQL).

        Raises:
            LostRaceError: Somebody else wrote first.
            InputRefused: The file cannot be used.
            Unavailable: The database is locked or does not answer.
        """
        try:
            with self._engine.connect().execution_options(writing=writing) as connection, connection.begin():
                if writing and lock and connection.dialect.name == "postgresql":
                    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITING_LOCK})")
                yield connection
        except IntegrityError as error:
            raise LostRaceError from error
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", None) in _LOST_RACE:
                raise LostRaceError from error
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


def _leave_transactions_to_us(dbapi_connection: Any, _record: object) -> None:
    dbapi_connection.isolation_level = None  # the driver would begin deferred ones by itself
    # What is not text was not written by us: read on, so that it is found to be an edit.
    dbapi_connection.text_factory = lambda content: content.decode(errors="replace")


def _begin_sqlite(connection: Connection) -> None:
    # A deferred transaction that turns into a writing one can lose what it read: take the lock at once.
    writing = connection.get_execution_options().get("writing", True)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
