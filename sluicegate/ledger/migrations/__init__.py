"""How the ledger's table came to be as it is, for Alembic; run from `schema.upgrade`."""
