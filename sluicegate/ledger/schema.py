"""The ledger's table, how it is made and brought up to date, and whether its triggers are still there.

The triggers by which the database itself keeps the table append-only are made with it (`migrations`).
They stop mistakes and other programs, not whoever owns the database: that person can drop them, and
then `Ledger.verify` finds what was changed, by the chain.
"""

from __future__ import annotations

import threading

from sqlalchemy import BigInteger, Column, Connection, Integer, MetaData, String, Table, Text, inspect, text

from sluicegate.errors import InputRefused

metadata = MetaData()
entries = Table(
    "entries",
    metadata,
    # SQLite's own row number is INTEGER and nothing else.
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("prev", String(64), nullable=False, unique=True),
    Column("hash", String(64), nullable=False, unique=True),
    Column("time", String(40), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("model", String(80), nullable=False, index=True),
    Column("body", Text, nullable=False),
    Column("idempotency_key", String(255), nullable=True, unique=True),
    Column("signature", Text, nullable=False),
)

TRIGGERS = ("entries_no_update", "entries_no_delete", "entries_follow")
REVISIONS = ("0001",)
"""Of the table, oldest first; one file each in `migrations/versions`."""
VERSION_TABLE = "ledger_version"  # not Alembic's own name: MLflow's tables may lie in the same database
_CREATION_LOCK = 0x51C1CE  # any constant: two processes that make the table at once take turns
_ONE_AT_A_TIME = threading.Lock()  # Alembic keeps what it is doing in a global


def is_ready(connection: Connection, url: str) -> bool:
    """Whether the table is there, in its newest form.

    Args:
        connection: Where to look.
        url: What a refusal names.

    Raises:
        InputRefused: The table is of version 0.1, or of a version newer than this one.
    """
    tables = inspect(connection)
    if not tables.has_table(VERSION_TABLE):
        if tables.has_table(entries.name):
            problem = "was made by version 0.1, whose entries are not signed"
            raise InputRefused(url, "ledger", problem, "keep it for the record, and name a new SLUICEGATE_LEDGER_URL")
        return False
    found = connection.exec_driver_sql(f"SELECT version_num FROM {VERSION_TABLE}").scalar()
    if found not in REVISIONS:
        raise InputRefused(url, "ledger", f"is of a newer version ({found})", "install the Sluicegate that made it")
    return bool(found == REVISIONS[-1])


def upgrade(connection: Connection, url: str) -> None:
    """Makes the table and its triggers, or brings them up to date; call inside a writing transaction.

    Raises:
        InputRefused: The table is of version 0.1, or of a version newer than this one.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({_CREATION_LOCK})"))
    if is_ready(connection, url):
        return
    from alembic import command  # costs a tenth of a second, and is needed once in a ledger's life
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", "sluicegate.ledger:migrations")
    with _ONE_AT_A_TIME:
        command.upgrade(config, "head")


def missing_triggers(connection: Connection) -> tuple[str, ...]:
    """Names of the triggers that somebody took away (or, on PostgreSQL, switched off)."""
    query = (
        "SELECT tgname FROM pg_trigger WHERE tgrelid = 'entries'::regclass AND tgenabled != 'D'"
        if connection.dialect.name == "postgresql"
        else "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'entries'"
    )
    present = set(connection.exec_driver_sql(query).scalars())
    return tuple(name for name in TRIGGERS if name not in present)
