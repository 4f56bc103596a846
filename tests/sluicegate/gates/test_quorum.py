from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.gates.quorum import filled, missing
from sluicegate.policy import GateRule

ROLES = ("legal", "manager", "security")


def rule(approvals: Any) -> GateRule:
    return GateRule.from_json({"approvals": approvals})


def people(**roles: str) -> dict[str, tuple[str, ...]]:
    """``ann="legal manager"`` is somebody with two roles."""
    return {reviewer: tuple(named.split()) for reviewer, named in roles.items()}


LAWYER_AND_ANYBODY = [{"count": 1, "roles": ["legal"]}, {"count": 1}]
EACH_OF_TWO = [{"roles": ["legal"]}, {"roles": ["manager"]}]


@pytest.mark.parametrize(
    ("approvals", "approved", "still"),
    [
        pytest.param(1, people(), ("one more approval",), id="nobody yet"),
        pytest.param(1, people(ann=""), (), id="anybody will do"),
        pytest.param(3, people(ann="legal"), ("2 more approvals",), id="two more"),
        pytest.param(
            LAWYER_AND_ANYBODY, people(), ("one more approval from legal", "one more approval"), id="both missing"
        ),
        pytest.param(LAWYER_AND_ANYBODY, people(ann=""), ("one more approval from legal",), id="the lawyer is missing"),
        pytest.param(LAWYER_AND_ANYBODY, people(ann="legal"), ("one more approval",), id="a lawyer is one person"),
        pytest.param(LAWYER_AND_ANYBODY, people(ann="legal", bo="legal"), (), id="a second lawyer is anybody"),
        pytest.param(LAWYER_AND_ANYBODY, people(ann="", bo="legal"), (), id="in the other order"),
        pytest.param(
            LAWYER_AND_ANYBODY, people(ann="", bo="", cy=""), ("one more approval from legal",), id="no lawyer"
        ),
        pytest.param(
            EACH_OF_TWO, people(ann="legal manager"), ("one more approval from legal or manager",), id="either helps"
        ),
        pytest.param(EACH_OF_TWO, people(ann="legal manager", bo="legal"), (), id="ann makes room for bo"),
        pytest.param(
            EACH_OF_TWO, people(ann="legal", bo="legal"), ("one more approval from manager",), id="two of one"
        ),
        pytest.param(
            [{"count": 2, "roles": ["legal", "security"]}],
            people(ann="security"),
            ("one more approval from legal or security",),
            id="either role",
        ),
    ],
)
def test_what_is_missing_is_said_in_words(approvals: Any, approved: dict[str, Any], still: tuple[str, ...]) -> None:
    asked = rule(approvals)
    assert missing(asked, approved) == still
    assert filled(asked.approvals, approved) == (not still)


def test_one_person_never_fills_two_places() -> None:
    assert not filled(rule(2).approvals, people(ann="legal manager security"))
    assert not filled(rule(EACH_OF_TWO).approvals, people(ann="legal manager"))
    assert not filled(rule(LAWYER_AND_ANYBODY).approvals, people(ann="legal"))


def test_where_nothing_is_asked_for_nothing_is_enough() -> None:
    assert not filled((), people(ann="legal"))


some_roles = st.lists(st.sampled_from(ROLES), max_size=3, unique=True)
some_rules = st.lists(
    st.builds(lambda count, roles: {"count": count, "roles": roles}, st.integers(1, 3), some_roles),
    min_size=1,
    max_size=3,
).map(rule)
some_people = st.dictionaries(st.sampled_from("abcdefg"), some_roles, max_size=5)


@given(asked=some_rules, approved=some_people, newcomer=some_roles)
def test_another_approval_never_undoes_a_quorum(asked: GateRule, approved: dict[str, Any], newcomer: list[str]) -> None:
    more = approved | {"newcomer": newcomer}
    assert filled(asked.approvals, more) or not filled(asked.approvals, approved)


@given(asked=some_rules, approved=some_people, role=st.sampled_from(ROLES))
def test_another_role_never_undoes_a_quorum(asked: GateRule, approved: dict[str, Any], role: str) -> None:
    more = {reviewer: [*roles, role] for reviewer, roles in approved.items()}
    assert filled(asked.approvals, more) or not filled(asked.approvals, approved)


@given(asked=some_rules, approved=some_people)
def test_fewer_people_than_places_are_never_enough(asked: GateRule, approved: dict[str, Any]) -> None:
    assert not filled(asked.approvals, approved) or len(approved) >= asked.people


@given(asked=some_rules, approved=some_people)
def test_a_quorum_is_what_trying_every_seating_finds(asked: GateRule, approved: dict[str, Any]) -> None:
    places = [set(part.roles) for part in asked.approvals for _ in range(part.count)]
    seatings = permutations(approved.values(), len(places)) if len(places) <= len(approved) else ()
    possible = any(
        all(not place or place & set(roles) for place, roles in zip(places, seating, strict=True))
        for seating in seatings
    )
    assert filled(asked.approvals, approved) == possible
    assert bool(missing(asked, approved)) != possible


@given(asked=some_rules, approved=some_people, newcomer=st.sampled_from(ROLES))
def test_whoever_the_words_name_brings_the_quorum_nearer_and_nobody_else(
    asked: GateRule, approved: dict[str, Any], newcomer: str
) -> None:
    before, after = missing(asked, approved), missing(asked, approved | {"newcomer": [newcomer]})
    named = any(" from " not in words or newcomer in words for words in before)
    assert (sum(map(_count, after)) < sum(map(_count, before))) == named


def _count(words: str) -> int:
    first = words.split()[0]
    return 1 if first == "one" else int(first)


def test_the_largest_rule_is_answered_at_once() -> None:
    asked = rule([{"count": 50, "roles": ["legal"]}, {"count": 50}])
    everybody = {f"r{number}": ("legal",) if number < 50 else () for number in range(100)}
    assert filled(asked.approvals, everybody)
    assert missing(asked, dict(list(everybody.items())[:60])) == ("40 more approvals",)
