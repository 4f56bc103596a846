"""What stands at the top of a brief."""

from __future__ import annotations

import pytest

from sluicegate.desk.caveats import caveats, older_than_live
from sluicegate.gates.finding import find_gate, outcome
from sluicegate.gates.gate import open_gate, reopen, withdraw
from sluicegate.gates.releases import record_recall, record_rollback_commit, record_rollback_intent
from sluicegate.ledger.ledger import utc_now
from sluicegate.policy import GateRule, default_rule
from tests import people
from tests.people import person
from tests.sluicegate.desk.pages import promoted

NEWER = "c2" * 32
QUESTION = {
    "model": "reviews",
    "stage": "internal",
    "candidate": "c1" * 32,
    "dossier": "d1" * 32,
    "policy": "e1" * 32,
    "accountable": "otto",
    "facts": {},
    "rule": default_rule("internal"),
}


@pytest.fixture
def said(ledger):
    def said_(gate, now=None):
        known = outcome(ledger, gate.model)
        return caveats(known.gate(gate.id), known, now or utc_now())

    return said_


@pytest.fixture
def release(founded, put, team, judged):
    def release_(gate):
        live = outcome(founded).live.get((gate.model, gate.stage))
        judgement = judged(stage=gate.stage, live=live.candidate if live else None)
        put(gate, team["rita"].approves(gate), judgement=judgement)
        promoted(founded, gate)
        return gate

    return release_


def test_of_a_gate_that_waits_and_can_be_decided_nothing_is_said(opened, said):
    assert said(opened()) == ()


def test_an_empty_roster_is_said_with_what_founds_it(ledger, said):
    gate = open_gate(ledger, **QUESTION)
    (line,) = said(gate)
    assert line == "Nobody is on the roster yet, so nobody can decide: `sluicegate init-ledger` founds it."


def test_that_nobody_is_named_is_said_with_what_to_do(opened, said):
    (line,) = said(opened(accountable=""))
    assert line.startswith("Nobody is named who answers for what was built, so nobody can approve it: sign the start")


def test_a_person_who_answers_for_the_build_and_is_not_on_the_roster_is_said(opened, said):
    assert said(opened(accountable="mallory")) == ("mallory, who answers for what was built, is not on the roster.",)


def test_a_stage_that_nobody_may_decide_is_said(opened, said):
    assert said(opened(stage="laboratory")) == ("Nobody on the roster may approve in stage laboratory.",)


def test_a_gate_for_which_too_few_people_are_left_is_said(opened, said, put, team):
    gate = opened(rule=GateRule(approvals=2), asked=["rita", "ida"])
    assert said(gate) == ()
    put(gate, team["rita"].approves(gate))
    assert said(gate) == ()
    alone = opened(candidate=NEWER, rule=gate.rule, asked=["rita", "otto"])
    assert said(alone) == (
        "It cannot be passed as it stands: were everybody to approve who may, there would still be needed"
        " one more approval.",
    )


def test_somebody_who_came_on_the_roster_later_is_said_with_how_to_ask_them(founded, opened, said, team):
    gate = opened()
    people.add(founded, person("mia", stages=["internal"]), team["ada"])
    assert said(gate) == (
        f"mia may decide internal only since this gate opened: `sluicegate reopen {gate.id[:12]}` asks whoever is on"
        " the roster now.",
    )
    assert said(reopen(founded, gate.id)) == ()
    elsewhere = opened(candidate=NEWER, stage="public")
    people.add(founded, person("noa", stages=["internal"]), team["ada"])
    assert said(elsewhere) == ()


def test_a_candidate_older_than_the_live_release_is_said_at_the_top(ledger, opened, release, said):
    first = withdraw(ledger, opened().id)
    live = release(opened(candidate=NEWER))
    gate = reopen(ledger, first.id)
    (line,) = said(gate)
    assert line.startswith("This candidate is older than the live release (c2c2c2c2c2c2, live in internal since ")
    assert older_than_live(gate, outcome(ledger)).gate == live.id
    later = opened(candidate="c3" * 32)
    assert older_than_live(later, outcome(ledger)) is None
    assert said(later) == ()


def test_of_the_live_candidate_itself_and_of_another_stage_no_age_is_said(ledger, opened, release, said):
    opened()
    live = release(opened(candidate=NEWER))
    assert older_than_live(live, outcome(ledger)) is None
    assert said(opened(stage="restricted", candidate="c3" * 32)) == ()


def test_a_candidate_that_was_rolled_back_or_recalled_says_so_in_every_stage(founded, opened, release, said, team):
    first, second = release(opened()), release(opened(candidate=NEWER))
    order = team["ada"].orders("rollback", model="reviews", stage="internal", from_=second.id, to=first.id)
    record_rollback_commit(founded, record_rollback_intent(founded, order), facts={})
    gate = opened(stage="restricted", candidate=NEWER)
    (line,) = said(gate)
    assert line.startswith("This very candidate was rolled back from internal, which it had entered on ")
    assert line.endswith("`sluicegate history reviews` says why.")
    record_recall(founded, team["ada"].orders("recall", model="reviews", candidate=NEWER, stages=""))
    lines = said(gate)
    assert "withdrawn" in lines[0] or "recalled by ada" in lines[0]
    assert any(line.startswith("This very candidate was recalled, also from internal") for line in lines)
    assert said(first)[1:] == ()


def test_a_rejection_is_said_first_with_its_reason(opened, put, team, said):
    gate = opened()
    put(gate, team["rita"].rejects(gate, "The labels of editorials are wrong."))
    (line,) = said(gate)
    assert line.startswith("This gate was rejected by rita on ")
    assert line.endswith(" UTC: The labels of editorials are wrong.")


def test_an_approval_names_everybody_who_gave_it(opened, put, team, said):
    gate = opened(rule=GateRule(approvals=2))
    put(gate, team["rita"].approves(gate))
    put(gate, team["ravi"].approves(gate, "Fine with me."))
    (line,) = said(gate)
    assert line.startswith("This gate was approved by rita, ravi, last by ravi on ")
    assert line.endswith(" UTC: Fine with me.")


def test_a_gate_that_was_withdrawn_and_one_whose_time_is_over_say_that_nothing_is_decided(ledger, opened, said):
    gate = opened()
    assert said(gate, now="2999-01-01T00:00:00.000000Z") == (
        f"This gate closed on {gate.closes[:16].replace('T', ' ')} UTC: nothing can be decided here any more.",
    )
    withdraw(ledger, gate.id, by="otto", reason="A better one is coming.")
    assert said(gate) == ("This gate is withdrawn by otto: A better one is coming.: nothing is decided here any more.",)
    assert find_gate(ledger, gate.id).state == "withdrawn"
