"""Rosters: what is one, who may do what, and that two of them are never taken for each other."""

from __future__ import annotations

from typing import Any

import pytest

from sluicegate.errors import InputRefused
from sluicegate.gates.roster import EMPTY, Member, Roster
from sluicegate.manifest import digest_of_value
from sluicegate.signing.keys import PrivateKey
from tests.people import person

SERVICE = PrivateKey.generate().public.line
ADA = person("ada", "administrator", "responder", stages=["internal", "public"]).member
IDA = person("ida", stages=["internal"]).member
RITA = person("rita", "release-manager", "responder", stages=["public", "internal"]).member


def roster(*members: Member, **fields: Any) -> Roster:
    known = {"members": list(members or (ADA, IDA, RITA)), "administrators_needed": 1, "service_key": SERVICE}
    return EMPTY.changed(**(known | fields))


def test_the_digest_is_that_of_everything_in_it() -> None:
    by_hand = {
        "version": 1,
        "members": [
            {
                "id": "ada",
                "roles": ["administrator", "responder"],
                "stages": ["internal", "public"],
                "public_key": ADA.public_key,
                "code": 0,
            },
            {"id": "ida", "roles": [], "stages": ["internal"], "public_key": IDA.public_key, "code": 0},
        ],
        "administrators_needed": 1,
        "service_key": SERVICE,
        "revoked": ["mal"],
    }
    assert roster(ADA, IDA, revoked=["mal"]).digest == digest_of_value(by_hand)


def test_the_order_of_somebodys_roles_and_stages_means_nothing() -> None:
    turned = Member(
        id="ada",
        roles=["responder", "administrator"],
        stages=("public", "internal", "public"),
        public_key=ADA.public_key,
    )
    assert turned == ADA
    assert roster(turned).digest == roster(ADA).digest


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(roster(ADA, IDA), id="one-fewer"),
        pytest.param(roster(ADA, IDA, person("mal").member, RITA), id="one-more"),
        pytest.param(roster(ADA, IDA.model_copy(update={"stages": ("internal", "public")}), RITA), id="one-stage-more"),
        pytest.param(roster(ADA, IDA.model_copy(update={"roles": ("responder",)}), RITA), id="one-role-more"),
        pytest.param(roster(ADA, IDA.model_copy(update={"code": 1}), RITA), id="another-secret"),
        pytest.param(roster(ADA, person("ida", stages=["internal"]).member, RITA), id="another-key"),
        pytest.param(roster(revoked=["mal"]), id="one-revoked"),
        pytest.param(roster(service_key=PrivateKey.generate().public.line), id="another-service"),
        pytest.param(roster().changed(), id="another-version"),
    ],
)
def test_another_roster_has_another_digest(other: Roster) -> None:
    assert other.digest != roster().digest


def test_a_reviewer_may_decide_the_named_stages_and_no_others() -> None:
    known = roster()
    assert known.eligible("internal") == ("ada", "ida", "rita")
    assert known.eligible("public") == ("ada", "rita")
    assert known.eligible("restricted") == ()


def test_a_responder_acts_in_the_stages_that_they_have() -> None:
    known = roster()
    assert known.may_respond("ada", "public")
    assert not known.may_respond("ada", "restricted")
    assert not known.may_respond("ida", "internal")
    assert not known.may_respond("nobody", "internal")


def test_the_empty_roster_lets_nobody_do_anything() -> None:
    assert (EMPTY.administrators, EMPTY.eligible("internal"), EMPTY.knows("")) == ((), (), False)


def test_it_survives_the_way_through_json() -> None:
    assert Roster.from_json(roster(revoked=["mal"]).to_json()) == roster(revoked=["mal"])
    assert Roster.from_json(EMPTY.to_json()) == EMPTY


def test_a_change_is_a_version_more_and_leaves_the_others_as_they_were() -> None:
    before = roster()
    fresh = person("rita", "release-manager").member
    after = before.with_member(fresh)
    assert (before.version, after.version) == (1, 2)
    assert (after.member("rita"), after.member("ada")) == (fresh, ADA)
    assert before.member("rita") == RITA


def test_members_come_in_the_order_of_their_ids_however_they_were_added() -> None:
    first, second = person("bo").member, person("zoe").member
    assert roster(ADA).with_member(second).with_member(first).members == (ADA, first, second)


def test_whoever_is_taken_off_leaves_an_id_that_nobody_gets_again() -> None:
    after = roster().without("ida")
    assert (after.knows("ida"), after.revoked) == (False, ("ida",))
    with pytest.raises(InputRefused, match="ida was revoked: choose another id"):
        after.with_member(person("ida").member)


@pytest.mark.parametrize("who", ["", "zoe", "\x1b[2J"])
def test_nobody_is_taken_off_who_is_not_there(who: str) -> None:
    with pytest.raises(InputRefused, match="is not on it") as refusal:
        roster().without(who)
    assert str(refusal.value).isprintable()


def test_as_many_administrators_stay_as_a_change_needs() -> None:
    bo = person("bo", "administrator").member
    assert roster(ADA, bo, administrators_needed=2).administrators == ("ada", "bo")
    for few, needed in (((ADA,), 2), ((IDA,), 1), ((ADA, IDA), 0)):
        with pytest.raises(InputRefused, match="administrators are needed"):
            roster(*few, administrators_needed=needed)
    with pytest.raises(InputRefused, match="2 administrators are needed for a change, 1 are there"):
        roster(ADA, bo, administrators_needed=2).without("bo")
    with pytest.raises(InputRefused, match="1 administrators are needed for a change, 0 are there"):
        roster(ADA).without("ada")


def test_one_key_under_two_ids_is_refused_and_so_is_the_services_own() -> None:
    twin = IDA.model_copy(update={"id": "ivo"})
    with pytest.raises(InputRefused, match="ida and ivo have the same key"):
        roster(ADA, IDA, twin)
    with pytest.raises(InputRefused, match="the service and ida have the same key"):
        roster(ADA, IDA, service_key=IDA.public_key)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        pytest.param({"members": "ada"}, "members", id="no members"),
        pytest.param({"members": [IDA.model_dump(), ADA.model_dump()]}, "in the order of their ids", id="order"),
        pytest.param({"members": [ADA.model_dump()] * 2}, "each id once", id="twice"),
        pytest.param({"members": [ADA.model_dump() | {"id": "Ada!"}]}, "members.0.id", id="no id"),
        pytest.param({"members": [ADA.model_dump() | {"public_key": "ssh-rsa AAAA"}]}, "Ed25519", id="no key"),
        pytest.param(
            {"members": [ADA.model_dump() | {"public_key": ADA.public_key + " me@home"}]}, "comment", id="comment"
        ),
        pytest.param({"members": [ADA.model_dump() | {"code": -1}]}, "members.0.code", id="code"),
        pytest.param({"members": [ADA.model_dump() | {"trusted": True}]}, "members.0.trusted", id="unknown field"),
        pytest.param({"administrators_needed": 2}, "2 administrators are needed", id="too few"),
        pytest.param({"service_key": ""}, "Ed25519", id="no service"),
        pytest.param({"service_key": "ssh-ed25519 AAAA"}, "key", id="broken service"),
        pytest.param({"revoked": ["ada"]}, "ada was revoked", id="revoked and there"),
        pytest.param({"version": -1}, "version", id="version"),
        pytest.param({"owner": "ada"}, "owner", id="unknown"),
    ],
)
def test_a_malformed_roster_gets_one_clear_line(changed: dict[str, Any], said: str) -> None:
    with pytest.raises(InputRefused) as refusal:
        Roster.from_json(roster(ADA, IDA).to_json() | changed)
    assert said in str(refusal.value)
    assert str(refusal.value).isprintable()
