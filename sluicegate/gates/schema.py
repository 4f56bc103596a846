"""The ledger's table, and the triggers by which the database itself keeps it append-only.

The triggers stop mistakes and other programs, not whoever owns the database: that person can drop them,
and then `Ledger.verify` finds what was changed, by the chain.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Connection, Integer, MetaData, String, Table, Text, inspect, text

from sluicegate.gates.chain import GENESIS

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
    Column("signature", Text, nullable=True),
)

TRIGGERS = ("entries_no_update", "entries_no_delete", "entries_follow")

# `INSERT OR REPLACE` removes rows without firing delete triggers, hence the look at every unique column.
_SQLITE = (
    """CREATE TRIGGER entries_no_update BEFORE UPDATE ON entries
       BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END""",
    """CREATE TRIGGER entries_no_delete BEFORE DELETE ON entries
       BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END""",
    f"""CREATE TRIGGER entries_follow BEFORE INSERT ON entries
        WHEN NEW.seq != (SELECT coalesce(max(seq), 0) + 1 FROM entries)
          OR NEW.prev != coalesce((SELECT hash FROM entries ORDER BY seq DESC LIMIT 1), '{GENESIS}')
          OR EXISTS (SELECT 1 FROM entries WHERE hash = NEW.hash OR idempotency_key = NEW.idempotency_key)
        BEGIN SELECT RAISE(ABORT, 'an entry must follow the last one'); END""",
)
_POSTGRESQL = (
    """CREATE FUNCTION entries_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN RAISE EXCEPTION 'the ledger is append-only'; END $$""",
    "CREATE TRIGGER entries_no_update BEFORE UPDATE ON entries FOR EACH ROW EXECUTE FUNCTION entries_refuse()",
    "CREATE TRIGGER entries_no_delete BEFORE DELETE ON entries FOR EACH ROW EXECUTE FUNCTION entries_refuse()",
    "CREATE TRIGGER entries_no_truncate BEFORE TRUNCATE ON entries EXECUTE FUNCTION entries_refuse()",
    f"""CREATE FUNCTION entries_must_follow() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF NEW.seq != (SELECT coalesce(max(seq), 0) + 1 FROM entries)
             OR NEW.prev != coalesce((SELECT hash FROM entries ORDER BY seq DESC LIMIT 1), '{GENESIS}')
          THEN RAISE EXCEPTION 'an entry must follow the last one' USING ERRCODE = 'unique_violation'; END IF;
          RETURN NEW;
        END $$""",
    "CREATE TRIGGER entries_follow BEFORE INSERT ON entries FOR EACH ROW EXECUTE FUNCTION entries_must_follow()",
)
_CREATION_LOCK = 0x51C1CE  # any constant: two processes that make the table at once take turns


def exists(connection: Connection) -> bool:
    """Whether the table is there."""
    return inspect(connection).has_table(entries.name)


def create(connection: Connection) -> None:
    """Makes the table and its triggers, if they are not there; call inside a writing transaction."""
    postgresql = connection.dialect.name == "postgresql"
    if postgresql:
        connection.execute(text(f"SELECT pg_advisory_xact_lock({_CREATION_LOCK})"))
    if exists(connection):
        return
    metadata.create_all(connection)
    for statement in _POSTGRESQL if postgresql else _SQLITE:
        connection.exec_driver_sql(statement)


def missing_triggers(connection: Connection) -> tuple[str, ...]:
    """Names of the triggers that somebody took away (or, on PostgreSQL, switched off)."""
    query = (
        "SELECT tgname FROM pg_trigger WHERE tgrelid = 'entries'::regclass AND tgenabled != 'D'"
        if connection.dialect.name == "postgresql"
        else "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'entries'"
    )
    present = set(connection.exec_driver_sql(query).scalars())
    return tuple(name for name in TRIGGERS if name not in present)
