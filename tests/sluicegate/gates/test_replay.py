"""Replay: what entries come to, whoever wrote them. Nothing is released without approvals that hold and an intent."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from sluicegate.errors import TamperingDetected
from sluicegate.gates.letters import NAMESPACES
from sluicegate.gates.replay import replay
from sluicegate.gates.roster import EMPTY
from sluicegate.gates.state import DECIDED, ENDED, Gate, Outcome
from sluicegate.ledger.chain import Entry, Kind
from sluicegate.policy import GateRule
from sluicegate.signing import sshsig
from tests.people import person
from tests.sluicegate.gates.book import Book

ADA = person("ada", "administrator", "responder")
SAM = person("sam", "responder", stages=["internal"])
RITA, RAVI, OTTO, MAL = person("rita"), person("ravi"), person("otto"), person("mal")
TEAM = {one.id: one for one in (ADA, SAM, RITA, RAVI, OTTO)}
TWO = GateRule.from_json({"approvals": 2})
A, B, C = "c1" * 32, "c2" * 32, "c3" * 32


@pytest.fixture
def book() -> Book:
    return Book(*TEAM.values())


# --- one after the other --------------------------------------------------------------------------------


def test_no_entries_come_to_nothing() -> None:
    known = replay(())
    assert (known.gates, known.releases, known.live, known.faults, known.roster) == ((), (), {}, (), EMPTY)


def test_a_gate_goes_from_open_to_released(book: Book) -> None:
    gate = book.open()
    states = [book.gate(gate).state]
    for step in (
        lambda: book.decide(gate, RITA),
        lambda: book.about("promotion_intended", gate),
        lambda: book.about("promotion_committed", gate, facts={"version": 7}),
    ):
        step()
        states.append(book.gate(gate).state)
    assert states == ["open", "approved", "promoting", "released"]
    known = book.outcome
    assert (known.releases[0].gate, known.releases[0].facts, known.faults) == (gate, {"version": 7}, ())
    assert known.live["reviews", "internal"] == known.releases[0]


PATHS: dict[str, list[tuple[Kind, dict[str, Any]]]] = {
    "open": [],
    "approved": [("decision", {})],
    "promoting": [("decision", {}), ("promotion_intended", {})],
    "released": [("decision", {}), ("promotion_intended", {}), ("promotion_committed", {"facts": {}})],
    "rejected": [("decision", {"verb": "reject"})],
    "withdrawn": [("gate_withdrawn", {"by": "otto", "reason": ""})],
    "superseded": [("gate_superseded", {"by": "ab" * 32})],
}
LEADS_ON: dict[Kind, tuple[str, ...]] = {
    "decision": ("open",),
    "waiver": ("open",),
    "gate_superseded": ("open",),
    "gate_withdrawn": ("open", "approved"),
    "gate_expired": ("open",),
    "promotion_intended": ("approved",),
    "promotion_committed": ("promoting",),
}
BODIES: dict[Kind, dict[str, Any]] = {
    "gate_superseded": {"by": "ab" * 32},
    "gate_withdrawn": {"by": None, "reason": ""},
    "promotion_committed": {"facts": {}},
}


def take(book: Book, gate: str, kind: Kind, more: dict[str, Any]) -> None:
    if kind == "decision":
        book.decide(gate, RITA, more.get("verb", "approve"))
    else:
        book.about(kind, gate, **more)


@pytest.mark.parametrize("kind", LEADS_ON)
@pytest.mark.parametrize("state", PATHS)
def test_an_entry_that_does_not_fit_the_state_changes_nothing(book: Book, state: str, kind: Kind) -> None:
    gate = book.open()
    for step, more in PATHS[state]:
        take(book, gate, step, more)
    before = book.outcome
    assert before.gates[0].state == state
    if state in LEADS_ON[kind]:
        return
    if kind == "decision":
        book.decide(gate, RAVI, "reject")
    else:
        book.about(kind, gate, **BODIES.get(kind, {}))
    after = book.outcome
    assert replace(after, faults=()) == before
    assert after.faults == (
        f"entry {book.entries[-1].seq} ({kind.replace('_', ' ')}) does not count: the gate was {state}",
    )


@pytest.mark.parametrize("kind", [kind for kind in LEADS_ON if kind not in ("decision", "waiver")])
@pytest.mark.parametrize(("model", "gate"), [("tweets", ""), ("reviews", "ab" * 32)], ids=["model", "gate"])
def test_an_entry_about_a_gate_that_is_not_there_changes_nothing(book: Book, kind: Kind, model: str, gate: str) -> None:
    opened = book.open()
    book.decide(opened, RITA)
    before = book.outcome
    book.add(kind, model, {"gate": gate or opened} | BODIES.get(kind, {}))
    assert replace(book.outcome, faults=()) == before
    assert "there is no such gate" in book.outcome.faults[0]


def test_a_gate_expires_only_once_its_time_is_over(book: Book) -> None:
    gate = book.open()
    book.about("gate_expired", gate)
    assert book.gate(gate).state == "open"
    assert "was open until" in book.outcome.faults[0]
    book.now = book.gate(gate).closes
    book.about("gate_expired", gate)
    assert (book.gate(gate).state, book.gate(gate).ended[:8]) == ("expired", "expired:")


def test_a_decision_that_came_too_late_counts_for_nothing(book: Book) -> None:
    gate = book.open()
    book.now = book.gate(gate).closes
    book.decide(gate, RITA)
    assert book.gate(gate).state == "open"
    assert "the gate closed at" in book.outcome.faults[0]


def test_kinds_that_say_nothing_about_states_change_none(book: Book) -> None:
    gate = book.open()
    before = book.outcome
    kinds: tuple[Kind, ...] = ("build_started", "gate_reminded", "gate_escalated", "order_refused")
    for kind in kinds:
        book.about(kind, gate)
    book.add("checkpoint_published", "", {"seq": 1})
    assert book.outcome == before


# --- what somebody with the service's key could write ---------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        pytest.param({"reason": "Something else."}, "the signature of rita does not hold", id="reason"),
        pytest.param({"decision": "reject"}, "the signature of rita does not hold", id="verb"),
        pytest.param({"reviewer": "ravi"}, "the signature of ravi does not hold", id="reviewer"),
        pytest.param({"reviewer": "otto"}, "otto answers for what was built", id="accountable"),
        pytest.param({"reviewer": "mal"}, "the id given is not a reviewer's", id="stranger"),
        pytest.param({"signature": ""}, "the signature of rita does not hold", id="no signature"),
        pytest.param({"grade": "attested", "signature": None, "counter": 1}, "no one-time codes", id="attested"),
        pytest.param({"grade": "trusted"}, "neither that it is signed nor that it is attested", id="another grade"),
        pytest.param({"decision": "waive"}, "decides nothing that its kind could", id="waive"),
        pytest.param({"decision": "maybe"}, "decides nothing that its kind could", id="neither"),
    ],
)
def test_a_decision_that_nobody_made_counts_for_nothing(book: Book, changed: dict[str, Any], said: str) -> None:
    gate = book.open()
    honest = book.decide(gate, RITA).body
    book.entries.pop()
    book.add("decision", "reviews", honest | changed)
    assert (book.gate(gate).state, book.gate(gate).decisions) == ("open", ())
    assert said in book.outcome.faults[0]


def test_a_decision_is_for_one_gate_in_one_round(book: Book) -> None:
    first = book.open()
    honest = book.decide(first, RITA, "reject").body
    for changed in ({"round": 2}, {"stage": "restricted"}, {"candidate": B}):
        again = book.open(**changed)
        book.add("decision", "reviews", honest | {"gate": again})
        assert book.gate(again).state == "open"
        assert "the signature is over something else" in book.outcome.faults[-1]


def test_one_person_counts_once_whatever_is_written(book: Book) -> None:
    gate = book.open(rule=TWO.to_json())
    honest = book.decide(gate, RITA).body
    book.add("decision", "reviews", honest)
    book.decide(gate, RITA, reason="I say it again.")
    assert (book.gate(gate).state, len(book.gate(gate).decisions)) == ("open", 1)
    book.decide(gate, RAVI)
    assert book.gate(gate).state == "approved"


def test_a_rejection_is_no_waiver(book: Book) -> None:
    """The accountable person may reject: what they sign for that must not waive a check."""
    gate = book.open()
    said = dict(zip(DECIDED, (gate, "reject", "otto", "One group is left behind.", book.now), strict=True))
    said |= {"check": "performance.macro_f1", "owner": "otto", "expires": "2099-01-01", "follow_up": "Later."}
    signature = sshsig.sign(said, OTTO.key, NAMESPACES["decision"])
    book.add("waiver", "reviews", said | {"grade": "signed", "signature": signature, "via": "file"})
    assert book.gate(gate).waivers == ()


def test_a_gate_asks_the_roster_of_its_time(book: Book) -> None:
    old = book.outcome.roster.digest
    book.change_roster(book.outcome.roster.with_member(MAL.member), ADA)
    gate = book.open(roster=old)
    assert book.outcome.gate(gate) is None
    assert "another roster than the one of that time" in book.outcome.faults[0]


def test_somebody_who_came_later_decides_no_gate_that_was_open_before(book: Book) -> None:
    gate = book.open()
    book.change_roster(book.outcome.roster.with_member(MAL.member), ADA)
    book.decide(gate, MAL)
    assert book.gate(gate).state == "open"
    assert "mal came on the roster after the gate opened" in book.outcome.faults[0]


def test_a_decision_is_checked_with_the_key_of_its_time(book: Book) -> None:
    first, second = book.open(), book.open(model="tweets")
    fresh = person("rita")
    book.decide(first, RITA)
    book.change_roster(book.outcome.roster.with_member(fresh.member), ADA)
    book.decide(second, RITA)
    assert (book.gate(first).state, book.gate(second).state) == ("approved", "open")
    book.decide(second, fresh)
    assert book.gate(second).state == "approved"


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("gate_opened", {}),
        ("gate_superseded", {}),
        ("gate_withdrawn", {"gate": []}),
        ("decision", {"gate": ["ab"]}),
        ("promotion_committed", {}),
        ("rollback_intended", {"stage": "internal"}),
        ("rollback_intended", {"stage": "internal", "order": "rollback", "signature": "", "from": "", "to": ""}),
        ("release_recalled", {"candidate": A}),
        ("roster_changed", {}),
        ("ledger_opened", {"service_key": ""}),
    ],
    ids=str,
)
def test_an_entry_that_lacks_what_its_kind_must_hold_is_found(book: Book, kind: Kind, body: dict[str, Any]) -> None:
    book.open()
    book.add(kind, "" if kind in ("roster_changed", "ledger_opened") else "reviews", body)
    with pytest.raises(TamperingDetected, match=f"entry {len(book.entries)}") as refusal:
        book.outcome  # noqa: B018
    assert str(refusal.value).isprintable()


# --- in any order ---------------------------------------------------------------------------------------


class AnyOrder(RuleBasedStateMachine):
    """Whoever has the service's key, and copies of whatever people signed, writes entries as they like."""

    def __init__(self) -> None:
        super().__init__()
        self.book = Book(*TEAM.values(), codes={"rita": 1})
        self.ids: list[str] = []
        self.before, self.seen = self.book.outcome, len(self.book.entries)

    def pick(self, number: int) -> str:
        """The id of some gate; of one that is open, if the number is even and there is one."""
        waiting = [gate.id for gate in self.before.gates if gate.state == "open"]
        ids = waiting if waiting and number % 2 == 0 else self.ids
        return ids[number // 2 % len(ids)]

    @rule(
        candidate=st.sampled_from([A, B]),
        stage=st.sampled_from(["internal", "restricted"]),
        model=st.sampled_from(["reviews", "tweets"]),
        accountable=st.sampled_from(["otto", "otto", "ravi", ""]),
    )
    def open(self, candidate: str, stage: str, model: str, accountable: str) -> None:
        wanted = {"rule": TWO.to_json()} if stage == "restricted" else {}
        self.ids.append(self.book.open(candidate, stage, model, accountable=accountable, **wanted))

    @rule(
        candidate=st.sampled_from([A, B, C]),
        stage=st.sampled_from(["internal", "internal", "restricted"]),
        model=st.sampled_from(["reviews", "reviews", "tweets"]),
        leave_out=st.sampled_from(["", "", "", "ravi", "intent"]),
    )
    def release(self, candidate: str, stage: str, model: str, leave_out: str) -> None:
        """All that it takes, or all but one thing."""
        self.open(candidate, stage, model, "otto")
        self.settle()
        if (gate := self.before.gate(self.ids[-1])) is None:
            return
        for who in [RITA, RAVI][: gate.rule.people]:
            if who.id != leave_out:
                self.book.decide(gate.id, who)
        if leave_out != "intent":
            self.book.about("promotion_intended", gate.id)
        self.book.about("promotion_committed", gate.id, facts={})

    @precondition(lambda self: self.ids)
    @rule(
        number=st.integers(0, 9), who=st.sampled_from(sorted(TEAM)), verb=st.sampled_from(["approve"] * 4 + ["reject"])
    )
    def sign(self, number: int, who: str, verb: str) -> None:
        if (gate := self.before.gate(self.pick(number))) is not None:
            self.book.decide(gate.id, TEAM[who], verb)

    @precondition(lambda self: self.ids)
    @rule(
        number=st.integers(0, 9),
        who=st.sampled_from(["rita", "rita", "ravi", "otto", "mal"]),
        counter=st.integers(1, 3),
    )
    def attest(self, number: int, who: str, counter: int) -> None:
        if (gate := self.before.gate(self.pick(number))) is not None:
            self.book.attest(gate.id, who, counter)

    @precondition(lambda self: self.ids)
    @rule(
        number=st.integers(0, 9),
        from_=st.integers(0, 9),
        reviewer=st.sampled_from(["", *sorted(TEAM), "mal"]),
        verb=st.sampled_from(["", "approve"]),
    )
    def copy(self, number: int, from_: int, reviewer: str, verb: str) -> None:
        """A decision that somebody signed, turned into another one."""
        signed = [e.body for e in self.book.entries if e.kind == "decision"]
        if signed and (gate := self.before.gate(self.pick(number))) is not None:
            body = signed[from_ % len(signed)] | {"gate": gate.id}
            body |= {"reviewer": reviewer or body["reviewer"], "decision": verb or body["decision"]}
            self.book.add("decision", gate.model, body)

    @precondition(lambda self: self.ids)
    @rule(number=st.integers(0, 9), also_commit=st.booleans())
    def promote(self, number: int, also_commit: bool) -> None:
        if (gate := self.before.gate(self.pick(number))) is not None:
            self.book.about("promotion_intended", gate.id)
            if also_commit:
                self.book.about("promotion_committed", gate.id, facts={})

    @precondition(lambda self: self.ids)
    @rule(
        number=st.integers(0, 9),
        kind=st.sampled_from(["promotion_committed", "gate_withdrawn", "gate_superseded", "gate_expired"]),
        model=st.sampled_from(["", "", "", "tweets"]),
    )
    def about(self, number: int, kind: Kind, model: str) -> None:
        if (gate := self.before.gate(self.pick(number))) is not None:
            body = {"facts": {}, "by": "ab" * 32, "reason": "", "gate": gate.id}
            self.book.add(kind, model or gate.model, body)

    @precondition(lambda self: any(len(stack) > 1 for stack in self.before.stacks.values()))
    @rule(
        place=st.integers(0, 3),
        from_=st.sampled_from([-1, -1, -1, 0]),
        to=st.sampled_from([-2, -2, -3, -1, 0]),
        who=st.sampled_from(["ada", "ada", "ada", "sam", "rita"]),
        commit=st.sampled_from(["to", "to", "", "from"]),
    )
    def roll_back(self, place: int, from_: int, to: int, who: str, commit: str) -> None:
        stacks = [stack for stack in self.before.stacks.values() if len(stack) > 1]
        stack = stacks[place % len(stacks)]
        leaves, back = stack[from_], stack[max(to, -len(stack))]
        said = {"model": leaves.model, "stage": leaves.stage, "from": leaves.gate, "to": back.gate}
        self.book.order("rollback_intended", TEAM[who].orders("rollback", **said), leaves.model)
        if commit:
            body = {"stage": leaves.stage, "from": leaves.gate, "to": said[commit], "facts": {}}
            self.book.add("rollback_committed", leaves.model, body)

    @precondition(lambda self: self.before.releases)
    @rule(
        number=st.integers(0, 5),
        who=st.sampled_from(["ada", "sam", "rita"]),
        stages=st.sampled_from(["internal,restricted", "internal", ""]),
    )
    def recall(self, number: int, who: str, stages: str) -> None:
        release = self.before.releases[number % len(self.before.releases)]
        said = {"model": release.model, "candidate": release.candidate, "stages": stages}
        self.book.order("release_recalled", TEAM[who].orders("recall", **said), release.model)

    def settle(self) -> None:
        """Looks at what the newest entries came to, one by one."""
        for end in range(self.seen + 1, len(self.book.entries) + 1):
            before, self.before = self.before, replay(self.book.entries[:end])
            self.what_does_not_count_changes_nothing(before, self.before)
            self.what_has_ended_stays_so(before, self.before)
        self.seen = len(self.book.entries)

    @staticmethod
    def what_does_not_count_changes_nothing(before: Outcome, after: Outcome) -> None:
        if len(after.faults) > len(before.faults):
            assert replace(after, faults=()) == replace(before, faults=())

    @staticmethod
    def what_has_ended_stays_so(before: Outcome, after: Outcome) -> None:
        for gate in before.gates:
            now = after.gate(gate.id)
            assert now is not None
            if gate.state in (*ENDED, "released"):
                assert now.state == gate.state
            assert now.decisions[: len(gate.decisions)] == gate.decisions
        recalled = [release.gate for release in before.releases if release.standing == "recalled"]
        assert {r.standing for r in after.releases if r.gate in recalled} <= {"recalled"}

    @invariant()
    def every_release_has_approvals_that_hold_and_an_intent(self) -> None:
        self.settle()
        for release in self.before.releases:
            gate = self.before.gate(release.gate)
            assert gate is not None
            kinds = [e for e in self.book.entries if e.model == gate.model and e.body.get("gate") == gate.id]
            commit = next(e for e in kinds if e.hash == release.entry)
            intent = next(e for e in kinds if e.kind == "promotion_intended" and decided_by(kinds, e, gate))
            assert commit.kind == "promotion_committed"
            assert intent.seq < commit.seq

    @invariant()
    def what_is_live_is_a_release_in_good_standing(self) -> None:
        for place, release in self.before.live.items():
            assert release in self.before.releases
            assert (release.model, release.stage) == place
            assert release.standing == "good"
            assert self.before.stacks[place][-1] == release
        recalled = {(r.model, r.candidate) for r in self.before.releases if r.standing == "recalled"}
        assert not recalled & {(r.model, r.candidate) for r in self.before.live.values()}

    def teardown(self) -> None:
        """One model's entries come to the same without the others."""
        if any(e.kind == "decision" and e.body["grade"] == "attested" for e in self.book.entries):
            return  # codes are used across models: alone, a model's entries cannot tell that one was used elsewhere
        for model in ("reviews", "tweets"):
            alone = replay(e for e in self.book.entries if e.model in (model, ""))
            assert alone.gates == tuple(g for g in self.before.gates if g.model == model)
            assert alone.releases == tuple(r for r in self.before.releases if r.model == model)
            assert alone.live == {place: r for place, r in self.before.live.items() if place[0] == model}


def decided_by(entries: list[Entry], intent: Entry, gate: Gate) -> bool:
    """Whether enough people had approved before this intent, told without `replay`."""
    needed = 2 if gate.stage == "restricted" else 1
    seen: dict[str, str] = {}
    for entry in entries:
        if entry.kind != "decision" or entry.seq > intent.seq:
            continue
        body = entry.body
        who = TEAM.get(body["reviewer"])
        if who is None or gate.stage not in who.stages:
            continue
        statement = {name: body[name] for name in DECIDED}
        signed = not sshsig.faults(statement, body["signature"], who.key.public, NAMESPACES["decision"])
        attested = body["grade"] == "attested" and gate.stage == "internal" and who.id == "rita"
        if signed or attested:
            seen.setdefault(who.id, body["decision"])
    approved = [who for who, verb in seen.items() if verb == "approve" and who != gate.accountable]
    return bool(gate.accountable) and len(approved) >= needed


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(max_examples=40, stateful_step_count=20)
