"""What to know about a gate before anything else is read."""

from __future__ import annotations

from sluicegate.desk.tally import closed, names, out_of_reach
from sluicegate.desk.times import moment
from sluicegate.gates.state import Gate, Outcome, Release

_PASSED = {
    "approved": "",
    "promoting": "; its promotion is under way",
    "released": "; the candidate entered the stage",
}


def caveats(gate: Gate, known: Outcome, now: str) -> tuple[str, ...]:
    """What stands at the top of a brief, the gravest first.

    Args:
        gate: The gate, as it stands now.
        known: All that the ledger says of its model, as of now.
        now: UTC, as the ledger writes it.
    """
    if gate.state != "open":
        return (*_ended(gate), *_standings(gate, known), *_age(gate, known))
    if closed(gate, now):
        over = f"This gate closed on {moment(gate.closes)}: nothing can be decided here any more."
        return (over, *_standings(gate, known))
    return (*_standings(gate, known), *_age(gate, known), *_people(gate, known), *_newcomers(gate, known))


def older_than_live(gate: Gate, known: Outcome) -> Release | None:
    """The live release of the gate's stage, if its candidate came to a first gate after this one's did."""
    live = known.live.get((gate.model, gate.stage))
    if live is None or live.candidate == gate.candidate:
        return None
    # In the order of their opening, so the first gate of each candidate comes first.
    order = list(dict.fromkeys(g.candidate for g in known.gates if g.model == gate.model))
    return live if order.index(gate.candidate) < order.index(live.candidate) else None


def left_or_recalled(gate: Gate, known: Outcome) -> tuple[Release, ...]:
    """Releases of this very candidate that are not in good standing."""
    return tuple(
        release
        for release in known.releases
        if (release.model, release.candidate) == (gate.model, gate.candidate) and release.standing != "good"
    )


def _ended(gate: Gate) -> tuple[str, ...]:
    taken = gate.decision
    if taken is None:
        return (f"This gate is {gate.ended or gate.state}: nothing is decided here any more.",)
    when = f"on {moment(taken.recorded or taken.time)}"
    if taken.decision == "reject":
        return (f"This gate was rejected by {taken.reviewer} {when}: {taken.reason}",)
    who = [decision.reviewer for decision in gate.decisions if decision.decision == "approve"]
    last = f", last by {taken.reviewer} {when}" if len(who) > 1 else f" {when}"
    return (f"This gate was approved by {names(who)}{last}{_PASSED.get(gate.state, '')}: {taken.reason}",)


def _standings(gate: Gate, known: Outcome) -> list[str]:
    found = []
    for release in left_or_recalled(gate, known):
        how = "rolled back from" if release.standing == "rolled back" else "recalled, also from"
        entered = f"which it had entered on {moment(release.time)}"
        found.append(
            f"This very candidate was {how} {release.stage}, {entered}: `sluicegate history {gate.model}` says why."
        )
    return found


def _age(gate: Gate, known: Outcome) -> list[str]:
    live = older_than_live(gate, known) if gate.state in ("open", "approved", "promoting") else None
    if live is None:
        return []
    since = f"{live.candidate[:12]}, live in {gate.stage} since {moment(live.time)}"
    return [f"This candidate is older than the live release ({since}): approving it replaces the newer one."]


def _people(gate: Gate, known: Outcome) -> list[str]:
    if not known.roster.members:
        return ["Nobody is on the roster yet, so nobody can decide: `sluicegate init-ledger` founds it."]
    found = []
    if not gate.accountable:
        remedy = "sign the start, or name an `owner` in the spec, and run it again"
        found.append(f"Nobody is named who answers for what was built, so nobody can approve it: {remedy}.")
    elif not known.roster.knows(gate.accountable):
        found.append(f"{gate.accountable}, who answers for what was built, is not on the roster.")
    if gate.accountable and not gate.eligible:
        found.append(f"Nobody on the roster may approve in stage {gate.stage}.")
    elif gate.accountable and (lacking := out_of_reach(gate, known.roster)):
        found.append(
            f"It cannot be passed as it stands: were everybody to approve who may, there would still be needed"
            f" {', '.join(lacking)}."
        )
    return found


def _newcomers(gate: Gate, known: Outcome) -> list[str]:
    before = {*gate.eligible, *gate.excluded}
    able = [i for i in known.roster.eligible(gate.stage) if not gate.asked or i in gate.asked]
    new = [reviewer for reviewer in able if reviewer not in before]
    if not new or not gate.accountable or gate.roster == known.roster.digest:
        return []
    return [
        f"{names(new)} may decide {gate.stage} only since this gate opened:"
        f" `sluicegate reopen {gate.id[:12]}` asks whoever is on the roster now."
    ]
