"""The table of signed entries, and the triggers that keep it append-only."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_GENESIS = "0" * 64

# `INSERT OR REPLACE` removes rows without firing delete triggers, hence the look at every unique column.
_SQLITE = (
    """CREATE TRIGGER entries_no_update BEFORE UPDATE ON entries
       BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END""",
    """CREATE TRIGGER entries_no_delete BEFORE DELETE ON entries
       BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END""",
    f"""CREATE TRIGGER entries_follow BEFORE INSERT ON entries
        WHEN NEW.seq != (SELECT coalesce(max(seq), 0) + 1 FROM entries)
          OR NEW.prev != coalesce((SELECT hash FROM entries ORDER BY seq DESC LIMIT 1), '{_GENESIS}')
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
             OR NEW.prev != coalesce((SELECT hash FROM entries ORDER BY seq DESC LIMIT 1), '{_GENESIS}')
          THEN RAISE EXCEPTION 'an entry must follow the last one' USING ERRCODE = 'unique_violation'; END IF;
          RETURN NEW;
        END $$""",
    "CREATE TRIGGER entries_follow BEFORE INSERT ON entries FOR EACH ROW EXECUTE FUNCTION entries_must_follow()",
)


def upgrade() -> None:
    """Makes them."""
    op.create_table(
        "entries",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=False),
        sa.Column("prev", sa.String(64), nullable=False, unique=True),
        sa.Column("hash", sa.String(64), nullable=False, unique=True),
        sa.Column("time", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("model", sa.String(80), nullable=False, index=True),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("idempotency_key", sa.String(255), nullable=True, unique=True),
        sa.Column("signature", sa.Text, nullable=False),
    )
    connection = op.get_bind()
    for statement in _POSTGRESQL if connection.dialect.name == "postgresql" else _SQLITE:
        connection.exec_driver_sql(statement)
