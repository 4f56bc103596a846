"""Opening, superseding, reopening, withdrawing."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from sluicegate.errors import InputRefused, ReleaseDenied, TamperingDetected
from sluicegate.gates.gate import Gate, find_gate, gates, outcome, reopen, withdraw
from sluicegate.gates.releases import record_commit, record_intent
from sluicegate.gates.roster import roster_now
from sluicegate.gates.state import later
from sluicegate.ledger.chain import Entry
from sluicegate.ledger.ledger import Ledger
from sluicegate.manifest import digest_of_value
from sluicegate.policy import GateRule
from tests import people
from tests.people import Person, person

Opened, Put, Released = Callable[..., Gate], Callable[..., Gate], Callable[[Gate], Entry]
OTHER = "c2" * 32


def openings(ledger: Ledger) -> int:
    return len(ledger.entries(kinds=("gate_opened",)))


def test_a_gates_id_is_the_digest_of_its_question_and_of_the_entry_that_opened_it(
    founded: Ledger, opened: Opened
) -> None:
    gate = opened()
    (entry,) = founded.entries(kinds=("gate_opened",))
    by_hand = {
        "model": "reviews",
        "stage": "internal",
        "candidate": "c1" * 32,
        "dossier": "d1" * 32,
        "policy": "e1" * 32,
        "roster": roster_now(founded).digest,
        "opened_by": entry.hash,
    }
    assert gate.id == digest_of_value(by_hand)
    assert (gate.state, gate.round, gate.accountable, gate.decision) == ("open", 1, "otto", None)
    assert gate.facts["spec"] == "deployments/reviews.yaml"


def test_a_gate_says_who_may_decide_it_what_it_takes_and_until_when(opened: Opened) -> None:
    rule = GateRule.from_json({"approvals": [{"roles": ["release-manager"]}, {}], "open_for_days": 3})
    gate = opened(stage="restricted", rule=rule, asked=["rita", "otto", "ravi", "rita", "ida"])
    assert gate.asked == ("ida", "otto", "ravi", "rita")
    assert (gate.eligible, gate.excluded) == (("ravi", "rita"), ("otto",))
    assert gate.needed == ("one more approval from release-manager", "one more approval")
    assert gate.closes == later(gate.opened, timedelta(days=3))
    assert gate.rule == rule


def test_asking_the_same_question_again_finds_the_gate(founded: Ledger, opened: Opened) -> None:
    assert opened() == opened(facts={"other": "facts"}, asked=["rita"], accountable="ravi")
    assert openings(founded) == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"stage": "restricted"},
        {"candidate": OTHER},
        {"dossier": "d2" * 32},
        {"policy": "e2" * 32},
        {"model": "tweets"},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_another_question_is_another_gate(opened: Opened, changed: dict[str, str]) -> None:
    assert opened().id != opened(**changed).id


def test_a_newer_candidate_supersedes_the_older_ones_open_gates_in_every_stage(founded: Ledger, opened: Opened) -> None:
    internal, restricted = opened(), opened(stage="restricted")
    newer = opened(candidate=OTHER)
    states = [find_gate(founded, gate.id).state for gate in (internal, restricted, newer)]
    assert states == ["superseded", "superseded", "open"]
    assert newer.id[:12] in find_gate(founded, internal.id).ended


def test_it_leaves_other_models_alone(founded: Ledger, opened: Opened) -> None:
    other = opened(model="tweets")
    opened(candidate=OTHER)
    assert find_gate(founded, other.id).state == "open"


@pytest.mark.parametrize(
    ("model", "stage", "name"),
    [
        pytest.param("a-b", "c", "a-b-c", id="two stages"),
        pytest.param("a-b-c", "public", "a-b-c-candidate", id="a stage and candidates"),
        pytest.param("a", "b-c", None, id="the same place"),
        pytest.param("b", "c", None, id="another name"),
    ],
)
def test_two_models_do_not_share_a_registered_model(
    founded: Ledger, opened: Opened, model: str, stage: str, name: str | None
) -> None:
    opened(model="a", stage="b-c")
    opened(model="a", stage="b-c-candidate")
    before = openings(founded)
    if name is None:
        opened(model=model, stage=stage)
        return
    with pytest.raises(ReleaseDenied, match=f"{name} is the registered model of a; rename the stage"):
        opened(model=model, stage=stage)
    assert openings(founded) == before


def test_it_leaves_decided_gates_alone(founded: Ledger, opened: Opened, put: Put, team: dict[str, Person]) -> None:
    gate = opened()
    put(gate, team["rita"].approves(gate))
    opened(candidate=OTHER)
    assert find_gate(founded, gate.id).state == "approved"


def test_an_older_candidates_next_stage_does_not_supersede_the_newer_ones_gate(founded: Ledger, opened: Opened) -> None:
    opened()
    newer = opened(candidate=OTHER)
    opened(stage="restricted")
    assert find_gate(founded, newer.id).state == "open"


@pytest.mark.parametrize("changed", [{"dossier": "d2" * 32}, {"policy": "e2" * 32}], ids=["dossier", "policy"])
def test_other_evidence_on_the_same_candidate_supersedes_its_gate_in_that_stage_only(
    founded: Ledger, opened: Opened, changed: dict[str, str]
) -> None:
    internal, restricted = opened(), opened(stage="restricted")
    opened(**changed)
    assert find_gate(founded, internal.id).state == "superseded"
    assert find_gate(founded, restricted.id).state == "open"


def test_an_ended_gate_is_found_as_it_ended_and_does_not_open_again_by_itself(
    opened: Opened, put: Put, team: dict[str, Person]
) -> None:
    gate = opened()
    put(gate, team["rita"].rejects(gate))
    again = opened()
    assert (again.id, again.state) == (gate.id, "rejected")
    assert again.decision is not None
    assert again.decision.reviewer == "rita"


# --- rounds ---------------------------------------------------------------------------------------------


def test_reopening_is_a_new_round_with_its_own_id_and_carries_nothing_over(
    founded: Ledger, opened: Opened, put: Put, team: dict[str, Person]
) -> None:
    gate = opened()
    put(gate, team["rita"].rejects(gate))
    second = reopen(founded, gate.id, by="otto", reason="The label errors were mended.")
    assert (second.round, second.state, second.decision, second.decisions) == (2, "open", None, ())
    assert second.id != gate.id
    assert (second.question, second.rule, second.accountable) == (gate.question, gate.rule, "otto")
    assert find_gate(founded, gate.id).state == "rejected"
    assert opened() == second
    assert put(second, team["rita"].approves(second)).state == "approved"


def test_reopening_twice_gives_one_round(founded: Ledger, opened: Opened) -> None:
    gate = withdraw(founded, opened().id)
    assert reopen(founded, gate.id) == reopen(founded, gate.id)
    assert len(gates(founded)) == 2


def test_a_round_that_has_a_later_one_that_ended_too_is_not_reopened(founded: Ledger, opened: Opened) -> None:
    first = withdraw(founded, opened().id)
    second = withdraw(founded, reopen(founded, first.id).id)
    with pytest.raises(ReleaseDenied, match=second.id[:12]):
        reopen(founded, first.id)
    assert reopen(founded, second.id).round == 3


def test_only_what_has_ended_is_reopened(
    founded: Ledger, opened: Opened, put: Put, team: dict[str, Person], released: Released
) -> None:
    gate = opened()
    with pytest.raises(ReleaseDenied, match="is open"):
        reopen(founded, gate.id)
    put(gate, team["rita"].approves(gate))
    with pytest.raises(ReleaseDenied, match="is approved"):
        reopen(founded, gate.id)
    record_intent(founded, gate.id)
    with pytest.raises(ReleaseDenied, match="is promoting"):
        reopen(founded, gate.id)
    record_commit(founded, gate.id, facts={})
    with pytest.raises(ReleaseDenied, match="is released"):
        reopen(founded, gate.id)


def test_an_open_gate_that_asks_an_older_roster_is_asked_anew(
    founded: Ledger, opened: Opened, team: dict[str, Person]
) -> None:
    gate = opened()
    people.add(founded, person("lara"), team["ada"])
    assert find_gate(founded, gate.id).eligible == gate.eligible
    again = opened()
    assert (again.round, again.roster, "lara" in again.eligible) == (2, roster_now(founded).digest, True)
    assert find_gate(founded, gate.id).state == "superseded"
    assert opened() == again


def test_a_gate_that_was_decided_is_not_asked_anew_when_the_roster_changes(
    founded: Ledger, opened: Opened, put: Put, team: dict[str, Person]
) -> None:
    gate = opened()
    approved = put(gate, team["rita"].approves(gate))
    people.add(founded, person("lara"), team["ada"])
    assert opened() == approved


def test_whoever_answered_for_a_candidate_in_an_earlier_round_stays_out(founded: Ledger, opened: Opened) -> None:
    gate = opened()
    assert opened(policy="e2" * 32, accountable="ravi").excluded == ("otto", "ravi")
    assert opened(stage="restricted", accountable="rita").excluded == ("otto", "ravi", "rita")
    assert opened(model="tweets", accountable="rita").excluded == ("rita",)
    assert find_gate(founded, gate.id).excluded == ("otto",)


def test_what_one_models_entries_come_to_does_not_hang_on_the_others(founded: Ledger, opened: Opened) -> None:
    opened()
    opened(model="tweets", accountable="ravi")
    assert gates(founded) == (*gates(founded, "reviews"), *gates(founded, "tweets"))


# --- withdrawing ----------------------------------------------------------------------------------------


def test_an_open_gate_and_an_approved_one_can_be_withdrawn(
    founded: Ledger, opened: Opened, put: Put, team: dict[str, Person]
) -> None:
    gate = withdraw(founded, opened().id, by="otto", reason="A better one is coming.")
    assert (gate.state, gate.ended) == ("withdrawn", "withdrawn by otto: A better one is coming.")
    assert withdraw(founded, gate.id) == gate
    approved = opened(candidate=OTHER)
    put(approved, team["rita"].approves(approved))
    assert withdraw(founded, approved.id).state == "withdrawn"
    with pytest.raises(ReleaseDenied, match=r"is withdrawn \(withdrawn\), not approved"):
        record_intent(founded, approved.id)


def test_a_promotion_under_way_or_done_cannot_be_withdrawn(
    founded: Ledger, opened: Opened, put: Put, team: dict[str, Person]
) -> None:
    gate = opened()
    put(gate, team["rita"].approves(gate))
    record_intent(founded, gate.id)
    with pytest.raises(ReleaseDenied, match="is promoting"):
        withdraw(founded, gate.id)
    record_commit(founded, gate.id, facts={})
    with pytest.raises(ReleaseDenied, match="is released"):
        withdraw(founded, gate.id)


@pytest.mark.parametrize(
    ("by", "reason"),
    [("Otto O.", ""), ("otto", "ask jane@example.org"), ("otto", "\x1b[2J gone"), ("otto", "x")],
    ids=["no-id", "e-mail", "terminal-escape", "too-short"],
)
def test_what_cannot_be_kept_is_refused_on_withdrawing_and_reopening_too(
    founded: Ledger, opened: Opened, by: str, reason: str
) -> None:
    gate = opened()
    with pytest.raises(InputRefused):
        withdraw(founded, gate.id, by=by, reason=reason)
    withdraw(founded, gate.id)
    with pytest.raises(InputRefused):
        reopen(founded, gate.id, by=by, reason=reason)
    assert len(founded.entries("reviews", ("gate_opened", "gate_withdrawn"))) == 2


@pytest.mark.parametrize("gate", ["ab" * 32, "", "\x1b[2J"])
def test_a_gate_that_is_not_there_is_neither_withdrawn_nor_reopened(founded: Ledger, gate: str) -> None:
    for verb in (withdraw, reopen):
        with pytest.raises(InputRefused, match="there is none with the id") as refusal:
            verb(founded, gate)
        assert str(refusal.value).isprintable()


# --- what somebody with the service's key could write ---------------------------------------------------


def test_an_opening_that_lacks_part_of_the_question_is_found(founded: Ledger) -> None:
    founded.append("gate_opened", "reviews", {"stage": "internal"})
    with pytest.raises(TamperingDetected, match="lacks what it must hold"):
        gates(founded)
    with pytest.raises(TamperingDetected, match="opens a gate without candidate, dossier, policy, roster"):
        find_gate(founded, "abcd")


@pytest.mark.parametrize(
    "changed",
    [{"rule": {"approvals": 0}}, {"rule": {"approvals": "none"}}, {"rule": 1}, {"asked": None}, {"facts": "x"}],
    ids=str,
)
def test_an_opening_of_another_form_is_found(founded: Ledger, opened: Opened, changed: dict[str, Any]) -> None:
    opened()
    (honest,) = founded.entries(kinds=("gate_opened",))
    founded.append("gate_opened", "reviews", honest.body | changed)
    with pytest.raises(TamperingDetected, match=r"entry 4 \(gate_opened\) lacks what it must hold"):
        outcome(founded)


def test_a_gate_whose_opening_does_not_count_gets_one_clear_line(founded: Ledger, opened: Opened) -> None:
    from sluicegate.gates.state import gate_id

    opened()
    (honest,) = founded.entries(kinds=("gate_opened",))
    forged = gate_id(founded.append("gate_opened", "reviews", honest.body | {"roster": "ab" * 32}))
    for verb in (withdraw, reopen, find_gate, record_intent):
        with pytest.raises(InputRefused):
            verb(founded, forged)


OPEN = """
import sys
from pathlib import Path
from sluicegate.gates.gate import open_gate
from tests.people import opened_ledger
from sluicegate.policy import default_rule
for number in range(10):
    gate = open_gate(opened_ledger(Path(sys.argv[1])), model="reviews", stage="internal", candidate=f"{number:064x}",
                     dossier="d" * 64, policy="e" * 64, rule=default_rule("internal"), accountable="otto", facts={})
    print(gate.id)
"""


def test_two_processes_that_open_the_same_gates_open_each_once(founded: Ledger, database: Path) -> None:
    processes = [
        subprocess.Popen([sys.executable, "-c", OPEN, str(database.parent)], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    printed = [process.communicate(timeout=60)[0].split() for process in processes]
    assert printed[0] == printed[1]
    assert len(printed[0]) == len(gates(founded)) == 10
    assert [gate.state for gate in gates(founded)] == ["superseded"] * 9 + ["open"]
