"""What is due while nobody decides: hours worked out by hand, clocks set, and looking twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.desk.attention import attend, due, record, unattended
from sluicegate.errors import ReleaseDenied
from sluicegate.gates.gate import Gate, gates, outcome
from sluicegate.gates.state import Release, Waiver, closing, later
from sluicegate.ledger.ledger import Ledger
from sluicegate.ledger.writer import Verb
from sluicegate.policy import GateRule, Verdict
from tests.people import Person

OPENED = "2026-11-02T09:00:00.000000Z"
RULE = GateRule(remind_after_hours=24, escalate_after_hours=72, open_for_days=14)
Opened = Callable[..., Gate]
At = Callable[[str], Ledger]


def waiting(rule: GateRule = RULE, **changed: Any) -> Gate:
    """A gate that opened on 2 November at nine."""
    fields: dict[str, Any] = {
        "id": "a1" * 32,
        "model": "reviews",
        "stage": "public",
        "candidate": "c1" * 32,
        "dossier": "d1" * 32,
        "policy": "e1" * 32,
        "roster": "f1" * 32,
        "round": 1,
        "accountable": "otto",
        "opened": OPENED,
        "closes": closing(OPENED, rule),
        "state": "open",
        "rule": rule,
    }
    return Gate(**(fields | changed))


def after(hours: float) -> str:
    return later(OPENED, timedelta(hours=hours))


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        pytest.param(0, [], id="just opened"),
        pytest.param(23.99, [], id="within the first day"),
        pytest.param(24, [("remind", 1)], id="a day"),
        pytest.param(47.9, [("remind", 1)], id="not yet two days"),
        pytest.param(71.9, [("remind", 2)], id="not yet three days"),
        pytest.param(72, [("remind", 3), ("escalate", 0)], id="three days"),
        pytest.param(24 * 13 + 1, [("remind", 13), ("escalate", 0)], id="the last day"),
        pytest.param(24 * 14 - 0.01, [("remind", 13), ("escalate", 0)], id="the last minute"),
        pytest.param(24 * 14, [("expire", 0)], id="closed"),
        pytest.param(24 * 100, [("expire", 0)], id="long closed"),
    ],
)
def test_reminders_come_every_day_then_it_is_passed_on_then_it_ends(
    hours: float, expected: list[tuple[str, int]]
) -> None:
    assert [(one.kind, one.number) for one in due([waiting()], after(hours))] == expected


@pytest.mark.parametrize(
    "state", ["approved", "promoting", "released", "rejected", "withdrawn", "superseded", "expired"]
)
def test_nothing_is_due_at_a_gate_that_does_not_wait(state: str) -> None:
    assert due([waiting(state=state)], after(24 * 100)) == ()


def test_a_time_before_the_opening_makes_nothing_due() -> None:
    assert due([waiting()], "2026-11-01T09:00:00.000000Z") == ()


def test_keys_are_those_that_the_ledger_keeps() -> None:
    remind, escalate = due([waiting()], after(73))
    (expire,) = due([waiting()], after(24 * 15))
    gate = "a1" * 32
    assert [one.key for one in (remind, escalate, expire)] == [f"remind:{gate}:3", f"escalate:{gate}", f"expire:{gate}"]


@given(
    st.floats(0.01, 1000),
    st.floats(0.01, 1000),
    st.floats(0.01, 100),
    st.lists(st.floats(0, 5000), min_size=2, max_size=2).map(sorted),
)
def test_nothing_that_was_due_is_taken_back_but_by_a_later_reminder_or_the_end(
    remind: float, escalate: float, days: float, moments: list[float]
) -> None:
    gate = waiting(GateRule(remind_after_hours=remind, escalate_after_hours=escalate, open_for_days=days))
    earlier, afterwards = (due([gate], after(hours)) for hours in moments)
    then = {one.kind: one for one in afterwards}
    if "expire" in then:
        assert len(afterwards) == 1
        return
    for one in earlier:
        assert then[one.kind].number >= one.number


def waived(check: str, expires: str, entry: str) -> Waiver:
    told = {"reviewer": "rita", "reason": "Known.", "owner": "otto", "follow_up": "Next month.", "time": OPENED}
    return Waiver(
        gate="a1" * 32, check=check, expires=expires, via="file", grade="signed", signature="…", entry=entry, **told
    )


@pytest.mark.parametrize(
    ("now", "lapsed"),
    [
        pytest.param("2026-11-30T23:59:59.000000Z", [], id="on its last day"),
        pytest.param("2026-12-01T00:00:00.000000Z", ["waiver-lapsed:w1"], id="the day after"),
    ],
)
def test_a_waiver_of_a_live_release_is_named_the_day_after_its_last(now: str, lapsed: list[str]) -> None:
    gate = waiting(state="released", waivers=(waived("fairness.gap", "2026-11-30", "w1"),))
    assert [one.key for one in due([gate], now, [_live(gate)])] == lapsed
    assert due([gate], now) == ()  # not live, nobody needs to hear of it


def test_of_two_waivers_of_a_check_the_longer_one_counts() -> None:
    both = waived("fairness.gap", "2026-12-31", "w1"), waived("fairness.gap", "2026-11-30", "w2")
    gate = waiting(state="released", waivers=both)
    assert due([gate], "2026-12-15T00:00:00.000000Z", [_live(gate)]) == ()
    (one,) = due([gate], "2027-01-01T00:00:00.000000Z", [_live(gate)])
    assert (one.waiver, one.owner, one.check) == ("w1", "otto", "fairness.gap")


def _live(gate: Gate) -> Release:
    question = {name: getattr(gate, name) for name in ("model", "stage", "candidate", "dossier", "policy", "roster")}
    return Release(**question, gate=gate.id, time=OPENED, facts={}, entry="r1")


def kinds(ledger: Ledger, *prefixes: str) -> list[str]:
    return [e.kind for e in ledger.entries() if e.kind.startswith(prefixes or ("gate_",))]


def test_what_is_due_is_recorded_once_however_often_somebody_looks(at: At, opened: Opened) -> None:
    gate = opened(stage="internal", rule=RULE)
    assert attend(at(later(gate.opened, timedelta(hours=23)))) == ()
    days_later = at(later(gate.opened, timedelta(hours=73)))
    assert [(one.due.kind, one.due.number) for one in attend(days_later)] == [("remind", 3), ("escalate", 0)]
    assert attend(days_later) == ()
    assert kinds(days_later) == ["gate_opened", "gate_reminded", "gate_escalated"]
    reminded = days_later.entries(kinds=("gate_reminded",))[0]
    assert reminded.model == "reviews"
    assert reminded.body == {
        "gate": gate.id,
        "number": 3,
        "why": f"open for 3 days, closes {gate.closes[:16].replace('T', ' ')} UTC",
    }


def test_whoever_hears_of_it_gets_the_gate_as_it_stood_and_the_administrators(at: At, opened: Opened) -> None:
    gate = opened(stage="internal", rule=RULE)
    (done,) = attend(at(later(gate.opened, timedelta(days=15))))
    assert done.gate.eligible == ("ada", "ida", "ravi", "rita")
    assert done.administrators == ("ada",)


def test_what_was_recorded_comes_back_whole_from_the_process_that_writes(at: At, opened: Opened) -> None:
    gate = opened(stage="internal", rule=RULE)
    done = attend(at(later(gate.opened, timedelta(hours=73))))
    sent = Verb(attend).adapters["return"]
    assert len(done) == 2
    assert sent.validate_json(sent.dump_json(done)) == done


def test_an_expired_gate_is_closed_for_good(at: At, opened: Opened, team: dict[str, Person], put: Any) -> None:
    gate = opened(stage="internal", rule=RULE)
    late = at(later(gate.opened, timedelta(days=14)))
    assert [one.due.kind for one in attend(late)] == ["expire"]
    (ended,) = gates(late)
    assert ended.state == "expired"
    assert ended.decision is None
    with pytest.raises(ReleaseDenied, match="expired"):
        put(gate, team["rita"].approves(gate, now=now(late)), ledger=late)
    assert attend(late) == ()


def test_a_clock_that_was_set_back_makes_no_gate_younger(at: At, opened: Opened) -> None:
    gate = opened(stage="internal", rule=RULE)
    at(later(gate.opened, timedelta(days=15))).append("build_started", "other", {})
    set_back = at(later(gate.opened, timedelta(hours=-48)))
    assert [one.due.kind for one in attend(set_back)] == ["expire"]
    assert outcome(set_back).faults == ()


def test_what_somebody_decided_or_recorded_meanwhile_is_not_recorded(
    at: At, opened: Opened, team: dict[str, Person], put: Any
) -> None:
    gate = opened(stage="internal", rule=RULE)
    late = at(later(gate.opened, timedelta(hours=100)))
    remind, escalate = unattended(late, now(late))
    assert record(late, remind) is not None
    assert record(late, remind) is None
    put(gate, team["rita"].rejects(gate), ledger=late)
    assert record(late, escalate) is None
    assert kinds(late) == ["gate_opened", "gate_reminded"]


def test_looking_changes_nothing(at: At, opened: Opened) -> None:
    gate = opened(stage="internal", rule=RULE)
    late = at(later(gate.opened, timedelta(days=15)))
    before = late.entries()
    assert [one.kind for one in unattended(late, now(late))] == ["expire"]
    assert late.entries() == before


def test_an_empty_ledger_has_nothing_due(ledger: Ledger) -> None:
    assert unattended(ledger) == ()
    assert attend(ledger) == ()
    assert ledger.entries() == ()


def test_a_waiver_that_ends_under_a_live_release_is_recorded_once(
    at: At, opened: Opened, team: dict[str, Person], put: Any, judged: Any
) -> None:
    gate = opened(stage="internal", rule=RULE)
    same_day = at(gate.opened)
    fails = Verdict(check="performance.macro_f1", verdict="fail", limit="≥ 0.6", value=0.5, margin=-0.1)
    waives = team["rita"].waives(gate, "performance.macro_f1", expires=gate.opened[:10], owner="ravi", now=gate.opened)
    put(gate, waives, ledger=same_day, judgement=judged(fails))
    put(gate, team["ravi"].approves(gate, now=gate.opened), ledger=same_day)
    same_day.append("promotion_intended", "reviews", {"gate": gate.id})
    same_day.append("promotion_committed", "reviews", {"gate": gate.id, "facts": {}})

    assert attend(at(gate.opened[:10] + "T23:59:59.999999Z")) == ()
    next_day = at(later(gate.opened, timedelta(days=1)))
    (done,) = attend(next_day)
    assert (done.due.kind, done.due.check, done.due.owner) == ("waiver-lapsed", "performance.macro_f1", "ravi")
    assert attend(next_day) == ()
    (waiver,) = next_day.entries(kinds=("waiver",))
    (reminded,) = next_day.entries(kinds=("gate_reminded",))
    assert reminded.idempotency_key == f"waiver-lapsed:{waiver.hash}"
    assert gates(next_day)[0].state == "released"  # nothing is taken back


def now(ledger: Ledger) -> str:
    return ledger.transact(lambda transaction: transaction.now)
