"""Appending, finding again, refusing."""

from __future__ import annotations

import os
import sqlite3

import pytest

from sluicegate.errors import InputRefused, ReleaseDenied, TamperingDetected, Unavailable
from sluicegate.ledger.chain import GENESIS
from sluicegate.ledger.ledger import Ledger, open_ledger
from sluicegate.settings import Home
from sluicegate.signing.keys import PrivateKey, create_service_key, load_service_key


@pytest.fixture
def key(database):
    """The service's key, once something was written."""
    return database.parent / "keys" / "service.key"


def opened_with(database, **more):
    return Ledger(f"sqlite:///{database}", key=database.parent / "keys" / "service.key", **more)


def test_an_empty_ledger_holds_nothing_and_has_no_fault(ledger, key):
    assert ledger.entries() == ()
    assert ledger.verify() == ()
    assert not key.exists()


def test_the_first_entry_names_the_services_key_which_is_made_for_its_owner_alone(ledger, key):
    ledger.append("decision", "reviews", {})
    opening, _ = ledger.entries()
    assert (opening.seq, opening.prev, opening.kind, opening.model) == (1, GENESIS, "ledger_opened", "")
    assert opening.body == {"service_key": load_service_key(key).public.line, "format": 2}
    assert key.stat().st_mode & 0o777 == 0o600


def test_beginning_writes_the_first_entry_and_nothing_when_it_is_there(ledger):
    opening = ledger.begin()
    assert opening.kind == "ledger_opened"
    assert ledger.begin() == opening
    assert ledger.entries() == (opening,)


def test_entries_come_back_as_they_were_appended(ledger):
    first = ledger.append("decision", "reviews", {"reason": "Gut für alle 👍", "n": [1, 2.5, None]})
    second = ledger.append("decision", "tweets", {})
    assert ledger.entries()[1:] == (first, second)
    assert (first.seq, second.seq, second.prev) == (2, 3, first.hash)
    assert first.time.endswith("Z")
    assert ledger.verify() == ()


def test_entries_can_be_asked_for_by_model_and_kind(ledger):
    ledger.append("decision", "reviews", {})
    wanted = ledger.append("gate_opened", "reviews", {})
    ledger.append("gate_opened", "tweets", {})
    assert ledger.entries("reviews", ("gate_opened",)) == (wanted,)


def test_what_is_about_all_models_comes_with_each_of_them(ledger):
    ledger.append("decision", "reviews", {})
    published = ledger.append("checkpoint_published", "", {})
    ledger.append("decision", "tweets", {})
    assert [entry.seq for entry in ledger.entries("reviews")] == [1, 2, 3]
    assert ledger.entries("tweets", ("checkpoint_published", "gate_opened")) == (published,)


def test_another_ledger_object_on_the_same_file_sees_the_same(ledger, database):
    entry = ledger.append("decision", "reviews", {})
    assert Ledger(f"sqlite:///{database}").entries()[1:] == (entry,)


def test_what_a_key_stands_for_is_recorded_once(ledger):
    first = ledger.append("decision", "reviews", {"n": 1}, idempotency_key="k")
    assert ledger.append("decision", "reviews", {"n": 1}, idempotency_key="k") == first
    assert ledger.entries()[1:] == (first,)


def test_a_key_that_stands_for_something_else_is_refused(ledger):
    ledger.append("decision", "reviews", {"n": 1}, idempotency_key="k")
    with pytest.raises(ReleaseDenied, match="already records this otherwise"):
        ledger.append("decision", "reviews", {"n": 2}, idempotency_key="k")
    assert len(ledger.entries()) == 2


def test_a_guard_sees_the_models_entries_and_what_it_refuses_is_not_kept(ledger):
    before = ledger.append("decision", "reviews", {})
    ledger.append("decision", "tweets", {})
    seen = []

    def refuse(entries):
        seen.extend(entries)
        raise ReleaseDenied("no")

    with pytest.raises(ReleaseDenied, match="no"):
        ledger.append("decision", "reviews", {}, guard=refuse)
    assert seen[1:] == [before]
    assert len(ledger.entries()) == 3


def test_a_transaction_that_fails_keeps_nothing_of_what_it_appended(ledger):
    def work(transaction):
        transaction.append("decision", "reviews", {"n": 1})
        transaction.append("decision", "reviews", {"n": 2})
        raise ReleaseDenied("after all not")

    with pytest.raises(ReleaseDenied):
        ledger.transact(work)
    assert ledger.entries() == ()
    assert ledger.append("decision", "reviews", {}).seq == 2


def test_a_clock_that_was_set_back_leaves_times_in_order_and_is_not_believed(database):
    times = iter(["2026-11-22T10:00:00.000000Z", "2026-11-21T10:00:00.000000Z", "2026-11-22T10:00:01.000000Z"])
    ledger = opened_with(database, clock=lambda: next(times))
    told = []

    def work(transaction):
        told.append(transaction.now)
        return transaction.append("decision", "reviews", {}).time

    found = [ledger.transact(work) for _ in range(3)]
    assert found == ["2026-11-22T10:00:00.000000Z", "2026-11-22T10:00:00.000000Z", "2026-11-22T10:00:01.000000Z"]
    assert told == found
    assert ledger.verify() == ()


def test_a_process_without_key_and_socket_reads_and_is_told_in_one_line_how_to_write(ledger, database):
    entry = ledger.append("decision", "reviews", {})
    reader = Ledger(f"sqlite:///{database}")
    assert reader.entries()[1:] == (entry,)
    assert reader.verify() == ()
    with pytest.raises(Unavailable, match="SLUICEGATE_LEDGERD.*`sluicegate init-ledger`") as refusal:
        reader.append("decision", "reviews", {})
    assert "\n" not in str(refusal.value)


def test_a_process_without_key_makes_no_table_and_finds_it_once_it_is_there(database):
    reader = Ledger(f"sqlite:///{database}")
    assert reader.entries() == ()
    assert reader.verify() == ()
    entry = opened_with(database).append("decision", "reviews", {})
    assert reader.entries()[1:] == (entry,)


def test_a_ledger_with_entries_whose_key_is_gone_is_not_given_another_key(ledger, database, key):
    ledger.append("decision", "reviews", {})
    key.unlink()
    with pytest.raises(Unavailable, match="service.key is not there.*SLUICEGATE_LEDGERD.*init-ledger"):
        opened_with(database).append("decision", "reviews", {})
    assert not key.exists()


def test_an_empty_ledger_takes_the_key_that_lies_there(ledger, key):
    public = create_service_key(key).public
    assert ledger.begin().body["service_key"] == public.line


def test_a_key_that_others_can_read_is_refused(ledger, database, key):
    ledger.append("decision", "reviews", {})
    key.chmod(0o640)
    with pytest.raises(InputRefused, match="others .mode 640, must be 600"):
        opened_with(database).append("decision", "reviews", {})
    assert len(ledger.entries()) == 2


def test_another_key_than_the_ledgers_writes_nothing(ledger, database, key):
    ledger.append("decision", "reviews", {})
    key.unlink()
    create_service_key(key)
    with pytest.raises(Unavailable, match="the service's key is SHA256:.* but .*service.key is SHA256:"):
        opened_with(database).append("decision", "reviews", {})
    assert "SHA256" in opened_with(database).verify()[0]
    assert len(ledger.entries()) == 2


def change(transaction, public):
    return transaction.append("roster_changed", "", {"roster": {"service_key": public.line}})


def test_the_next_key_signs_from_the_entry_after_the_roster_that_names_it(ledger, database, key):
    ledger.append("decision", "reviews", {})
    following = key.with_name("service.key.next")
    public = create_service_key(following).public

    def work(transaction):
        change(transaction, public)
        return transaction.append("decision", "reviews", {})

    ledger.transact(work)
    assert load_service_key(key).public != public  # the old one stays until the change is kept
    assert ledger.verify() == ()
    opened_with(database).append("decision", "reviews", {})
    assert load_service_key(key).public == public
    assert not following.exists()
    assert ledger.verify() == ()
    assert len(ledger.entries()) == 5


def test_a_change_to_a_key_that_nobody_has_here_is_not_kept(ledger):
    ledger.append("decision", "reviews", {})
    with pytest.raises(Unavailable, match="nothing is written"):
        ledger.transact(lambda transaction: change(transaction, PrivateKey.generate().public))
    assert len(ledger.entries()) == 2


def test_the_ledger_of_a_home_is_written_with_its_key(home):
    entry = open_ledger(home).append("decision", "reviews", {})
    assert home.service_key.exists()
    assert open_ledger(home).entries()[1:] == (entry,)


def test_the_ledger_of_a_home_with_a_ledgerd_is_not_written_here(tmp_path):
    home = Home.at(tmp_path / "home", ledgerd=str(tmp_path / "socket"))
    with pytest.raises(Unavailable, match=f"ledgerd does, at {tmp_path / 'socket'}"):
        open_ledger(home).append("decision", "reviews", {})
    assert not home.service_key.exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_key_that_this_user_cannot_read_is_one_clear_line(ledger, database, key):
    ledger.append("decision", "reviews", {})
    key.chmod(0)
    with pytest.raises(Unavailable, match="not ours to read.*SLUICEGATE_LEDGERD"):
        opened_with(database).append("decision", "reviews", {})


def test_a_table_of_version_0_1_is_refused_and_left_alone(database):
    with sqlite3.connect(database) as connection:
        connection.execute("CREATE TABLE entries (seq INTEGER PRIMARY KEY, prev, hash, time, kind, model, body)")
        connection.execute("INSERT INTO entries VALUES (1, 'p', 'h', 't', 'gate_opened', 'reviews', '{}')")
    for make in (opened_with, lambda database: Ledger(f"sqlite:///{database}")):
        with pytest.raises(InputRefused, match="version 0.1.*not signed.*SLUICEGATE_LEDGER_URL") as refusal:
            make(database)
        assert "\n" not in str(refusal.value)
    with sqlite3.connect(database) as connection:
        assert connection.execute("SELECT count(*) FROM entries").fetchone() == (1,)
        assert connection.execute("SELECT count(*) FROM sqlite_master WHERE type = 'table'").fetchone() == (1,)


def test_a_table_of_a_newer_version_is_refused(ledger, database):
    with sqlite3.connect(database) as connection:
        connection.execute("UPDATE ledger_version SET version_num = '9999'")
    with pytest.raises(InputRefused, match="newer version .9999"):
        opened_with(database)


def test_reading_gives_nothing_that_the_service_did_not_sign(ledger, database):
    ledger.append("decision", "reviews", {})
    with sqlite3.connect(database) as connection:
        connection.execute("DROP TRIGGER entries_no_update")
        connection.execute("UPDATE entries SET signature = 'AAAA' WHERE seq = 2")
    with pytest.raises(TamperingDetected, match="entry 2 is not signed"):
        ledger.entries("reviews")
    with pytest.raises(TamperingDetected, match="entry 2 is not signed"):
        ledger.append("decision", "tweets", {})


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
        pytest.param({"seq": 5}, id="a-gap"),
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
        "seq": 4,
        "prev": second.hash,
        "hash": "cd" * 32,
        "time": "t",
        "kind": "decision",
        "model": "m",
        "body": "{}",
        "signature": "s",
    }
    row |= columns | ({"hash": first.hash} if "hash" in columns else {})
    with sqlite3.connect(database) as connection, pytest.raises(sqlite3.IntegrityError):
        connection.execute(
            f"{verb} INTO entries ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})", tuple(row.values())
        )
    assert ledger.entries()[1:] == (first, second)
