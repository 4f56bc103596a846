"""The chain as a stranger would check it: from the entries alone."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sluicegate.gates.chain import GENESIS, Entry, chain_faults, faults

TIME = "2026-11-22T10:00:00.000000Z"


def made(count: int) -> list[Entry]:
    entries: list[Entry] = []
    for number in range(count):
        entries.append(
            Entry.following(
                entries[-1] if entries else None,
                time=TIME,
                kind="decision",
                model="reviews",
                body={"n": number},
                idempotency_key=None,
            )
        )
    return entries


def test_the_hash_is_the_sha256_of_the_canonical_json_written_by_hand():
    (entry,) = made(1)
    by_hand = (
        '{"body":{"n":0},"idempotency_key":null,"kind":"decision","model":"reviews",'
        f'"prev":"{GENESIS}","seq":1,"time":"{TIME}"}}'
    )
    assert entry.hash == hashlib.sha256(by_hand.encode()).hexdigest()


def test_entries_written_one_after_the_other_form_a_chain():
    assert chain_faults(made(5)) == ()


def test_an_entry_survives_the_way_through_a_file():
    for entry in made(3):
        assert Entry.from_json(json.loads(json.dumps(entry.to_json()))) == entry


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("time", "2026-11-22T11:00:00.000000Z"),
        ("kind", "promotion_committed"),
        ("model", "other"),
        ("body", {"n": 7}),
        ("idempotency_key", "another"),
        ("seq", 9),
        ("prev", "ab" * 32),
    ],
)
def test_every_field_is_under_the_hash(field, value):
    entry = made(2)[1]
    assert faults(entry) == ()
    assert "was edited" in faults(replace(entry, **{field: value}))[0]


def test_an_entry_that_was_edited_is_named():
    entries = made(4)
    entries[2] = replace(entries[2], body={"n": 99})
    assert [fault[:7] for fault in chain_faults(entries)] == ["entry 3"]


def test_an_edited_entry_with_a_new_hash_breaks_the_entry_after_it():
    entries = made(4)
    entries[1] = Entry.following(
        entries[0], time=TIME, kind="decision", model="reviews", body={"n": 99}, idempotency_key=None
    )
    assert chain_faults(entries) == ("entry 3 does not follow the entry before it: its predecessor was another",)


def test_an_entry_that_was_removed_is_missed():
    entries = made(5)
    assert chain_faults(entries[:1] + entries[2:])[0] == "entry 2 is missing"
    assert chain_faults(entries[:1] + entries[3:])[0] == "entries 2 to 3 are missing"
    assert chain_faults(entries[1:])[0] == "entry 1 is missing"


def test_an_entry_that_was_put_in_is_found():
    entries = made(4)
    extra = Entry.following(entries[1], time=TIME, kind="decision", model="m", body={}, idempotency_key=None)
    assert chain_faults([*entries[:2], extra, *entries[2:]])


def test_entries_that_changed_places_are_found():
    entries = made(4)
    entries[1], entries[2] = entries[2], entries[1]
    assert any("out of order" in fault for fault in chain_faults(entries))


def test_entries_that_changed_numbers_are_found():
    entries = made(4)
    entries[1], entries[2] = replace(entries[2], seq=2), replace(entries[1], seq=3)
    assert any("was edited" in fault for fault in chain_faults(entries))


def test_a_clock_that_was_set_back_does_not_date_an_entry_before_the_one_before_it():
    (first,) = made(1)
    second = Entry.following(
        first, time="2020-01-01T00:00:00.000000Z", kind="decision", model="m", body={}, idempotency_key=None
    )
    assert second.time == first.time
    assert chain_faults([first, second]) == ()


@settings(deadline=None)
@given(
    st.dictionaries(
        st.text(max_size=8),
        st.recursive(
            st.none() | st.booleans() | st.text(max_size=12) | st.integers(-(2**53) + 1, 2**53 - 1),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
            max_leaves=6,
        ),
        max_size=4,
    )
)
def test_any_json_body_gives_its_own_hash_again_after_a_way_through_text(body):
    entry = Entry.following(None, time=TIME, kind="decision", model="m", body=body, idempotency_key=None)
    assert faults(Entry.from_json(json.loads(json.dumps(entry.to_json())))) == ()
