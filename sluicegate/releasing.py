"""What a gate asks, and what follows from the answer: decide → verify → promote → open the next gate.

Nothing here waits, and nothing needs a server: the ledger says what was decided, the archive holds the
bytes, and every function may be called again after a crash and finishes what was begun.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from sluicegate.errors import Unavailable
from sluicegate.evidence.dossier import Dossier, load_dossier
from sluicegate.gates import decisions
from sluicegate.gates.brief import Brief, compose
from sluicegate.gates.changes import Previous
from sluicegate.gates.gate import find_gate, open_gate, roster_of
from sluicegate.gates.ledger import Ledger
from sluicegate.gates.releases import live, releases
from sluicegate.gates.state import Gate, Release, Verb, Via
from sluicegate.policy import Judgement, Policy, judge
from sluicegate.registry import archive, stages
from sluicegate.settings import Home


@dataclass(frozen=True)
class Case:
    """A gate with everything that speaks for and against it, digests checked."""

    gate: Gate
    dossier: Dossier
    dossier_folder: Path
    candidate_folder: Path
    policy: Policy
    judgement: Judgement


def open_case(home: Home, gate_id: str) -> Case:
    """Fetches candidate, dossier and policy of a gate, recomputes their digests, and derives the verdicts.

    Args:
        home: The installation.
        gate_id: The gate's id, or the first characters of it.

    Raises:
        InputRefused: There is no such gate.
        TamperingDetected: Bytes differ from the digest that the gate names.
        Unavailable: They are nowhere to be found.
    """
    ledger = Ledger(home.ledger_url)
    gate = find_gate(ledger, gate_id)
    dossier_folder = archive.dossier(home, gate.dossier)
    dossier = load_dossier(dossier_folder)
    policy = Policy.from_json(json.loads(archive.policy(home, gate.policy).read_text(encoding="utf-8")))
    return Case(
        gate=gate,
        dossier=dossier,
        dossier_folder=dossier_folder,
        candidate_folder=archive.candidate(home, gate.candidate),
        policy=policy,
        judgement=judge(dossier, policy, gate.stage, live=_live_before(ledger, gate)),
    )


def decide(
    home: Home, gate_id: str, *, decision: Verb, reviewer: str, reason: str, via: Via, attempt: str | None = None
) -> Gate:
    """Records a decision on a gate, after checking the bytes that it is about.

    Raises:
        ReleaseDenied: The decision does not hold: not a reviewer of this stage, no reason, a check that blocks …
        TamperingDetected: Bytes differ from what the gate is about.
    """
    case = open_case(home, gate_id)
    ledger = Ledger(home.ledger_url)
    decisions.decide(
        ledger,
        case.gate.id,
        decision=decision,
        reviewer=reviewer,
        reason=reason,
        judgement=case.judgement,
        roster=roster_of(ledger, case.gate),
        via=via,
        attempt=attempt,
    )
    return find_gate(ledger, case.gate.id)


def promote(home: Home, gate_id: str) -> Release:
    """Takes an approved candidate into its stage: intent, copy, verification, commit, alias.

    Raises:
        ReleaseDenied: The ledger holds no approval for exactly these bytes, this evidence and this policy.
        TamperingDetected: The bytes are not those that were approved.
    """
    ledger = Ledger(home.ledger_url)
    return stages.promote(home, ledger, gate_id)


def open_next_gate(home: Home, gate_id: str) -> Gate | None:
    """The gate of the stage after the one that was entered; None after the last stage."""
    ledger = Ledger(home.ledger_url)
    gate = find_gate(ledger, gate_id)
    order = list(gate.facts["stages"])
    following = order.index(gate.stage) + 1
    if following == len(order):
        return None
    return open_gate(
        ledger,
        model=gate.model,
        stage=order[following],
        candidate=gate.candidate,
        dossier=gate.dossier,
        policy=gate.policy,
        roster=roster_of(ledger, gate),
        owner=gate.owner,
        facts=gate.facts,
    )


def brief(home: Home, gate_id: str) -> Brief:
    """One page for the reviewer: the question, the worst three things, the checks, what changed, what to type."""
    case = open_case(home, gate_id)
    ledger = Ledger(home.ledger_url)
    before = _live_before(ledger, case.gate)
    previous = _previous(home, ledger, case.gate, before) if before else None
    gone = (
        f"What changed cannot be shown: the dossier of the live release {before[:12]} is gone."
        if before and not previous
        else ""
    )
    return compose(
        case.gate,
        case.dossier,
        case.judgement,
        previous=previous,
        reviewers=roster_of(ledger, case.gate).eligible(case.gate.stage),
        links={
            "dossier": str(case.dossier_folder / "index.html"),
            "reports": str(case.dossier_folder / "reports"),
            "candidate": str(case.candidate_folder),
        },
        notices=(gone,) if gone else (),
    )


def _live_before(ledger: Ledger, gate: Gate) -> str | None:
    """What was live in the stage before this gate's own release, so that a verdict reads the same afterwards."""
    if gate.state != "released":
        return live(ledger, gate.model, gate.stage)
    entered = [r for r in releases(ledger, gate.model) if r.stage == gate.stage]
    position = next(i for i, r in enumerate(entered) if r.gate == gate.id)
    return entered[position - 1].candidate if position else None


def _previous(home: Home, ledger: Ledger, gate: Gate, candidate: str) -> Previous | None:
    release = [r for r in releases(ledger, gate.model) if r.stage == gate.stage and r.candidate == candidate][-1]
    try:
        return Previous(candidate, load_dossier(archive.dossier(home, release.dossier)), release.time)
    except Unavailable:
        return None
