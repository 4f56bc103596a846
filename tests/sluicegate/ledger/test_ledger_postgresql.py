"""The same ledger on a real PostgreSQL server, started for the tests."""

from __future__ import annotations

import subprocess
import sys

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine

from sluicegate.addresses import with_driver
from sluicegate.errors import InputRefused, ReleaseDenied, TamperingDetected, Unavailable
from sluicegate.ledger import schema
from sluicegate.ledger.chain import Entry
from sluicegate.ledger.ledger import Ledger
from sluicegate.ledger.transaction import row_of
from sluicegate.signing.keys import PrivateKey
from tests.postgresql import postgresql_server

APPEND = """
import sys
from pathlib import Path
from sluicegate.ledger.ledger import Ledger
ledger = Ledger(sys.argv[1], key=Path(sys.argv[3]))
for number in range(25):
    ledger.append("decision", "reviews", {"by": sys.argv[2], "n": number})
"""


@pytest.fixture(scope="module")
def server():
    with postgresql_server() as address:
        yield address


@pytest.fixture
def url(server, request):
    name = f"t{abs(hash(request.node.name))}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return f"{server}/{name}"


@pytest.fixture
def ledger(url, tmp_path):
    return Ledger(url, key=tmp_path / "service.key")


def test_it_appends_finds_again_and_verifies(ledger, url):
    first = ledger.append("decision", "reviews", {"reason": "Gut 👍 \u0000"}, idempotency_key="k")
    assert ledger.append("decision", "reviews", {"reason": "Gut 👍 \u0000"}, idempotency_key="k") == first
    second = ledger.append("decision", "reviews", {})
    assert Ledger(url).entries("reviews")[1:] == (first, second)
    assert ledger.verify() == ()
    with pytest.raises(ReleaseDenied):
        ledger.append("decision", "reviews", {"other": 1}, idempotency_key="k")


def test_three_processes_that_make_table_and_key_and_append_at_once_lose_nothing(url, tmp_path):
    key = str(tmp_path / "service.key")
    processes = [
        subprocess.Popen([sys.executable, "-c", APPEND, url, name, key], stderr=subprocess.PIPE, text=True)
        for name in ("a", "b", "c")
    ]
    for process in processes:
        _, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors
    ledger = Ledger(url)
    assert ledger.verify() == ()
    assert [entry.seq for entry in ledger.entries()] == list(range(1, 77))


def test_a_race_that_is_lost_is_run_again(ledger):
    first = ledger.append("decision", "reviews", {"n": 1})
    tries = []

    def work(transaction):
        tries.append(transaction)
        if len(tries) == 1:  # as if somebody who takes no lock had written between our reading and our writing
            row = (2, first.prev, "ab" * 32, first.time, "decision", "reviews", "{}")
            transaction._connection.exec_driver_sql(
                "INSERT INTO entries VALUES (%s, %s, %s, %s, %s, %s, %s, NULL, 's')", row
            )
        return transaction.append("decision", "reviews", {"n": 3})

    assert ledger.transact(work).seq == 3
    assert len(tries) == 2
    assert ledger.verify() == ()


def test_the_database_itself_refuses_to_change_forget_or_fork(ledger, url):
    first = ledger.append("decision", "reviews", {})
    forked = f"INSERT INTO entries VALUES (3, '{'ab' * 32}', '{'cd' * 32}', 't', 'decision', 'm', '{{}}', NULL, 's')"
    for statement in ("UPDATE entries SET model = 'x'", "DELETE FROM entries", "TRUNCATE entries", forked):
        with psycopg.connect(url) as connection, pytest.raises(psycopg.Error, match="append-only|must follow"):
            connection.execute(statement)
    assert ledger.entries()[1:] == (first,)


def test_tampering_past_the_triggers_is_found_and_so_are_triggers_that_are_off(ledger, url):
    for number in range(3):
        ledger.append("decision", "reviews", {"n": number})
    with psycopg.connect(url) as connection:
        connection.execute("ALTER TABLE entries DISABLE TRIGGER entries_no_update")
        connection.execute("UPDATE entries SET body = '{\"n\":9}' WHERE seq = 3")
        connection.execute("UPDATE entries SET signature = 'AAAA' WHERE seq = 4")
    found = ledger.verify()
    assert any(fault.startswith("entry 3 was edited") for fault in found)
    assert any(fault.startswith("entry 4 is not signed") for fault in found)
    assert any("entries_no_update is gone" in fault for fault in found)


def test_somebody_with_the_database_but_without_the_key_adds_nothing_that_is_read(ledger, url):
    last = ledger.append("decision", "reviews", {})
    forged = Entry.following(
        last,
        time=last.time,
        kind="decision",
        model="reviews",
        body={"decision": "approve"},
        idempotency_key=None,
        sign=PrivateKey.generate().sign,
    )
    row = row_of(forged)
    with psycopg.connect(url) as connection:
        names, places = ", ".join(row), ", ".join(["%s"] * len(row))
        connection.execute(f"INSERT INTO entries ({names}) VALUES ({places})", tuple(row.values()))
    with pytest.raises(TamperingDetected, match="entry 3 is not signed by the service's key"):
        ledger.entries("reviews")
    assert ledger.verify()[0].startswith("entry 3 is not signed")


def test_the_table_that_the_migrations_make_is_the_one_that_the_code_reads(ledger, url):
    with create_engine(with_driver(url)).connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": schema.VERSION_TABLE})
        assert compare_metadata(context, schema.metadata) == []


def test_a_table_of_version_0_1_is_refused(url, tmp_path):
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE entries (seq BIGINT PRIMARY KEY, body TEXT)")
    with pytest.raises(InputRefused, match="version 0.1"):
        Ledger(url, key=tmp_path / "service.key")


def test_the_tables_of_another_program_in_the_same_database_are_left_alone(url, tmp_path):
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE alembic_version (version_num VARCHAR(32))")
        connection.execute("INSERT INTO alembic_version VALUES ('another')")
    assert Ledger(url, key=tmp_path / "service.key").append("decision", "reviews", {}).seq == 2
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [("another",)]


def test_a_server_that_does_not_answer_is_unavailable_and_the_password_stays_hidden():
    with pytest.raises(Unavailable, match="does not answer") as refusal:
        Ledger("postgresql://somebody:secret@127.0.0.1:1/ledger")
    assert "secret" not in str(refusal.value)
