"""What an entry of the ledger says, as a row for a person: what happened, to which gate, by whom, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sluicegate.errors import TamperingDetected
from sluicegate.gates.state import gate_id
from sluicegate.ledger.chain import Entry

SHORT = 12
"""Characters of a digest that are shown."""


@dataclass(frozen=True)
class Told:
    """One entry. Its strings are as people wrote them: whoever shows them escapes them."""

    what: str
    grade: str
    """Signed or attested, where somebody decided something; who vouches for it."""
    gate: str
    """Id of the gate; empty if it is about none."""
    stage: str
    who: str
    why: str


def tell(entry: Entry) -> Told:
    """An entry as a row; what it lacks stays empty, so that a damaged one is shown too."""
    body = entry.body
    order = _mapping(body.get("order"))
    statement = _mapping(body.get("statement"))
    return Told(
        what=_what(entry, order, statement),
        grade="signed" if order or body.get("start") or _signers(body) else _text(body.get("grade")),
        gate=_gate(entry),
        stage=_text(body.get("stage") or order.get("stage") or order.get("stages")),
        who=_who(entry, order),
        why=_why(body, order),
    )


def _gate(entry: Entry) -> str:
    if entry.kind != "gate_opened":
        return _text(entry.body.get("gate"))
    try:
        return gate_id(entry)
    except TamperingDetected:
        return ""


def _what(entry: Entry, order: Mapping[str, Any], statement: Mapping[str, Any]) -> str:
    """The kind in words, and what of it matters most."""
    body, kind = entry.body, entry.kind
    more = {
        "roster_changed": f"{_text(statement.get('verb'))} {_text(statement.get('id'))}",
        "decision": _text(body.get("decision")),
        "decision_refused": _text(body.get("decision")),
        "waiver": f"{_text(body.get('check'))} until {_text(body.get('expires'))}",
        "gate_opened": f"round {_text(body.get('round'))}",
        "gate_superseded": f"by gate {_text(body.get('by'))[:SHORT]}",
        "promotion_committed": _text(body.get("candidate"))[:SHORT],
        "rollback_intended": _way(body),
        "rollback_committed": _way(body),
        "release_recalled": _text(body.get("candidate"))[:SHORT],
        "order_refused": _text(body.get("order")),
    }.get(kind, "")
    words = kind.replace("_", " ")
    return f"{words}: {more}" if more.strip() else words


def _way(body: Mapping[str, Any]) -> str:
    return f"from gate {_text(body.get('from'))[:SHORT]} to gate {_text(body.get('to'))[:SHORT]}"


def _who(entry: Entry, order: Mapping[str, Any]) -> str:
    body = entry.body
    if signers := _signers(body):
        return signers
    # Of a gate that was superseded `by` names a gate, not a person.
    by = "" if entry.kind == "gate_superseded" else body.get("by")
    return _text(order.get("reviewer") or body.get("reviewer") or by or body.get("accountable"))


def _why(body: Mapping[str, Any], order: Mapping[str, Any]) -> str:
    why = order.get("reason") or body.get("reason") or body.get("why") or ""
    said = "; ".join(map(_text, why)) if isinstance(why, list | tuple) else _text(why)
    if body.get("follow_up"):
        said += f" Owner: {_text(body.get('owner'))}. Follow-up: {_text(body['follow_up'])}"
    return said


def _signers(body: Mapping[str, Any]) -> str:
    signatures = body.get("signatures")
    if not isinstance(signatures, list):
        return ""
    return ", ".join(_text(one.get("by")) for one in signatures if isinstance(one, Mapping))


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(value: Any) -> str:
    return "" if value is None or isinstance(value, Mapping | list) else str(value)
