"""Run as a script: promotes each gate in a child of its own that kills itself before its n-th write.

    python killed_promotions.py HOME < "GATE N" lines

Writes are counted where they become real: at each commit of a database (the ledger's and MLflow's), and at
each file that is put in its place by renaming or copied into MLflow's artifacts.
"""

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

from sluicegate.gates.ledger import Ledger
from sluicegate.registry import stages
from sluicegate.settings import Home, silence_telemetry


def promote_and_die(home: Home, gate: str, last: int) -> int:
    """Promotes `gate` and dies before write number `last`; if there are fewer, returns how many there were."""
    written = 0

    def before_a_write(*_: object) -> None:
        nonlocal written
        written += 1
        if written == last:
            os.kill(os.getpid(), signal.SIGKILL)

    ledger = Ledger(home.ledger_url)
    event.listen(Engine, "before_cursor_execute", lambda c, cu, statement, *rest: _note(c, statement))
    event.listen(Engine, "commit", lambda c: before_a_write() if c.info.pop("wrote", False) else None)
    copy = shutil.copyfile

    def copyfile(source: object, target: object, *rest: object, **more: object) -> object:
        if "artifacts" in str(target) and "mlflow" in str(target):
            before_a_write()
        return copy(source, target, *rest, **more)

    shutil.copyfile = copyfile
    stages.promote(home, ledger, gate)
    return written


def _note(connection: object, statement: str) -> None:
    if statement.lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE")):
        connection.info["wrote"] = True


def main() -> None:
    """Prints for each line that the child was killed, or how many writes it made."""
    silence_telemetry()
    home = Home.at(Path(sys.argv[1]))
    for line in sys.stdin:
        gate, last = line.split()
        child = os.fork()
        if child == 0:
            print(promote_and_die(home, gate, int(last)), flush=True)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if os.WIFEXITED(status) and os.WEXITSTATUS(status) != 0:
            sys.exit(f"the child failed before write {last}")
        if os.WIFSIGNALED(status):
            print("killed", flush=True)


main()
