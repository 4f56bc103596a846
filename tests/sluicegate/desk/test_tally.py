"""How it stands with a gate's votes."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sluicegate.desk.tally import awaited, closed, completing, names, out_of_reach, tally
from sluicegate.gates.finding import outcome
from sluicegate.gates.state import later
from sluicegate.policy import GateRule
from tests import people

TWO = GateRule(approvals=[{"count": 1, "roles": ["release-manager"]}, {"count": 1}])


@pytest.fixture
def now(ledger):
    """The gate as it stands, and the roster."""

    def now_(gate):
        known = outcome(ledger)
        return known.gate(gate.id), known.roster

    return now_


def test_it_says_until_when_who_what_is_needed_and_how(opened, now):
    gate, roster = now(opened(rule=TWO))
    told = dict(tally(gate, roster, gate.opened))
    assert told["open until"] == f"{gate.closes[:16].replace('T', ' ')} UTC (14 days left)"
    assert told["may approve"] == "ada, ida, ravi, rita"
    assert told["may only reject"] == "otto (answered for what was built)"
    assert told["still needed"] == "one more approval from release-manager; one more approval"
    assert told["how"] == "signed with the reviewer's own key"


def test_where_a_code_is_enough_it_says_so(opened, now):
    gate, roster = now(opened())
    assert dict(tally(gate, roster, gate.opened))["how"].endswith("or with a one-time code")


def test_who_has_decided_is_shown_with_how_when_and_why_and_not_waited_for(opened, now, put, team):
    gate = opened(rule=TWO)
    put(gate, team["ravi"].approves(gate, "Holds on every group."))
    gate, roster = now(gate)
    told = dict(tally(gate, roster, gate.opened))
    assert awaited(gate) == ("ada", "ida", "rita")
    assert told["may approve"] == "ada, ida, rita"
    assert told["still needed"] == "one more approval from release-manager"
    when = gate.decisions[0].recorded[:16].replace("T", " ")
    assert told["approved by"] == f"ravi (signed, {when} UTC): Holds on every group."


def test_an_approval_by_somebody_who_is_off_the_roster_now_says_so(founded, opened, now, put, team):
    gate = opened(rule=TWO)
    put(gate, team["ravi"].approves(gate))
    people.revoke(founded, "ravi", team["ada"])
    gate, roster = now(gate)
    assert "ravi, who is no longer on the roster (signed" in dict(tally(gate, roster, gate.opened))["approved by"]
    assert completing(gate, roster) == ()


def test_those_whose_approval_would_be_the_last_are_known_by_their_roles(opened, now, put, team):
    gate = opened(rule=TWO)
    assert completing(*now(gate)) == ()
    put(gate, team["ravi"].approves(gate))
    assert completing(*now(gate)) == ("rita",)
    one = opened(candidate="c2" * 32)
    assert completing(*now(one)) == ("ada", "ida", "ravi", "rita")


def test_what_nobody_could_give_any_more_is_known(opened, now):
    assert out_of_reach(*now(opened(rule=TWO))) == ()
    legal = opened(candidate="c2" * 32, rule=GateRule(approvals=[{"count": 1, "roles": ["legal"]}]))
    assert out_of_reach(*now(legal)) == ("one more approval from legal",)


def test_a_rejection_is_told_and_nothing_else_is_needed(opened, now, put, team):
    gate = opened()
    put(gate, team["rita"].rejects(gate))
    gate, roster = now(gate)
    assert [name for name, _ in tally(gate, roster, gate.opened)] == ["rejected by"]


def test_a_gate_is_closed_after_its_time_and_not_at_it(opened, now):
    gate, roster = now(opened())
    assert not closed(gate, gate.closes)
    after = later(gate.closes, timedelta(seconds=1))
    assert closed(gate, after)
    assert dict(tally(gate, roster, after))["open until"].endswith("(that is over)")


def test_many_names_are_cut():
    assert names([]) == "nobody"
    assert names(["a", "b"]) == "a, b"
    assert names([f"r{n}" for n in range(14)]).endswith("r11 and 2 more")
