"""Finding gates: one by the beginning of its id, or all of them."""

from __future__ import annotations

from sluicegate.errors import InputRefused
from sluicegate.gates.reasons import typed
from sluicegate.gates.replay import replay
from sluicegate.gates.state import Gate, Outcome, gate_id
from sluicegate.ledger.chain import Entry
from sluicegate.ledger.records import Records

_SHORTEST_PREFIX = 4
_LISTED = "`sluicegate inbox` lists the open ones"


def outcome(records: Records, model: str | None = None) -> Outcome:
    """All that the entries of a model, or of all models, come to."""
    return replay(records.entries(model))


def gates(records: Records, model: str | None = None) -> tuple[Gate, ...]:
    """Every gate of a model, or of all models, in the order of their opening."""
    return outcome(records, model).gates


def find_gate(records: Records, prefix: str) -> Gate:
    """The one gate whose id begins with `prefix`, of at least 4 characters.

    Raises:
        InputRefused: None does, or more than one, or the prefix is too short.
    """
    prefix = prefix.strip().lower()
    if len(prefix) < _SHORTEST_PREFIX:
        raise InputRefused("gate", "", f"{typed(prefix)} is shorter than {_SHORTEST_PREFIX} characters")
    opened = {gate_id(entry): entry.model for entry in records.entries(kinds=("gate_opened",))}
    matching = [known for known in opened if known.startswith(prefix)]
    if len(matching) > 1:
        some = ", ".join(known[: len(prefix) + 4] for known in matching[:3])
        raise InputRefused("gate", "", f"{len(matching)} gates begin with {prefix}", f"give more of it: {some}")
    found = outcome(records, opened[matching[0]]).gate(matching[0]) if matching else None
    if found is None:
        raise InputRefused("gate", "", f"no gate begins with {typed(prefix)}", _LISTED)
    return found


def opening_of(records: Records, gate: str) -> Entry:
    """The entry that opened the gate with this whole id.

    Raises:
        InputRefused: There is none.
    """
    for entry in records.entries(kinds=("gate_opened",)):
        if gate_id(entry) == gate:
            return entry
    raise InputRefused("gate", "", f"there is none with the id {typed(gate)}", _LISTED)


def known_gate(known: Outcome, gate: str) -> Gate:
    """The gate with this whole id.

    Raises:
        InputRefused: There is none.
    """
    if (found := known.gate(gate)) is None:  # it was opened, and that does not count
        raise InputRefused("gate", "", f"there is none with the id {typed(gate)}", _LISTED)
    return found


def gate_in(records: Records, gate: str) -> Gate:
    """The gate with this whole id, as it stands inside a transaction.

    Raises:
        InputRefused: There is none.
    """
    model = opening_of(records, gate).model
    return known_gate(replay(records.entries(model)), gate)
