"""Open gates by urgency, and what each row says."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from sluicegate.desk.inbox import Look, rows
from sluicegate.gates.finding import outcome
from sluicegate.gates.gate import open_gate, reopen, withdraw
from sluicegate.gates.state import later
from sluicegate.policy import GateRule, Judgement
from tests.sluicegate.desk.pages import HOLDS, policy_of, promoted, verdict

DAYS = timedelta(days=1)
FAILS = verdict("drift.share", "fail", value=0.7, margin=-0.2)


def look(*verdicts, stage="internal"):
    return Look(Judgement(verdicts=verdicts, stage=stage), policy_of(*verdicts, stage=stage))


@pytest.fixture
def listed(ledger):
    """The rows as of so long after the first gate opened."""

    def listed_(looks=None, *, after=timedelta(hours=1)):
        known = outcome(ledger)
        seen = {gate.id: look(*HOLDS) for gate in known.gates} | (looks or {})
        return rows(known, seen, later(known.gates[0].opened, after))

    return listed_


def test_a_row_says_what_whoever_is_on_call_wants_to_know(opened, listed):
    gate = opened(rule=GateRule(approvals=2, open_for_days=3))
    (row,) = listed(after=timedelta(hours=2))
    assert (row.gate.id, row.urgency) == (gate.id, "waiting")
    assert (row.age_s, row.left_s) == (7200, 3 * 86400 - 7200)
    assert row.awaited == ("ada", "ida", "ravi", "rita")
    assert row.gate.needed == ("2 more approvals",)
    assert row.remarks == ()
    assert (row.stuck, row.older_than_live, row.left_before, row.unseen) == (False, False, False, "")


def test_gates_that_have_ended_are_not_listed(opened, listed, ledger):
    withdraw(ledger, opened().id)
    assert listed() == ()


def test_those_come_first_whose_time_is_over_then_those_that_close_escalate_and_remind(opened, listed):
    days = {"over": 5.5, "closing": 6.5, "escalated": 20, "overdue": 30, "waiting": 40}
    hours = {"escalated": (24, 72), "overdue": (24, 200), "waiting": (200, 300)}
    made = {}
    for name in reversed(days):
        remind, escalate = hours.get(name, (24, 72))
        rule = GateRule(open_for_days=days[name], remind_after_hours=remind, escalate_after_hours=escalate)
        made[opened(model=name, rule=rule).id] = name
    shown = listed(after=6 * DAYS)
    assert [made[row.gate.id] for row in shown] == list(days)
    assert [row.urgency for row in shown] == list(days)


def test_among_equals_the_blocked_come_first_then_those_that_close_sooner_then_the_older(opened, listed):
    later_closing = opened(model="a", rule=GateRule(open_for_days=20))
    blocked = opened(model="b", rule=GateRule(open_for_days=30))
    older, newer = opened(model="c"), opened(model="d")
    unseen = opened(model="e", rule=GateRule(open_for_days=25))
    looks = {blocked.id: look(FAILS), unseen.id: "the dossier is gone"}
    assert [row.gate.id for row in listed(looks)] == [unseen.id, blocked.id, older.id, newer.id, later_closing.id]


def test_what_blocks_fails_is_near_and_is_waived_is_named_briefly(opened, listed):
    gate = opened()
    soft = verdict("drift.share", "fail", margin=-0.1, blocking=False)
    near = verdict("performance.balanced_accuracy", margin=0.1, interval=(0.55, 0.8))
    waived = verdict("data.leaked_share", "waived", margin=-0.1)
    blocking = [verdict(f"performance.f1[{n}]", "not_evaluated") for n in range(5)]
    (row,) = listed({gate.id: look(*HOLDS, soft, near, waived, *blocking)})
    assert row.remarks == (
        "5 block: performance.f1[0], performance.f1[1], performance.f1[2] and 2 more",
        "fails: drift.share",
        "near: performance.balanced_accuracy",
        "waived: data.leaked_share",
    )


def test_a_dossier_that_cannot_be_looked_at_breaks_nothing_and_says_so(opened, listed):
    gate, other = opened(), opened(model="tweets")
    first, second = listed({gate.id: "dossier d1d1d1d1d1d1 is nowhere to be found"})
    assert first.gate.id == gate.id
    assert first.remarks == ("cannot be looked at: dossier d1d1d1d1d1d1 is nowhere to be found",)
    assert (second.gate.id, second.remarks) == (other.id, ())
    assert listed({gate.id: look()})[0].unseen == "no check was judged"


def test_a_gate_that_too_few_people_can_pass_is_stuck(founded, opened, listed):
    opened(accountable="")
    opened(model="b", rule=GateRule(approvals=2), asked=["rita", "otto"])
    assert [row.remarks for row in listed()] == [("not enough people can approve it",)] * 2


def test_a_candidate_older_than_the_live_release_is_marked(founded, opened, listed, put, team):
    first = withdraw(founded, opened().id)
    newer = opened(candidate="c2" * 32)
    put(newer, team["rita"].approves(newer))
    promoted(founded, newer)
    reopen(founded, first.id)
    (row,) = listed()
    assert row.older_than_live
    assert row.remarks == ("older than the live release",)


def test_before_there_is_a_roster_every_gate_is_stuck(ledger, listed):
    open_gate(
        ledger,
        model="reviews",
        stage="internal",
        candidate="c1" * 32,
        dossier="d1" * 32,
        policy="e1" * 32,
        accountable="otto",
        facts={},
        rule=GateRule(),
    )
    (row,) = listed()
    assert row.stuck
    assert row.awaited == ()


def test_a_row_is_json_with_every_field_of_the_gate(opened, listed):
    gate = opened()
    (row,) = listed({gate.id: look(FAILS)})
    value = json.loads(json.dumps(row.to_json(), allow_nan=False))
    assert value["id"] == gate.id
    assert value["eligible"] == ["ada", "ida", "ravi", "rita"]
    assert (value["urgency"], value["blocking"], value["age_s"]) == ("waiting", ["drift.share"], 3600)
