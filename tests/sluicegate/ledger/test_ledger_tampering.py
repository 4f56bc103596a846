"""Somebody owns the database file, drops the triggers and changes what is there."""

from __future__ import annotations

import sqlite3

import pytest

from sluicegate.errors import TamperingDetected, Unavailable
from sluicegate.gates.gate import find_gate
from sluicegate.ledger.chain import Entry
from sluicegate.ledger.transaction import row_of
from sluicegate.signing.keys import PrivateKey


@pytest.fixture
def tampered(ledger, database):
    """Runs statements on a ledger of six entries, past its triggers, and gives the faults that are found."""
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
        ("body", '{"n": 1}'),
        ("body", "not JSON"),
        ("body", "[]"),
        ("body", b"\xff"),
        ("time", "2026-01-01T00:00:00.000000Z"),
        ("time", b"\x00"),
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


@pytest.mark.parametrize("column", ["body", "time", "hash", "signature"])
def test_bytes_that_are_no_text_are_found_and_not_repeated(tampered, ledger, column):
    (first, *_) = tampered(f"UPDATE entries SET {column} = CAST(x'736563726574ff' AS TEXT) WHERE seq = 3")
    assert first.startswith("entry 3 is not signed" if column == "signature" else "entry 3 was edited")
    with pytest.raises(TamperingDetected, match="entry 3") as refusal:
        ledger.entries()
    assert column == "hash" or "secret" not in str(refusal.value)


def test_a_signature_that_was_replaced_is_found(tampered):
    found = tampered("UPDATE entries SET signature = (SELECT signature FROM entries WHERE seq = 2) WHERE seq = 3")
    assert [fault[:21] for fault in found] == ["entry 3 is not signed"]


def test_a_removal_is_found(tampered):
    assert "entry 3 is missing" in tampered("DELETE FROM entries WHERE seq = 3")


def test_the_removal_of_the_opening_is_found_and_nothing_is_read_any_more(tampered, ledger):
    assert "entry 1 is missing" in tampered("DELETE FROM entries WHERE seq = 1")
    with pytest.raises(TamperingDetected, match="no entry before it names the service's key"):
        ledger.entries()


def test_a_removal_that_moves_the_rest_up_is_found(tampered):
    found = tampered("DELETE FROM entries WHERE seq = 3", "UPDATE entries SET seq = seq - 1 WHERE seq > 3")
    assert any("entry 3 does not follow" in fault for fault in found)


def test_an_insertion_is_found(tampered, ledger):
    last = ledger.entries()[2]
    made = Entry.following(
        last,
        time=last.time,
        kind="decision",
        model="reviews",
        body={"n": 9},
        idempotency_key="new",
        sign=PrivateKey.generate().sign,
    )
    row = row_of(made)
    found = tampered(
        "UPDATE entries SET seq = seq + 100 WHERE seq > 3",
        "UPDATE entries SET seq = seq - 99 WHERE seq > 3",
        "UPDATE entries SET prev = 'x' WHERE seq = 5",
        (f"INSERT INTO entries ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})", tuple(row.values())),
    )
    assert any("entry 4 is not signed" in fault for fault in found)
    assert any("entry 5 does not follow" in fault for fault in found)


def test_reordering_is_found(tampered):
    found = tampered(
        "UPDATE entries SET seq = 90 WHERE seq = 2",
        "UPDATE entries SET seq = 2 WHERE seq = 4",
        "UPDATE entries SET seq = 4 WHERE seq = 90",
    )
    assert any("entry 2 does not follow" in fault for fault in found)
    assert any("entry 4 was edited" in fault for fault in found)


def test_every_fault_is_named_and_not_only_the_first(tampered):
    found = tampered("UPDATE entries SET model = 'x' WHERE seq IN (2, 5)")
    assert [fault[:18] for fault in found] == ["entry 2 was edited", "entry 5 was edited"]


def test_an_edited_entry_is_never_acted_on(tampered, ledger):
    tampered("UPDATE entries SET kind = 'promotion_committed' WHERE seq = 6")
    with pytest.raises(TamperingDetected, match="entry 6"):
        ledger.entries("reviews")
    with pytest.raises(TamperingDetected, match="entry 6"):
        ledger.append("decision", "reviews", {})


def rebuilt(entries, key, opening):
    """A whole chain with other words in it, by somebody who has the database."""
    made = []
    for entry in entries:
        body = opening if entry.kind == "ledger_opened" else entry.body | {"forged": True}
        made.append(
            Entry.following(
                made[-1] if made else None,
                time=entry.time,
                kind=entry.kind,
                model=entry.model,
                body=body,
                idempotency_key=entry.idempotency_key,
                sign=key.sign,
            )
        )
    return [("DELETE FROM entries", ())] + [
        (f"INSERT INTO entries ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})", tuple(row.values()))
        for row in map(row_of, made)
    ]


def test_a_chain_rebuilt_without_the_services_key_is_found_by_its_signatures(tampered, ledger):
    entries = ledger.entries()
    found = tampered(*rebuilt(entries, PrivateKey.generate(), entries[0].body))
    assert [fault[:21] for fault in found] == [f"entry {seq} is not signed" for seq in range(1, 7)]


def test_a_chain_rebuilt_under_another_key_is_found_by_the_key_that_lies_here(tampered, ledger, database):
    thief = PrivateKey.generate()
    opening = {"service_key": thief.public.line, "format": 2}
    (fault,) = tampered(*rebuilt(ledger.entries(), thief, opening))
    assert fault.startswith(f"the ledger is signed by {thief.public.fingerprint}, but the service's key")
    with pytest.raises(Unavailable, match="nothing is written"):
        ledger.append("decision", "reviews", {})


def test_triggers_that_were_taken_away_are_reported(ledger, database):
    with sqlite3.connect(database) as connection:
        connection.execute("DROP TRIGGER entries_no_delete")
    assert ledger.verify() == ("the database no longer keeps itself append-only: entries_no_delete is gone",)


def test_a_rejection_that_was_edited_into_an_approval_approves_nothing(ledger, database, team, opened, put):
    gate = opened()
    put(gate, team["rita"].rejects(gate))
    with sqlite3.connect(database) as connection:
        connection.execute("DROP TRIGGER entries_no_update")
        connection.execute(
            "UPDATE entries SET body = replace(body, '\"reject\"', '\"approve\"') WHERE kind = 'decision'"
        )
    with pytest.raises(TamperingDetected):
        find_gate(ledger, gate.id)
