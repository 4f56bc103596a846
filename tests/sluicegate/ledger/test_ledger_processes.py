"""Several processes on one ledger, and one that is killed."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

from sluicegate.ledger.ledger import Ledger

APPEND = """
import sys
from pathlib import Path
from sluicegate.ledger.ledger import Ledger
name, count, key = sys.argv[2], int(sys.argv[3]), sys.argv[4]
ledger = Ledger(sys.argv[1], key=Path(sys.argv[5]))
print("ready", flush=True)
sys.stdin.readline()
for number in range(count):
    key_of_this = f"{key}-{number}" if key else None
    ledger.append("decision", "reviews", {"by": name, "n": number}, idempotency_key=key_of_this)
    print(number, flush=True)
"""


def start(database, name, count, key=""):
    service_key = str(database.parent / "keys" / "service.key")
    command = [sys.executable, "-c", APPEND, f"sqlite:///{database}", name, str(count), key, service_key]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def begin(*processes):
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.stdin.write("\n")
        process.stdin.flush()


def test_two_processes_append_fifty_each_and_nothing_is_lost_or_forked(database):
    # Nothing is there yet: they race for making the table, the service's key and the first entry too.
    processes = [start(database, name, 50) for name in ("a", "b")]
    begin(*processes)
    for process in processes:
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors
    ledger = Ledger(f"sqlite:///{database}")
    entries = ledger.entries()
    assert ledger.verify() == ()
    assert [entry.seq for entry in entries] == list(range(1, 102))
    for name in ("a", "b"):
        assert [entry.body["n"] for entry in entries if entry.body.get("by") == name] == list(range(50))


def test_of_two_processes_with_one_key_only_one_records(database):
    processes = [start(database, "either", 20, key="shared") for _ in range(2)]
    begin(*processes)
    for process in processes:
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors
    keys = [entry.idempotency_key for entry in Ledger(f"sqlite:///{database}").entries()]
    assert keys == [None] + [f"shared-{number}" for number in range(20)]


def test_a_process_that_is_killed_while_it_writes_leaves_a_chain_that_holds(database):
    for _ in range(3):
        process = start(database, f"victim-{time.monotonic_ns()}", 100_000)
        process.stdout.readline()
        process.stdin.write("\n")
        process.stdin.flush()
        for _ in range(8):
            last = process.stdout.readline()
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=30)
        assert last
    ledger = Ledger(f"sqlite:///{database}", key=database.parent / "keys" / "service.key")
    assert ledger.verify() == ()
    assert len(ledger.entries()) >= 20
    assert ledger.append("decision", "reviews", {}).seq == len(ledger.entries())
