"""Intent, commit, and what is live."""

from __future__ import annotations

import pytest

from sluicegate.errors import InputRefused, ReleaseDenied
from sluicegate.gates.gate import find_gate, gates
from sluicegate.gates.releases import current_releases, live, record_commit, record_intent, releases

FIRST, SECOND = "c1" * 32, "c2" * 32


@pytest.fixture
def released(ledger, decided, judged):
    def release(gate):
        live_now = live(ledger, gate.model, gate.stage)
        decided(gate, judgement=judged(stage=gate.stage, live=live_now))
        record_intent(ledger, gate.id)
        return record_commit(ledger, gate.id, facts={"version": 1})

    return release


def test_nothing_is_live_before_a_commit(ledger, opened, decided):
    gate = opened()
    decided(gate)
    record_intent(ledger, gate.id)
    assert live(ledger, "reviews", "internal") is None
    assert releases(ledger) == ()
    assert find_gate(ledger, gate.id).state == "promoting"


def test_the_candidate_that_was_committed_last_is_live(ledger, opened, released):
    released(opened())
    released(opened(candidate=SECOND, dossier="d2" * 32))
    assert live(ledger, "reviews", "internal") == SECOND
    assert live(ledger, "reviews", "public") is None
    assert live(ledger, "tweets", "internal") is None
    assert [release.candidate for release in current_releases(ledger)] == [SECOND]
    assert [release.candidate for release in releases(ledger, "reviews")] == [FIRST, SECOND]


def test_a_release_says_what_it_came_through(ledger, opened, released, roster):
    gate = opened()
    entry = released(gate)
    (release,) = releases(ledger)
    assert (release.gate, release.entry, release.facts) == (gate.id, entry.hash, {"version": 1})
    assert (release.dossier, release.policy, release.roster) == (gate.dossier, gate.policy, roster.digest)
    assert find_gate(ledger, gate.id).state == "released"


def test_intent_and_commit_are_recorded_once(ledger, opened, decided):
    gate = opened()
    decided(gate)
    assert record_intent(ledger, gate.id) == record_intent(ledger, gate.id)
    committed = record_commit(ledger, gate.id, facts={"version": 1})
    assert record_commit(ledger, gate.id, facts={"version": 1}) == committed
    assert record_intent(ledger, gate.id).seq < committed.seq
    assert len(releases(ledger)) == 1


def test_nothing_is_promoted_through_a_gate_that_was_not_approved(ledger, opened, decided):
    gate = opened()
    with pytest.raises(ReleaseDenied, match="open, not approved"):
        record_intent(ledger, gate.id)
    with pytest.raises(ReleaseDenied, match="open, not promoting"):
        record_commit(ledger, gate.id, facts={})
    decided(gate, decision="reject")
    with pytest.raises(ReleaseDenied, match="rejected, not approved"):
        record_intent(ledger, gate.id)


def test_nothing_is_committed_without_an_intent(ledger, opened, decided):
    gate = opened()
    decided(gate)
    with pytest.raises(ReleaseDenied, match="approved, not promoting"):
        record_commit(ledger, gate.id, facts={})


def test_an_unknown_gate_is_refused(ledger):
    with pytest.raises(InputRefused):
        record_intent(ledger, "ab" * 32)


@pytest.mark.parametrize("kinds", [["promotion_committed"], ["promotion_intended", "promotion_committed"]])
def test_promotions_that_somebody_appends_by_hand_without_an_approval_release_nothing(ledger, opened, kinds):
    gate = opened()
    for kind in kinds:
        body = {"gate": gate.id, "stage": "internal", "candidate": gate.candidate, "facts": {}}
        ledger.append(kind, "reviews", body)
    assert releases(ledger) == ()
    assert live(ledger, "reviews", "internal") is None
    assert gates(ledger)[0].state == "open"


def test_a_commit_under_another_models_name_releases_nothing(ledger, opened, decided):
    gate = opened()
    decided(gate)
    record_intent(ledger, gate.id)
    ledger.append("promotion_committed", "tweets", {"gate": gate.id, "facts": {}})
    assert releases(ledger) == ()
