"""Deciding and releasing: what a gate asks, and what follows from the answer.

A decision is checked against bytes: candidate, dossier and policy are fetched and their digests
recomputed, and the verdicts are derived anew each time. Nothing here starts Prefect.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sluicegate.desk.brief import Brief, compose
from sluicegate.desk.changes import Previous
from sluicegate.errors import ReleaseDenied, TamperingDetected, Unavailable
from sluicegate.evidence.dossier import Dossier, load_dossier
from sluicegate.gates import decisions
from sluicegate.gates.decisions import Grounds
from sluicegate.gates.gate import find_gate, open_gate
from sluicegate.gates.letters import Letter
from sluicegate.gates.releases import releases
from sluicegate.gates.replay import replay
from sluicegate.gates.state import Gate, Outcome, Release, Via
from sluicegate.ledger.chain import Entry
from sluicegate.ledger.ledger import open_ledger, utc_now
from sluicegate.ledger.records import Records
from sluicegate.ledger.writer import writes
from sluicegate.policy import Judgement, Policy, judge
from sluicegate.registry import archive, stages, transfer
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
    known: Outcome
    """What the ledger came to when the gate was decided; as of now, if it is open."""

    @property
    def grounds(self) -> Grounds:
        """What a decision is taken on."""
        limits = self.policy.limits(self.gate.stage)
        return Grounds(self.judgement, frozenset(limit.check for limit in limits if limit.waivable))


def open_case(home: Home, gate_id: str, records: Records | None = None) -> Case:
    """Fetches candidate, dossier and policy of a gate, recomputes their digests, and derives the verdicts.

    Args:
        home: The installation.
        gate_id: The gate's id, or the first characters of it.
        records: Where the gate is looked up, if not in the home's ledger.

    Raises:
        InputRefused: There is no such gate.
        TamperingDetected: Bytes differ from the digest that the gate names, or its rule from its policy's.
        Unavailable: They are nowhere to be found.
    """
    records = records or open_ledger(home)
    gate = find_gate(records, gate_id)
    dossier_folder = archive.dossier(home, gate.dossier)
    dossier = load_dossier(dossier_folder)
    policy = Policy.from_json(json.loads(archive.policy(home, gate.policy).read_text(encoding="utf-8")))
    if policy.rule(gate.stage) != gate.rule:
        faults = (f"it opened under another rule than its policy has for {gate.stage}",)
        raise TamperingDetected(f"gate {gate.id[:12]}", faults)
    if dossier.candidate != gate.candidate:
        faults = (f"its dossier is of candidate {dossier.candidate[:16]}…",)
        raise TamperingDetected(f"gate {gate.id[:12]}", faults)
    known = _as_it_was_decided(records.entries(gate.model), gate)
    live = known.live.get((gate.model, gate.stage))
    return Case(
        gate=gate,
        dossier=dossier,
        dossier_folder=dossier_folder,
        candidate_folder=archive.candidate(home, gate.candidate),
        policy=policy,
        judgement=judge(
            dossier,
            policy,
            gate.stage,
            live=live.candidate if live else None,
            waived=gate.waived(gate.decision.recorded if gate.decision else utc_now()),
        ),
        known=known,
    )


@writes
def put(home: Home, letter: Letter, *, via: Via, attempt: str | None = None) -> Gate:
    """Puts a decision to the gate that it names, after checking the bytes that it is about.

    Args:
        home: The installation.
        letter: The decision, signed or with a one-time code.
        via: How it came in.
        attempt: Names this try, where one may be delivered more than once.

    Raises:
        ReleaseDenied: It does not hold: not a reviewer of this stage, no reason, a check that blocks …
        TamperingDetected: Bytes differ from what the gate is about.
        InputRefused: There is no such gate.
    """
    case = open_case(home, letter.statement.get("gate", ""))
    return decisions.decide(
        open_ledger(home),
        case.gate.id,
        letter,
        grounds=case.grounds,
        via=via,
        attempt=attempt,
        code_key=home.code_key,
    )


def promote(home: Home, gate_id: str) -> Release:
    """Takes an approved candidate into its stage: intent, copy, verification, commit, alias.

    Raises:
        ReleaseDenied: The ledger holds no approval for exactly these bytes, this evidence and this policy.
        TamperingDetected: The bytes are not those that were approved.
    """
    return stages.promote(home, open_ledger(home), open_case(home, gate_id).gate.id)


def open_next_gate(home: Home, gate_id: str) -> Gate | None:
    """The gate of the stage after the one that was entered; None after the last stage.

    Whoever is on the roster now is asked, and the same person answers for the build.

    Raises:
        ReleaseDenied: Nothing entered the stage through this gate, or it was rolled back or recalled since.
    """
    ledger = open_ledger(home)
    gate = find_gate(ledger, gate_id)
    release = next((r for r in releases(ledger, gate.model) if r.gate == gate.id), None)
    if release is None or release.standing != "good":
        was = release.standing if release else gate.state
        raise ReleaseDenied(f"gate {gate.id[:12]} leads no further: its release is not in good standing ({was})")
    order = list(gate.facts["stages"])
    following = order.index(gate.stage) + 1
    if following == len(order):
        return None
    policy = Policy.from_json(json.loads(archive.policy(home, gate.policy).read_text(encoding="utf-8")))
    return open_gate(
        ledger,
        model=gate.model,
        stage=order[following],
        candidate=gate.candidate,
        dossier=gate.dossier,
        policy=gate.policy,
        rule=policy.rule(order[following]),
        accountable=gate.accountable,
        facts=gate.facts,
        asked=list(gate.asked),
    )


def brief(home: Home, gate_id: str, records: Records | None = None) -> Brief:
    """One page for the reviewer: the question, what blocks or is near, who decides, what changed, what to type."""
    records = records or open_ledger(home)
    case = open_case(home, gate_id, records)
    released = case.known.live.get((case.gate.model, case.gate.stage))
    previous = _previous(home, released) if released else None
    gone = (
        f"What changed cannot be shown: the dossier of the live release {released.candidate[:12]} is gone."
        if released and not previous
        else ""
    )
    return compose(
        case.gate,
        case.dossier,
        case.judgement,
        policy=case.policy,
        known=replay(records.entries(case.gate.model)),
        now=utc_now(),
        previous=previous,
        links={
            **({"dossier in MLflow": shown} if (shown := _in_mlflow(home, case.gate)) else {}),
            "dossier": str(case.dossier_folder / "index.html"),
            "reports": str(case.dossier_folder / "reports"),
            "candidate": str(case.candidate_folder),
        },
        notices=(gone,) if gone else (),
    )


def _in_mlflow(home: Home, gate: Gate) -> str:
    registered = gate.facts.get("registered")
    run_id = registered.get("run_id", "") if isinstance(registered, dict) else ""
    return transfer.dossier_page(home, str(run_id), gate.dossier)


def _as_it_was_decided(entries: Sequence[Entry], gate: Gate) -> Outcome:
    """What the entries came to before the decision that ended the wait, so that a verdict reads the same afterwards."""
    if gate.decision is not None:
        hashes = [entry.hash for entry in entries]
        entries = entries[: hashes.index(gate.decision.entry)]
    return replay(entries)


def _previous(home: Home, release: Release) -> Previous | None:
    try:
        return Previous(release.candidate, load_dossier(archive.dossier(home, release.dossier)), release.time)
    except (Unavailable, TamperingDetected):
        return None
