"""Briefs for tests: a dossier, verdicts, and the policy that they come from."""

from __future__ import annotations

import io
from typing import Any

from rich.console import Console

from sluicegate.desk.brief import Brief, compose
from sluicegate.evidence.dossier import Dossier
from sluicegate.evidence.finding import measured
from sluicegate.gates.finding import outcome
from sluicegate.gates.releases import record_commit, record_intent
from sluicegate.gates.state import Gate
from sluicegate.ledger.ledger import Ledger, utc_now
from sluicegate.policy import Judgement, Limit, Policy, StageLimits, Verdict

LINEAGE: dict[str, Any] = {
    "description": "Reads reviews as negative or positive.",
    "intended_use": "Sorting mail, not judging people.",
    "owner": "otto",
    "data": {
        "source": {"kind": "csv", "path": "reviews.csv"},
        "fingerprint": "fa" * 32,
        "licence": "CC-BY-4.0",
        "parts": {"train": 6750, "validation": 900, "test": 1350},
        "quarantined": 3,
        "labels": ["negative", "positive"],
        "groups": ["domain"],
    },
    "base_model": {"name": "tiny-bert==1.0", "licence": "Apache-2.0", "digest": "ba" * 32},
    "training": {"epochs": 2, "learning_rate": 0.0001},
    "outputs": {"test": "ab" * 32},
}
DOSSIER = Dossier(
    candidate="c1" * 32,
    findings=(measured("performance.macro_f1", 0.7, interval=(0.65, 0.75), confidence=0.95, n=1350),),
    lineage=LINEAGE,
    settings={"confidence": 0.95},
)


def verdict(check: str, outcome: str = "pass", value: float | None = 0.7, margin: float | None = 0.1, **more: Any):
    """A verdict on a check that is held to at least `value - margin`."""
    if outcome in ("not_evaluated", "not_applicable"):
        value = margin = None
    given = {"limit": "≥ 0.6", "unit": "share"} | more
    return Verdict(check=check, verdict=outcome, value=value, margin=margin, **given)  # type: ignore[arg-type]


HOLDS = (
    verdict("performance.accuracy", margin=0.3),
    verdict("performance.macro_f1", margin=0.06, interval=(0.65, 0.75)),
    verdict("performance.roc_auc", margin=0.2),
    verdict("performance.pr_auc", margin=0.15),
)


def policy_of(*verdicts: Verdict, stage: str = "internal") -> Policy:
    """A policy under which these verdicts came about; every limit is a `min`."""
    limits = tuple(
        Limit(check=v.check, min=0.6 if v.value is None or v.margin is None else v.value - v.margin) for v in verdicts
    )
    return Policy(stages=(StageLimits(stage=stage, limits=limits, gate={}),))  # type: ignore[arg-type]


def page(ledger: Ledger, gate: Gate, *verdicts: Verdict, dossier: Dossier = DOSSIER, **more: Any) -> Brief:
    """The gate's brief, as it stands now."""
    known = more.get("known") or outcome(ledger, gate.model)
    given = {"known": known, "now": utc_now(), "policy": policy_of(*verdicts, stage=gate.stage)} | more
    judgement = Judgement(verdicts=verdicts, stage=gate.stage)
    return compose(known.gate(gate.id) or gate, dossier, judgement, **given)


def on_terminal(brief: Brief, width: int = 100, **options: Any) -> str:
    """What a terminal is sent."""
    given = {"force_terminal": True, "color_system": None} | options
    console = Console(file=io.StringIO(), width=width, **given)
    brief.to_terminal(console)
    return console.file.getvalue()  # type: ignore[attr-defined]


def promoted(ledger: Ledger, gate: Gate) -> None:
    """Intent and commit of an approved gate."""
    record_intent(ledger, gate.id)
    record_commit(ledger, gate.id, facts={"version": 1})
