"""The command line as a user has it: real processes, a real home, the small world's spec."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from flows.cli.server import free_port, start_child, stop_child, wait_for
from sluicegate.ledger.ledger import open_ledger
from sluicegate.settings import Home
from sluicegate.signing.keys import create_private_key, load_private_key
from tests import people
from tests.people import Person

ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-P", "-m", "flows.cli"]


@dataclass(frozen=True)
class Done:
    """What a command left: exit code, standard output, standard error."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def environment(home: Path, **more: str) -> dict[str, str]:
    """A user's environment: this home, and nothing of the tests' own settings."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PREFECT_", "MLFLOW_TRACKING", "SLUICEGATE_"))}
    passphrase = os.environ.get("SLUICEGATE_TEST_PASSPHRASE_FILE", "")
    own = {"SLUICEGATE_HOME": str(home), "SLUICEGATE_PASSPHRASE_FILE": passphrase}
    return kept | own | {"OMP_NUM_THREADS": "1", "COLUMNS": "200", **more}


Cli = Callable[..., Done]


@pytest.fixture(scope="module")
def module_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that the tests of a file share, in order."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="session")
def prefect_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A Prefect server that stays up, and the setting that points a command at it: saves each its own."""
    folder, address = tmp_path_factory.mktemp("prefect"), f"http://127.0.0.1:{free_port()}"
    log = folder / "server.log"
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--no-ui", "--port"]
    with log.open("wb") as file:
        settings = {"PREFECT_HOME": str(folder), "PREFECT_SERVER_ANALYTICS_ENABLED": "false"}
        server = start_child([*command, address.rpartition(":")[2]], log=file, environment=settings)
    try:
        wait_for(f"{address}/api/health", server, what="the Prefect server", log=log)
        yield {"PREFECT_API_URL": f"{address}/api"}
    finally:
        stop_child(server)


@dataclass(frozen=True)
class Team:
    """People with encrypted keys in files, as reviewers have them."""

    folder: Path
    people: dict[str, Person]

    @property
    def passphrase_file(self) -> Path:
        return self.folder / "passphrase"

    def found(self, home: Path) -> None:
        """Puts everybody on the roster of a home, whose ledger is opened if it is not there."""
        people.found(open_ledger(Home.at(home)), *self.people.values())

    def by(self, who: str) -> tuple[str, ...]:
        """Options with which this person decides."""
        return "--as", who, "--key", str(self.folder / f"{who}.key")


@pytest.fixture(scope="session")
def team(tmp_path_factory: pytest.TempPathFactory) -> Team:
    """Ada administers and responds; Ann decides two stages, Bo and Cy all three."""
    folder = tmp_path_factory.mktemp("keys")
    (folder / "passphrase").write_text(people.PASSPHRASE)
    os.environ["SLUICEGATE_TEST_PASSPHRASE_FILE"] = str(folder / "passphrase")
    wanted = {
        "ada": ("administrator", "responder"),
        "ann": (),
        "bo": ("release-manager",),
        "cy": (),
    }
    known = {}
    for name, roles in wanted.items():
        create_private_key(folder / f"{name}.key", people.PASSPHRASE, name)
        key = load_private_key(folder / f"{name}.key", lambda: people.PASSPHRASE)
        stages = ("internal", "restricted") if name == "ann" else people.STAGES
        known[name] = Person(name, key, roles, stages)
    return Team(folder, known)


@pytest.fixture
def sluicegate() -> Cli:
    """Runs `sluicegate …` in a process of its own and waits for it."""
    return run


def run(
    *arguments: str,
    home: Path,
    cwd: Path | None = None,
    timeout_s: float = 300,
    inside: Sequence[str] = (),
    **more: str,
) -> Done:
    done = subprocess.run(
        [*inside, *COMMAND, *arguments],
        env=environment(home, **more),
        cwd=cwd or ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr)
