"""How a roster follows another: only with the signatures of administrators, for this step of this ledger."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sluicegate.errors import InputRefused, ReleaseDenied, TamperingDetected
from sluicegate.gates.gate import Gate, find_gate, gates
from sluicegate.gates.letters import Letter
from sluicegate.gates.roster import EMPTY, Roster, roster_now
from sluicegate.gates.roster_changes import change_roster, ledger_id, propose, rosters, service_key_at_opening
from sluicegate.ledger.ledger import Ledger
from sluicegate.signing.keys import PrivateKey
from tests import people
from tests.people import Person, person

ADA, BO = person("ada", "administrator"), person("bo", "administrator")
RITA, MAL = person("rita"), person("mal")


@pytest.fixture
def two(ledger: Ledger) -> Ledger:
    """A ledger whose roster takes two administrators to change."""
    people.found(ledger, ADA, BO, RITA, needed=2)
    return ledger


def adding(ledger: Ledger, one: Person, *signers: Person) -> Letter:
    letter = propose(ledger, roster_now(ledger).with_member(one.member), "add", one.id)
    for signer in signers:
        letter = letter.signed(signer.id, signer.key)
    return letter


def first_of(ledger: Ledger, *members: Person, **fields: Any) -> Roster:
    known = sorted((one.member for one in members), key=lambda member: member.id)
    named = {"members": known, "administrators_needed": 1, "service_key": service_key_at_opening(ledger.entries())}
    return EMPTY.changed(**(named | fields))


# --- the first one --------------------------------------------------------------------------------------


def test_the_first_roster_is_signed_by_those_whom_it_names(ledger: Ledger) -> None:
    ledger.begin()
    founded = people.found(ledger, ADA, BO, RITA, needed=2)
    assert roster_now(ledger) == founded
    assert rosters(ledger.entries()) == (EMPTY, founded)
    (entry,) = ledger.entries(kinds=("roster_changed",))
    assert (entry.model, [one["by"] for one in entry.body["signatures"]]) == ("", ["ada", "bo"])


@pytest.mark.parametrize(
    ("signers", "said"),
    [
        pytest.param([], "0 of 2 administrators have signed", id="nobody"),
        pytest.param([ADA], "1 of 2 administrators have signed", id="one"),
        pytest.param([ADA, RITA], "rita is not an administrator", id="not an administrator"),
        pytest.param([ADA, MAL], "somebody unknown is not an administrator", id="a stranger"),
    ],
)
def test_the_first_roster_needs_its_own_administrators(ledger: Ledger, signers: list[Person], said: str) -> None:
    ledger.begin()
    letter = propose(ledger, first_of(ledger, ADA, BO, RITA, administrators_needed=2), "found", "ada")
    for signer in signers:
        letter = letter.signed(signer.id, signer.key)
    with pytest.raises(ReleaseDenied, match=said):
        change_roster(ledger, letter)
    assert roster_now(ledger) == EMPTY


def test_the_first_rosters_service_key_must_be_the_ledgers(ledger: Ledger) -> None:
    ledger.begin()
    other = first_of(ledger, ADA, service_key=PrivateKey.generate().public.line)
    with pytest.raises(ReleaseDenied, match="another key of the service than the ledger's first entry"):
        people.change(ledger, other, "found", "ada", ADA)


def test_a_ledger_that_was_not_opened_takes_no_roster(ledger: Ledger) -> None:
    after = EMPTY.changed(members=[ADA.member], administrators_needed=1, service_key=MAL.key.public.line)
    with pytest.raises(ReleaseDenied, match="the ledger has not been opened yet"):
        people.change(ledger, after, "found", "ada", ADA)
    assert ledger.entries() == ()


def test_there_is_no_second_first_roster(two: Ledger) -> None:
    with pytest.raises(ReleaseDenied, match="would follow version 1"):
        people.change(two, first_of(two, MAL, person("max", "administrator")), "found", "mal", MAL)


# --- the threshold --------------------------------------------------------------------------------------


def test_a_change_holds_once_enough_administrators_have_signed(two: Ledger) -> None:
    letter = adding(two, MAL, ADA)
    with pytest.raises(ReleaseDenied, match="1 of 2 administrators have signed"):
        change_roster(two, letter)
    assert not roster_now(two).knows("mal")
    after = change_roster(two, letter.signed("bo", BO.key))
    assert after == roster_now(two)
    assert (after.knows("mal"), after.version) == (True, 2)


def test_one_administrator_counts_once_however_often_they_sign(two: Ledger) -> None:
    once = adding(two, MAL, ADA)
    twice = once.model_copy(update={"signatures": once.signatures * 2})
    assert len(once.signed("ada", ADA.key).signatures) == 1
    with pytest.raises(ReleaseDenied, match="1 of 2 administrators have signed"):
        change_roster(two, twice)


def test_an_administrator_who_is_only_in_the_new_roster_does_not_count(two: Ledger) -> None:
    new = person("cleo", "administrator")
    with pytest.raises(ReleaseDenied, match="somebody unknown is not an administrator"):
        change_roster(two, adding(two, new, ADA, new))


def test_the_threshold_is_that_of_the_roster_before(two: Ledger) -> None:
    lowered = roster_now(two).changed(administrators_needed=1)
    with pytest.raises(ReleaseDenied, match="1 of 2"):
        people.change(two, lowered, "threshold", "ada", ADA)
    people.change(two, lowered, "threshold", "ada", ADA, BO)
    assert people.change(two, roster_now(two).with_member(MAL.member), "add", "mal", ADA).knows("mal")


@pytest.mark.parametrize(
    ("signer", "said"),
    [
        pytest.param(RITA, "rita is not an administrator", id="not an administrator"),
        pytest.param(MAL, "somebody unknown is not an administrator", id="unknown"),
        pytest.param(person("bo"), "the signature of bo does not hold", id="another key under a known id"),
    ],
)
def test_a_signature_that_does_not_count_spoils_the_letter(two: Ledger, signer: Person, said: str) -> None:
    with pytest.raises(ReleaseDenied, match=said):
        change_roster(two, adding(two, person("nils"), ADA, signer))


def test_an_administrators_signature_under_something_else_is_none_here(two: Ledger) -> None:
    letter = adding(two, MAL, ADA)
    order = Letter(subject="order", statement=letter.statement).signed("bo", BO.key)
    with pytest.raises(ReleaseDenied, match="the signature is for sluicegate-order"):
        change_roster(two, letter.model_copy(update={"signatures": (*letter.signatures, *order.signatures)}))


# --- one step of one ledger -----------------------------------------------------------------------------


def test_a_letter_for_another_ledger_is_refused(two: Ledger, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = people.opened_ledger(tmp_path / "other")
    people.found(other, ADA, BO, RITA, needed=2)
    with pytest.raises(ReleaseDenied, match="signed for another ledger"):
        change_roster(two, adding(other, MAL, ADA, BO))


def test_a_letter_that_follows_another_roster_is_refused(two: Ledger) -> None:
    late = adding(two, MAL, ADA, BO)
    change_roster(two, adding(two, person("nils"), ADA, BO))
    with pytest.raises(ReleaseDenied, match="the roster has changed since it was proposed: propose it again"):
        change_roster(two, late)


def test_another_roster_than_the_signed_one_is_refused(two: Ledger) -> None:
    letter = adding(two, RITA, ADA, BO)
    other = roster_now(two).with_member(MAL.member).to_json()
    with pytest.raises(ReleaseDenied, match="another roster was signed"):
        change_roster(two, letter.model_copy(update={"roster": other}))


def test_an_old_letter_does_not_hold_again_after_rotating_back(two: Ledger) -> None:
    old, fresh = RITA, person("rita")
    away = adding(two, fresh, ADA, BO)
    change_roster(two, away)
    now = change_roster(two, adding(two, old, ADA, BO))
    assert now.member("rita") == old.member
    # The same letter again is found and changes nothing; the same change under another statement is refused.
    assert change_roster(two, away) == now
    replayed = away.model_copy(update={"statement": away.statement | {"time": "2030-01-01T00:00:00Z"}})
    with pytest.raises(ReleaseDenied, match="the roster has changed since it was proposed"):
        change_roster(two, replayed)
    assert len(two.entries(kinds=("roster_changed",))) == 3
    two.append("roster_changed", "", dict(two.entries(kinds=("roster_changed",))[1].body))
    with pytest.raises(TamperingDetected, match="the roster has changed since it was proposed"):
        roster_now(two)


def test_the_same_letter_again_changes_nothing(two: Ledger) -> None:
    letter = adding(two, MAL, ADA, BO)
    assert change_roster(two, letter) == change_roster(two, letter)
    assert len(two.entries(kinds=("roster_changed",))) == 2


@pytest.mark.parametrize(
    ("roster", "said"),
    [
        pytest.param(None, "cannot be read", id="none"),
        pytest.param({}, "would follow version 1", id="empty"),
        pytest.param({"version": "two"}, "version", id="no number"),
        pytest.param({"members": [{"id": "joe@example.org"}]}, "members.0", id="no member"),
    ],
)
def test_a_malformed_roster_is_refused_with_one_line(two: Ledger, roster: Any, said: str) -> None:
    letter = adding(two, MAL, ADA, BO).model_copy(update={"roster": roster})
    with pytest.raises(ReleaseDenied, match=said) as refusal:
        change_roster(two, letter)
    assert str(refusal.value).isprintable()


# --- ids ------------------------------------------------------------------------------------------------


def forged(before: Roster, **fields: Any) -> Roster:
    """What `Roster.changed` would not give."""
    return Roster.from_json(before.to_json() | {"version": before.version + 1} | fields)


def test_a_revoked_id_is_gone_for_good(two: Ledger) -> None:
    people.change(two, roster_now(two).without("rita"), "revoke", "rita", ADA, BO)
    with pytest.raises(InputRefused, match="rita was revoked"):
        adding(two, person("rita"))
    revived = forged(roster_now(two), revoked=[])
    with pytest.raises(ReleaseDenied, match="rita was revoked for good"):
        people.change(two, revived, "add", "rita", ADA, BO)


def test_nobody_is_taken_off_without_their_id_being_revoked(two: Ledger) -> None:
    members = [member.model_dump() for member in roster_now(two).members if member.id != "rita"]
    with pytest.raises(ReleaseDenied, match="rita was taken off without being revoked"):
        people.change(two, forged(roster_now(two), members=members), "tidy", "rita", ADA, BO)


def test_the_same_key_under_two_ids_is_refused(two: Ledger) -> None:
    with pytest.raises(InputRefused, match="rita and ruth have the same key: one person would count twice"):
        adding(two, Person("ruth", RITA.key))
    twins = [m.model_dump(mode="json") for m in roster_now(two).members]
    twins.append(twins[-1] | {"id": "ruth"})
    letter = adding(two, MAL, ADA, BO).model_copy(update={"roster": roster_now(two).to_json() | {"members": twins}})
    with pytest.raises(ReleaseDenied, match="rita and ruth have the same key"):
        change_roster(two, letter)


# --- what somebody with the service's key could write ---------------------------------------------------


def smuggled(ledger: Ledger, *signers: Person) -> dict[str, Any]:
    value = adding(ledger, MAL, *signers).model_dump(mode="json")
    return {name: value[name] for name in ("roster", "statement", "signatures")}


@pytest.mark.parametrize(
    ("signers", "said"),
    [
        pytest.param((), "0 of 2 administrators have signed", id="unsigned"),
        pytest.param((MAL,), "somebody unknown is not an administrator", id="self-signed"),
        pytest.param((ADA,), "1 of 2 administrators have signed", id="too few"),
        pytest.param((Person("ada", MAL.key), Person("bo", MAL.key)), "signature of ada does not hold", id="forged"),
    ],
)
def test_a_reviewer_who_was_written_into_the_ledger_is_found_wherever_it_is_read(
    two: Ledger, signers: tuple[Person, ...], said: str
) -> None:
    two.append("roster_changed", "", smuggled(two, *signers))
    for read in (roster_now, gates, lambda ledger: propose(ledger, EMPTY, "add", "mal")):
        with pytest.raises(TamperingDetected, match=said):
            read(two)


def test_no_gate_can_be_decided_once_somebody_was_smuggled_in(
    founded: Ledger, opened: Callable[..., Gate], put: Callable[..., Gate]
) -> None:
    gate = opened()
    founded.append("roster_changed", "", smuggled(founded, MAL))
    with pytest.raises(TamperingDetected, match="administrators have signed"):
        put(gate, MAL.approves(gate))
    with pytest.raises(TamperingDetected):
        find_gate(founded, gate.id)


@pytest.mark.parametrize("part", ["statement", "signatures"])
def test_an_entry_that_lacks_part_of_a_change_is_found(two: Ledger, part: str) -> None:
    body = smuggled(two, ADA, BO)
    del body[part]
    two.append("roster_changed", "", body)
    with pytest.raises(TamperingDetected, match="it is not whole"):
        roster_now(two)


def test_a_change_that_says_it_is_about_one_model_is_found(two: Ledger) -> None:
    two.append("roster_changed", "reviews", smuggled(two, ADA, BO))
    with pytest.raises(TamperingDetected):
        gates(two, "reviews")
    with pytest.raises(TamperingDetected):
        gates(two)


def test_a_second_opening_is_found(two: Ledger) -> None:
    two.append("ledger_opened", "", copy.deepcopy(two.entries()[0].body))
    with pytest.raises(TamperingDetected, match="ledger_opened"):
        roster_now(two)


def test_the_ledgers_id_is_the_hash_of_its_first_entry(two: Ledger) -> None:
    first = two.entries()[0]
    assert ledger_id(two.entries()) == first.hash
    assert two.entries(kinds=("roster_changed",))[0].body["statement"]["ledger"] == first.hash
    assert ledger_id(()) == ""
