"""The same ledger on a real PostgreSQL server, started for the tests."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg
import pytest

from sluicegate.errors import ReleaseDenied, Unavailable
from sluicegate.gates.ledger import Ledger

APPEND = """
import sys
from sluicegate.gates.ledger import Ledger
ledger = Ledger(sys.argv[1])
for number in range(25):
    ledger.append("decision", "reviews", {"by": sys.argv[2], "n": number})
"""


def _as_somebody_else() -> list[str] | None:
    """What to put before a command so that it does not run as root; None if there is no way."""
    if os.geteuid() != 0:
        return []
    for name in ("postgres", "nobody"):
        try:
            pwd.getpwnam(name)
        except KeyError:
            continue
        return ["runuser", "-u", name, "--"] if shutil.which("runuser") else None
    return None


@pytest.fixture(scope="module")
def server():
    """Address of an empty PostgreSQL server, without a database's name."""
    if not (shutil.which("postgres") and shutil.which("initdb")):
        pytest.skip("no PostgreSQL binaries (postgres, initdb) on the path")
    before = _as_somebody_else()
    if before is None:
        pytest.skip("PostgreSQL does not run as root, and there is no other user to run it")
    with tempfile.TemporaryDirectory(prefix="pg-", dir="/tmp") as folder:
        Path(folder).chmod(0o777)
        data = f"{folder}/data"
        quiet = {"check": True, "capture_output": True, "cwd": "/"}
        subprocess.run([*before, shutil.which("initdb"), "-D", data, "-U", "sluice", "-A", "trust", "-N"], **quiet)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        process = subprocess.Popen(
            [*before, shutil.which("postgres"), "-D", data, "-p", str(port), "-h", "127.0.0.1", "-k", folder, "-F"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
        )
        address = f"postgresql://sluice@127.0.0.1:{port}"
        try:
            _wait_for(address, process)
            yield address
        finally:
            pid = Path(data, "postmaster.pid").read_text().split()[0]  # runuser passes no signal on
            subprocess.run([*before, "kill", "-INT", pid], check=False)
            process.wait(timeout=30)
            subprocess.run([*before, "rm", "-rf", data], check=False, cwd="/")


def _wait_for(address, process):
    for _ in range(150):
        assert process.poll() is None, "PostgreSQL ended while it started"
        try:
            psycopg.connect(f"{address}/postgres").close()
            return
        except psycopg.OperationalError:
            time.sleep(0.2)
    pytest.fail("PostgreSQL did not answer within 30 s")


@pytest.fixture
def url(server, request):
    name = f"t{abs(hash(request.node.name))}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return f"{server}/{name}"


def test_it_appends_finds_again_and_verifies(url):
    ledger = Ledger(url)
    first = ledger.append("decision", "reviews", {"reason": "Gut 👍 \u0000"}, idempotency_key="k")
    assert ledger.append("decision", "reviews", {"reason": "Gut 👍 \u0000"}, idempotency_key="k") == first
    second = ledger.append("decision", "reviews", {})
    assert Ledger(url).entries("reviews") == (first, second)
    assert ledger.verify() == ()
    with pytest.raises(ReleaseDenied):
        ledger.append("decision", "reviews", {"other": 1}, idempotency_key="k")


def test_three_processes_that_make_the_table_and_append_at_once_lose_nothing(url):
    processes = [
        subprocess.Popen([sys.executable, "-c", APPEND, url, name], stderr=subprocess.PIPE, text=True)
        for name in ("a", "b", "c")
    ]
    for process in processes:
        _, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors
    ledger = Ledger(url)
    assert ledger.verify() == ()
    assert [entry.seq for entry in ledger.entries()] == list(range(1, 76))


def test_a_race_that_is_lost_is_run_again(url):
    ledger = Ledger(url)
    first = ledger.append("decision", "reviews", {"n": 1})
    tries = []

    def work(transaction):
        tries.append(transaction)
        if len(tries) == 1:  # as if somebody who takes no lock had written between our reading and our writing
            row = (1, first.prev, "ab" * 32, first.time, "decision", "reviews", "{}")
            transaction._connection.exec_driver_sql(
                "INSERT INTO entries VALUES (%s, %s, %s, %s, %s, %s, %s, NULL, NULL)", row
            )
        return transaction.append("decision", "reviews", {"n": 3})

    assert ledger.transact(work).seq == 2
    assert len(tries) == 2
    assert ledger.verify() == ()


def test_the_database_itself_refuses_to_change_forget_or_fork(url):
    ledger = Ledger(url)
    first = ledger.append("decision", "reviews", {})
    forked = f"INSERT INTO entries VALUES (2, '{'ab' * 32}', '{'cd' * 32}', 't', 'decision', 'm', '{{}}', NULL, NULL)"
    for statement in ("UPDATE entries SET model = 'x'", "DELETE FROM entries", "TRUNCATE entries", forked):
        with psycopg.connect(url) as connection, pytest.raises(psycopg.Error, match="append-only|must follow"):
            connection.execute(statement)
    assert ledger.entries() == (first,)


def test_tampering_past_the_triggers_is_found_and_so_are_triggers_that_are_off(url):
    ledger = Ledger(url)
    for number in range(3):
        ledger.append("decision", "reviews", {"n": number})
    with psycopg.connect(url) as connection:
        connection.execute("ALTER TABLE entries DISABLE TRIGGER entries_no_update")
        connection.execute("UPDATE entries SET body = '{\"n\":9}' WHERE seq = 2")
    found = ledger.verify()
    assert any(fault.startswith("entry 2 was edited") for fault in found)
    assert any("entries_no_update is gone" in fault for fault in found)


def test_a_server_that_does_not_answer_is_unavailable_and_the_password_stays_hidden():
    with pytest.raises(Unavailable, match="does not answer") as refusal:
        Ledger("postgresql://somebody:secret@127.0.0.1:1/ledger")
    assert "secret" not in str(refusal.value)
