"""Opening, superseding, reopening, withdrawing, finding."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter

import pytest

from sluicegate.errors import InputRefused, ReleaseDenied, TamperingDetected
from sluicegate.gates.gate import find_gate, gates, reopen, roster_of, withdraw
from sluicegate.gates.ledger import Ledger
from sluicegate.gates.releases import record_commit, record_intent
from sluicegate.gates.roster import Roster
from sluicegate.gates.state import gate_id
from sluicegate.manifest import digest_of_value
from sluicegate.spec import Reviewer

OTHER = "c2" * 32


def test_a_gates_id_is_the_digest_of_its_question_and_of_the_entry_that_opened_it(opened, ledger, roster):
    gate = opened()
    (entry,) = ledger.entries()
    by_hand = {
        "model": "reviews",
        "stage": "internal",
        "candidate": "c1" * 32,
        "dossier": "d1" * 32,
        "policy": "e1" * 32,
        "roster": roster.digest,
        "opened_by": entry.hash,
    }
    assert gate.id == digest_of_value(by_hand)
    assert (gate.state, gate.round, gate.owner, gate.decision) == ("open", 1, "otto", None)
    assert gate.facts["spec"] == "deployments/reviews.yaml"


def test_asking_the_same_question_again_finds_the_gate(opened, ledger):
    assert opened() == opened(facts={"other": "facts"})
    assert len(ledger.entries()) == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"stage": "restricted"},
        {"candidate": OTHER},
        {"dossier": "d2" * 32},
        {"policy": "e2" * 32},
        {"roster": Roster([Reviewer(id="mal", stages=["internal"])])},
        {"model": "tweets"},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_another_question_is_another_gate(opened, changed):
    assert opened().id != opened(**changed).id


def test_a_newer_candidate_supersedes_the_older_ones_open_gates_in_every_stage(opened, ledger):
    internal, restricted = opened(), opened(stage="restricted")
    newer = opened(candidate=OTHER)
    assert [find_gate(ledger, gate.id).state for gate in (internal, restricted, newer)] == [
        "superseded",
        "superseded",
        "open",
    ]
    assert newer.id[:12] in find_gate(ledger, internal.id).ended


def test_it_leaves_other_models_alone(opened, ledger):
    other = opened(model="tweets")
    opened(candidate=OTHER)
    assert find_gate(ledger, other.id).state == "open"


def test_it_leaves_decided_gates_alone(opened, decided, ledger):
    gate = opened()
    decided(gate)
    opened(candidate=OTHER)
    assert find_gate(ledger, gate.id).state == "approved"


def test_an_older_candidates_next_stage_does_not_supersede_the_newer_ones_gate(opened, ledger):
    opened()
    newer = opened(candidate=OTHER)
    opened(stage="restricted")
    assert find_gate(ledger, newer.id).state == "open"


@pytest.mark.parametrize("changed", [{"dossier": "d2" * 32}, {"policy": "e2" * 32}], ids=["dossier", "policy"])
def test_other_evidence_on_the_same_candidate_supersedes_its_gate_in_that_stage_only(opened, ledger, changed):
    internal, restricted = opened(), opened(stage="restricted")
    opened(**changed)
    assert find_gate(ledger, internal.id).state == "superseded"
    assert find_gate(ledger, restricted.id).state == "open"


def test_an_ended_gate_is_found_as_it_ended_and_does_not_open_again_by_itself(opened, decided, ledger):
    gate = opened()
    decided(gate, decision="reject")
    again = opened()
    assert (again.id, again.state) == (gate.id, "rejected")
    assert again.decision.reviewer == "rita"


def test_reopening_is_a_new_round_with_its_own_id_and_carries_nothing_over(opened, decided, ledger):
    gate = opened()
    decided(gate, decision="reject")
    second = reopen(ledger, gate.id, by="otto", reason="The label errors were mended.")
    assert (second.round, second.state, second.decision) == (2, "open", None)
    assert second.id != gate.id
    assert second.question == gate.question
    assert find_gate(ledger, gate.id).state == "rejected"
    assert opened() == second
    assert decided(second).gate == second.id


def test_reopening_twice_gives_one_round(opened, ledger):
    gate = withdraw(ledger, opened().id)
    assert reopen(ledger, gate.id) == reopen(ledger, gate.id)
    assert len(gates(ledger)) == 2


def test_a_round_that_has_a_later_one_that_ended_too_is_not_reopened(opened, ledger):
    first = withdraw(ledger, opened().id)
    second = withdraw(ledger, reopen(ledger, first.id).id)
    with pytest.raises(ReleaseDenied, match=second.id[:12]):
        reopen(ledger, first.id)
    assert reopen(ledger, second.id).round == 3


def test_only_what_has_ended_is_reopened(opened, decided, ledger):
    gate = opened()
    with pytest.raises(ReleaseDenied, match="is open"):
        reopen(ledger, gate.id)
    decided(gate)
    with pytest.raises(ReleaseDenied, match="is approved"):
        reopen(ledger, gate.id)


def test_an_open_gate_and_an_approved_one_can_be_withdrawn(opened, decided, ledger):
    gate = withdraw(ledger, opened().id, by="otto", reason="A better one is coming.")
    assert (gate.state, gate.ended) == ("withdrawn", "withdrawn by otto: A better one is coming.")
    assert withdraw(ledger, gate.id) == gate
    approved = opened(candidate=OTHER)
    decided(approved)
    assert withdraw(ledger, approved.id).state == "withdrawn"
    with pytest.raises(ReleaseDenied, match="withdrawn, not approved"):
        record_intent(ledger, approved.id)


def test_a_promotion_under_way_or_done_cannot_be_withdrawn(opened, decided, ledger):
    gate = opened()
    decided(gate)
    record_intent(ledger, gate.id)
    with pytest.raises(ReleaseDenied, match="is promoting"):
        withdraw(ledger, gate.id)
    record_commit(ledger, gate.id, facts={})
    with pytest.raises(ReleaseDenied, match="is released"):
        withdraw(ledger, gate.id)


@pytest.mark.parametrize(
    ("by", "reason"),
    [("Otto O.", ""), ("otto", "ask jane@example.org"), ("otto", "\x1b[2J gone"), ("otto", "x")],
    ids=["no-id", "e-mail", "terminal-escape", "too-short"],
)
def test_what_cannot_be_kept_is_refused_on_withdrawing_and_reopening_too(opened, ledger, by, reason):
    gate = opened()
    with pytest.raises(InputRefused):
        withdraw(ledger, gate.id, by=by, reason=reason)
    withdraw(ledger, gate.id)
    with pytest.raises(InputRefused):
        reopen(ledger, gate.id, by=by, reason=reason)


def test_a_gate_is_found_by_the_beginning_of_its_id(opened, ledger):
    gate = opened()
    assert find_gate(ledger, gate.id[:4]) == gate
    assert find_gate(ledger, f" {gate.id[:8].upper()}\n") == gate


@pytest.mark.parametrize("prefix", ["", "abc", "zzzz", "\x1b[31mred", "'; DROP TABLE entries; --"])
def test_an_unknown_gate_gets_one_clear_line(opened, ledger, prefix):
    opened()
    with pytest.raises(InputRefused) as refusal:
        find_gate(ledger, prefix)
    assert str(refusal.value).isprintable()


def test_a_beginning_that_two_gates_share_is_refused(ledger):
    body = {key: "ab" for key in ("stage", "candidate", "dossier", "policy", "roster")}

    def open_many(transaction):  # 4 characters part 65,536 gates: of 1,200 two share them, but once in 50,000 tries
        return [gate_id(transaction.append("gate_opened", f"m{number}", body)) for number in range(1200)]

    beginnings = Counter(opened[:4] for opened in ledger.transact(open_many))
    shared, count = beginnings.most_common(1)[0]
    assert count > 1
    with pytest.raises(InputRefused, match=f"{count} gates begin with {shared}"):
        find_gate(ledger, shared)


def test_a_whole_id_that_is_unknown_is_refused(ledger):
    with pytest.raises(InputRefused, match="there is none"):
        withdraw(ledger, "ab" * 32)


def test_the_roster_is_kept_as_it_stood_when_the_gate_opened(opened, ledger, roster):
    assert roster_of(ledger, opened()) == roster


def test_a_kept_roster_that_is_not_the_one_the_gate_names_is_found(opened, ledger):
    opened()
    padded = Roster([Reviewer(id="mallory", stages=["internal"])]).to_json()
    ledger.append("gate_opened", "reviews", dict(ledger.entries()[0].body) | {"reviewers": padded})
    with pytest.raises(TamperingDetected, match="roster of gate"):
        roster_of(ledger, gates(ledger)[-1])


def test_gates_come_in_the_order_of_their_opening(opened, ledger):
    made = [opened(model="tweets"), opened(), opened(stage="restricted")]
    assert list(gates(ledger)) == made
    assert list(gates(ledger, "reviews")) == made[1:]


def test_an_opening_that_lacks_part_of_the_question_is_found(ledger):
    ledger.append("gate_opened", "reviews", {"stage": "internal"})
    with pytest.raises(TamperingDetected, match="opens a gate without candidate, dossier, policy, roster"):
        gates(ledger)


OPEN = """
import sys
from sluicegate.gates.gate import open_gate
from sluicegate.gates.ledger import Ledger
from sluicegate.gates.roster import Roster
from sluicegate.spec import Reviewer
roster = Roster([Reviewer(id="rita", stages=["internal"])])
for number in range(10):
    gate = open_gate(Ledger(sys.argv[1]), model="reviews", stage="internal", candidate=f"{number:064x}",
                     dossier="d" * 64, policy="e" * 64, roster=roster, owner="otto", facts={})
    print(gate.id)
"""


def test_two_processes_that_open_the_same_gates_open_each_once(database):
    url = f"sqlite:///{database}"
    processes = [
        subprocess.Popen([sys.executable, "-c", OPEN, url], stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    printed = [process.communicate(timeout=60)[0].split() for process in processes]
    assert printed[0] == printed[1]
    assert len(printed[0]) == len(gates(Ledger(url))) == 10
    assert [gate.state for gate in gates(Ledger(url))] == ["superseded"] * 9 + ["open"]
