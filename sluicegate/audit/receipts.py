"""Receipts: what whoever decided keeps, so that the ledger cannot forget it.

A receipt is the entry that records a decision and a checkpoint taken after it. The ledger must hold that
entry at that place for ever after; if its tail is cut off, or it is written anew, the receipt shows it.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from sluicegate.errors import InputRefused
from sluicegate.gates.letters import Letter
from sluicegate.ledger.chain import Entry, Header, faults
from sluicegate.ledger.checkpoint import Checkpoint, read_checkpoint, take_checkpoint
from sluicegate.ledger.ledger import Ledger

_NAMED = ("gate", "decision", "reviewer", "check")
_NAME = re.compile(r"[0-9a-f]{12}-[a-z0-9][a-z0-9-]{0,62}-(approve|reject|waive-\d{1,12})\.json")
_LARGEST_BYTES = 1 << 20
_ENTRY = TypeAdapter(Entry)


@dataclass(frozen=True)
class Receipt:
    """A decision as the ledger took it, and how far the ledger had come then."""

    entry: Entry
    checkpoint: Checkpoint

    @property
    def name(self) -> str:
        """The file that it is kept in: gate, reviewer, decision (and, of a waiver, the entry's number).

        Raises:
            InputRefused: It is not of a decision.
        """
        said = self.entry.body
        verb = f"waive-{self.entry.seq}" if said.get("decision") == "waive" else said.get("decision")
        name = f"{str(said.get('gate'))[:12]}-{said.get('reviewer')}-{verb}.json"
        if not _NAME.fullmatch(name):
            raise InputRefused("receipt", "", "is not of a decision")
        return name

    def keep(self, folder: Path) -> Path:
        """Writes it into `folder`, under its name.

        Raises:
            InputRefused: It is not of a decision, or the file cannot be written.
        """
        place = folder / self.name
        try:
            folder.mkdir(parents=True, exist_ok=True)
            partial = place.with_name(f".{place.name}-{os.getpid()}.partial")
            partial.write_text(json.dumps(self.to_json(), indent=1, ensure_ascii=False) + "\n", "utf-8")
            partial.replace(place)
        except OSError as error:
            raise InputRefused(place, "", f"cannot be written: {error.strerror}") from None
        return place

    def faults(self, chain: Iterable[Entry | Header]) -> tuple[str, ...]:
        """Why a chain is not one that holds this decision; empty if it does. See `checkpoint_faults` for the rest."""
        number = self.entry.seq
        named = f"the decision of {self.entry.body.get('reviewer')} for which there is a receipt"
        if edited := faults(self.entry):
            return tuple(f"the receipt was edited: {fault}" for fault in edited)
        there = next((entry for entry in chain if entry.seq == number), None)
        if there is None or there.hash != self.entry.hash:
            return (f"entry {number} is not {named}",)
        return () if number <= self.checkpoint.seq else (f"{named} is not under the receipt's checkpoint",)

    def to_json(self) -> dict[str, Any]:
        """A JSON value that `from_json` reads back."""
        return {"entry": self.entry.to_json(), "checkpoint": self.checkpoint.to_json()}

    @classmethod
    def from_json(cls, value: Any, where: str | Path = "receipt") -> Receipt:
        """The receipt that `to_json` wrote; nothing in it is checked yet.

        Raises:
            InputRefused: It is not one.
        """
        if not isinstance(value, dict) or value.keys() != {"entry", "checkpoint"}:
            raise InputRefused(where, "", "is not a receipt", "it holds an entry and a checkpoint")
        try:
            entry = _ENTRY.validate_python(value["entry"], extra="forbid")
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            place = ".".join(str(part) for part in ("entry", *first["loc"]))
            raise InputRefused(where, place, f"is not a receipt: {first['msg'].lower()}") from None
        return cls(entry, Checkpoint.from_json(value["checkpoint"], where))


def receipt_for(ledger: Ledger, letter: Letter) -> Receipt:
    """A receipt for a decision that the ledger has taken.

    Raises:
        InputRefused: It has not.
        Unavailable: No checkpoint can be taken.
    """
    said = letter.statement
    named = [(name, said[name]) for name in _NAMED if name in said]
    for entry in reversed(ledger.entries(kinds=("decision", "waiver"))):
        if all(entry.body.get(name) == value for name, value in named):
            return Receipt(entry, take_checkpoint(ledger))
    raise InputRefused("receipt", "", "the ledger holds no such decision")


def read_kept(path: Path) -> tuple[Receipt | Checkpoint, ...]:
    """What somebody kept: a receipt, or every checkpoint of a file that holds one a line.

    All of them are of use: whoever writes the ledger anew may add a checkpoint of it, but not take the others away.

    Raises:
        InputRefused: It is neither, or cannot be read.
    """
    newest = None if _is_receipt(path) else read_checkpoint(path)  # refuses what is no file of checkpoints
    text = path.read_text("utf-8")
    if newest is None:
        return (Receipt.from_json(json.loads(text), path),)
    return tuple(Checkpoint.from_json(json.loads(line), path) for line in text.splitlines() if line.strip())


def _is_receipt(path: Path) -> bool:
    try:
        return path.stat().st_size <= _LARGEST_BYTES and "entry" in json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, TypeError, RecursionError):
        return False
