"""One-time codes: good once, for five minutes, for one decision at one gate, where the rule lets them count."""

from __future__ import annotations

import stat
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from sluicegate.errors import ReleaseDenied, Unavailable
from sluicegate.gates.codes import KINDS, MOST_FAILURES, make_master, master, standing
from sluicegate.gates.decisions import decision_letter, waiver_letter
from sluicegate.gates.gate import Gate, find_gate, outcome, reopen
from sluicegate.gates.letters import Letter
from sluicegate.gates.roster import Member, roster_now
from sluicegate.gates.state import Codes, later
from sluicegate.ledger.ledger import Ledger, utc_now
from sluicegate.policy import GateRule, Judgement, Verdict
from sluicegate.signing import ocra
from tests import people
from tests.people import Person, person
from tests.sluicegate.gates.book import Book

Opened, Put, Judged = Callable[..., Gate], Callable[..., Gate], Callable[..., Judgement]
At, Code, Typed = Callable[[str], Ledger], Callable[..., str], Callable[..., Letter]
WRONG = "00000000"


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "keys" / "code.key"
    make_master(path)
    return path


def give_codes(ledger: Ledger, who: str, team: dict[str, Person]) -> Member:
    """The member with a new secret."""
    known = roster_now(ledger).member(who)
    assert known is not None
    changed = known.model_copy(update={"code": known.code + 1})
    people.change(ledger, roster_now(ledger).with_member(changed), "codes", who, team["ada"])
    return changed


@pytest.fixture
def coded(founded: Ledger, team: dict[str, Person]) -> Ledger:
    """The ledger, with a secret for Rita and for Otto, and none for Ravi."""
    for who in ("rita", "otto"):
        give_codes(founded, who, team)
    return founded


@pytest.fixture
def code(coded: Ledger, key: Path) -> Code:
    """What Rita's device shows."""

    def code_(gate: Gate, verb: str = "approve", counter: int = 1, *, who: str = "rita", at: str = "") -> str:
        member = roster_now(coded).member(who)
        secret = ocra.reviewer_secret(master(key), who, member.code if member else 0)
        return ocra.decision_code(secret, gate.id, verb, counter, datetime.fromisoformat(at or utc_now()))

    return code_


@pytest.fixture
def typed() -> Typed:
    """What comes out of the form."""

    def typed_(gate: Gate, code: str, verb: str = "approve", *, who: str = "rita", at: str = "") -> Letter:
        letter = decision_letter(gate, verb, who, "Holds on every group.", now=at or utc_now())
        return letter.model_copy(update={"code": code})

    return typed_


@pytest.fixture
def fill(put: Put, key: Path) -> Put:
    """Puts a filled form to a gate."""
    return lambda gate, letter, **more: put(gate, letter, **({"via": "prefect-form", "code_key": key} | more))


def failures(ledger: Ledger, who: str = "rita") -> int:
    member = roster_now(ledger).member(who)
    assert member is not None
    return standing(ledger.entries(kinds=KINDS), member).failures


def refuse(fill: Put, gate: Gate, letter: Letter, said: str = "wrong, used or older", **more: object) -> str:
    with pytest.raises(ReleaseDenied, match=said) as refusal:
        fill(gate, letter, **more)
    return str(refusal.value)


# --- good once ------------------------------------------------------------------------------------------


def test_a_right_code_counts_and_is_recorded_as_attested_by_the_service(
    coded: Ledger, opened: Opened, code: Code, typed: Typed, fill: Put
) -> None:
    gate = opened()
    shown = code(gate)
    gate = fill(gate, typed(gate, shown))
    assert gate.state == "approved"
    assert gate.decision is not None
    assert (gate.decision.grade, gate.decision.signature, gate.decision.via) == ("attested", None, "prefect-form")
    (entry,) = coded.entries(kinds=("decision",))
    assert entry.body["counter"] == 1
    assert shown not in str(entry.body)


def test_a_code_rejects_too(opened: Opened, code: Code, typed: Typed, fill: Put) -> None:
    gate = opened()
    assert fill(gate, typed(gate, code(gate, "reject"), "reject")).state == "rejected"


@pytest.mark.parametrize("write", ["{0} {1}", " {0}{1} ", "{0}\u00a0{1}\n"], ids=["halves", "around", "pasted"])
def test_spaces_in_a_typed_code_mean_nothing(opened: Opened, code: Code, typed: Typed, fill: Put, write: str) -> None:
    gate = opened()
    shown = code(gate)
    assert fill(gate, typed(gate, write.format(shown[:4], shown[4:]))).state == "approved"


def test_the_same_form_again_changes_nothing(
    coded: Ledger, opened: Opened, code: Code, typed: Typed, fill: Put
) -> None:
    gate = opened()
    letter = typed(gate, code(gate))
    assert fill(gate, letter) == fill(gate, letter)
    assert len(coded.entries(kinds=("decision", "decision_refused"))) == 1


def test_counters_only_go_up_whatever_gate_or_model_they_are_for(
    coded: Ledger, opened: Opened, code: Code, typed: Typed, fill: Put
) -> None:
    first, second, third = opened(), opened(model="tweets"), opened(model="letters")
    fill(first, typed(first, code(first, counter=7)))
    refuse(fill, second, typed(second, code(second, counter=7)))
    fill(second, typed(second, code(second, counter=8)))
    refuse(fill, third, typed(third, code(third, counter=3)))
    fill(third, typed(third, code(third, counter=18)))
    assert outcome(coded).faults == ()
    assert [gate.state for gate in outcome(coded).gates] == ["approved"] * 3


def test_a_code_from_too_far_ahead_is_refused(opened: Opened, code: Code, typed: Typed, fill: Put) -> None:
    gate = opened()
    refuse(fill, gate, typed(gate, code(gate, counter=11)))
    assert fill(gate, typed(gate, code(gate, counter=10))).state == "approved"


# --- for one decision at one gate ----------------------------------------------------------------------


def test_a_code_for_one_decision_is_none_for_the_other(
    coded: Ledger, opened: Opened, code: Code, typed: Typed, fill: Put
) -> None:
    gate = opened()
    refuse(fill, gate, typed(gate, code(gate, "approve"), "reject"))
    refuse(fill, gate, typed(gate, code(gate, "reject"), "approve"))
    assert find_gate(coded, gate.id).state == "open"


def test_a_code_for_another_gate_or_another_round_is_none_here(
    coded: Ledger, opened: Opened, put: Put, code: Code, typed: Typed, fill: Put, team: dict[str, Person]
) -> None:
    gate, other = opened(), opened(model="tweets")
    refuse(fill, gate, typed(gate, code(other)))
    shown = code(gate)
    put(gate, team["ravi"].rejects(gate))
    again = reopen(coded, gate.id)
    refuse(fill, again, typed(again, shown))


def test_a_code_of_somebody_else_is_none_here(opened: Opened, code: Code, typed: Typed, fill: Put) -> None:
    gate = opened()
    refuse(fill, gate, typed(gate, code(gate, who="otto")))


def test_a_code_of_the_secret_before_is_none_any_more(
    coded: Ledger, opened: Opened, code: Code, typed: Typed, fill: Put, team: dict[str, Person]
) -> None:
    gate = opened()
    old = code(gate)
    give_codes(coded, "rita", team)
    refuse(fill, gate, typed(gate, old))
    assert fill(gate, typed(gate, code(gate))).state == "approved"


# --- for five minutes -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("late", "taken"),
    [
        pytest.param(timedelta(0), True, id="at once"),
        pytest.param(timedelta(minutes=4), True, id="four minutes"),
        pytest.param(timedelta(minutes=5), False, id="five minutes"),
        pytest.param(-timedelta(minutes=1), False, id="not yet"),
    ],
)
def test_a_code_is_good_for_five_minutes(
    at: At, opened: Opened, code: Code, typed: Typed, fill: Put, late: timedelta, taken: bool
) -> None:
    gate = opened()
    shown = later(gate.opened, timedelta(hours=1))
    now = later(shown, late)
    letter = typed(gate, code(gate, at=shown), at=now)
    if taken:
        assert fill(gate, letter, ledger=at(now)).state == "approved"
    else:
        refuse(fill, gate, letter, ledger=at(now))


def test_a_clock_that_is_set_back_does_not_bring_an_old_code_back(
    at: At, opened: Opened, code: Code, typed: Typed, fill: Put
) -> None:
    gate = opened()
    shown = later(gate.opened, timedelta(hours=1))
    at(later(shown, timedelta(hours=1))).append("gate_reminded", "reviews", {"gate": gate.id, "number": 1})
    refuse(fill, gate, typed(gate, code(gate, at=shown), at=shown), ledger=at(shown))


@pytest.mark.parametrize(
    ("time", "said"),
    [
        pytest.param("joe@example.org", "must be UTC", id="no time"),
        pytest.param("2026-01-31T12:00:00+02:00", "must be UTC", id="elsewhere"),
        pytest.param("2026-99-99T99:99:99Z", "before the gate opened", id="no day"),
        pytest.param("2020-01-01T00:00:00Z", "before the gate opened", id="long ago"),
        pytest.param("2999-01-01T00:00:00Z", "later than now", id="to come"),
    ],
)
def test_the_time_that_a_form_names_is_looked_at_too(
    coded: Ledger, opened: Opened, code: Code, typed: Typed, fill: Put, time: str, said: str
) -> None:
    gate = opened()
    refuse(fill, gate, typed(gate, code(gate), at=time), said)
    assert "joe@" not in str([entry.body for entry in coded.entries()])


# --- the lock -------------------------------------------------------------------------------------------


def lock(fill: Put, gate: Gate, typed: Typed) -> None:
    for left in reversed(range(MOST_FAILURES)):
        assert f"{left} tries left" in refuse(fill, gate, typed(gate, WRONG))


def test_five_wrong_codes_in_a_row_lock_the_right_one_too(
    coded: Ledger, opened: Opened, code: Code, typed: Typed, fill: Put
) -> None:
    gate = opened()
    lock(fill, gate, typed)
    for shown in (code(gate), WRONG):
        assert "locked after 5 failures" in refuse(fill, gate, typed(gate, shown), "locked")
    assert failures(coded) == MOST_FAILURES


def test_a_locked_reviewer_still_signs(
    coded: Ledger, opened: Opened, put: Put, typed: Typed, fill: Put, team: dict[str, Person]
) -> None:
    gate = opened()
    lock(fill, gate, typed)
    assert put(gate, team["rita"].approves(gate)).state == "approved"


def test_a_new_secret_unlocks(
    coded: Ledger, opened: Opened, code: Code, typed: Typed, fill: Put, team: dict[str, Person]
) -> None:
    gate = opened()
    lock(fill, gate, typed)
    assert give_codes(coded, "rita", team).code == 2
    assert fill(gate, typed(gate, code(gate))).state == "approved"


def test_a_right_code_begins_the_count_anew(coded: Ledger, opened: Opened, code: Code, typed: Typed, fill: Put) -> None:
    first, second = opened(), opened(model="tweets")
    for _ in range(MOST_FAILURES - 1):
        refuse(fill, first, typed(first, WRONG))
    fill(first, typed(first, code(first)))
    assert failures(coded) == 0
    refuse(fill, second, typed(second, WRONG))
    assert fill(second, typed(second, code(second, counter=2))).state == "approved"


def test_the_lock_counts_across_gates_and_models(
    coded: Ledger, opened: Opened, code: Code, typed: Typed, fill: Put
) -> None:
    gates = [opened(), opened(stage="internal", model="tweets"), opened(model="letters")]
    for number in range(MOST_FAILURES):
        refuse(fill, gates[number % 3], typed(gates[number % 3], WRONG))
    refuse(fill, gates[0], typed(gates[0], code(gates[0])), "locked")


def test_one_reviewers_lock_is_not_anothers(coded: Ledger, opened: Opened, code: Code, typed: Typed, fill: Put) -> None:
    gate = opened()
    lock(fill, gate, typed)
    assert fill(gate, typed(gate, code(gate, "reject", who="otto"), "reject", who="otto")).state == "rejected"


def test_a_form_that_is_delivered_again_fails_once(coded: Ledger, opened: Opened, typed: Typed, fill: Put) -> None:
    gate = opened()
    letter = typed(gate, WRONG)
    for _ in range(MOST_FAILURES + 1):
        assert "4 tries left" in refuse(fill, gate, letter, attempt="run-1")
    assert failures(coded) == 1
    refuse(fill, gate, letter, attempt="run-2")
    assert failures(coded) == 2


def test_what_something_else_speaks_against_neither_fails_a_code_nor_uses_it_up(
    coded: Ledger, opened: Opened, code: Code, typed: Typed, fill: Put, judged: Judged
) -> None:
    gate = opened()
    fails = judged(Verdict(check="performance.macro_f1", verdict="fail", limit="≥ 0.6", value=0.5, margin=-0.1))
    for shown in (WRONG, code(gate)):
        refuse(fill, gate, typed(gate, shown), "1 check blocks", judgement=fails)
    for who, said in (("otto", "answers for what was built"), ("nobody-here", "not a reviewer's")):
        refuse(fill, gate, typed(gate, WRONG, who=who), said)
    assert (failures(coded), failures(coded, "otto")) == (0, 0)
    assert fill(gate, typed(gate, code(gate))).state == "approved"


@pytest.mark.parametrize(
    "shown",
    ["1234567", "123456789", "abcdefgh", "١٢٣٤٥٦٧٨", "1234-5678", "joe@example.org", "\x1b[2J", "9" * 5000],
    ids=["short", "long", "letters", "other digits", "hyphen", "mail", "escape", "huge"],
)
def test_what_is_no_code_is_a_wrong_one_and_is_not_kept(
    coded: Ledger, opened: Opened, typed: Typed, fill: Put, shown: str
) -> None:
    gate = opened()
    line = refuse(fill, gate, typed(gate, shown))
    (entry,) = coded.entries(kinds=("decision_refused",))
    assert shown not in line
    assert shown not in str(entry.body)
    assert failures(coded) == 1


# --- where a code counts --------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["approve", "reject"])
def test_a_code_never_counts_where_the_rule_wants_a_signature(
    coded: Ledger, opened: Opened, code: Code, typed: Typed, fill: Put, verb: str
) -> None:
    gate = opened(stage="restricted")
    refuse(fill, gate, typed(gate, code(gate, verb), verb), "a signature is needed in restricted")
    strict = opened(model="tweets", rule=GateRule.from_json({"signature": True}))
    refuse(fill, strict, typed(strict, code(strict, verb), verb), "a signature is needed in internal")
    assert failures(coded) == 0


def test_a_code_waives_nothing(coded: Ledger, opened: Opened, code: Code, fill: Put, judged: Judged) -> None:
    gate = opened()
    fails = Verdict(check="performance.macro_f1", verdict="fail", limit="≥ 0.6", value=0.5, margin=-0.1)
    said = {"owner": "rita", "expires": utc_now()[:10], "follow_up": "Measured again."}
    letter = waiver_letter(gate, fails.check, "rita", "Known, and small.", now=utc_now(), **said)
    letter = letter.model_copy(update={"code": code(gate, "waive")})
    refuse(fill, gate, letter, "a waiver needs a signature", judgement=judged(fails))


def test_whoever_has_no_secret_has_no_codes(coded: Ledger, opened: Opened, code: Code, typed: Typed, fill: Put) -> None:
    gate = opened()
    refuse(fill, gate, typed(gate, code(gate, who="ravi"), who="ravi"), "ravi has no one-time codes")
    refuse(fill, gate, typed(gate, " "), "neither a signature nor a one-time code")
    assert (failures(coded), failures(coded, "ravi")) == (0, 0)


# --- the key --------------------------------------------------------------------------------------------


def test_without_the_key_no_code_is_taken_and_nothing_is_recorded(
    coded: Ledger, opened: Opened, code: Code, typed: Typed, fill: Put, tmp_path: Path
) -> None:
    gate = opened()
    short = tmp_path / "short.key"
    short.write_bytes(b"x" * 31)
    before = coded.entries()
    for where in (None, tmp_path / "none.key", tmp_path, short):
        with pytest.raises(Unavailable, match="the key of one-time codes is not here"):
            fill(gate, typed(gate, code(gate)), code_key=where)
    assert coded.entries() == before


def test_the_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "code.key"
    assert make_master(path) == make_master(path) == master(path)
    assert len(master(path)) == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


# --- what somebody with the service's key could write ---------------------------------------------------


RITA, RAVI, OTTO = person("rita"), person("ravi"), person("otto")


@pytest.fixture
def book() -> Book:
    return Book(person("ada", "administrator"), RITA, RAVI, OTTO, codes={"rita": 1})


def test_a_recorded_code_counts_where_the_rule_lets_it(book: Book) -> None:
    gate = book.open()
    book.attest(gate, "rita", 1)
    assert book.gate(gate).state == "approved"
    assert book.outcome.codes == {("rita", 1): Codes(used=1)}


def test_a_recorded_code_that_was_used_before_counts_for_nothing(book: Book) -> None:
    first, second = book.open(), book.open(stage="internal", model="tweets")
    book.attest(first, "rita", 4)
    for counter in (4, 3):
        book.attest(second, "rita", counter)
    assert book.gate(second).state == "open"
    assert [fault.rpartition(": ")[2] for fault in book.outcome.faults] == ["that one-time code was used before"] * 2


@pytest.mark.parametrize(
    ("stage", "who", "verb", "said"),
    [
        pytest.param("restricted", "rita", "approve", "a code is not enough", id="where a signature is needed"),
        pytest.param("restricted", "rita", "reject", "a code is not enough", id="a rejection there"),
        pytest.param("internal", "ravi", "approve", "no one-time codes", id="nobody with codes"),
        pytest.param("internal", "mal", "approve", "not a reviewer's", id="a stranger"),
        pytest.param("internal", "otto", "approve", "answers for what was built", id="the accountable"),
    ],
)
def test_a_recorded_code_that_does_not_count_changes_nothing(
    book: Book, stage: str, who: str, verb: str, said: str
) -> None:
    gate = book.open(stage=stage)
    book.attest(gate, who, 1, verb)
    assert (book.gate(gate).state, book.gate(gate).decisions) == ("open", ())
    assert said in book.outcome.faults[0]
    assert book.outcome.codes == {}


def test_a_waiver_that_is_only_attested_counts_for_nothing(book: Book) -> None:
    gate = book.open()
    said = {"check": "performance.macro_f1", "owner": "rita", "expires": "2099-01-01", "follow_up": "Later."}
    entry = book.attest(gate, "rita", 1)
    book.entries.pop()
    book.add("waiver", "reviews", entry.body | said | {"decision": "waive"})
    assert book.gate(gate).waivers == ()
    assert "a signature is needed to waive" in book.outcome.faults[0]
