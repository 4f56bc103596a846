"""What is live, and how promotions, rollbacks and recalls are recorded."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from sluicegate.errors import InputRefused, ReleaseDenied
from sluicegate.gates.gate import Gate, find_gate, gates, outcome, reopen
from sluicegate.gates.letters import Letter
from sluicegate.gates.releases import (
    current_releases,
    live,
    previous_release,
    record_commit,
    record_intent,
    record_recall,
    record_rollback_commit,
    record_rollback_intent,
    releases,
)
from sluicegate.gates.roster import roster_now
from sluicegate.gates.state import later
from sluicegate.ledger.chain import Entry, Kind
from sluicegate.ledger.ledger import Ledger
from tests import people
from tests.people import Person, person

Opened, Put, Released = Callable[..., Gate], Callable[..., Gate], Callable[[Gate], Entry]
Chain = Callable[..., list[Gate]]
FIRST, SECOND, THIRD = "c1" * 32, "c2" * 32, "c3" * 32


@pytest.fixture
def chain(opened: Opened, released: Released) -> Chain:
    """Releases candidates, one after the other."""

    def release(*candidates: str, **changed: str) -> list[Gate]:
        through = []
        for candidate in candidates:
            through.append(opened(candidate=candidate, **changed))
            released(through[-1])
        return through

    return release


def back(responder: Person, leaves: Gate, to: Gate, /, **changed: str) -> Letter:
    """An order to roll back."""
    said = {"model": leaves.model, "stage": leaves.stage, "from": leaves.id, "to": to.id} | changed
    return responder.orders("rollback", **said)


def recall(responder: Person, candidate: str, stages: str = "internal", /, **changed: str) -> Letter:
    """An order to recall."""
    return responder.orders("recall", **({"model": "reviews", "candidate": candidate, "stages": stages} | changed))


def refusals(ledger: Ledger) -> list[str]:
    return ["; ".join(e.body["why"]) for e in ledger.entries(kinds=("order_refused",))]


# --- promotion ------------------------------------------------------------------------------------------


def test_nothing_is_live_before_a_commit(founded: Ledger, opened: Opened, put: Put, team: dict[str, Person]) -> None:
    gate = opened()
    put(gate, team["rita"].approves(gate))
    record_intent(founded, gate.id)
    assert live(founded, "reviews", "internal") is None
    assert releases(founded) == ()
    assert find_gate(founded, gate.id).state == "promoting"


def test_the_candidate_that_was_committed_last_is_live(founded: Ledger, chain: Chain) -> None:
    chain(FIRST, SECOND)
    assert live(founded, "reviews", "internal") == SECOND
    assert live(founded, "reviews", "public") is None
    assert live(founded, "tweets", "internal") is None
    assert [release.candidate for release in current_releases(founded)] == [SECOND]
    assert [release.candidate for release in releases(founded, "reviews")] == [FIRST, SECOND]


def test_a_release_says_what_it_came_through(founded: Ledger, opened: Opened, released: Released) -> None:
    gate = opened()
    entry = released(gate)
    (release,) = releases(founded)
    assert (release.gate, release.entry, release.facts) == (gate.id, entry.hash, {"version": 1})
    assert (release.dossier, release.policy) == (gate.dossier, gate.policy)
    assert (release.roster, release.standing) == (roster_now(founded).digest, "good")
    assert find_gate(founded, gate.id).state == "released"


def test_intent_and_commit_are_recorded_once(
    founded: Ledger, opened: Opened, put: Put, team: dict[str, Person]
) -> None:
    gate = opened()
    put(gate, team["rita"].approves(gate))
    assert record_intent(founded, gate.id) == record_intent(founded, gate.id)
    committed = record_commit(founded, gate.id, facts={"version": 1})
    assert record_commit(founded, gate.id, facts={"version": 1}) == committed
    assert record_intent(founded, gate.id).seq < committed.seq
    assert len(releases(founded)) == 1


def test_nothing_is_promoted_through_a_gate_that_was_not_approved(
    founded: Ledger, opened: Opened, put: Put, team: dict[str, Person]
) -> None:
    gate = opened()
    with pytest.raises(ReleaseDenied, match="open, not approved"):
        record_intent(founded, gate.id)
    with pytest.raises(ReleaseDenied, match="open, not promoting"):
        record_commit(founded, gate.id, facts={})
    put(gate, team["rita"].rejects(gate))
    with pytest.raises(ReleaseDenied, match="rejected, not approved"):
        record_intent(founded, gate.id)


def test_nothing_is_committed_without_an_intent(
    founded: Ledger, opened: Opened, put: Put, team: dict[str, Person]
) -> None:
    gate = opened()
    put(gate, team["rita"].approves(gate))
    with pytest.raises(ReleaseDenied, match="approved, not promoting"):
        record_commit(founded, gate.id, facts={})


def test_an_unknown_gate_is_refused(founded: Ledger) -> None:
    with pytest.raises(InputRefused):
        record_intent(founded, "ab" * 32)


@pytest.mark.parametrize("kinds", [["promotion_committed"], ["promotion_intended", "promotion_committed"]])
def test_promotions_that_somebody_appends_by_hand_without_an_approval_release_nothing(
    founded: Ledger, opened: Opened, kinds: list[Kind]
) -> None:
    gate = opened()
    for kind in kinds:
        body = {"gate": gate.id, "stage": "internal", "candidate": gate.candidate, "facts": {}}
        founded.append(kind, "reviews", body)
    assert releases(founded) == ()
    assert live(founded, "reviews", "internal") is None
    assert gates(founded)[0].state == "open"
    assert len(outcome(founded).faults) == len(kinds)


def test_a_commit_under_another_models_name_releases_nothing(
    founded: Ledger, opened: Opened, put: Put, team: dict[str, Person]
) -> None:
    gate = opened()
    put(gate, team["rita"].approves(gate))
    record_intent(founded, gate.id)
    founded.append("promotion_committed", "tweets", {"gate": gate.id, "facts": {}})
    assert releases(founded) == ()


# --- rollback -------------------------------------------------------------------------------------------


def test_a_rollback_returns_to_the_release_before_once_it_is_committed(
    founded: Ledger, chain: Chain, team: dict[str, Person]
) -> None:
    first, second = chain(FIRST, SECOND)
    assert [r.gate for r in previous_release(founded, "reviews", "internal")] == [second.id, first.id]
    rollback = record_rollback_intent(founded, back(team["ada"], second, first))
    assert (rollback.leaves, rollback.returns_to) == (second.id, first.id)
    assert live(founded, "reviews", "internal") == SECOND
    record_rollback_commit(founded, rollback, facts={"version": 1})
    assert live(founded, "reviews", "internal") == FIRST
    assert [r.standing for r in releases(founded)] == ["good", "rolled back"]
    assert outcome(founded).rollbacks == ()
    assert find_gate(founded, second.id).state == "released"


def test_the_same_order_again_finds_the_rollback_and_the_same_commit_is_recorded_once(
    founded: Ledger, chain: Chain, team: dict[str, Person]
) -> None:
    first, second = chain(FIRST, SECOND)
    letter = back(team["ada"], second, first)
    rollback = record_rollback_intent(founded, letter)
    assert record_rollback_intent(founded, letter) == rollback
    done = record_rollback_commit(founded, rollback, facts={})
    assert record_rollback_commit(founded, rollback, facts={}) == done
    assert len(founded.entries(kinds=("rollback_intended", "rollback_committed"))) == 2


def test_an_order_that_was_carried_out_is_not_carried_out_again(
    founded: Ledger, chain: Chain, team: dict[str, Person]
) -> None:
    first, second = chain(FIRST, SECOND)
    letter = back(team["ada"], second, first)
    record_rollback_commit(founded, record_rollback_intent(founded, letter), facts={})
    chain(THIRD)
    with pytest.raises(ReleaseDenied, match=f"leads from {THIRD[:12]} to {FIRST[:12]}: give the order again"):
        record_rollback_intent(founded, letter)
    assert live(founded, "reviews", "internal") == THIRD


def test_a_rollback_skips_releases_that_are_not_in_good_standing(
    founded: Ledger, chain: Chain, team: dict[str, Person]
) -> None:
    first, _, third = chain(FIRST, SECOND, THIRD)
    record_recall(founded, recall(team["ada"], SECOND))
    assert [r.candidate for r in previous_release(founded, "reviews", "internal")] == [THIRD, FIRST]
    record_rollback_commit(founded, record_rollback_intent(founded, back(team["ada"], third, first)), facts={})
    assert live(founded, "reviews", "internal") == FIRST
    assert [r.standing for r in releases(founded)] == ["good", "recalled", "rolled back"]
    assert [r.candidate for r in outcome(founded).stacks["reviews", "internal"]] == [FIRST]


def test_what_was_rolled_back_is_not_returned_to_and_may_be_asked_for_again(
    founded: Ledger, chain: Chain, released: Released, team: dict[str, Person]
) -> None:
    first, second = chain(FIRST, SECOND)
    record_rollback_commit(founded, record_rollback_intent(founded, back(team["ada"], second, first)), facts={})
    (third,) = chain(THIRD)
    assert [r.candidate for r in previous_release(founded, "reviews", "internal")] == [THIRD, FIRST]
    again = reopen(founded, second.id)
    released(again)
    assert live(founded, "reviews", "internal") == SECOND
    assert [r.candidate for r in previous_release(founded, "reviews", "internal")] == [SECOND, THIRD]


def test_a_rollback_needs_something_to_leave_and_something_to_return_to(
    founded: Ledger, chain: Chain, team: dict[str, Person]
) -> None:
    with pytest.raises(InputRefused, match="nothing was ever released to internal of reviews"):
        previous_release(founded, "reviews", "internal")
    (first,) = chain(FIRST)
    with pytest.raises(ReleaseDenied, match="no earlier release in good standing"):
        previous_release(founded, "reviews", "internal")
    with pytest.raises(ReleaseDenied, match="no earlier release in good standing"):
        record_rollback_intent(founded, back(team["ada"], first, first))
    assert "no earlier release" in refusals(founded)[-1]


def test_a_rollback_whose_stage_was_promoted_to_since_is_not_committed(
    founded: Ledger, chain: Chain, team: dict[str, Person]
) -> None:
    first, second = chain(FIRST, SECOND)
    rollback = record_rollback_intent(founded, back(team["ada"], second, first))
    chain(THIRD)
    with pytest.raises(ReleaseDenied, match="no such rollback of reviews/internal is under way"):
        record_rollback_commit(founded, rollback, facts={})
    assert live(founded, "reviews", "internal") == THIRD


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        pytest.param({"stage": "restricted"}, "nothing was ever released to restricted", id="stage"),
        pytest.param({"model": "tweets"}, "nothing was ever released to internal of tweets", id="model"),
        pytest.param({"to": "ab" * 32}, "the stage now leads from", id="to"),
        pytest.param({"from": "ab" * 32}, "the stage now leads from", id="from"),
        pytest.param({"stage": "\x1b[2Jjoe@example.org"}, "ada has no say in what is no stage", id="no stage"),
    ],
)
def test_an_order_that_leads_elsewhere_is_refused(
    founded: Ledger, chain: Chain, team: dict[str, Person], changed: dict[str, str], said: str
) -> None:
    first, second = chain(FIRST, SECOND)
    with pytest.raises(ReleaseDenied, match=said) as refusal:
        record_rollback_intent(founded, back(team["ada"], second, first, **changed))
    assert str(refusal.value).isprintable()
    assert "joe@" not in str(refusals(founded))
    assert outcome(founded).rollbacks == ()


def test_a_refused_order_is_recorded_without_what_was_typed(founded: Ledger, chain: Chain) -> None:
    first, second = chain(FIRST, SECOND)
    stranger = person("joe-from-accounting", "responder")
    with pytest.raises(ReleaseDenied, match="the id given is not on the roster"):
        record_rollback_intent(founded, back(stranger, second, first))
    (entry,) = founded.entries(kinds=("order_refused",))
    assert (entry.body["order"], entry.body["reviewer"]) == ("rollback", None)
    assert "joe" not in str(entry.body)


def test_an_order_needs_a_reason_that_can_be_kept(founded: Ledger, chain: Chain, team: dict[str, Person]) -> None:
    first, second = chain(FIRST, SECOND)
    for reason in ("", "ask joe@example.org"):
        letter = team["ada"].orders("rollback", reason, model="reviews", stage="internal", from_=second.id, to=first.id)
        with pytest.raises(ReleaseDenied, match="reason"):
            record_rollback_intent(founded, letter)
    assert "joe@" not in str([e.body for e in founded.entries()])


# --- recall ---------------------------------------------------------------------------------------------


def test_a_recalled_candidate_is_live_nowhere_and_the_stage_is_vacant_until_it_is_rolled_back(
    founded: Ledger, chain: Chain, team: dict[str, Person]
) -> None:
    first, second = chain(FIRST, SECOND)
    chain(SECOND, stage="restricted")
    record_recall(founded, recall(team["ada"], SECOND, "internal,restricted"))
    assert current_releases(founded) == ()
    assert [r.standing for r in releases(founded)] == ["good", "recalled", "recalled"]
    record_rollback_commit(founded, record_rollback_intent(founded, back(team["ada"], second, first)), facts={})
    assert [r.candidate for r in current_releases(founded)] == [FIRST]
    assert [r.standing for r in releases(founded)] == ["good", "recalled", "recalled"]


def test_a_recall_is_recorded_once(founded: Ledger, chain: Chain, team: dict[str, Person]) -> None:
    chain(FIRST)
    entry = record_recall(founded, recall(team["ada"], FIRST))
    assert record_recall(founded, recall(team["ada"], FIRST)) == entry


def test_a_recall_ends_every_gate_of_its_candidate_also_while_it_is_promoted(
    founded: Ledger, chain: Chain, opened: Opened, put: Put, team: dict[str, Person]
) -> None:
    chain(FIRST)
    waiting, promoting = opened(stage="restricted"), opened(stage="public")
    put(promoting, team["rita"].approves(promoting))
    record_intent(founded, promoting.id)
    record_recall(founded, recall(team["ada"], FIRST))
    for gate in (waiting, promoting):
        found = find_gate(founded, gate.id)
        assert (found.state, found.ended) == ("withdrawn", "its candidate was recalled by ada")
    with pytest.raises(ReleaseDenied, match="is withdrawn"):
        record_commit(founded, promoting.id, facts={})


def test_what_was_recalled_is_not_asked_for_again(
    founded: Ledger, chain: Chain, opened: Opened, team: dict[str, Person]
) -> None:
    (gate,) = chain(FIRST)
    record_recall(founded, recall(team["ada"], FIRST))
    with pytest.raises(ReleaseDenied, match="was recalled: it is not asked for again"):
        opened(stage="restricted")
    with pytest.raises(ReleaseDenied, match="was recalled: it is not asked for again"):
        reopen(founded, gate.id)


def test_a_recall_drops_the_rollback_that_would_return_to_it(
    founded: Ledger, chain: Chain, team: dict[str, Person]
) -> None:
    first, second = chain(FIRST, SECOND)
    rollback = record_rollback_intent(founded, back(team["ada"], second, first))
    record_recall(founded, recall(team["ada"], FIRST))
    with pytest.raises(ReleaseDenied, match="no such rollback"):
        record_rollback_commit(founded, rollback, facts={})
    assert live(founded, "reviews", "internal") == SECOND


def test_a_rollback_away_from_what_was_recalled_meanwhile_goes_on(
    founded: Ledger, chain: Chain, team: dict[str, Person]
) -> None:
    first, second = chain(FIRST, SECOND)
    rollback = record_rollback_intent(founded, back(team["ada"], second, first))
    record_recall(founded, recall(team["ada"], SECOND))
    record_rollback_commit(founded, rollback, facts={})
    assert live(founded, "reviews", "internal") == FIRST


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        pytest.param({"stages": ""}, "the order leaves out internal, restricted", id="no stage"),
        pytest.param({"stages": "internal"}, "the order leaves out restricted", id="one stage"),
        pytest.param({"candidate": SECOND}, "no release of this model has that candidate", id="candidate"),
        pytest.param({"model": "tweets"}, "no release of this model has that candidate", id="model"),
    ],
)
def test_a_recall_names_what_is_there(
    founded: Ledger, chain: Chain, team: dict[str, Person], changed: dict[str, str], said: str
) -> None:
    chain(FIRST)
    chain(FIRST, stage="restricted")
    with pytest.raises(ReleaseDenied, match=said):
        record_recall(founded, recall(team["ada"], FIRST, **({"stages": "internal,restricted"} | changed)))
    assert len(current_releases(founded)) == 2


def test_a_responder_without_all_of_the_stages_recalls_nothing(
    founded: Ledger, chain: Chain, team: dict[str, Person]
) -> None:
    some = person("sam", "responder", stages=["internal"])
    people.add(founded, some, team["ada"])
    chain(FIRST)
    chain(FIRST, stage="restricted")
    with pytest.raises(ReleaseDenied, match="sam has no say in restricted"):
        record_recall(founded, recall(some, FIRST, "internal,restricted"))
    assert "no say" in refusals(founded)[-1]


@pytest.mark.parametrize(
    "letter",
    [
        pytest.param(lambda order: order.model_copy(update={"signatures": ()}), id="unsigned"),
        pytest.param(lambda order: order.model_copy(update={"subject": "decision"}), id="another subject"),
        pytest.param(lambda order: order.model_copy(update={"signatures": order.signatures * 2}), id="two signatures"),
        pytest.param(lambda order: order.model_copy(update={"statement": {"order": "recall"}}), id="nothing said"),
        pytest.param(
            lambda order: order.model_copy(update={"statement": order.statement | {"order": "rollback"}}), id="order"
        ),
    ],
)
def test_a_letter_that_is_no_order_is_refused(
    founded: Ledger, chain: Chain, team: dict[str, Person], letter: Callable[[Letter], Letter]
) -> None:
    chain(FIRST)
    with pytest.raises(ReleaseDenied):
        record_recall(founded, letter(recall(team["ada"], FIRST)))
    assert live(founded, "reviews", "internal") == FIRST


@pytest.mark.parametrize("hours", [pytest.param(25, id="kept back"), pytest.param(-1, id="from a clock ahead")])
def test_an_order_that_was_not_signed_today_is_refused(
    at: Callable[[str], Ledger], chain: Chain, team: dict[str, Person], hours: int
) -> None:
    first, second = chain(FIRST, SECOND)
    then = at(later(second.opened, timedelta(hours=48)))
    signed = later(second.opened, timedelta(hours=48 - hours))
    for record, order in (
        (record_rollback_intent, back(team["ada"], second, first, time=signed)),
        (record_recall, recall(team["ada"], SECOND, time=signed)),
    ):
        with pytest.raises(ReleaseDenied, match="not signed within the last 24 hours"):
            record(then, order)
