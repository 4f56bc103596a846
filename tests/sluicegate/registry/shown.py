"""What MLflow and the ledger show of a house, and changes in it that are killed on the way."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from registry_fixtures import House

from sluicegate.gates.letters import Letter
from sluicegate.registry import tracking

SCRIPT = Path(__file__).with_name("killed_changes.py")
Change = tuple[str, str | Letter, int]
"""Verb, gate's id or order, and the write before which it is killed (0: none)."""


def alias(house: House, stage: str, model: str = "reviews") -> str | None:
    """The version that the stage's alias points to."""
    found = tracking.connect(house.home).get_registered_model(f"{model}-{stage}").aliases.get("live")
    return None if found is None else str(found)


def versions(house: House, stage: str, model: str = "reviews") -> list[Any]:
    return list(tracking.connect(house.home).search_model_versions(f"name = '{model}-{stage}'"))


def kinds(house: House, gate: str) -> list[str]:
    """Kinds of the entries that name a gate, in order."""
    return [e.kind for e in house.ledger.entries() if e.body.get("gate") == gate]


def all_kinds(house: House) -> list[str]:
    return [e.kind for e in house.ledger.entries()]


def do_killed(house: House, changes: Iterable[Change]) -> list[str]:
    """Does each change in a process that dies before its n-th write: "killed", or how many writes there were."""
    lines = (
        {"verb": verb, "what": what.to_text() if isinstance(what, Letter) else what, "last": last}
        for verb, what, last in changes
    )
    done = subprocess.run(
        [sys.executable, str(SCRIPT), str(house.root)],
        input="".join(json.dumps(line) + "\n" for line in lines),
        capture_output=True,
        text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.split()
