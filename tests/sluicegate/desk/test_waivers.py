"""Waivers on the page: those in force, and those that lapsed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sluicegate.desk.waivers import waivers
from sluicegate.gates.finding import outcome
from sluicegate.gates.state import later
from sluicegate.ledger.ledger import utc_now
from sluicegate.policy import Judgement
from tests.sluicegate.desk import pages
from tests.sluicegate.desk.pages import HOLDS, on_terminal, verdict

DRIFT = verdict("drift.share", "fail", value=0.7, margin=-0.2)
LEAK = verdict("data.leaked_share", "fail", value=0.1, margin=-0.1)


@pytest.fixture
def waived(opened, put, team):
    """A gate with one waiver for today and one for a month."""
    gate, now = opened(), utc_now()
    failing = Judgement(verdicts=(DRIFT, LEAK), stage="internal")
    put(gate, team["rita"].waives(gate, "drift.share", expires=now[:10], owner="ravi"), judgement=failing)
    month = later(now, timedelta(days=30))[:10]
    put(gate, team["rita"].waives(gate, "data.leaked_share", expires=month), judgement=failing)
    return gate


def test_a_waiver_is_shown_with_until_when_owner_and_follow_up_in_every_drawing(founded, waived):
    brief = pages.page(founded, waived, *HOLDS, LEAK.model_copy(update={"verdict": "waived"}))
    for drawn in (" ".join(on_terminal(brief, width=200).split()), brief.to_html(), brief.to_markdown()):
        assert "Waivers" in drawn
        said = drawn.replace("\\", "")
        assert "waived until" in said
        assert "by rita (signed): Known, and small. Owner: ravi. Follow-up: Measured again next month." in said
    assert brief.recommendation == "Nothing blocks: 4 of 5 checks hold; the rest: waived."
    assert "data.leaked_share" not in [line.check for line in brief.first]  # it has a section of its own


def test_those_in_force_come_first_and_a_lapsed_one_says_so(ledger, waived):
    gate = outcome(ledger).gate(waived.id)
    assert [(one.check, one.in_force) for one in waivers(gate, utc_now())] == [
        ("drift.share", True),
        ("data.leaked_share", True),
    ]
    tomorrow = later(utc_now(), timedelta(days=1))
    assert [(one.check, one.in_force) for one in waivers(gate, tomorrow)] == [
        ("data.leaked_share", True),
        ("drift.share", False),
    ]
    assert "lapsed: it was waived until" in waivers(gate, tomorrow)[1].sentence


def test_a_long_reason_and_follow_up_are_shown_whole(founded, opened, put, team):
    gate = opened()
    letter = team["rita"].waives(gate, "drift.share", expires=utc_now()[:10])
    statement = letter.statement | {"reason": "r" * 1999 + "A", "follow_up": "f" * 1999 + "Z"}
    signed = letter.model_copy(update={"statement": statement, "signatures": ()}).signed("rita", team["rita"].key)
    put(gate, signed, judgement=Judgement(verdicts=(DRIFT,), stage="internal"))
    brief = pages.page(founded, gate, DRIFT)
    for drawn in (on_terminal(brief, width=8000), brief.to_html(), brief.to_markdown()):
        assert "r" * 1999 + "A" in drawn
        assert "f" * 1999 + "Z" in drawn
