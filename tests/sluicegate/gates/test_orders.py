"""Orders: what a responder may ask for, and that a signature is under just that."""

from __future__ import annotations

import pytest

from sluicegate.gates.letters import Letter
from sluicegate.gates.orders import order_faults
from sluicegate.gates.roster import EMPTY
from sluicegate.signing.keys import PrivateKey
from tests.people import Person, person

ADA = person("ada", "administrator", "responder", stages=["internal", "public"])
RITA = person("rita")
ROSTER = EMPTY.changed(
    members=[ADA.member, RITA.member],
    administrators_needed=1,
    service_key=PrivateKey.generate().public.line,
)
BACK = {"order": "rollback", "model": "reviews", "stage": "public", "from": "ab" * 32, "to": "cd" * 32}
RECALL = {"order": "recall", "model": "reviews", "candidate": "c1" * 32, "stages": "internal,public"}


def order(by: Person, said: dict[str, str]) -> Letter:
    named = dict(said)
    return by.orders(named.pop("order"), **named)


def faults(letter: Letter, **changed: str) -> tuple[str, ...]:
    return order_faults(ROSTER, letter.statement | changed, letter.signatures[0].signature)


@pytest.mark.parametrize("said", [BACK, RECALL], ids=["rollback", "recall"])
def test_an_order_of_a_responder_holds(said: dict[str, str]) -> None:
    assert faults(order(ADA, said)) == ()


@pytest.mark.parametrize("said", [BACK, RECALL], ids=["rollback", "recall"])
def test_somebody_without_the_role_orders_nothing(said: dict[str, str]) -> None:
    assert faults(order(RITA, said)) == ("rita does not have the role responder",)


@pytest.mark.parametrize(
    "said",
    [BACK | {"stage": "restricted"}, RECALL | {"stages": "internal,restricted,public"}],
    ids=["rollback", "recall"],
)
def test_a_responder_has_a_say_in_their_stages_only(said: dict[str, str]) -> None:
    assert faults(order(ADA, said)) == ("ada has no say in restricted",)


def test_an_id_that_nobody_has_orders_nothing_and_is_not_repeated() -> None:
    assert faults(order(person("joe", "responder"), BACK)) == ("the id given is not on the roster",)


@pytest.mark.parametrize("said", [BACK, RECALL], ids=["rollback", "recall"])
def test_whatever_is_changed_in_an_order_its_signature_no_longer_holds(said: dict[str, str]) -> None:
    letter = order(ADA, said)
    for name in letter.statement:
        if name not in ("order", "reviewer"):
            other = "internal" if name in ("stage", "stages") else "other"
            assert any("the signature of ada does not hold" in fault for fault in faults(letter, **{name: other})), name


def test_another_key_under_a_known_id_signs_nothing() -> None:
    (fault,) = faults(order(Person("ada", PrivateKey.generate()), BACK))
    assert fault.startswith("the signature of ada does not hold")


def test_a_signature_under_the_same_words_as_a_decision_is_none() -> None:
    statement = order(ADA, BACK).statement
    letter = Letter(subject="decision", statement=statement).signed("ada", ADA.key)
    assert "the signature is for sluicegate-decision" in faults(letter)[0]


def test_an_order_says_what_its_kind_must_and_no_more() -> None:
    letter = order(ADA, BACK)
    short = {name: value for name, value in letter.statement.items() if name not in ("to", "stage")}
    assert order_faults(ROSTER, short, "") == ("the order does not say stage, to",)
    assert faults(letter, note="also this") == ("the order does not say only what it should",)
    assert faults(letter, order="recall") == ("the order does not say candidate, stages",)
    assert order_faults(ROSTER, {"reviewer": "ada"}, "")[0].startswith("the order does not say candidate")


def test_what_was_typed_in_the_place_of_a_stage_is_not_repeated() -> None:
    (said, _) = faults(order(ADA, BACK), stage="\x1b[2J\nmail joe@example.org at once")
    assert said == "ada has no say in what is no stage"


@pytest.mark.parametrize("signature", ["", "-----BEGIN SSH SIGNATURE-----", "x" * 9000])
def test_garbage_in_the_place_of_a_signature_is_a_fault_and_no_error(signature: str) -> None:
    (fault,) = order_faults(ROSTER, order(ADA, BACK).statement, signature)
    assert "cannot be read" in fault
