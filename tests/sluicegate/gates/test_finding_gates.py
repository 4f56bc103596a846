"""Finding gates by the beginning of their id."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from sluicegate.errors import InputRefused
from sluicegate.gates.finding import find_gate, gate_in, gates
from sluicegate.gates.state import Gate, gate_id
from sluicegate.ledger.ledger import Ledger, Transaction

Opened = Callable[..., Gate]


def test_a_gate_is_found_by_the_beginning_of_its_id(founded: Ledger, opened: Opened) -> None:
    gate = opened()
    assert find_gate(founded, gate.id[:4]) == gate
    assert find_gate(founded, f" {gate.id[:8].upper()}\n") == gate
    assert gate_in(founded, gate.id) == gate


@pytest.mark.parametrize("prefix", ["", "abc", "zzzz", "\x1b[31mred", "'; DROP TABLE entries; --", "ab" * 32])
def test_an_unknown_gate_gets_one_clear_line(founded: Ledger, opened: Opened, prefix: str) -> None:
    opened()
    for find in (find_gate, gate_in):
        with pytest.raises(InputRefused) as refusal:
            find(founded, prefix)
        assert str(refusal.value).isprintable()


def test_a_beginning_that_two_gates_share_is_refused(ledger: Ledger) -> None:
    body = {key: "ab" for key in ("stage", "candidate", "dossier", "policy", "roster")}

    def open_many(transaction: Transaction) -> list[str]:
        # 4 characters part 65,536 gates: of 1,200 two share them, but once in 50,000 tries
        return [gate_id(transaction.append("gate_opened", f"m{number}", body)) for number in range(1200)]

    beginnings = Counter(opened[:4] for opened in ledger.transact(open_many))
    shared, count = beginnings.most_common(1)[0]
    assert count > 1
    with pytest.raises(InputRefused, match=f"{count} gates begin with {shared}"):
        find_gate(ledger, shared)


def test_gates_come_in_the_order_of_their_opening(founded: Ledger, opened: Opened) -> None:
    made = [opened(model="tweets"), opened(), opened(stage="restricted")]
    assert list(gates(founded)) == made
    assert list(gates(founded, "reviews")) == made[1:]
