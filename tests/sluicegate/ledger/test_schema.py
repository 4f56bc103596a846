"""The ledger's table, as its migrations make it."""

from __future__ import annotations

import threading

from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from sluicegate.ledger import schema
from sluicegate.ledger.ledger import Ledger


def test_the_table_that_the_migrations_make_is_the_one_that_the_code_reads(ledger, database):
    ledger.begin()
    with create_engine(f"sqlite:///{database}").connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": schema.VERSION_TABLE})
        assert compare_metadata(context, schema.metadata) == []


def test_the_revisions_that_the_code_knows_are_those_that_there_are():
    config = Config()
    config.set_main_option("script_location", "sluicegate.ledger:migrations")
    scripts = ScriptDirectory.from_config(config).walk_revisions()
    assert tuple(reversed([script.revision for script in scripts])) == schema.REVISIONS


def test_several_ledgers_are_made_at_once_in_one_process(tmp_path):
    ledgers = []

    def make(number):
        ledgers.append(Ledger(f"sqlite:///{tmp_path / str(number)}.db", key=tmp_path / f"{number}.key"))

    threads = [threading.Thread(target=make, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [ledger.append("decision", "reviews", {}).seq for ledger in ledgers] == [2] * 6
    assert [ledger.verify() for ledger in ledgers] == [()] * 6
