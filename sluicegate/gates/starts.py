"""The start of a build, signed by whoever answers for what comes out of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sluicegate.errors import InputRefused
from sluicegate.gates.reasons import typed
from sluicegate.gates.roster import Roster
from sluicegate.ledger.ledger import utc_now
from sluicegate.signing import sshsig
from sluicegate.signing.keys import PrivateKey

NAMESPACE = "sluicegate-start"


def sign_start(by: str, key: PrivateKey, *, model: str, spec: str) -> dict[str, Any]:
    """A signed start, as a gate's opening keeps it.

    Args:
        by: Id of whoever answers for the build.
        key: Their key.
        model: Name of the model.
        spec: Digest of the release spec, with the settings of this run.
    """
    statement = {"by": by, "model": model, "spec": spec, "time": utc_now()}
    return {"statement": statement, "signature": sshsig.sign(statement, key, NAMESPACE)}


def check_start(start: Mapping[str, Any], roster: Roster, *, model: str, spec: str) -> str:
    """Who answers for the build that this start began.

    Raises:
        InputRefused: It is of another build, or the signature does not hold.
    """
    statement = start.get("statement")
    if not isinstance(statement, dict) or not isinstance(start.get("signature"), str):
        raise InputRefused("start", "", "is not a signed start")
    by = str(statement.get("by", ""))
    if (statement.get("model"), statement.get("spec")) != (model, spec):
        raise InputRefused("start", "", "was signed for another spec or other settings", "sign this one")
    member = roster.member(by)
    if member is None:
        raise InputRefused("start", "by", f"{typed(by)} is not on the roster", "`sluicegate reviewer list`")
    if fault := sshsig.faults(statement, start["signature"], member.key, NAMESPACE):
        raise InputRefused("start", "signature", f"of {by} does not hold: {fault}")
    return by
