"""Somebody owns the database file, drops the triggers and changes what is there."""

from __future__ import annotations

import json
import sqlite3

import pytest

from sluicegate.errors import TamperingDetected
from sluicegate.gates.chain import Entry
from sluicegate.gates.gate import find_gate


@pytest.fixture
def tampered(ledger, database):
    """Runs statements on a ledger of five entries, past its triggers, and gives the faults that are found."""
    for number in range(5):
        ledger.append("decision", "reviews", {"n": number}, idempotency_key=f"k{number}")

    def tamper(*statements):
        with sqlite3.connect(database) as connection:
            triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
            for name, _ in triggers:
                connection.execute(f"DROP TRIGGER {name}")
            for statement in statements:
                connection.execute(*statement) if isinstance(statement, tuple) else connection.execute(statement)
            for _, sql in triggers:
                connection.execute(sql)
        return ledger.verify()

    return tamper


def test_dropping_and_restoring_the_triggers_alone_leaves_no_fault(tampered):
    assert tampered() == ()


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("body", '{"n":77}'),
        ("body", '{"n": 2}'),
        ("body", "not JSON"),
        ("body", "[]"),
        ("time", "2026-01-01T00:00:00.000000Z"),
        ("kind", "promotion_committed"),
        ("model", "other"),
        ("idempotency_key", None),
        ("hash", "ab" * 32),
        ("prev", "ab" * 32),
    ],
)
def test_an_edit_is_found_in_any_column(tampered, column, value):
    found = tampered((f"UPDATE entries SET {column} = ? WHERE seq = 3", (value,)))
    assert any(fault.startswith("entry 3 was edited") for fault in found)


def test_a_removal_is_found(tampered):
    assert "entry 3 is missing" in tampered("DELETE FROM entries WHERE seq = 3")


def test_a_removal_that_moves_the_rest_up_is_found(tampered):
    found = tampered("DELETE FROM entries WHERE seq = 3", "UPDATE entries SET seq = seq - 1 WHERE seq > 3")
    assert any("entry 3 does not follow" in fault for fault in found)


def test_an_insertion_is_found(tampered, ledger):
    last = ledger.entries()[1]
    made = Entry.following(last, time=last.time, kind="decision", model="reviews", body={"n": 9}, idempotency_key="new")
    row = (*[getattr(made, c) for c in ("seq", "prev", "hash", "time", "kind", "model")], json.dumps(made.body), "new")
    found = tampered(
        "UPDATE entries SET seq = seq + 100 WHERE seq > 2",
        "UPDATE entries SET seq = seq - 99 WHERE seq > 2",
        "UPDATE entries SET prev = 'x' WHERE seq = 4",
        (
            "INSERT INTO entries (seq, prev, hash, time, kind, model, body, idempotency_key) VALUES (?,?,?,?,?,?,?,?)",
            row,
        ),
    )
    assert any("does not follow" in fault for fault in found)


def test_reordering_is_found(tampered):
    found = tampered(
        "UPDATE entries SET seq = 90 WHERE seq = 2",
        "UPDATE entries SET seq = 2 WHERE seq = 4",
        "UPDATE entries SET seq = 4 WHERE seq = 90",
    )
    assert any("entry 2 does not follow" in fault for fault in found)
    assert any("entry 4 was edited" in fault for fault in found)


def test_every_fault_is_named_and_not_only_the_first(tampered):
    found = tampered("UPDATE entries SET model = 'x' WHERE seq IN (1, 4)")
    assert [fault[:18] for fault in found] == ["entry 1 was edited", "entry 4 was edited"]


def test_an_edited_entry_is_never_acted_on(tampered, ledger):
    tampered("UPDATE entries SET kind = 'promotion_committed' WHERE seq = 5")
    with pytest.raises(TamperingDetected, match="entry 5"):
        ledger.entries("reviews")
    with pytest.raises(TamperingDetected, match="entry 5"):
        ledger.append("decision", "reviews", {})


def test_triggers_that_were_taken_away_are_reported(ledger, database):
    with sqlite3.connect(database) as connection:
        connection.execute("DROP TRIGGER entries_no_delete")
    assert ledger.verify() == ("the database no longer keeps itself append-only: entries_no_delete is gone",)


def test_a_rejection_that_was_edited_into_an_approval_approves_nothing(ledger, database, opened, decided):
    gate = opened()
    decided(gate, decision="reject")
    with sqlite3.connect(database) as connection:
        connection.execute("DROP TRIGGER entries_no_update")
        connection.execute(
            "UPDATE entries SET body = replace(body, '\"reject\"', '\"approve\"') WHERE kind = 'decision'"
        )
    with pytest.raises(TamperingDetected):
        find_gate(ledger, gate.id)
