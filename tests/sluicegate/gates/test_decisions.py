"""Who may decide, what is refused, what is recorded."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from sluicegate.errors import InputRefused, ReleaseDenied
from sluicegate.gates.gate import find_gate, gates, withdraw
from sluicegate.gates.ledger import Ledger
from sluicegate.gates.releases import record_commit, record_intent
from sluicegate.gates.roster import Roster
from sluicegate.policy import Judgement, Verdict
from sluicegate.spec import Reviewer

FAILED = Verdict(check="performance.macro_f1", verdict="fail", limit="≥ 0.6", value=0.5, margin=-0.1)
MISSING = Verdict(check="drift.share", verdict="not_evaluated", limit="≤ 0.5", why="the dossier does not hold it")


def test_an_approval_is_recorded_with_who_why_and_on_what_grounds(ledger, opened, decided, judged):
    waived = Verdict(check="drift.share", verdict="waived", limit="≤ 0.5")
    holds = Verdict(check="performance.accuracy", verdict="pass", limit="≥ 0.5")
    gate = opened()
    decision = decided(gate, judgement=judged(waived, holds), reason="  Holds\r\non every group. ", via="prefect-form")
    entry = ledger.entries()[-1]
    assert (decision.reviewer, decision.decision, decision.via) == ("rita", "approve", "prefect-form")
    assert decision.reason == "Holds on every group."
    assert decision.verdicts == {"waived": 1, "pass": 1}
    assert decision.entry == entry.hash
    assert find_gate(ledger, gate.id).state == "approved"
    assert find_gate(ledger, gate.id).decision == decision


def test_what_a_signature_will_cover_is_in_the_entry_word_for_word(ledger, opened, decided):
    decision = decided(opened())
    assert set(decision.statement) == {"gate", "decision", "reviewer", "reason", "time"}
    assert decision.statement.items() <= ledger.entries()[-1].body.items()


def test_a_rejection_ends_the_gate_whatever_the_verdicts(ledger, opened, decided, judged):
    gate = opened()
    decided(gate, decision="reject", judgement=judged(FAILED))
    assert find_gate(ledger, gate.id).state == "rejected"


def test_deciding_the_same_again_gives_the_decision_that_was_recorded(ledger, opened, decided):
    gate = opened()
    assert decided(gate) == decided(gate, reason="Once more.")
    assert len(ledger.entries()) == 2


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        pytest.param(
            {"reviewer": "mallory"}, "the id given is not a reviewer's (ravi, rita may decide restricted)", id="unknown"
        ),
        pytest.param({"reviewer": ""}, "not a reviewer's", id="nobody"),
        pytest.param({"reviewer": "Rita"}, "not a reviewer's", id="another-spelling"),
        pytest.param({"reviewer": "\x1b[1mrita"}, "not a reviewer's", id="terminal-escape"),
        pytest.param({"reviewer": "ida"}, "ida may not decide restricted (ravi, rita may)", id="another-stage"),
        pytest.param({"reason": " "}, "at least 3 characters", id="no-reason"),
        pytest.param({"reason": "x" * 2001}, "2001 characters", id="too-long"),
        pytest.param({"reason": "fine \x1b[2J"}, "control characters", id="control"),
        pytest.param({"reason": "as jane@example.org said"}, "an e-mail address", id="e-mail"),
    ],
)
@pytest.mark.parametrize("verb", ["approve", "reject"])
def test_a_decision_that_does_not_hold_is_refused_and_the_refusal_recorded(ledger, opened, decided, verb, changed, why):
    gate = opened(stage="restricted")
    with pytest.raises(ReleaseDenied) as refusal:
        decided(gate, decision=verb, **changed)
    assert why in str(refusal.value)
    assert str(refusal.value).isprintable()
    assert find_gate(ledger, gate.id).state == "open"
    entry = ledger.entries()[-1]
    assert (entry.kind, entry.body["gate"], entry.body["decision"]) == ("approval_refused", gate.id, verb)
    assert any(why in line for line in entry.body["why"])


def test_the_record_of_a_refusal_holds_neither_the_reason_nor_an_unknown_name(ledger, opened, decided):
    with pytest.raises(ReleaseDenied):
        decided(opened(), reviewer="Jane Roe <jane@example.org>", reason="call 030 1234 5678 for jane@example.org")
    recorded = json.dumps(ledger.entries()[-1].body)
    assert ledger.entries()[-1].body["reviewer"] is None
    for part in ("Jane", "example.org", "1234"):
        assert part not in recorded


def test_everything_that_speaks_against_it_is_said_at_once(opened, decided, judged):
    with pytest.raises(ReleaseDenied) as refusal:
        decided(opened(), reviewer="mallory", reason="", judgement=judged(FAILED))
    for part in ("not a reviewer", "3 characters", "1 check in the way: performance.macro_f1 (fail)"):
        assert part in str(refusal.value)


@pytest.mark.parametrize("verdict", [FAILED, MISSING], ids=["failed", "not-evaluated"])
def test_approval_is_refused_while_something_blocks(ledger, opened, decided, judged, verdict):
    gate = opened()
    with pytest.raises(ReleaseDenied, match="1 check in the way"):
        decided(gate, judgement=judged(verdict))
    assert find_gate(ledger, gate.id).state == "open"


def test_what_does_not_block_does_not_stop_an_approval(opened, decided, judged):
    verdict = FAILED.model_copy(update={"blocking": False})
    assert decided(opened(), judgement=judged(verdict)).decision == "approve"


def test_verdicts_of_nothing_approve_nothing(opened, decided):
    with pytest.raises(ReleaseDenied, match="no check was judged"):
        decided(opened(), judgement=Judgement(verdicts=(), stage="internal"))


def test_verdicts_of_another_stage_approve_nothing(opened, decided, judged):
    with pytest.raises(ReleaseDenied, match="of stage internal, not public"):
        decided(opened(stage="public"), judgement=judged(stage="internal"))


def test_verdicts_against_another_release_than_the_one_now_live_approve_nothing(ledger, opened, decided, judged):
    first = opened()
    decided(first)
    record_intent(ledger, first.id)
    record_commit(ledger, first.id, facts={})
    second = opened(candidate="c2" * 32)
    with pytest.raises(ReleaseDenied, match="another release than the one now live"):
        decided(second, judgement=judged())
    assert decided(second, judgement=judged(live=first.candidate)).decision == "approve"


def test_a_roster_with_somebody_more_than_when_the_gate_opened_decides_nothing(opened, decided, roster):
    gate = opened()
    padded = Roster([*roster.reviewers, Reviewer(id="mallory", stages=["internal"])])
    with pytest.raises(ReleaseDenied, match="not the one under which the gate opened"):
        decided(gate, reviewer="mallory", roster=padded)


def test_a_second_decision_is_refused_whoever_takes_it(ledger, opened, decided):
    gate = opened()
    decided(gate)
    for other in ({"decision": "reject"}, {"reviewer": "ravi"}, {"reviewer": "ravi", "decision": "reject"}):
        with pytest.raises(ReleaseDenied, match="rita decided to approve it"):
            decided(gate, **other)
    assert find_gate(ledger, gate.id).state == "approved"


def test_a_gate_that_was_superseded_or_withdrawn_is_not_decided(ledger, opened, decided):
    older = opened()
    newer = opened(candidate="c2" * 32)
    with pytest.raises(ReleaseDenied, match=f"superseded by gate {newer.id[:12]}"):
        decided(older)
    withdraw(ledger, newer.id)
    with pytest.raises(ReleaseDenied, match="it is withdrawn"):
        decided(newer)


def test_a_decision_that_somebody_copies_to_another_gate_by_hand_is_of_that_gate_or_of_none(ledger, opened, decided):
    gate = opened()
    decided(gate)
    body = dict(ledger.entries()[-1].body)
    other = opened(model="tweets")
    ledger.append("decision", "tweets", body)
    assert find_gate(ledger, other.id).state == "open"


def test_an_approval_that_somebody_appends_by_hand_after_a_rejection_changes_nothing(ledger, opened, decided):
    gate = opened()
    decided(gate, decision="reject")
    ledger.append("decision", "reviews", dict(ledger.entries()[-1].body) | {"decision": "approve"})
    assert find_gate(ledger, gate.id).state == "rejected"
    assert find_gate(ledger, gate.id).decision.decision == "reject"


def test_a_gate_that_is_unknown_is_refused_and_nothing_recorded(ledger, decided, opened):
    gate = opened()
    with pytest.raises(InputRefused, match="there is none"):
        decided(type(gate)(**{**gate.__dict__, "id": "ab" * 32}))
    assert len(ledger.entries()) == 1


def test_a_refusal_that_is_delivered_twice_is_recorded_once(ledger, opened, decided):
    gate = opened()
    for _ in range(2):
        with pytest.raises(ReleaseDenied):
            decided(gate, reason="", attempt="form-1")
    with pytest.raises(ReleaseDenied):
        decided(gate, reason="", attempt="form-2")
    assert [entry.kind for entry in ledger.entries()] == ["gate_opened", "approval_refused", "approval_refused"]


def test_what_was_refused_is_no_decision_when_it_is_delivered_again_later(ledger, opened, decided, judged):
    gate = opened()
    with pytest.raises(ReleaseDenied):
        decided(gate, judgement=judged(FAILED), attempt="form-1")
    with pytest.raises(ReleaseDenied, match="in the way"):
        decided(gate, attempt="form-1")  # nothing speaks against it any longer, but nobody decided it now
    assert find_gate(ledger, gate.id).state == "open"


DECIDE = """
import sys
from sluicegate.errors import ReleaseDenied
from sluicegate.gates.decisions import decide
from sluicegate.gates.gate import gates, roster_of
from sluicegate.gates.ledger import Ledger
from sluicegate.policy import Judgement, Verdict
ledger = Ledger(sys.argv[1])
judgement = Judgement(stage="internal", verdicts=(Verdict(check="performance.accuracy", verdict="pass", limit="x"),))
(gate,) = gates(ledger)
roster = roster_of(ledger, gate)
print("ready", flush=True)
sys.stdin.readline()
try:
    decide(ledger, gate.id, decision=sys.argv[3], reviewer=sys.argv[2], reason="My reason.", judgement=judgement,
           roster=roster, via="command-line")
    print("recorded")
except ReleaseDenied:
    print("denied")
"""


def test_of_two_people_who_decide_at_once_one_is_recorded(ledger, opened, database):
    gate = opened()
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", DECIDE, f"sqlite:///{database}", reviewer, verb],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for reviewer, verb in (("rita", "approve"), ("ravi", "reject"))
    ]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    printed = [process.communicate("\n", timeout=60)[0].strip() for process in processes]
    assert sorted(printed) == ["denied", "recorded"]
    (decided_gate,) = gates(Ledger(f"sqlite:///{database}"))
    assert decided_gate.id == gate.id
    assert decided_gate.state == ("approved" if printed[0] == "recorded" else "rejected")
    assert ledger.verify() == ()
