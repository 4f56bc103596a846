"""The installation that a command works on, put right where a killed process left something half-done."""

from __future__ import annotations

import sys

from sluicegate.ledger.ledger import Ledger, open_ledger
from sluicegate.registry.stages import heal
from sluicegate.settings import Home


def open_home() -> tuple[Home, Ledger]:
    """The home that the environment names, and its ledger; promotions and rollbacks that were begun are finished."""
    home = Home.from_environment()
    ledger = open_ledger(home)
    for line in heal(home, ledger):
        print(line, file=sys.stderr)
    return home, ledger
