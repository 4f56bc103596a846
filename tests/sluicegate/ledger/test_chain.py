"""The chain as a stranger would check it: from the entries alone."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sluicegate.ledger.chain import GENESIS, Entry, Header, ServiceKeys, chain_faults, faults
from sluicegate.manifest import digest_of_value
from sluicegate.signing.keys import PrivateKey

TIME = "2026-11-22T10:00:00.000000Z"
KEY = PrivateKey.generate()
FIRST = {"service_key": KEY.public.line, "format": 2}


def following(last, kind="decision", body=None, *, model="reviews", key=KEY, time=TIME, idempotency_key=None):
    return Entry.following(
        last, time=time, kind=kind, model=model, body=body or {}, idempotency_key=idempotency_key, sign=key.sign
    )


def made(count: int, key=KEY) -> list[Entry]:
    """A ledger's first `count` entries."""
    opening = {"service_key": key.public.line, "format": 2}
    entries = [following(None, "ledger_opened", opening, model="", key=key)]
    for number in range(2, count + 1):
        entries.append(following(entries[-1], body={"n": number}, key=key))
    return entries


def rotation(last, new: PrivateKey, key=KEY) -> Entry:
    return following(last, "roster_changed", {"roster": {"service_key": new.public.line}}, model="", key=key)


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def test_the_hash_is_the_sha256_of_the_headers_canonical_json_written_by_hand():
    entry = made(2)[1]
    body = sha256('{"body":{"n":2},"idempotency_key":null,"model":"reviews"}')
    by_hand = (
        f'{{"body":"{body}","kind":"decision","model":"{sha256(chr(34) + "reviews" + chr(34))}",'
        f'"prev":"{entry.prev}","seq":2,"time":"{TIME}"}}'
    )
    assert entry.hash == sha256(by_hand)


def test_the_service_signs_the_hash_of_each_entry():
    for entry in made(2):
        assert KEY.public.verifies(base64.b64decode(entry.signature), b"sluicegate-entry:" + entry.hash.encode())


def test_entries_written_one_after_the_other_form_a_chain():
    entries = made(5)
    assert chain_faults(entries) == ()
    assert entries[0].prev == GENESIS


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


@pytest.mark.parametrize("field", ["seq", "prev", "time", "kind", "model", "body"])
def test_every_field_of_a_header_is_under_the_hash(field):
    header = made(2)[1].header
    assert faults(header) == ()
    assert "was edited" in faults(replace(header, **{field: "ab" * 32}))[0]


def test_headers_in_the_place_of_entries_leave_the_chain_whole_and_say_nothing_of_what_is_left_out():
    entries = made(4)
    assert chain_faults([entries[0], entries[1].header, entries[2], entries[3].header]) == ()
    assert "reviews" not in json.dumps(entries[1].header.to_json())


def test_a_header_that_was_edited_or_left_out_is_found():
    entries = made(4)
    edited = replace(entries[1].header, kind="waiver")
    assert chain_faults([entries[0], edited, *entries[2:]])[0].startswith("entry 2 was edited")
    assert chain_faults([entries[0], *entries[2:]])[0] == "entry 2 is missing"


def test_a_header_cannot_stand_where_the_services_key_is_named():
    first, second = made(2)
    assert any("names the service's key" in fault for fault in chain_faults([first.header, second]))
    changed = rotation(second, PrivateKey.generate())
    assert any("entry 3 (roster_changed)" in fault for fault in chain_faults([first, second, changed.header]))


def test_an_entry_that_was_edited_is_named():
    entries = made(4)
    entries[2] = replace(entries[2], body={"n": 99})
    assert [fault[:7] for fault in chain_faults(entries)] == ["entry 3"]


def test_an_edited_entry_with_a_new_hash_and_signature_breaks_the_entry_after_it():
    entries = made(4)
    entries[1] = following(entries[0], body={"n": 99})
    assert chain_faults(entries) == ("entry 3 does not follow the entry before it: its predecessor was another",)


def test_an_edited_entry_with_a_new_hash_is_not_signed_by_the_service():
    entries = made(2)
    forged = following(entries[0], body={"n": 99}, key=PrivateKey.generate())
    assert chain_faults([entries[0], forged]) == (
        f"entry 2 is not signed by the service's key {KEY.public.fingerprint}",
    )


@pytest.mark.parametrize("signature", [None, "", "not base64!", "AAAA", "ä"])
def test_an_entry_without_a_signature_that_can_be_read_is_found(signature):
    entries = made(3)
    entries[1] = replace(entries[1], signature=signature)
    (fault,) = chain_faults(entries)
    assert fault.startswith("entry 2 is not signed")


def test_a_signature_moved_to_another_entry_does_not_hold():
    entries = made(3)
    entries[2] = replace(entries[2], signature=entries[1].signature)
    assert chain_faults(entries)[0].startswith("entry 3 is not signed")


def test_an_entry_that_was_removed_is_missed():
    entries = made(5)
    assert chain_faults(entries[:1] + entries[2:])[0] == "entry 2 is missing"
    assert chain_faults(entries[:1] + entries[3:])[0] == "entries 2 to 3 are missing"
    assert chain_faults(entries[1:])[0] == "entry 1 is missing"


def test_an_entry_that_was_put_in_is_found():
    entries = made(4)
    extra = following(entries[1], body={"n": "extra"})
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
    second = following(first, time="2020-01-01T00:00:00.000000Z")
    assert second.time == first.time
    assert chain_faults([first, second]) == ()


def test_a_chain_that_does_not_begin_with_an_opening_names_no_key():
    first = following(None)
    found = chain_faults([first, following(first)])
    assert found == ("the first entry does not open the ledger: nothing says which key is the service's",)


@pytest.mark.parametrize("body", [{}, {"service_key": None}, {"service_key": "ssh-rsa AAAA"}])
def test_an_opening_that_names_no_key_is_a_fault(body):
    assert chain_faults([following(None, "ledger_opened", body, model="")]) == (
        "entry 1 (ledger_opened) does not name the service's key",
    )


def test_a_second_opening_gives_nobody_the_service_key():
    thief = PrivateKey.generate()
    opening = {"service_key": thief.public.line}
    (first,) = made(1)
    for key in (thief, KEY):
        second = following(first, "ledger_opened", opening, model="", key=key)
        found = chain_faults([first, second, following(second, key=thief)])
        assert found[0][:20] == ("entry 2 is not signed"[:20] if key is thief else "entry 2 is ledger_op")
        assert found[-1].startswith("entry 3 is not signed")


def test_a_new_service_key_counts_from_the_entry_after_the_roster_that_names_it():
    new = PrivateKey.generate()
    entries = made(2)
    changed = rotation(entries[-1], new)
    assert chain_faults([*entries, changed, following(changed, key=new)]) == ()
    assert "entry 4 is not signed" in chain_faults([*entries, changed, following(changed, key=KEY)])[0]


def test_which_key_is_the_services_can_be_asked_afterwards():
    new = PrivateKey.generate()
    entries = made(2)
    keys = ServiceKeys()
    assert chain_faults([*entries, rotation(entries[-1], new)], keys) == ()
    assert [keys.at(seq) for seq in (1, 2, 3, 4)] == [KEY.public, KEY.public, KEY.public, new.public]
    assert keys.newest == new.public


def test_a_new_service_key_is_not_named_by_whoever_holds_it():
    thief = PrivateKey.generate()
    entries = made(2)
    assert "entry 3 is not signed" in chain_faults([*entries, rotation(entries[-1], thief, key=thief)])[0]


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
    entry = following(made(1)[0], body=body)
    assert faults(Entry.from_json(json.loads(json.dumps(entry.to_json())))) == ()


@given(st.tuples(st.text(), st.text(), st.text(), st.text(), st.text()), st.integers(-(2**53) + 1, 2**53 - 1))
def test_the_fast_encoder_gives_a_header_the_canonical_form_that_rfc_8785_asks_for(texts, seq):
    header = Header(seq, texts[0], "", *texts[1:])
    assert header.digest == digest_of_value(header.content)


@settings(max_examples=40)
@given(st.lists(st.booleans(), min_size=6, max_size=6), st.data())
def test_whatever_is_shown_by_its_header_one_change_anywhere_is_found(shown, data):
    entries = made(6)
    chain = [entries[0]] + [e if show else e.header for e, show in zip(entries[1:], shown[1:], strict=True)]
    assert chain_faults(chain) == ()
    at = data.draw(st.integers(0, 5))
    field = data.draw(st.sampled_from(["seq", "prev", "hash", "time", "kind", "signature"]))
    chain[at] = replace(chain[at], **{field: 99 if field == "seq" else "2027"})
    assert chain_faults(chain)
