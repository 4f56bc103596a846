"""What Alembic runs: the migrations, in the transaction that the ledger has begun."""

from __future__ import annotations

from alembic import context

from sluicegate.ledger import schema

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=schema.metadata,
    version_table=schema.VERSION_TABLE,
)
with context.begin_transaction():
    context.run_migrations()
