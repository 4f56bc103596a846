"""Auditing: everything that is wrong at once, and what is said in plain words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from sluicegate.audit.audit import Audit, audit
from sluicegate.errors import TamperingDetected
from sluicegate.gates.gate import Gate
from sluicegate.gates.releases import record_commit, record_intent
from sluicegate.gates.roster import roster_now
from sluicegate.gates.state import later
from sluicegate.ledger.chain import Entry
from sluicegate.ledger.checkpoint import NAMESPACE, take_checkpoint
from sluicegate.ledger.ledger import Ledger, utc_now
from sluicegate.ledger.records import Excerpt
from sluicegate.signing import sshsig
from sluicegate.signing.keys import PrivateKey, create_service_key
from tests import people
from tests.people import Person

Audited = Callable[..., Audit]


@pytest.fixture
def audited(founded: Ledger, team: dict[str, Person]) -> Audited:
    """Audits the whole ledger with its root pinned, unless something else is said."""

    def audited_(records: Any = None, **more: Any) -> Audit:
        options = {"trusted": [team["ada"].key.public], "now": utc_now()} | more
        return audit(founded.entries() if records is None else records, **options)

    return audited_


def test_a_ledger_that_holds_has_no_faults_and_says_as_of_when(founded: Ledger, audited: Audited) -> None:
    checkpoint = take_checkpoint(founded)
    found = audited(checkpoints=[checkpoint])
    assert found.faults == ()
    assert found.checkpoint == checkpoint
    assert found.statements[-1].startswith(f"As of checkpoint {checkpoint.head[:12]} (entry 2, ")
    assert found.to_json()["holds"] is True
    found.require("the ledger")


def test_without_a_checkpoint_it_says_what_is_not_shown(audited: Audited) -> None:
    assert audited().statements[-1].startswith("As of no checkpoint: nothing shows that this is the whole ledger")


def test_what_was_decided_is_said_in_the_order_of_the_ledger(
    founded: Ledger, team: dict[str, Person], opened: Callable[..., Gate], put: Callable[..., Gate], audited: Audited
) -> None:
    gate = opened()
    put(gate, team["rita"].approves(gate, "Reads well."))
    record_intent(founded, gate.id)
    record_commit(founded, gate.id, facts={})
    other = opened(candidate="c2" * 32, dossier="d2" * 32)
    put(other, team["ravi"].rejects(other))
    people.revoke(founded, "ravi", team["ada"])
    said = audited().statements[1:-1]
    assert [line.split(" on 2")[0] for line in said] == [
        "ada signed version 1 of the roster (found ada)",
        "rita approved candidate c1c1c1c1c1c1 for internal of reviews",
        f"Candidate c1c1c1c1c1c1 entered internal of reviews through gate {gate.id[:12]}",
        "ravi rejected candidate c2c2c2c2c2c2 for internal of reviews",
        "ada signed version 2 of the roster (revoke ravi)",
    ]
    assert "signed with their own key, on dossier d1d1d1d1d1d1 under policy e1e1e1e1e1e1" in said[1]
    assert said[1].endswith("“Reads well.”")


def test_terminal_escapes_of_a_ledger_that_anybody_may_have_written_are_harmless(
    founded: Ledger, audited: Audited
) -> None:
    first, founding = founded.entries()
    evil = replace(founding, kind="\x1b[2Jroster_changed")
    found = audited(Excerpt((first,), (evil.header,)))
    assert any("roster_changed" in fault for fault in found.faults)
    assert "\x1b" not in "".join((*found.faults, *found.statements))


def test_a_long_reason_is_said_whole(
    team: dict[str, Person], opened: Callable[..., Gate], put: Callable[..., Gate], audited: Audited
) -> None:
    gate = opened()
    reason = "It holds. " * 190
    put(gate, team["rita"].approves(gate, reason.strip()))
    assert any(line.endswith(f"{reason.strip()}”") for line in audited().statements)


def test_entries_that_cannot_be_read_do_not_keep_the_others_from_being_checked(
    founded: Ledger, team: dict[str, Person], opened: Callable[..., Gate], put: Callable[..., Gate], audited: Audited
) -> None:
    """Two entries lack what they must hold, one is dated out of this world; the forged decision is still named."""
    first, second, third = (opened(candidate=c * 32, dossier=c * 32) for c in ("c1", "c2", "c3"))
    put(third, team["rita"].approves(third))
    entries = list(founded.entries())
    numbers = [e.seq for e in entries if e.kind == "gate_opened"]
    entries[numbers[0] - 1] = replace(entries[numbers[0] - 1], body={"stage": "internal"})
    entries[numbers[1] - 1] = replace(entries[numbers[1] - 1], time="9999-12-31T00:00:00Z")
    entries[-1] = replace(entries[-1], body=entries[-1].body | {"reason": "Never said."})
    found = "\n".join(audited(entries).faults)
    assert f"entry {numbers[0]} (gate_opened) lacks what it must hold" in found
    assert f"entry {numbers[1]} was edited" in found
    assert "the signature of rita does not hold" in found


def test_a_ledger_of_nothing_but_rubbish_comes_to_an_end(founded: Ledger, audited: Audited) -> None:
    opening = founded.entries()[0]
    rubbish = [replace(opening, seq=number, kind="gate_opened", body={}) for number in range(1, 200)]
    assert any("was not looked at" in fault for fault in audited(rubbish).faults)


def test_nothing_at_all_is_a_fault(audited: Audited) -> None:
    assert "there is no entry" in audited([], checkpoints=()).faults


def excerpt_of(entries: tuple[Entry, ...], *hidden: Entry) -> Excerpt:
    return Excerpt(tuple(e for e in entries if e not in hidden), tuple(e.header for e in hidden))


def test_an_entry_of_a_shown_model_or_of_all_models_may_not_hide_behind_its_header(
    founded: Ledger, opened: Callable[..., Gate], audited: Audited
) -> None:
    opened()
    opened(model="tweets")
    founded.append("checkpoint_published", "", {"seq": 4})
    founded.append("gate_reminded", "reviews", {"gate": "g"})
    *_, other, of_all, mine = entries = founded.entries()
    assert audited(excerpt_of(entries, other)).faults == ()
    assert audited(excerpt_of(entries, other, of_all, mine)).faults == (
        "entry 5 (checkpoint_published) is about all models, and only its header is shown",
        "entry 6 (gate_reminded) is about reviews, and only its header is shown",
    )


# --- checkpoints ------------------------------------------------------------------------------------------


def test_a_checkpoint_that_the_service_did_not_sign_is_a_fault_and_shows_nothing(
    founded: Ledger, audited: Audited
) -> None:
    forged = replace(take_checkpoint(founded), time=later(utc_now(), timedelta(seconds=-1)))
    found = audited(checkpoints=[forged])
    assert "the checkpoint is not the service's" in found.faults[0]
    assert found.checkpoint is None


def test_a_checkpoint_is_checked_with_the_service_key_of_its_time(
    founded: Ledger, team: dict[str, Person], audited: Audited
) -> None:
    """The service's key is changed; checkpoints of before were signed with the old one, later ones with the new."""
    before = take_checkpoint(founded)
    assert founded.key is not None
    following = create_service_key(founded.key.with_name("service.key.next"))
    after = roster_now(founded).changed(service_key=following.public.line)
    people.change(founded, after, "service-key", "ada", team["ada"])
    founded.append("checkpoint_published", "", {"seq": before.seq})
    newer = take_checkpoint(founded)
    assert audited(checkpoints=[before, newer]).faults == ()
    stolen = replace(newer, signature=sshsig.sign(newer.statement, PrivateKey.generate(), NAMESPACE))
    assert "is not the service's" in audited(checkpoints=[stolen]).faults[0]


def test_an_older_checkpoint_is_looked_at_though_a_newer_one_holds(
    founded: Ledger, opened: Callable[..., Gate], audited: Audited
) -> None:
    """Whoever writes the ledger anew can take a checkpoint of that; the one of before still shows it."""
    before = take_checkpoint(founded)
    anew = replace(before, head="ab" * 32)
    assert audited(checkpoints=[before, take_checkpoint(founded)]).faults == ()
    assert audited(checkpoints=[anew, take_checkpoint(founded)]).faults != ()


@pytest.mark.parametrize(
    ("days", "age", "fault"),
    [
        pytest.param(6, 7, "", id="young enough"),
        pytest.param(8, 7, "the newest checkpoint that holds is 8 days old, more than 7 days", id="too old"),
        pytest.param(8, None, "", id="age does not matter"),
        pytest.param(-1, None, "is dated", id="in the future"),
    ],
)
def test_the_newest_checkpoint_may_have_an_age(
    founded: Ledger, audited: Audited, days: float, age: float | None, fault: str
) -> None:
    checkpoint = take_checkpoint(founded)
    now = later(checkpoint.time, timedelta(days=days))
    found = audited(checkpoints=[checkpoint], now=now, max_age=timedelta(days=age) if age else None)
    assert fault in "\n".join(found.faults)
    assert bool(fault) == bool(found.faults)


def test_where_an_age_is_asked_for_and_no_checkpoint_holds_nothing_is_verified(audited: Audited) -> None:
    expected = "no checkpoint that holds was given: nothing says how old this is"
    assert audited(max_age=timedelta(days=7)).faults == (expected,)


def test_faults_are_raised_together(audited: Audited) -> None:
    with pytest.raises(TamperingDetected, match="untrusted root") as refused:
        audited(trusted=(), max_age=timedelta(days=7)).require("the ledger")
    assert len(refused.value.faults) == 2
