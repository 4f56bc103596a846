"""Run as a script: does each change in a child of its own that kills itself before its n-th write.

    python killed_changes.py HOME < lines of JSON: {"verb": "promote" | "rollback" | "recall", "what": …, "last": n}

`what` is a gate's id, or a signed order as text. Writes are counted where they become real: at each commit of a
database (the ledger's and MLflow's), and at each file that is copied into MLflow's artifacts or that takes the
place of another one.
"""

import json
import os
import shutil
import signal
import sys
from pathlib import Path

import mlflow  # noqa: F401 - imported once, before the children
import mlflow.store.model_registry.sqlalchemy_store
import mlflow.store.tracking.sqlalchemy_store  # noqa: F401
import pandas as pd  # noqa: F401
from sqlalchemy import Engine, event

from sluicegate.gates.letters import Letter
from sluicegate.ledger.ledger import open_ledger
from sluicegate.registry import rollback, stages
from sluicegate.settings import Home, silence_telemetry


def change_and_die(home: Home, verb: str, what: str, last: int) -> int:
    """Does one change and dies before write number `last`; if there are fewer, returns how many there were."""
    written = 0

    def before_a_write(*_: object) -> None:
        nonlocal written
        written += 1
        if written == last:
            os.kill(os.getpid(), signal.SIGKILL)

    ledger = open_ledger(home)
    event.listen(Engine, "before_cursor_execute", lambda c, cu, statement, *rest: _note(c, statement))
    event.listen(Engine, "commit", lambda c: before_a_write() if c.info.pop("wrote", False) else None)
    copy, replace = shutil.copyfile, os.replace

    def copyfile(source: object, target: object, *rest: object, **more: object) -> object:
        if "artifacts" in str(target) and "mlflow" in str(target):
            before_a_write()
        return copy(source, target, *rest, **more)

    def replaced(source: object, target: object) -> None:
        before_a_write()
        replace(source, target)

    shutil.copyfile, os.replace = copyfile, replaced
    if verb == "promote":
        stages.promote(home, ledger, what)
    else:
        {"rollback": rollback.rollback, "recall": rollback.recall}[verb](home, ledger, Letter.from_text(what))
    return written


def _note(connection: object, statement: str) -> None:
    if statement.lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE")):
        connection.info["wrote"] = True


def main() -> None:
    """Prints for each line that the child was killed, or how many writes it made."""
    silence_telemetry()
    home = Home.at(Path(sys.argv[1]))
    for line in sys.stdin:
        change = json.loads(line)
        child = os.fork()
        if child == 0:
            print(change_and_die(home, **change), flush=True)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if os.WIFEXITED(status) and os.WEXITSTATUS(status) != 0:
            sys.exit(f"the child failed before write {change['last']}")
        if os.WIFSIGNALED(status):
            print("killed", flush=True)


main()
