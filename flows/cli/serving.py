"""`sluicegate up`: the Prefect server and UI, the MLflow UI and a worker that serves every deployment."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated

import psutil
import typer

from flows.cli.console import say
from flows.cli.server import SERVED, free_port, prefect_settings, served, start_child, stop_child, wait_for
from flows.cli.watching import apply_named
from sluicegate.errors import Unavailable

if TYPE_CHECKING:
    from sluicegate.settings import Home

CHECKOUT = Path(__file__).resolve().parents[2]
POOL = "sluicegate"
_GRACE_S = 1.0
_LEDGER_START_S = 60


def add_to(app: typer.Typer) -> None:
    """Adds this file's commands."""
    app.command()(up)
    app.command()(ledgerd)


def up(
    prefect_port: Annotated[int, typer.Option(help="Port of the Prefect server and UI; 0 takes a free one.")] = 4200,
    mlflow_port: Annotated[int, typer.Option(help="Port of the MLflow UI; 0 takes a free one.")] = 5000,
) -> None:
    """Starts servers and a worker on 127.0.0.1 and serves until Ctrl-C; gates that wait get their form in the UI."""
    from sluicegate.settings import Home

    home = Home.from_environment()
    if (other := served(home)) is not None:
        raise Unavailable(f"this home is served already, by process {other['pid']}: {other['prefect']}")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a service manager's stop is like Ctrl-C
    servers = _Servers(home, prefect_port or free_port(), mlflow_port or free_port())
    try:
        servers.start()
        servers.wait()
    finally:
        servers.stop()


def ledgerd(
    socket: Annotated[
        Path, typer.Option("--socket", metavar="PATH", help="Where it listens; its folder must be there.")
    ],
) -> None:
    """Writes the ledger for others: the one process that reads the service's key. Others set SLUICEGATE_LEDGERD."""
    # What may be asked for is what was imported.
    import sluicegate.desk.attention
    import sluicegate.ledger.publishing
    import sluicegate.releasing  # noqa: F401
    from sluicegate.ledger.ledgerd import serve
    from sluicegate.settings import Home

    serve(Home.from_environment(), socket.absolute(), ready=lambda: say(f"writing the ledger for {socket}"))


class _Servers:
    """The processes that `up` starts, in order, and ends in reverse."""

    def __init__(self, home: Home, prefect_port: int, mlflow_port: int) -> None:
        self._home = home
        self._prefect, self._mlflow = f"http://127.0.0.1:{prefect_port}", f"http://127.0.0.1:{mlflow_port}"
        self._ports = (prefect_port, mlflow_port)
        self._own_mlflow = not home.tracking_uri.startswith("http")
        if not self._own_mlflow:
            self._mlflow = home.tracking_uri
        self._processes: list[tuple[str, subprocess.Popen[bytes]]] = []
        self._stopping = threading.Event()
        self._folder = tempfile.TemporaryDirectory(prefix="sluicegate-")
        os.environ |= prefect_settings(home) | {
            "PREFECT_API_URL": f"{self._prefect}/api",
            "SLUICEGATE_MLFLOW_UI": os.environ.get("SLUICEGATE_MLFLOW_UI") or self._mlflow,
            "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "INFO",
        }

    def start(self) -> None:
        host = ["--host", "127.0.0.1", "--port"]
        if self._home.ledgerd is None:
            self._start_ledgerd()
        self._run("Prefect server", "flows.cli.prefect_with_mail", "server", "start", *host, str(self._ports[0]))
        if self._own_mlflow:
            self._start_mlflow(host)
        self._await("Prefect server", f"{self._prefect}/api/health")
        self._once("prefect", "work-pool", "create", POOL, "--type", "process", "--overwrite")
        self._once("prefect", "--no-prompt", "deploy", "--all")
        for line in apply_named():
            say(line)
        # Asked politely, a worker whose server is gone as well waits for it for ever.
        self._run("worker", "prefect", "worker", "start", "--pool", POOL, "--type", "process", told=signal.SIGKILL)
        if self._own_mlflow:
            self._await("MLflow UI", f"{self._mlflow}/health")
        self._record()
        started = self._start_waiting_gates()
        say(f"Prefect  {self._prefect}   flows, runs, and the form at each gate")
        say(f"MLflow   {self._mlflow}   candidates, releases, loss curves, dossiers")
        say(f"Worker   serves build and release; gates that wait: {started}. Logs: {self._logs}")
        say("Ctrl-C ends it all; gates that wait are there again the next time.")

    def _start_ledgerd(self) -> None:
        """The ledger's own process; the worker, and all that it starts, ask that one and never see the key."""
        place = Path(self._folder.name) / "ledgerd.sock"  # a socket's path is short, a home's may not be
        self._run("ledger", "flows.cli", "ledgerd", "--socket", str(place))
        process = self._processes[-1][1]
        deadline = time.monotonic() + _LEDGER_START_S
        while not place.is_socket():
            if process.poll() is not None or time.monotonic() > deadline:
                raise Unavailable(f"the ledger's process did not start; see {self._log_path('ledger')}")
            time.sleep(0.1)
        os.environ["SLUICEGATE_LEDGERD"] = str(place)
        self._home = replace(self._home, ledgerd=place)

    def _start_mlflow(self, host: list[str]) -> None:
        from sluicegate.registry import tracking

        tracking.connect(self._home)  # makes MLflow's database before its server looks for it
        os.environ["MLFLOW_SERVER_ENABLE_JOB_EXECUTION"] = "false"  # halves its memory and start
        stores = ["--backend-store-uri", self._home.tracking_uri]
        stores += ["--artifacts-destination", self._home.mlflow_artifacts.as_uri()]
        self._run("MLflow UI", "mlflow", "server", *host, str(self._ports[1]), "--workers", "1", *stores)

    def wait(self) -> None:
        while not self._stopping.wait(_GRACE_S):
            for name, process in self._processes:
                if process.poll() is not None:
                    raise Unavailable(f"the {name} ended with code {process.returncode}; see {self._log_path(name)}")

    def stop(self) -> None:
        for _, process in reversed(self._processes):
            stop_child(process)
        (self._home.root / SERVED).unlink(missing_ok=True)
        self._folder.cleanup()

    @property
    def _logs(self) -> Path:
        folder = self._home.root / "logs"
        folder.mkdir(exist_ok=True)
        return folder

    def _log_path(self, name: str) -> Path:
        return self._logs / f"{name.lower().replace(' ', '-')}.log"

    def _log(self, name: str) -> IO[bytes]:
        return self._log_path(name).open("ab")

    def _run(self, name: str, module: str, *arguments: str, told: signal.Signals = signal.SIGTERM) -> None:
        with self._log(name) as log:
            command = [sys.executable, "-m", module, *arguments]
            self._processes.append((name, start_child(command, log=log, cwd=CHECKOUT, told=told)))

    def _once(self, module: str, *arguments: str) -> None:
        with self._log("deploy") as log:
            done = subprocess.run(
                [sys.executable, "-m", module, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=CHECKOUT,
                check=False,
            )
        if done.returncode:
            raise Unavailable(
                f"`{module} {' '.join(arguments)}` ended with code {done.returncode}; see {self._log_path('deploy')}"
            )

    def _await(self, name: str, url: str) -> None:
        process = next(p for n, p in self._processes if n == name)
        wait_for(url, process, what=f"the {name}", log=self._log_path(name))

    def _record(self) -> None:
        record = {
            "prefect": self._prefect,
            "mlflow": self._mlflow,
            "pid": os.getpid(),
            "process_started": psutil.Process().create_time(),
            "since": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        }
        partial = self._home.root / f"{SERVED}.partial"
        partial.write_text(json.dumps(record), encoding="utf-8")
        partial.replace(self._home.root / SERVED)

    def _start_waiting_gates(self) -> int:
        """Gates that were opened while no server was up get their run now."""
        from flows.cli.waiting import start
        from sluicegate.gates.gate import gates
        from sluicegate.ledger.ledger import open_ledger

        waiting = [g for g in gates(open_ledger(self._home)) if g.state in ("open", "approved", "promoting")]
        for gate in waiting:
            start(self._home, f"{self._prefect}/api", gate)
        return len(waiting)
