"""Decisions: who may, signed how, counted once, refused and recorded."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from sluicegate.errors import ReleaseDenied
from sluicegate.gates.decisions import decision_letter
from sluicegate.gates.gate import Gate, find_gate, open_gate, outcome, reopen
from sluicegate.gates.roster import roster_now
from sluicegate.gates.state import later
from sluicegate.ledger.ledger import Ledger, utc_now
from sluicegate.policy import GateRule, Judgement, Verdict
from tests import people
from tests.people import Person, person

Opened, Put, Judged = Callable[..., Gate], Callable[..., Gate], Callable[..., Judgement]
At = Callable[[str], Ledger]
FAILS = Verdict(check="performance.macro_f1", verdict="fail", limit="≥ 0.6", value=0.5, margin=-0.1, why="0.5")
TWO = GateRule.from_json({"approvals": [{"count": 1, "roles": ["release-manager"]}, {"count": 1}], "signature": True})


def refusals(ledger: Ledger) -> list[str]:
    return ["; ".join(e.body["why"]) for e in ledger.entries(kinds=("decision_refused",))]


def test_a_signed_approval_passes_the_gate_and_is_kept_with_its_signature(
    founded: Ledger, opened: Opened, put: Put, team: dict[str, Person]
) -> None:
    gate = put(opened(), team["rita"].approves(opened()))
    assert gate.state == "approved"
    assert gate.decision is not None
    assert (gate.decision.reviewer, gate.decision.grade, gate.decision.via) == ("rita", "signed", "command-line")
    assert gate.decision.verdicts == {"pass": 1}
    (entry,) = founded.entries(kinds=("decision",))
    assert entry.hash == gate.decision.entry
    assert entry.body["signature"].startswith("-----BEGIN SSH SIGNATURE-----")


def test_one_rejection_ends_the_gate_whatever_was_approved_before(
    opened: Opened, put: Put, team: dict[str, Person]
) -> None:
    gate = opened(rule=TWO)
    assert put(gate, team["rita"].approves(gate)).state == "open"
    assert put(gate, team["ravi"].rejects(gate)).state == "rejected"
    with pytest.raises(ReleaseDenied, match="ravi decided to reject it"):
        put(gate, team["ada"].approves(gate))


def test_a_quorum_is_filled_by_distinct_people_of_the_roles_that_are_asked_for(
    opened: Opened, put: Put, team: dict[str, Person]
) -> None:
    gate = opened(rule=TWO)
    gate = put(gate, team["ravi"].approves(gate))
    assert (gate.state, gate.needed) == ("open", ("one more approval from release-manager",))
    with pytest.raises(ReleaseDenied, match="ravi has decided already: a person counts once"):
        put(gate, team["ravi"].approves(gate, "I say it twice."))
    gate = put(gate, team["rita"].approves(gate))
    assert gate.state == "approved"
    assert gate.decision is not None
    assert gate.decision.reviewer == "rita"


def test_an_approver_who_was_taken_off_the_roster_before_the_quorum_no_longer_counts(
    founded: Ledger, opened: Opened, put: Put, team: dict[str, Person]
) -> None:
    gate = opened(rule=TWO)
    put(gate, team["rita"].approves(gate))
    people.revoke(founded, "rita", team["ada"])
    gate = put(gate, team["ravi"].approves(gate))
    assert (gate.state, gate.needed) == ("open", ("one more approval from release-manager",))


def test_an_approver_from_whom_the_stage_was_taken_before_the_quorum_no_longer_counts(
    founded: Ledger, opened: Opened, put: Put, team: dict[str, Person]
) -> None:
    gate = opened(rule=TWO)
    put(gate, team["rita"].approves(gate))
    fewer = team["rita"].member.model_copy(update={"stages": ("restricted",)})
    people.change(founded, roster_now(founded).with_member(fewer), "add", "rita", team["ada"])
    assert put(gate, team["ravi"].approves(gate)).state == "open"


def test_the_same_letter_again_changes_nothing(
    founded: Ledger, opened: Opened, put: Put, team: dict[str, Person]
) -> None:
    gate = opened()
    letter = team["rita"].approves(gate)
    assert put(gate, letter) == put(gate, letter)
    assert len(founded.entries(kinds=("decision",))) == 1


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        pytest.param({"decision": "reject"}, "signature of rita does not hold", id="decision"),
        pytest.param({"reason": "Something else."}, "signature of rita does not hold", id="reason"),
        pytest.param({"reviewer": "ravi"}, "one signature is wanted", id="reviewer"),
        pytest.param({"gate": "ab" * 32}, "about another gate", id="gate"),
        pytest.param({"extra": "1"}, "does not say just gate", id="more"),
    ],
)
def test_a_signed_statement_that_was_changed_is_refused_and_recorded(
    founded: Ledger, opened: Opened, put: Put, team: dict[str, Person], changed: dict[str, str], said: str
) -> None:
    gate = opened()
    letter = team["rita"].approves(gate)
    with pytest.raises(ReleaseDenied, match=said):
        put(gate, letter.model_copy(update={"statement": letter.statement | changed}))
    assert said in refusals(founded)[-1]
    assert find_gate(founded, gate.id).state == "open"


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"candidate": "c2" * 32}, id="candidate"),
        pytest.param({"stage": "restricted"}, id="stage"),
        pytest.param({"model": "letters"}, id="model"),
        pytest.param({"dossier": "d2" * 32}, id="dossier"),
        pytest.param({"policy": "e2" * 32}, id="policy"),
    ],
)
def test_a_decision_for_one_gate_is_none_for_another(
    opened: Opened, put: Put, judged: Judged, team: dict[str, Person], other: dict[str, str]
) -> None:
    letter = team["rita"].approves(opened())
    gate = opened(**other)
    with pytest.raises(ReleaseDenied, match="about another gate"):
        put(gate, letter, judgement=judged(stage=gate.stage))


def test_a_decision_of_one_round_is_none_in_the_next(
    founded: Ledger, opened: Opened, put: Put, team: dict[str, Person]
) -> None:
    gate = opened()
    approval = team["rita"].approves(gate)
    put(gate, team["ravi"].rejects(gate))
    again = reopen(founded, gate.id)
    assert (again.round, again.id != gate.id) == (2, True)
    with pytest.raises(ReleaseDenied, match="about another gate"):
        put(again, approval)


def test_what_was_typed_in_the_place_of_a_gates_id_is_not_kept(
    founded: Ledger, opened: Opened, put: Put, team: dict[str, Person]
) -> None:
    gate = opened()
    letter = team["rita"].approves(gate)
    for typed in ("joe@x.org", "\x1b[2J", "\ud800"):
        with pytest.raises(ReleaseDenied, match="about another gate$"):
            put(gate, letter.model_copy(update={"statement": letter.statement | {"gate": typed}}))
    assert set(refusals(founded)) == {"the decision is about another gate"}


def test_an_unknown_reviewer_is_refused_and_what_they_typed_is_not_kept(
    founded: Ledger, opened: Opened, put: Put
) -> None:
    gate, stranger = opened(), person("joe-from-accounting")
    with pytest.raises(ReleaseDenied, match="not a reviewer's"):
        put(gate, stranger.approves(gate))
    assert "joe" not in str([e.body for e in founded.entries(kinds=("decision_refused",))])


def test_a_known_id_with_a_stranger_s_key_is_refused(opened: Opened, put: Put) -> None:
    gate, thief = opened(), person("rita")
    with pytest.raises(ReleaseDenied, match="signature of rita does not hold"):
        put(gate, thief.approves(gate))


def test_a_revoked_reviewer_is_refused(founded: Ledger, opened: Opened, put: Put, team: dict[str, Person]) -> None:
    gate = opened()
    people.revoke(founded, "rita", team["ada"])
    with pytest.raises(ReleaseDenied, match="rita was taken off the roster"):
        put(gate, team["rita"].approves(gate))


def test_a_rotated_key_signs_and_the_old_one_no_longer_does(
    founded: Ledger, opened: Opened, put: Put, team: dict[str, Person]
) -> None:
    gate, fresh = opened(), person("rita", "release-manager")
    people.change(founded, roster_now(founded).with_member(fresh.member), "rotate", "rita", team["ada"])
    with pytest.raises(ReleaseDenied, match="signature of rita does not hold"):
        put(gate, team["rita"].approves(gate))
    assert put(gate, fresh.approves(gate)).state == "approved"


def test_somebody_who_came_on_the_roster_later_decides_only_gates_that_open_later(
    founded: Ledger, opened: Opened, put: Put, team: dict[str, Person]
) -> None:
    gate, late = opened(), person("lara")
    people.add(founded, late, team["ada"])
    with pytest.raises(ReleaseDenied, match="lara came on the roster after the gate opened"):
        put(gate, late.approves(gate))
    again = reopen(founded, gate.id)
    assert find_gate(founded, gate.id).state == "superseded"
    assert put(again, late.approves(again)).state == "approved"


def test_a_reviewer_of_another_stage_and_one_who_is_not_asked_are_refused(
    opened: Opened, put: Put, team: dict[str, Person]
) -> None:
    gate = opened(stage="restricted")
    with pytest.raises(ReleaseDenied, match="ida may not decide restricted"):
        put(gate, team["ida"].approves(gate))
    asked = opened(candidate="c3" * 32, asked=["rita"])
    with pytest.raises(ReleaseDenied, match="ravi may not decide internal"):
        put(asked, team["ravi"].approves(asked))


def test_whoever_answers_for_the_build_may_reject_but_not_approve(
    opened: Opened, put: Put, team: dict[str, Person]
) -> None:
    gate = opened()
    with pytest.raises(ReleaseDenied, match="otto answers for what was built and may not approve"):
        put(gate, team["otto"].approves(gate))
    assert put(gate, team["otto"].rejects(gate)).state == "rejected"


def test_a_policy_may_let_the_accountable_person_approve(opened: Opened, put: Put, team: dict[str, Person]) -> None:
    gate = opened(rule=GateRule.from_json({"accountable_may_approve": True}))
    assert put(gate, team["otto"].approves(gate)).state == "approved"


def test_naming_somebody_else_later_does_not_let_the_first_accountable_person_in(
    opened: Opened, put: Put, team: dict[str, Person]
) -> None:
    opened()
    gate = opened(policy="e9" * 32, accountable="ravi")
    with pytest.raises(ReleaseDenied, match="otto answers for what was built"):
        put(gate, team["otto"].approves(gate))


def test_where_nobody_is_accountable_nobody_can_approve(opened: Opened, put: Put, team: dict[str, Person]) -> None:
    gate = opened(accountable="")
    assert gate.eligible == ()
    with pytest.raises(ReleaseDenied, match="nobody is named who answers"):
        put(gate, team["rita"].approves(gate))


def test_a_signed_start_names_the_accountable_person_and_a_forged_one_names_nobody(
    founded: Ledger, opened: Opened, put: Put, team: dict[str, Person]
) -> None:
    gate = opened(accountable="ravi", start=team["ravi"].start())
    with pytest.raises(ReleaseDenied, match="ravi answers for what was built"):
        put(gate, team["ravi"].approves(gate))
    forged = opened(candidate="c5" * 32, accountable="ravi", start=team["otto"].start())
    assert forged.accountable == ""
    assert "start does not hold" in outcome(founded).faults[-1]


def test_a_blocking_check_is_in_the_way_of_an_approval_and_not_of_a_rejection(
    founded: Ledger, opened: Opened, put: Put, judged: Judged, team: dict[str, Person]
) -> None:
    gate = opened()
    with pytest.raises(ReleaseDenied, match=r"1 check blocks: performance.macro_f1 \(fail\)"):
        put(gate, team["rita"].approves(gate), judgement=judged(FAILS))
    assert put(gate, team["ravi"].rejects(gate), judgement=judged(FAILS)).state == "rejected"


@pytest.mark.parametrize("reason", ["", "  ", "ok", "ask joe@example.org", "call 030 1234567 now", "red \x1b[31m"])
def test_a_reason_that_cannot_be_kept_is_refused_and_not_kept(
    founded: Ledger, opened: Opened, put: Put, team: dict[str, Person], reason: str
) -> None:
    gate = opened()
    with pytest.raises(ReleaseDenied, match="reason"):
        put(gate, team["rita"].approves(gate, reason))
    assert "joe@" not in str([e.body for e in founded.entries()])


def test_a_gate_that_closed_takes_no_decision_even_if_nobody_recorded_that(
    at: At, opened: Opened, put: Put, team: dict[str, Person]
) -> None:
    gate = opened()
    late = at(later(gate.closes, timedelta(seconds=1)))
    with pytest.raises(ReleaseDenied, match="it closed at"):
        put(gate, team["rita"].approves(gate), ledger=late)


def test_a_clock_that_is_set_back_does_not_open_it_again(
    at: At, opened: Opened, put: Put, team: dict[str, Person]
) -> None:
    gate = opened()
    at(later(gate.closes, timedelta(seconds=1))).append("gate_reminded", "reviews", {"gate": gate.id, "number": 1})
    with pytest.raises(ReleaseDenied, match="it closed at"):
        put(gate, team["rita"].approves(gate), ledger=at(later(gate.opened, timedelta(seconds=1))))


@pytest.mark.parametrize(
    ("moved", "said"),
    [
        pytest.param(timedelta(minutes=10), "later than now", id="ahead"),
        pytest.param(-timedelta(minutes=10), "before the gate opened", id="before the gate"),
    ],
)
def test_a_signature_is_dated_between_the_opening_and_now(
    opened: Opened, put: Put, team: dict[str, Person], moved: timedelta, said: str
) -> None:
    gate = opened()
    with pytest.raises(ReleaseDenied, match=said):
        put(gate, team["rita"].approves(gate, now=later(utc_now(), moved)))


def test_a_refused_attempt_stays_refused_when_it_is_delivered_again(
    founded: Ledger, opened: Opened, put: Put, judged: Judged, team: dict[str, Person]
) -> None:
    gate = opened()
    letter = team["rita"].approves(gate)
    for judgement in (judged(FAILS), judged()):
        with pytest.raises(ReleaseDenied, match="blocks"):
            put(gate, letter, judgement=judgement, attempt="run-1")
    assert len(refusals(founded)) == 1


def test_what_was_signed_is_all_that_is_kept_of_the_letter(
    founded: Ledger, opened: Opened, put: Put, team: dict[str, Person]
) -> None:
    gate = opened()
    letter = decision_letter(gate, "approve", "rita", "Good.", now=utc_now()).signed("rita", team["rita"].key)
    put(gate, letter)
    (entry,) = founded.entries(kinds=("decision",))
    assert {name: entry.body[name] for name in letter.statement} == letter.statement


def test_the_database_forbids_two_decisions_by_one_person_in_one_round(
    founded: Ledger, opened: Opened, put: Put, team: dict[str, Person]
) -> None:
    gate = opened(rule=TWO)
    put(gate, team["rita"].approves(gate))
    (entry,) = founded.entries(kinds=("decision",))
    with pytest.raises(ReleaseDenied, match="already records this otherwise"):
        founded.append(
            "decision", "reviews", entry.body | {"decision": "reject"}, idempotency_key=entry.idempotency_key
        )


# --- waivers ------------------------------------------------------------------------------------------


def tomorrow() -> str:
    return later(utc_now(), timedelta(days=1))[:10]


def test_a_waiver_is_signed_bound_to_the_gate_and_lapses(
    founded: Ledger, opened: Opened, put: Put, judged: Judged, team: dict[str, Person]
) -> None:
    gate = opened()
    gate = put(gate, team["rita"].waives(gate, FAILS.check, expires=tomorrow()), judgement=judged(FAILS))
    (waiver,) = gate.waivers
    assert (waiver.check, waiver.owner, waiver.grade) == (FAILS.check, "rita", "signed")
    assert gate.waived(utc_now()) == {FAILS.check}
    assert gate.waived(later(utc_now(), timedelta(days=2))) == frozenset()
    again = opened(policy="e7" * 32)
    assert again.waivers == ()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        pytest.param({"expires": "2020-01-01"}, "expires within 366 days", id="past"),
        pytest.param({"expires": "2099-01-01"}, "expires within 366 days", id="far"),
        pytest.param({"expires": "soon"}, "YYYY-MM-DD", id="no day"),
        # Days are compared as they are written: this one would count until the end of its year.
        pytest.param({"expires": later(utc_now(), timedelta(days=1))[:10].replace("-", "")}, "YYYY-MM-DD", id="basic"),
        pytest.param({"check": "no.such_check"}, "no check of that name", id="unknown check"),
        pytest.param({"owner": "nobody-here"}, "owner of the waiver is not on the roster", id="owner"),
    ],
)
def test_a_waiver_that_does_not_hold_is_refused(
    opened: Opened, put: Put, judged: Judged, team: dict[str, Person], changed: dict[str, str], said: str
) -> None:
    gate = opened()
    said_ = {"check": FAILS.check, "expires": tomorrow()} | changed
    check = said_.pop("check")
    with pytest.raises(ReleaseDenied, match=said):
        put(gate, team["rita"].waives(gate, check, **said_), judgement=judged(FAILS))


def test_what_does_not_block_and_what_may_not_be_waived_is_not_waived(
    opened: Opened, put: Put, judged: Judged, team: dict[str, Person]
) -> None:
    from sluicegate.gates.decisions import Grounds

    gate = opened()
    letter = team["rita"].waives(gate, FAILS.check, expires=tomorrow())
    with pytest.raises(ReleaseDenied, match="does not block"):
        put(gate, letter)
    with pytest.raises(ReleaseDenied, match="lets nobody waive performance.macro_f1"):
        put(gate, letter, grounds=Grounds(judged(FAILS)))
    closed = opened(candidate="c8" * 32, rule=GateRule.from_json({"waivers": False}))
    with pytest.raises(ReleaseDenied, match="lets nobody waive a check in internal"):
        put(closed, team["rita"].waives(closed, FAILS.check, expires=tomorrow()), judgement=judged(FAILS))


def test_the_accountable_person_waives_nothing(
    opened: Opened, put: Put, judged: Judged, team: dict[str, Person]
) -> None:
    gate = opened()
    with pytest.raises(ReleaseDenied, match="may not waive"):
        put(gate, team["otto"].waives(gate, FAILS.check, expires=tomorrow()), judgement=judged(FAILS))


# --- what somebody with the service's key could write ---------------------------------------------------


def test_a_decision_that_the_service_signed_but_no_reviewer_did_counts_for_nothing(
    founded: Ledger, opened: Opened, put: Put, team: dict[str, Person]
) -> None:
    gate = opened(stage="restricted")
    other = opened(candidate="c6" * 32)
    put(other, team["rita"].approves(other))
    (honest,) = founded.entries(kinds=("decision",))
    for forged in (
        honest.body | {"gate": gate.id, "stage": "restricted"},
        honest.body | {"gate": gate.id, "stage": "restricted", "grade": "attested", "signature": None, "counter": 1},
        honest.body | {"gate": gate.id, "stage": "restricted", "reviewer": "ida"},
    ):
        founded.append("decision", "reviews", forged)
    assert find_gate(founded, gate.id).state == "superseded"  # by the newer candidate; nobody approved it
    assert len(outcome(founded).faults) >= 3


def test_a_gate_that_names_another_roster_is_no_gate(founded: Ledger, opened: Opened) -> None:
    opened()
    (honest,) = founded.entries(kinds=("gate_opened",))
    founded.append("gate_opened", "reviews", honest.body | {"roster": "ab" * 32, "round": 2})
    assert len(outcome(founded).gates) == 1
    assert "another roster" in outcome(founded).faults[0]


def test_an_empty_roster_lets_nobody_decide(ledger: Ledger, judged: Judged, team: dict[str, Person]) -> None:
    from sluicegate.gates.decisions import Grounds, decide
    from sluicegate.policy import default_rule

    gate = open_gate(
        ledger,
        model="reviews",
        stage="internal",
        candidate="c1" * 32,
        dossier="d1" * 32,
        policy="e1" * 32,
        rule=default_rule("internal"),
        accountable="otto",
        facts={},
    )
    assert gate.eligible == ()
    with pytest.raises(ReleaseDenied, match="nobody may decide internal"):
        decide(ledger, gate.id, team["rita"].approves(gate), grounds=Grounds(judged()), via="command-line")
