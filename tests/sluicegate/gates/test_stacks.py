"""Rollbacks and recalls as the entries tell them, also where somebody wrote entries that no verb would."""

from __future__ import annotations

from typing import Any

import pytest

from sluicegate.gates.letters import Letter
from sluicegate.gates.state import Outcome
from tests.people import Person, person
from tests.sluicegate.gates.book import Book

ADA = person("ada", "administrator", "responder")
SAM = person("sam", "responder", stages=["restricted"])
RITA = person("rita")
OTTO = person("otto")
A, B, C = "c1" * 32, "c2" * 32, "c3" * 32
PLACE = ("reviews", "internal")


@pytest.fixture
def book() -> Book:
    return Book(ADA, SAM, RITA, OTTO)


def back(leaves: str, to: str, by: Person = ADA, /, **changed: str) -> Letter:
    said = {"model": "reviews", "stage": "internal", "from": leaves, "to": to} | changed
    return by.orders("rollback", **said)


def recall(candidate: str, stages: str = "internal", by: Person = ADA, /, **changed: str) -> Letter:
    return by.orders("recall", **({"model": "reviews", "candidate": candidate, "stages": stages} | changed))


def candidates(known: Outcome) -> list[str]:
    """What lies in the stage, from the bottom."""
    return [release.candidate for release in known.stacks.get(PLACE, ())]


def standings(known: Outcome) -> list[str]:
    return [release.standing for release in known.releases]


def roll_back(book: Book, leaves: str, to: str) -> None:
    book.order("rollback_intended", back(leaves, to))
    book.add("rollback_committed", "reviews", {"stage": "internal", "from": leaves, "to": to, "facts": {}})


# --- what holds -----------------------------------------------------------------------------------------


def test_releases_lie_one_upon_the_other_and_the_topmost_is_live(book: Book) -> None:
    book.release(RITA, A, B)
    assert candidates(book.outcome) == [A, B]
    assert book.outcome.live[PLACE].candidate == B


def test_a_rollback_takes_away_all_above_the_release_that_it_returns_to(book: Book) -> None:
    first, second, third = book.release(RITA, A, B, C)
    roll_back(book, third, first)
    known = book.outcome
    assert (candidates(known), standings(known)) == ([A], ["good", "rolled back", "rolled back"])
    assert known.live[PLACE].gate == first
    assert known.faults == ()


def test_a_rollback_past_a_recalled_release_leaves_it_recalled(book: Book) -> None:
    first, _, third = book.release(RITA, A, B, C)
    book.order("release_recalled", recall(B))
    roll_back(book, third, first)
    known = book.outcome
    assert (candidates(known), standings(known)) == ([A], ["good", "recalled", "rolled back"])
    assert known.live[PLACE].candidate == A


def test_a_rollback_counts_once_it_is_committed(book: Book) -> None:
    first, second = book.release(RITA, A, B)
    book.order("rollback_intended", back(second, first))
    known = book.outcome
    assert known.live[PLACE].candidate == B
    assert [(r.leaves, r.returns_to) for r in known.rollbacks] == [(second, first)]
    assert known.rollbacks[0].intended == book.entries[-1].hash


def test_what_is_promoted_on_top_of_a_pending_rollback_ends_it(book: Book) -> None:
    first, second = book.release(RITA, A, B)
    book.order("rollback_intended", back(second, first))
    book.release(RITA, C)
    assert book.outcome.rollbacks == ()
    book.add("rollback_committed", "reviews", {"stage": "internal", "from": second, "to": first, "facts": {}})
    assert book.outcome.live[PLACE].candidate == C
    assert "no such rollback was under way" in book.outcome.faults[-1]


def test_a_promotion_under_way_when_a_stage_is_rolled_back_comes_on_top(book: Book) -> None:
    first, second = book.release(RITA, A, B)
    gate = book.open(C)
    book.decide(gate, RITA)
    book.about("promotion_intended", gate)
    roll_back(book, second, first)
    book.about("promotion_committed", gate, facts={})
    assert candidates(book.outcome) == [A, C]


def test_a_recall_empties_the_stages_where_the_candidate_is_on_top(book: Book) -> None:
    book.release(RITA, A, B)
    book.release(RITA, B, A, stage="restricted")
    book.order("release_recalled", recall(B, "internal,restricted"))
    known = book.outcome
    assert {place: release.candidate for place, release in known.live.items()} == {("reviews", "restricted"): A}
    assert standings(known) == ["good", "recalled", "recalled", "good"]


def test_a_recall_leaves_other_models_alone(book: Book) -> None:
    book.release(RITA, A)
    book.release(RITA, A, model="tweets")
    waiting = book.open(A, "restricted", "tweets")
    book.order("release_recalled", recall(A))
    assert [release.model for release in book.outcome.live.values()] == ["tweets"]
    assert book.gate(waiting).state == "open"


def test_a_stage_that_was_emptied_takes_the_next_release(book: Book) -> None:
    book.release(RITA, A)
    book.order("release_recalled", recall(A))
    assert book.outcome.live == {}
    book.release(RITA, B)
    assert book.outcome.live[PLACE].candidate == B


@pytest.mark.parametrize("state", ["open", "approved", "promoting"])
def test_a_recall_ends_the_gates_of_its_candidate(book: Book, state: str) -> None:
    book.release(RITA, A)
    gate, other = book.open(A, "restricted"), book.open(B, "restricted")
    if state != "open":
        book.decide(gate, RITA)
    if state == "promoting":
        book.about("promotion_intended", gate)
    assert book.gate(gate).state == state
    book.order("release_recalled", recall(A))
    assert (book.gate(gate).state, book.gate(gate).ended) == ("withdrawn", "its candidate was recalled by ada")
    assert book.gate(other).state == "open"
    book.about("promotion_committed", gate, facts={})
    assert book.outcome.live == {}


def test_a_gate_for_what_was_recalled_is_none(book: Book) -> None:
    book.release(RITA, A)
    book.order("release_recalled", recall(A))
    gate = book.open(A, "restricted")
    assert book.outcome.gate(gate) is None
    assert "its candidate was recalled" in book.outcome.faults[-1]


def test_a_recall_drops_the_rollback_that_returns_to_it_and_no_other(book: Book) -> None:
    first, second = book.release(RITA, A, B)
    book.order("rollback_intended", back(second, first))
    book.order("release_recalled", recall(B))
    assert len(book.outcome.rollbacks) == 1
    book.order("release_recalled", recall(A))
    assert book.outcome.rollbacks == ()


# --- what does not --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("leaves", "to", "by", "changed", "said"),
    [
        pytest.param(2, 0, RITA, {}, "rita does not have the role responder", id="no responder"),
        pytest.param(2, 0, SAM, {}, "sam has no say in internal", id="another stage's responder"),
        pytest.param(2, 0, person("mal", "responder"), {}, "not on the roster", id="a stranger"),
        pytest.param(2, 0, person("ada"), {}, "the signature of ada does not hold", id="another key"),
        pytest.param(1, 0, ADA, {}, "does not lead from what is in the stage", id="not from the top"),
        pytest.param(2, 2, ADA, {}, "does not lead from what is in the stage", id="to itself"),
        pytest.param(2, 3, ADA, {}, "does not lead from what is in the stage", id="to what was never there"),
        pytest.param(2, 0, ADA, {"stage": "restricted"}, "another order was signed", id="order for another stage"),
        pytest.param(2, 0, ADA, {"model": "tweets"}, "another order was signed", id="order for another model"),
        pytest.param(2, 0, ADA, {"to": "ab" * 32}, "another order was signed", id="order to elsewhere"),
        pytest.param(2, 0, ADA, {"order": "recall"}, "the order does not say", id="another order"),
    ],
)
def test_a_rollback_that_nobody_ordered_changes_nothing(
    book: Book, leaves: int, to: int, by: Person, changed: dict[str, str], said: str
) -> None:
    gates = [*book.release(RITA, A, B, C), book.open("c9" * 32)]
    real = {"stage": "internal", "from": gates[leaves], "to": gates[to]}
    statement = {"order": "rollback", "model": "reviews"} | real | changed
    letter = by.orders(statement.pop("order"), **statement)
    before = book.outcome
    book.order("rollback_intended", letter, **real)
    book.add("rollback_committed", "reviews", real | {"facts": {}})
    after = book.outcome
    assert (after.live, after.stacks, after.rollbacks) == (before.live, before.stacks, ())
    assert any(said in fault for fault in after.faults)
    assert "no such rollback was under way" in after.faults[-1]


def test_a_rollback_to_what_was_recalled_changes_nothing(book: Book) -> None:
    first, second = book.release(RITA, A, B)
    book.order("release_recalled", recall(A))
    roll_back(book, second, first)
    assert book.outcome.live[PLACE].candidate == B
    assert "not in good standing" in book.outcome.faults[0]


@pytest.mark.parametrize("changed", [{"from": "ab" * 32}, {"to": "ab" * 32}, {"stage": "restricted"}], ids=str)
def test_a_commit_of_another_rollback_than_the_one_under_way_changes_nothing(
    book: Book, changed: dict[str, str]
) -> None:
    first, second = book.release(RITA, A, B)
    book.order("rollback_intended", back(second, first))
    book.add("rollback_committed", "reviews", {"stage": "internal", "from": second, "to": first, "facts": {}} | changed)
    assert book.outcome.live[PLACE].candidate == B
    assert len(book.outcome.rollbacks) == 1


def test_an_order_that_was_carried_out_does_not_hold_again(book: Book) -> None:
    first, second = book.release(RITA, A, B)
    letter = back(second, first)
    for _ in range(2):
        book.order("rollback_intended", letter)
        book.add("rollback_committed", "reviews", {"stage": "internal", "from": second, "to": first, "facts": {}})
        book.release(RITA, C)
    assert candidates(book.outcome) == [A, C, C]


@pytest.mark.parametrize(
    ("by", "stages", "changed", "said"),
    [
        pytest.param(RITA, "internal", {}, "rita does not have the role responder", id="no responder"),
        pytest.param(SAM, "internal", {}, "sam has no say in internal", id="another stage's responder"),
        pytest.param(SAM, "restricted", {}, "the order leaves out internal", id="a stage left out"),
        pytest.param(person("mal", "responder"), "internal", {}, "not on the roster", id="a stranger"),
        pytest.param(person("ada"), "internal", {}, "the signature of ada does not hold", id="another key"),
        pytest.param(ADA, "", {}, "the order leaves out internal", id="no stage"),
        pytest.param(ADA, "internal", {"candidate": B}, "another order was signed", id="order for another candidate"),
        pytest.param(ADA, "internal", {"model": "tweets"}, "another order was signed", id="order for another model"),
        pytest.param(ADA, "internal", {"order": "rollback"}, "the order does not say", id="another order"),
    ],
)
def test_a_recall_that_nobody_ordered_changes_nothing(
    book: Book, by: Person, stages: str, changed: dict[str, Any], said: str
) -> None:
    book.release(RITA, A)
    waiting = book.open(A, "restricted")
    statement = {"order": "recall", "model": "reviews", "candidate": A, "stages": stages} | changed
    letter = by.orders(statement.pop("order"), **statement)
    before = book.outcome
    book.order("release_recalled", letter, candidate=A)
    after = book.outcome
    assert (after.live, after.releases) == (before.live, before.releases)
    assert book.gate(waiting).state == "open"
    assert said in after.faults[0]


def test_a_responder_who_was_taken_off_the_roster_orders_nothing(book: Book) -> None:
    first, second = book.release(RITA, A, B)
    letter = back(second, first)
    zoe = person("zoe", "administrator")
    book.change_roster(book.outcome.roster.with_member(zoe.member), ADA)
    book.change_roster(book.outcome.roster.without("ada"), zoe)
    book.order("rollback_intended", letter)
    assert book.outcome.rollbacks == ()
    assert "not on the roster" in book.outcome.faults[0]
