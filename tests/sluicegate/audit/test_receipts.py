"""Receipts: what a reviewer keeps, and what it shows later."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from sluicegate.audit.receipts import Receipt, read_kept, receipt_for
from sluicegate.errors import InputRefused
from sluicegate.gates.gate import Gate
from sluicegate.gates.state import later
from sluicegate.ledger.checkpoint import checkpoint_faults, publish, take_checkpoint
from sluicegate.ledger.ledger import Ledger, utc_now
from sluicegate.policy import Judgement, Verdict
from tests.people import Person

Opened, Put = Callable[..., Gate], Callable[..., Gate]


@pytest.fixture
def receipt(founded: Ledger, opened: Opened, put: Put, team: dict[str, Person]) -> Receipt:
    gate = opened()
    letter = team["rita"].approves(gate)
    put(gate, letter)
    return receipt_for(founded, letter)


def test_a_receipt_holds_the_entry_of_the_decision_and_a_checkpoint_after_it(founded: Ledger, receipt: Receipt) -> None:
    (entry,) = founded.entries(kinds=("decision",))
    assert receipt.entry == entry
    assert receipt.checkpoint.seq >= entry.seq
    assert checkpoint_faults(receipt.checkpoint, founded.entries()) == ()
    assert receipt.faults(founded.entries()) == ()


def test_it_is_kept_under_gate_reviewer_and_decision_and_read_back(receipt: Receipt, tmp_path: Path) -> None:
    path = receipt.keep(tmp_path / "receipts")
    assert path.name == f"{receipt.entry.body['gate'][:12]}-rita-approve.json"
    assert read_kept(path) == (receipt,)
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_waivers_of_two_checks_are_kept_beside_each_other(
    founded: Ledger, opened: Opened, put: Put, team: dict[str, Person], tmp_path: Path
) -> None:
    gate = opened()
    checks = ("performance.macro_f1", "performance.accuracy")
    failed = [Verdict(check=check, verdict="fail", limit="≥ 0.6", value=0.5, margin=-0.1, why="") for check in checks]
    for check in checks:
        letter = team["rita"].waives(gate, check, expires=later(utc_now(), timedelta(days=9))[:10])
        put(gate, letter, judgement=Judgement(verdicts=tuple(failed), stage="internal"))
        receipt_for(founded, letter).keep(tmp_path / "receipts")
    assert len(list((tmp_path / "receipts").iterdir())) == 2


def test_a_decision_that_was_not_taken_has_no_receipt(founded: Ledger, opened: Opened, team: dict[str, Person]) -> None:
    with pytest.raises(InputRefused, match="no such decision"):
        receipt_for(founded, team["rita"].approves(opened()))


def test_a_ledger_without_the_decision_does_not_fit_it(founded: Ledger, receipt: Receipt) -> None:
    entries = founded.entries()
    without = [entry for entry in entries if entry.seq != receipt.entry.seq]
    named = f"entry {receipt.entry.seq} is not the decision of rita for which there is a receipt"
    assert receipt.faults(without) == (named,)
    other = [replace(entry, hash="0" * 64) if entry.kind == "decision" else entry for entry in entries]
    assert receipt.faults(other) == (named,)


def test_a_receipt_that_was_edited_says_so(founded: Ledger, receipt: Receipt) -> None:
    entry = replace(receipt.entry, body=receipt.entry.body | {"decision": "reject"})
    (fault,) = replace(receipt, entry=entry).faults(founded.entries())
    assert fault.startswith("the receipt was edited")


def test_a_checkpoint_of_before_the_decision_makes_no_receipt(founded: Ledger, receipt: Receipt) -> None:
    early = replace(receipt.checkpoint, seq=receipt.entry.seq - 1)
    (fault,) = replace(receipt, checkpoint=early).faults(founded.entries())
    assert "not under the receipt's checkpoint" in fault


@pytest.mark.parametrize(
    "said", [{"gate": "../../etc/cron"}, {"reviewer": "../rita"}, {"reviewer": None}, {"decision": "x/y"}, {"gate": 1}]
)
def test_an_entry_from_elsewhere_cannot_choose_another_place(receipt: Receipt, tmp_path: Path, said: object) -> None:
    entry = replace(receipt.entry, body=receipt.entry.body | said)  # type: ignore[operator]
    with pytest.raises(InputRefused, match="not of a decision"):
        replace(receipt, entry=entry).keep(tmp_path)
    assert list(tmp_path.glob("*.json")) == []


def test_every_checkpoint_of_a_file_is_read_not_only_the_newest(
    founded: Ledger, opened: Opened, tmp_path: Path
) -> None:
    first = take_checkpoint(founded)
    opened()
    second = take_checkpoint(founded)
    for one in (first, second):
        publish(one, str(tmp_path / "kept"))
    assert read_kept(tmp_path / "kept") == (first, second)


@pytest.mark.parametrize(
    "text",
    ["", "x", "[]", "{}", '{"entry": {}, "checkpoint": {}}', '{"entry": 3}', "[" * 100_000, '{"seq": 1}\n{"seq": 2}'],
)
def test_a_file_that_holds_neither_is_refused_in_one_line(tmp_path: Path, text: str) -> None:
    (tmp_path / "kept").write_text(text)
    with pytest.raises(InputRefused, match="kept") as refused:
        read_kept(tmp_path / "kept")
    assert "\n" not in str(refused.value)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputRefused, match="cannot be read"):
        read_kept(tmp_path / "nothing")


def test_a_receipt_is_plain_json(receipt: Receipt, tmp_path: Path) -> None:
    assert json.loads(receipt.keep(tmp_path).read_text("utf-8")) == receipt.to_json()
