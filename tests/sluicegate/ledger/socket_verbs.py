"""Functions that tests ask a ledgerd for, and, run as a script, that ledgerd.

python -m tests.sluicegate.ledger.socket_verbs HOME SOCKET
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any

from sluicegate import errors
from sluicegate.ledger.chain import Entry
from sluicegate.ledger.checkpoint import Checkpoint
from sluicegate.ledger.ledger import Ledger
from sluicegate.ledger.ledgerd import serve
from sluicegate.ledger.writer import writes
from sluicegate.settings import Home


@writes
def note(ledger: Ledger, model: str, body: dict[str, Any], *, key: str | None = None) -> Entry:
    """Appends one entry."""
    return ledger.append("decision", model, body, idempotency_key=key)


@writes
def describe(home: Home, checkpoint: Checkpoint, ids: tuple[str, ...] = (), limit: int = 3) -> tuple[Checkpoint, str]:
    """What arrived, and in which process."""
    return checkpoint, f"{os.getpid()} {home.root} {ids!r} {limit!r}"


@writes
def refuse(ledger: Ledger, kind: str, arguments: list[Any]) -> None:
    """Raises one of the errors of the library."""
    made = [tuple(one) if isinstance(one, list) else one for one in arguments]
    raise getattr(errors, kind)(*made)


@writes
def fail(ledger: Ledger, words: str) -> None:
    """Fails as only a mistake of ours would."""
    raise RuntimeError(words)


@writes
def dawdle(ledger: Ledger, seconds: float, begun: str = "") -> Entry:
    """Makes a file, where one is named, takes its time and then appends."""
    if begun:
        Path(begun).touch()
    time.sleep(seconds)
    return ledger.append("decision", "slow", {})


def not_marked(ledger: Ledger) -> str:
    """Cannot be asked for."""
    return ledger.url


if __name__ == "__main__":
    import tests.sluicegate.ledger.socket_verbs  # noqa: F401 - under the name that the asking process knows

    serve(Home.at(Path(sys.argv[1])), Path(sys.argv[2]), ready=lambda: print("ready", flush=True))
