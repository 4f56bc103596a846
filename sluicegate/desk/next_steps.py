"""What approving a gate will do, and what to type."""

from __future__ import annotations

import shlex

from sluicegate.desk.caveats import left_or_recalled
from sluicegate.desk.changes import Previous
from sluicegate.desk.tally import awaited, closed, completing, names
from sluicegate.gates.state import ENDED, Gate, Outcome
from sluicegate.policy import Judgement

SHORT = 12
"""Characters of a digest that are shown; enough to tell gates and candidates apart."""


def consequences(gate: Gate, known: Outcome, previous: Previous | None) -> tuple[str, ...]:
    """What approving will do, or did; nothing once a gate has ended otherwise."""
    if gate.state in ENDED:
        return ()
    stages = gate.facts.get("stages")
    following = stages[stages.index(gate.stage) + 1 :] if isinstance(stages, list) and gate.stage in stages else []
    replaced = f", in the place of {previous.candidate[:SHORT]}" if previous else ""
    return (
        *_counting(gate, known),
        f"The candidate's bytes are copied to the registered model {gate.model}-{gate.stage} and verified there.",
        f"It becomes live in {gate.stage}{replaced}; your id and your reason stay in the ledger.",
        f"The gate of {following[0]} opens next." if following else "It is the last stage: no gate follows.",
    )


def commands(gate: Gate, known: Outcome, judgement: Judgement, now: str) -> tuple[str, ...]:
    """Command lines that go on from here."""
    short = gate.id[:SHORT]
    if gate.state != "open":
        return (f"sluicegate reopen {short}",) if _may_reopen(gate, known) else ()
    if closed(gate, now):
        return (f"sluicegate reopen {short}",)
    if not known.roster.members:
        return "sluicegate reviewer key YOUR-ID", "sluicegate init-ledger --as YOUR-ID"
    able = awaited(gate)
    who = able[0] if len(able) == 1 else "YOUR-ID"
    reason = '--reason "…"'
    reject = f"sluicegate reject {short} --as {who} {reason}"
    if judgement.verdicts and not judgement.blockers:
        return (f"sluicegate approve {short} --as {who} {reason}", reject) if able else (reject,)
    waive = [
        f"sluicegate waive {short} {shlex.quote(verdict.check)} --as {who} --until YYYY-MM-DD --owner ID"
        f' --follow-up "…" {reason}'
        for verdict in judgement.blockers
        if verdict.waivable and able
    ]
    spec = gate.facts.get("spec")
    again = (f"sluicegate run {shlex.quote(spec)}",) if isinstance(spec, str) else ()
    return (reject, *waive, *again)


def _counting(gate: Gate, known: Outcome) -> tuple[str, ...]:
    """Whether one approval is enough now, or only counts as one."""
    able, last = awaited(gate), completing(gate, known.roster)
    if gate.state != "open" or not able or last == able:
        return ()
    if not last:
        needed = "; ".join(gate.needed)
        return (f"An approval now only counts as one and promotes nothing yet (needed: {needed}). After the last:",)
    return (f"An approval by {names(last)} is the last one needed; by anybody else it only counts as one. Then:",)


def _may_reopen(gate: Gate, known: Outcome) -> bool:
    standings = {release.standing for release in left_or_recalled(gate, known)}
    left = any(r.gate == gate.id and r.standing == "rolled back" for r in known.releases)
    return "recalled" not in standings and (gate.state in ENDED or left)
