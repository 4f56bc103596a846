"""Orders of a responder: rolling a stage back, recalling a candidate. Signed like decisions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sluicegate.gates.letters import NAMESPACES
from sluicegate.gates.reasons import typed
from sluicegate.gates.roster import RESPONDER, Roster
from sluicegate.gates.state import CLOCKS_DIFFER_S, seconds_between
from sluicegate.signing import sshsig

ROLLED_BACK = ("order", "model", "stage", "from", "to", "reviewer", "reason", "time")
"""What a responder signs to roll a stage back."""
RECALLED = ("order", "model", "candidate", "stages", "reviewer", "reason", "time")
"""What a responder signs to recall a candidate; `stages` are those that it is in, parted by commas."""

GOOD_FOR_S = 24 * 3600
"""How long an order can be given after it was signed."""


def order_faults(roster: Roster, order: Mapping[str, Any], signature: str) -> tuple[str, ...]:
    """Everything for which an order does not hold under this roster; empty if it does."""
    who = str(order.get("reviewer", ""))
    member = roster.member(who)
    if member is None:
        return ("the id given is not on the roster",)
    names = ROLLED_BACK if order.get("order") == "rollback" else RECALLED
    if set(order) != set(names):
        return (f"the order does not say {', '.join(sorted(set(names) - set(order))) or 'only what it should'}",)
    stages = [order["stage"]] if order["order"] == "rollback" else [s for s in str(order["stages"]).split(",") if s]
    found = []
    if RESPONDER not in member.roles:
        found.append(f"{who} does not have the role {RESPONDER}")
    elif missing := [stage for stage in stages if not roster.may_respond(who, stage)]:
        # What is refused is kept: only what can be the name of a stage, nothing else that was typed there.
        named = [stage if typed(stage) == stage else "what is no stage" for stage in missing]
        found.append(f"{who} has no say in {', '.join(named)}")
    if fault := sshsig.faults(dict(order), signature, member.key, NAMESPACES["order"]):
        found.append(f"the signature of {who} does not hold: {fault}")
    return tuple(found)


def age_faults(order: Mapping[str, Any], now: str) -> tuple[str, ...]:
    """Why an order is not one of today: one that was kept back must not fit again by chance, weeks later."""
    age_s = seconds_between(str(order.get("time", "")), now)
    if -CLOCKS_DIFFER_S <= age_s <= GOOD_FOR_S:
        return ()
    return (f"it was not signed within the last {GOOD_FOR_S // 3600} hours: give the order again",)
