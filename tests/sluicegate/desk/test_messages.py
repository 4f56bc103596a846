"""What people are told: everything that they need to act, and nothing that somebody wrote."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from sluicegate.desk.attention import Attended, Due, attend
from sluicegate.desk.messages import named_blocks, notice
from sluicegate.errors import InputRefused
from sluicegate.gates.gate import Gate
from sluicegate.gates.state import later
from sluicegate.ledger.ledger import Ledger
from sluicegate.policy import Approvals, GateRule
from tests.people import Person

RULE = GateRule(approvals=(Approvals(count=2),))


@pytest.fixture
def told(opened: Callable[..., Gate], at: Callable[[str], Ledger]) -> Callable[[Gate, float], list[Any]]:
    return lambda gate, hours: [notice(one) for one in attend(at(later(gate.opened, timedelta(hours=hours))))]


def test_a_reminder_says_what_is_asked_until_when_of_whom_and_what_to_type(told: Any, opened: Any) -> None:
    gate = opened(stage="public", rule=RULE)
    (reminder,) = told(gate, 24)
    short, closes = gate.id[:12], gate.closes[:16].replace("T", " ")
    assert (reminder.kind, reminder.gate, reminder.model, reminder.stage) == ("remind", gate.id, "reviews", "public")
    assert reminder.subject == "reviews: public waits for a decision"
    assert reminder.text.splitlines() == [
        f"May candidate c1c1c1c1c1c1 enter public of reviews? Gate {short}.",
        f"Open for 24 h 0 min, closes {closes} UTC: after that it expires and nothing is released.",
        "Missing: 2 more approvals.",
        "Who may approve: ada, ravi, rita.",
        f"  sluicegate brief {short}",
        f"  sluicegate approve {short}   (or reject)",
    ]


def test_whoever_approved_is_not_asked_again(told: Any, opened: Any, team: dict[str, Person], put: Any) -> None:
    gate = opened(stage="public", rule=RULE)
    put(gate, team["rita"].approves(gate))
    (reminder,) = told(gate, 24)
    assert "Missing: one more approval." in reminder.text
    assert "Who may approve: ada, ravi." in reminder.text


def test_an_escalation_names_the_administrators(told: Any, opened: Any) -> None:
    _, escalation = told(opened(stage="public", rule=RULE), 72)
    assert escalation.subject == "reviews: public has waited too long for a decision"
    assert "Passed on to the administrators: ada." in escalation.text


def test_an_expiry_says_how_to_ask_again(told: Any, opened: Any) -> None:
    gate = opened(stage="public", rule=RULE)
    (expiry,) = told(gate, 24 * 14)
    assert expiry.subject == "reviews: public expired: nothing was released"
    assert expiry.text.splitlines()[-1] == f"  sluicegate reopen {gate.id[:12]}"


def test_a_lapsed_waiver_names_its_owner_and_the_way_back(opened: Any) -> None:
    gate = opened(stage="public", rule=RULE)
    why = "the waiver of fairness.gap ended with 2026-11-30"
    due = Due("waiver-lapsed", "reviews", gate.id, 0, why, "fairness.gap", "ravi", "w1")
    lapsed = notice(Attended(due, gate, ("ada",)))
    assert lapsed.subject == "reviews: public is live on a waiver that ended"
    assert f"{why}." in lapsed.text
    assert "Owner of the waiver: ravi." in lapsed.text
    assert lapsed.text.splitlines()[-1] == "  sluicegate rollback reviews public"


def test_nothing_that_somebody_wrote_gets_into_a_message(
    told: Any, opened: Any, team: dict[str, Person], put: Any
) -> None:
    gate = opened(stage="public", rule=RULE, facts={"spec": "secret/place.yaml"})
    put(gate, team["rita"].approves(gate, "Xylophone."))
    for each in told(gate, 72):
        assert not re.search("Xylophone|secret", each.subject + each.text)


@pytest.mark.parametrize("name", ["<!channel>", "@here", "{{ 7*7 }}", "*_`[a](b)", "a\nb", "\x1b[31m", "<b>&amp;"])
def test_names_mean_nothing_to_any_channel(opened: Any, name: str) -> None:
    gate = replace(opened(stage="public", rule=RULE), model=name, stage=name, eligible=(name,), needed=(name,))
    said = notice(Attended(Due("escalate", name, gate.id, 0, "open for 3 days"), gate, (name,)))
    text = said.subject + said.text + said.model + said.stage
    assert not set(text) & set("<>@{}*`[]&\x1b!")
    assert len(said.text.splitlines()) == 7


@pytest.mark.parametrize(
    ("setting", "blocks"),
    [
        pytest.param(None, (), id="not set"),
        pytest.param(" , ", (), id="empty"),
        pytest.param(
            "slack-webhook/reviewers, webhook/on-call,slack-webhook/reviewers",
            ("slack-webhook/reviewers", "webhook/on-call"),
            id="two, one of them twice",
        ),
    ],
)
def test_blocks_are_named_by_type_and_name(setting: str | None, blocks: tuple[str, ...]) -> None:
    assert named_blocks(setting) == blocks


@pytest.mark.parametrize("setting", ["on-call", "webhook/", "/x", "webhook/on call", "https://hooks.example.org/x"])
def test_a_block_that_is_named_otherwise_is_refused(setting: str) -> None:
    with pytest.raises(InputRefused, match="SLUICEGATE_NOTIFY.*type/name"):
        named_blocks(setting)
