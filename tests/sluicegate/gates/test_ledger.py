"""Appending, finding again, refusing."""

from __future__ import annotations

import sqlite3

import pytest

from sluicegate.errors import InputRefused, ReleaseDenied
from sluicegate.gates.chain import GENESIS
from sluicegate.gates.ledger import Ledger


def test_an_empty_ledger_holds_nothing_and_has_no_fault(ledger):
    assert ledger.entries() == ()
    assert ledger.verify() == ()


def test_entries_come_back_as_they_were_appended(ledger):
    first = ledger.append("decision", "reviews", {"reason": "Gut für alle 👍", "n": [1, 2.5, None]})
    second = ledger.append("decision", "tweets", {})
    assert ledger.entries() == (first, second)
    assert (first.seq, first.prev, second.seq, second.prev) == (1, GENESIS, 2, first.hash)
    assert first.time.endswith("Z")
    assert ledger.verify() == ()


def test_entries_can_be_asked_for_by_model_and_kind(ledger):
    ledger.append("decision", "reviews", {})
    wanted = ledger.append("gate_opened", "reviews", {})
    ledger.append("gate_opened", "tweets", {})
    assert ledger.entries("reviews", ("gate_opened",)) == (wanted,)


def test_another_ledger_object_on_the_same_file_sees_the_same(ledger, database):
    entry = ledger.append("decision", "reviews", {})
    assert Ledger(f"sqlite:///{database}").entries() == (entry,)


def test_what_a_key_stands_for_is_recorded_once(ledger):
    first = ledger.append("decision", "reviews", {"n": 1}, idempotency_key="k")
    assert ledger.append("decision", "reviews", {"n": 1}, idempotency_key="k") == first
    assert ledger.entries() == (first,)


def test_a_key_that_stands_for_something_else_is_refused(ledger):
    ledger.append("decision", "reviews", {"n": 1}, idempotency_key="k")
    with pytest.raises(ReleaseDenied, match="already records this otherwise"):
        ledger.append("decision", "reviews", {"n": 2}, idempotency_key="k")
    assert len(ledger.entries()) == 1


def test_a_guard_sees_the_models_entries_and_what_it_refuses_is_not_kept(ledger):
    before = ledger.append("decision", "reviews", {})
    ledger.append("decision", "tweets", {})
    seen = []

    def refuse(entries):
        seen.extend(entries)
        raise ReleaseDenied("no")

    with pytest.raises(ReleaseDenied, match="no"):
        ledger.append("decision", "reviews", {}, guard=refuse)
    assert seen == [before]
    assert len(ledger.entries()) == 2


def test_a_transaction_that_fails_keeps_nothing_of_what_it_appended(ledger):
    def work(transaction):
        transaction.append("decision", "reviews", {"n": 1})
        transaction.append("decision", "reviews", {"n": 2})
        raise ReleaseDenied("after all not")

    with pytest.raises(ReleaseDenied):
        ledger.transact(work)
    assert ledger.entries() == ()


def test_a_clock_that_was_set_back_leaves_times_in_order(database):
    times = iter(["2026-11-22T10:00:00.000000Z", "2026-11-21T10:00:00.000000Z", "2026-11-22T10:00:01.000000Z"])
    ledger = Ledger(f"sqlite:///{database}", clock=lambda: next(times))
    found = [ledger.append("decision", "reviews", {}).time for _ in range(3)]
    assert found == ["2026-11-22T10:00:00.000000Z", "2026-11-22T10:00:00.000000Z", "2026-11-22T10:00:01.000000Z"]


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        pytest.param("not a url", "is not a database URL", id="no-url"),
        pytest.param("mysql://somebody:secret@host/db", "SQLite or PostgreSQL", id="another-database"),
        pytest.param("sqlite:////nowhere/at/all/ledger.db", "unable to open database file", id="no-folder"),
    ],
)
def test_a_url_that_cannot_be_used_is_refused_in_one_line_without_its_password(url, problem):
    with pytest.raises(InputRefused, match=problem) as refusal:
        Ledger(url)
    assert "secret" not in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_file_that_is_no_database_is_refused_in_one_line(database):
    database.write_bytes(b"something else" * 400)
    with pytest.raises(InputRefused, match="not a database"):
        Ledger(f"sqlite:///{database}")


def test_the_database_itself_refuses_to_change_or_forget(ledger, database):
    ledger.append("decision", "reviews", {}, idempotency_key="k")
    with sqlite3.connect(database) as connection:
        for statement in ("UPDATE entries SET model = 'x'", "DELETE FROM entries"):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                connection.execute(statement)


@pytest.mark.parametrize(
    "columns",
    [
        pytest.param({"seq": 1}, id="a-number-twice"),
        pytest.param({"seq": 4}, id="a-gap"),
        pytest.param({"prev": "ab" * 32}, id="another-predecessor"),
        pytest.param({"hash": "the first one's"}, id="a-hash-twice"),
        pytest.param({"idempotency_key": "k"}, id="a-key-twice"),
    ],
)
@pytest.mark.parametrize("verb", ["INSERT", "INSERT OR REPLACE"])
def test_the_database_itself_refuses_what_does_not_follow(ledger, database, verb, columns):
    first = ledger.append("decision", "reviews", {}, idempotency_key="k")
    second = ledger.append("decision", "reviews", {})
    row = {
        "seq": 3,
        "prev": second.hash,
        "hash": "cd" * 32,
        "time": "t",
        "kind": "decision",
        "model": "m",
        "body": "{}",
    }
    row |= columns | ({"hash": first.hash} if "hash" in columns else {})
    with sqlite3.connect(database) as connection, pytest.raises(sqlite3.IntegrityError):
        connection.execute(
            f"{verb} INTO entries ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})", tuple(row.values())
        )
    assert ledger.entries() == (first, second)
