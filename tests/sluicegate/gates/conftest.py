"""A ledger on SQLite, three reviewers, and short ways to open and decide gates."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sluicegate.gates.decisions import decide
from sluicegate.gates.gate import Gate, open_gate
from sluicegate.gates.ledger import Ledger
from sluicegate.gates.roster import Roster
from sluicegate.gates.state import Decision
from sluicegate.policy import Judgement, Verdict
from sluicegate.spec import Reviewer

STAGES = ["internal", "restricted", "public"]


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "ledger.db"


@pytest.fixture
def ledger(database: Path) -> Ledger:
    return Ledger(f"sqlite:///{database}")


@pytest.fixture
def roster() -> Roster:
    return Roster(
        [
            Reviewer(id="rita", stages=STAGES),
            Reviewer(id="ravi", stages=STAGES),
            Reviewer(id="ida", stages=["internal"]),
        ]
    )


@pytest.fixture
def opened(ledger: Ledger, roster: Roster) -> Callable[..., Gate]:
    """Opens a gate; what is not said is the same every time."""

    def open_(**changed: Any) -> Gate:
        question = {
            "model": "reviews",
            "stage": "internal",
            "candidate": "c1" * 32,
            "dossier": "d1" * 32,
            "policy": "e1" * 32,
            "roster": roster,
            "owner": "otto",
            "facts": {"stages": STAGES, "spec": "deployments/reviews.yaml"},
        }
        return open_gate(ledger, **(question | changed))

    return open_


@pytest.fixture
def judged() -> Callable[..., Judgement]:
    """A judgement with the given verdicts."""

    def judgement(*verdicts: Verdict, stage: str = "internal", live: str | None = None) -> Judgement:
        holds = Verdict(check="performance.macro_f1", verdict="pass", limit="≥ 0.6", value=0.7, margin=0.1)
        return Judgement(verdicts=verdicts or (holds,), stage=stage, live=live)

    return judgement


@pytest.fixture
def decided(ledger: Ledger, roster: Roster, judged: Callable[..., Judgement]) -> Callable[..., Decision]:
    """Decides a gate; approves as rita on verdicts that all hold, unless something else is said."""

    def decide_(gate: Gate, **changed: Any) -> Decision:
        taking = {
            "decision": "approve",
            "reviewer": "rita",
            "reason": "Holds on every group.",
            "judgement": judged(stage=gate.stage),
            "roster": roster,
            "via": "command-line",
        }
        return decide(ledger, gate.id, **(taking | changed))

    return decide_
