"""What approving will do, and what to type."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sluicegate.desk.next_steps import commands
from sluicegate.gates.finding import find_gate, outcome
from sluicegate.gates.gate import withdraw
from sluicegate.gates.releases import record_recall, record_rollback_commit, record_rollback_intent
from sluicegate.gates.roster import EMPTY
from sluicegate.ledger.ledger import utc_now
from sluicegate.policy import GateRule, Judgement
from tests import people
from tests.sluicegate.desk import pages
from tests.sluicegate.desk.pages import HOLDS, promoted, verdict


@pytest.fixture
def page(founded, opened):
    def page_(*verdicts, gate=None, **more):
        return pages.page(founded, gate or opened(), *verdicts, **more)

    return page_


def test_it_says_what_approving_will_do_and_what_to_type(page, opened):
    gate = opened(asked=["rita"])
    brief = page(*HOLDS, gate=gate)
    assert "registered model reviews-internal" in brief.consequences[0]
    assert brief.consequences[2] == "The gate of restricted opens next."
    assert brief.commands == (
        f'sluicegate approve {gate.id[:12]} --as rita --reason "…"',
        f'sluicegate reject {gate.id[:12]} --as rita --reason "…"',
    )
    assert page(*HOLDS, gate=opened(stage="public")).consequences[2] == "It is the last stage: no gate follows."


def test_several_reviewers_put_in_their_own_id(page):
    assert "--as YOUR-ID" in page(*HOLDS).commands[0]


def test_where_more_approvals_are_needed_it_says_that_one_only_counts_as_one(page, opened):
    brief = page(*HOLDS, gate=opened(rule=GateRule(approvals=2)))
    assert brief.consequences[0] == (
        "An approval now only counts as one and promotes nothing yet (needed: 2 more approvals). After the last:"
    )


def test_where_only_some_can_give_the_last_approval_it_says_who(page, opened, put, team):
    gate = opened(rule=GateRule(approvals=[{"count": 1, "roles": ["release-manager"]}, {"count": 1}]))
    put(gate, team["ravi"].approves(gate))
    assert page(*HOLDS, gate=gate).consequences[0].startswith("An approval by rita is the last one needed")
    put(gate, team["rita"].approves(gate))
    assert page(*HOLDS, gate=gate).consequences[0].startswith("The candidate's bytes are copied")


def test_a_check_that_may_be_waived_comes_with_the_command_that_waives_it(page, opened):
    gate = opened(asked=["rita"])
    blocks = verdict("performance.f1[it's]", "fail", value=0.5, margin=-0.1)
    fixed = verdict("data.leaked_share", "fail", margin=-0.1, waivable=False)
    short = gate.id[:12]
    assert page(*HOLDS, blocks, fixed, gate=gate).commands == (
        f'sluicegate reject {short} --as rita --reason "…"',
        f"sluicegate waive {short} 'performance.f1[it'\"'\"'s]' --as rita --until YYYY-MM-DD --owner ID"
        ' --follow-up "…" --reason "…"',
        "sluicegate run deployments/reviews.yaml",
    )


def test_a_path_with_a_space_can_be_copied_into_a_shell(page, opened):
    gate = opened(facts={"spec": "my specs/it's.yaml"})
    brief = page(verdict("drift.share", "fail", margin=-1), gate=gate)
    assert brief.commands[-1] == "sluicegate run 'my specs/it'\"'\"'s.yaml'"


@pytest.mark.parametrize("question", [{"accountable": ""}, {"stage": "laboratory"}], ids=["nobody-named", "nobody-may"])
def test_where_nobody_can_approve_it_is_refused_and_approving_is_not_offered(page, opened, question):
    brief = page(*HOLDS, gate=opened(**question))
    assert brief.blocked
    assert brief.recommendation == "All 4 checks hold. But nobody can approve it now."
    assert [command.split()[1] for command in brief.commands] == ["reject"]


def test_a_gate_whose_time_is_over_offers_another_round_and_approval_is_refused(page):
    brief = page(*HOLDS, now="2999-01-01T00:00:00.000000Z")
    assert brief.blocked
    assert brief.commands == (f"sluicegate reopen {brief.gate[:12]}",)


def test_a_gate_that_has_ended_offers_to_ask_again_and_says_nothing_of_approving(page, opened, put, team, ledger):
    gate = opened()
    put(gate, team["rita"].rejects(gate))
    brief = page(*HOLDS, gate=gate)
    assert brief.commands == (f"sluicegate reopen {gate.id[:12]}",)
    assert brief.consequences == ()
    withdrawn = withdraw(ledger, opened(candidate="c2" * 32).id)
    assert page(*HOLDS, gate=withdrawn).commands == (f"sluicegate reopen {withdrawn.id[:12]}",)


def test_an_approved_gate_offers_nothing_more_to_decide(page, opened, put, team):
    gate = opened()
    put(gate, team["rita"].approves(gate))
    assert page(*HOLDS, gate=gate).commands == ()


def test_a_release_that_was_rolled_back_can_be_asked_for_again_and_a_recalled_one_not(
    founded, page, opened, put, team, judged
):
    gates = []
    for candidate, live in (("c1" * 32, None), ("c2" * 32, "c1" * 32)):
        gates.append(opened(candidate=candidate))
        put(gates[-1], team["rita"].approves(gates[-1]), judgement=judged(live=live))
        promoted(founded, gates[-1])
    first, second = gates
    assert page(*HOLDS, gate=second).commands == ()
    order = team["ada"].orders("rollback", model="reviews", stage="internal", from_=second.id, to=first.id)
    record_rollback_commit(founded, record_rollback_intent(founded, order), facts={})
    assert page(*HOLDS, gate=second).commands == (f"sluicegate reopen {second.id[:12]}",)
    record_recall(founded, team["ada"].orders("recall", model="reviews", candidate=second.candidate, stages=""))
    assert page(*HOLDS, gate=second).commands == ()


def test_whoever_has_decided_is_not_offered_to_decide_again(page, opened, put, team, founded):
    gate = opened(rule=GateRule(approvals=2), asked=["rita", "ravi"])
    put(gate, team["rita"].approves(gate))
    assert "--as ravi" in page(*HOLDS, gate=gate).commands[0]
    people.revoke(founded, "ravi", team["ada"])
    assert [command.split()[1] for command in page(*HOLDS, gate=gate).commands] == ["reject"]
    assert find_gate(founded, gate.id).state == "open"


def test_where_nobody_is_on_the_roster_the_commands_found_it(founded, opened):
    gate = opened()
    nobody = replace(outcome(founded, gate.model), roster=EMPTY)
    assert "sluicegate init-ledger --as YOUR-ID" in commands(gate, nobody, Judgement(verdicts=HOLDS), utc_now())
