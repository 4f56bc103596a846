"""An entry of the ledger as a row for a person."""

from __future__ import annotations

import pytest

from sluicegate.desk.telling import tell
from sluicegate.errors import ReleaseDenied
from sluicegate.gates.gate import withdraw
from sluicegate.gates.releases import record_recall, record_rollback_commit, record_rollback_intent
from sluicegate.ledger.chain import Entry
from sluicegate.ledger.ledger import utc_now
from sluicegate.policy import Judgement
from tests.sluicegate.desk.pages import promoted, verdict


@pytest.fixture
def last(founded):
    return lambda: tell(founded.entries()[-1])


def test_the_roster_s_changes_name_who_signed_them(last):
    told = last()
    assert (told.what, told.grade, told.who, told.gate) == ("roster changed: found ada", "signed", "ada", "")


def test_an_opening_has_its_gate_its_round_and_who_answers_for_it(opened, last):
    gate = opened()
    told = last()
    assert (told.what, told.gate, told.stage, told.who) == ("gate opened: round 1", gate.id, "internal", "otto")


def test_a_decision_says_how_it_was_given_and_why(opened, put, team, last):
    gate = opened()
    put(gate, team["rita"].rejects(gate, "One group is left behind."))
    told = last()
    assert (told.what, told.grade, told.who, told.why) == (
        "decision: reject",
        "signed",
        "rita",
        "One group is left behind.",
    )


def test_a_refusal_says_of_what_and_why(opened, put, team, last):
    gate = opened()
    with pytest.raises(ReleaseDenied):
        put(gate, team["otto"].approves(gate))
    told = last()
    assert (told.what, told.grade, told.who) == ("decision refused: approve", "", "otto")
    assert "otto answers for what was built and may not approve it" in told.why


def test_a_waiver_says_which_check_until_when_and_what_follows(opened, put, team, last):
    gate, day = opened(), utc_now()[:10]
    fails = Judgement(verdicts=(verdict("drift.share", "fail"),), stage="internal")
    put(gate, team["rita"].waives(gate, "drift.share", expires=day), judgement=fails)
    told = last()
    assert (told.what, told.grade, told.who) == (f"waiver: drift.share until {day}", "signed", "rita")
    assert told.why == "Known, and small. Owner: rita. Follow-up: Measured again next month."


def test_rollbacks_and_recalls_name_who_ordered_them_and_why(founded, opened, put, team, judged):
    gates = []
    for candidate, live in (("c1" * 32, None), ("c2" * 32, "c1" * 32)):
        gates.append(opened(candidate=candidate))
        put(gates[-1], team["rita"].approves(gates[-1]), judgement=judged(live=live))
        promoted(founded, gates[-1])
    first, second = (gate.id for gate in gates)
    order = team["ada"].orders("rollback", model="reviews", stage="internal", from_=second, to=first)
    record_rollback_commit(founded, record_rollback_intent(founded, order), facts={})
    with pytest.raises(ReleaseDenied):
        record_recall(founded, team["rita"].orders("recall", model="reviews", candidate="c2" * 32, stages="internal"))
    record_recall(founded, team["ada"].orders("recall", model="reviews", candidate="c2" * 32, stages="internal"))
    told = [tell(entry) for entry in founded.entries()[-4:]]
    way = f"from gate {second[:12]} to gate {first[:12]}"
    assert [(one.what, one.grade, one.who, one.stage) for one in told] == [
        (f"rollback intended: {way}", "signed", "ada", "internal"),
        (f"rollback committed: {way}", "", "", "internal"),
        ("order refused: recall", "", "rita", ""),
        ("release recalled: c2c2c2c2c2c2", "signed", "ada", "internal"),
    ]
    assert told[0].why == told[3].why == "It misleads people."
    assert "responder" in told[2].why


def test_whoever_superseded_a_gate_is_a_gate_and_no_person(founded, opened):
    opened()
    newer = opened(candidate="c2" * 32)
    told = tell(founded.entries()[-1])
    assert (told.what, told.who) == (f"gate superseded: by gate {newer.id[:12]}", "")


def test_a_withdrawal_says_by_whom_and_why(opened, ledger, last):
    withdraw(ledger, opened().id, by="otto", reason="A better one is coming.")
    assert (last().what, last().who, last().why) == ("gate withdrawn", "otto", "A better one is coming.")


@pytest.mark.parametrize("kind", ["gate_opened", "decision", "roster_changed", "release_recalled", "never_heard_of"])
@pytest.mark.parametrize("body", [{}, {"by": ["x"], "why": {"a": 1}, "order": 3, "signatures": "x", "reason": None}])
def test_an_entry_that_lacks_what_it_must_hold_is_shown_all_the_same(kind, body):
    told = tell(Entry(1, "", "", "", kind, "reviews", body))
    assert told.what.startswith(kind.replace("_", " "))
