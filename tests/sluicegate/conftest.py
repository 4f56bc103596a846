"""A ledger on SQLite, a roster of people with keys, and short ways to open and decide gates."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sluicegate.gates.decisions import Grounds, decide
from sluicegate.gates.gate import Gate, open_gate
from sluicegate.gates.letters import Letter
from sluicegate.gates.releases import live, record_commit, record_intent
from sluicegate.ledger.chain import Entry
from sluicegate.ledger.ledger import Ledger
from sluicegate.policy import Judgement, Verdict, default_rule
from tests import people
from tests.people import Person, person

STAGES = ["internal", "restricted", "public"]


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "ledger.db"


@pytest.fixture
def ledger(database: Path) -> Ledger:
    return people.opened_ledger(database.parent)


@pytest.fixture(scope="session")
def team() -> dict[str, Person]:
    """Ada administers and responds, Rita and Ravi decide everywhere, Ida internal only, Otto builds."""
    everybody = (
        person("ada", "administrator", "responder"),
        person("rita", "release-manager"),
        person("ravi"),
        person("ida", stages=["internal"]),
        person("otto"),
    )
    return {one.id: one for one in everybody}


@pytest.fixture
def founded(ledger: Ledger, team: dict[str, Person]) -> Ledger:
    """The ledger with the team on its roster."""
    people.found(ledger, *team.values())
    return ledger


@pytest.fixture
def at(founded: Ledger, database: Path) -> Callable[[str], Ledger]:
    """The same ledger, written by a machine whose clock stands at a time."""
    return lambda time: people.opened_ledger(database.parent, clock=lambda: time)


@pytest.fixture
def opened(founded: Ledger) -> Callable[..., Gate]:
    """Opens a gate; what is not said is the same every time."""

    def open_(**changed: Any) -> Gate:
        question: dict[str, Any] = {
            "model": "reviews",
            "stage": "internal",
            "candidate": "c1" * 32,
            "dossier": "d1" * 32,
            "policy": "e1" * 32,
            "accountable": "otto",
            "facts": {"stages": STAGES, "spec": "deployments/reviews.yaml"},
        } | changed
        question.setdefault("rule", default_rule(question["stage"]))
        return open_gate(founded, **question)

    return open_


@pytest.fixture
def judged() -> Callable[..., Judgement]:
    """A judgement with the given verdicts."""

    def judgement(*verdicts: Verdict, stage: str = "internal", live: str | None = None) -> Judgement:
        holds = Verdict(check="performance.macro_f1", verdict="pass", limit="≥ 0.6", value=0.7, margin=0.1)
        return Judgement(verdicts=verdicts or (holds,), stage=stage, live=live)

    return judgement


@pytest.fixture
def put(founded: Ledger, judged: Callable[..., Judgement]) -> Callable[..., Gate]:
    """Puts a letter to a gate, on verdicts that all hold unless something else is said."""

    def put_(gate: Gate, letter: Letter, **changed: Any) -> Gate:
        judgement = changed.pop("judgement", None) or judged(stage=gate.stage)
        grounds = Grounds(judgement, waivable={v.check for v in judgement.verdicts})
        ledger = changed.pop("ledger", founded)
        return decide(ledger, gate.id, letter, **({"grounds": grounds, "via": "command-line"} | changed))

    return put_


@pytest.fixture
def released(
    founded: Ledger, put: Callable[..., Gate], judged: Callable[..., Judgement], team: dict[str, Person]
) -> Callable[[Gate], Entry]:
    """Takes a gate that one approval passes all the way to its release."""

    def release(gate: Gate) -> Entry:
        known = live(founded, gate.model, gate.stage)
        put(gate, team["rita"].approves(gate), judgement=judged(stage=gate.stage, live=known))
        record_intent(founded, gate.id)
        return record_commit(founded, gate.id, facts={"version": 1})

    return release
