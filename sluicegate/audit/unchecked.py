"""A ledger's entries as they lie in a database, for auditing: nothing is checked, nothing is written or made."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from sqlalchemy import make_url, select
from sqlalchemy.exc import ArgumentError

from sluicegate.errors import InputRefused
from sluicegate.ledger import schema
from sluicegate.ledger.chain import Entry
from sluicegate.ledger.database import Database
from sluicegate.ledger.transaction import entry_of


def unchecked_entries(url: str) -> tuple[tuple[Entry, ...], tuple[str, ...]]:
    """Every entry in order, and what is wrong with the table that holds them.

    Args:
        url: SQLAlchemy's URL of the database. A file of SQLite is opened for reading alone.

    Raises:
        InputRefused: There is no such database, or no ledger in it.
        Unavailable: It does not answer.
    """
    readable, shown = _for_reading(url)
    try:
        database = Database(readable)
        with database.connected(writing=False) as connection:
            if not schema.is_ready(connection, shown or database.url):
                raise InputRefused(database.url, "ledger", "there is none in it")
            rows = connection.execute(select(schema.entries).order_by(schema.entries.c.seq)).mappings()
            entries = tuple(entry_of(row) for row in rows)
            gone = schema.missing_triggers(connection)
    except InputRefused as refused:
        raise InputRefused(shown or refused.where, refused.field, refused.problem, refused.remedy) from None
    return entries, tuple(f"the database no longer keeps itself append-only: {name} is gone" for name in gone)


def _for_reading(url: str) -> tuple[str, str]:
    """The URL that cannot write, where there is one, and what to call it in a refusal."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        return url, ""  # refused where it is opened
    if parsed.get_backend_name() != "sqlite" or not parsed.database or parsed.query:
        return url, ""
    path = Path(parsed.database)
    if not path.is_file():  # SQLite would make it
        raise InputRefused(path, "ledger", "there is no such file")
    return f"sqlite:///file:{quote(str(path.absolute()))}?mode=ro&uri=true", str(path)
