"""Where an installation keeps its things, read from the environment once, at the edge.

Everything lies under one home folder (`SLUICEGATE_HOME`, default ``~/.sluicegate``):

    inputs/          pinned archives, hash-checked, and what was unpacked from them
    steps/           finished steps, one folder each, keyed by content
    candidates/      candidates by digest
    dossiers/        dossiers by digest
    policies/        policies by digest, as they stood when a gate opened
    runs/            one small JSON file a run: where it stands
    live/            notes of which release the alias in MLflow was set for
    keys/            the service's key and the key of one-time codes: for whoever writes the ledger, nobody else
    receipts/        signed checkpoints of the ledger, one for each decision that was taken from here
    selftest/        the home of a self-test that is under way, or was killed
    locks/  tmp/     what keeps two processes apart; files under way
    ledger.db        the ledger (or `SLUICEGATE_LEDGER_URL`)
    mlflow/          MLflow's database and artifacts (or `MLFLOW_TRACKING_URI`)
    prefect/         Prefect's own home
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from sluicegate.errors import InputRefused

LEAST_FREE_BYTES = 100_000_000
"""A run is not begun with less: the databases and one checkpoint of a small model."""

# Nothing leaves the machine: each of these switches one library's telemetry, update check or download off.
SILENCE = {
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
    "GX_ANALYTICS_ENABLED": "false",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_UV_AUTO_DETECT": "false",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DISABLE_TELEMETRY": "YES",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "RAY_USAGE_STATS_ENABLED": "0",
    "TOKENIZERS_PARALLELISM": "false",
    "GIT_PYTHON_REFRESH": "quiet",
}


def silence_telemetry() -> None:
    """Switches telemetry off in every library that has it; call before any of them is imported."""
    os.environ.update(SILENCE)
    os.environ.setdefault("HF_HUB_OFFLINE", "1")


@dataclass(frozen=True)
class Home:
    """The folders and addresses of one installation."""

    root: Path
    ledger_url: str
    tracking_uri: str
    ledgerd: Path | None = None
    """Socket of the process that writes the ledger; None: this process does it itself."""
    checkpoints_to: str | None = None
    """File or URL outside, to which checkpoints of the ledger go."""
    trust: str | None = None
    """What the roster's root is pinned to: a file of public keys, or a fingerprint."""
    mlflow_ui: str | None = None
    """Where people see MLflow, to lead them there; None if nothing is known to show it."""

    @classmethod
    def from_environment(cls) -> Home:
        """The home that the environment names.

        Raises:
            InputRefused: It cannot be made, or nothing can be written there.
        """
        root = Path(os.environ.get("SLUICEGATE_HOME") or "~/.sluicegate").expanduser().absolute()
        return cls.at(
            root,
            ledger_url=os.environ.get("SLUICEGATE_LEDGER_URL"),
            tracking_uri=os.environ.get("MLFLOW_TRACKING_URI"),
            ledgerd=os.environ.get("SLUICEGATE_LEDGERD"),
            checkpoints_to=os.environ.get("SLUICEGATE_CHECKPOINTS"),
            trust=os.environ.get("SLUICEGATE_TRUST"),
            mlflow_ui=os.environ.get("SLUICEGATE_MLFLOW_UI"),
        )

    @classmethod
    def at(
        cls,
        root: Path,
        *,
        ledger_url: str | None = None,
        tracking_uri: str | None = None,
        ledgerd: str | None = None,
        checkpoints_to: str | None = None,
        trust: str | None = None,
        mlflow_ui: str | None = None,
    ) -> Home:
        """The home at `root`, made if it is not there.

        Raises:
            InputRefused: It cannot be made, or nothing can be written there.
        """
        home = cls(
            root=root,
            ledger_url=ledger_url or f"sqlite:///{root / 'ledger.db'}",
            tracking_uri=tracking_uri or f"sqlite:///{root / 'mlflow' / 'mlflow.db'}",
            ledgerd=Path(ledgerd).expanduser().absolute() if ledgerd else None,
            checkpoints_to=checkpoints_to or None,
            trust=trust or None,
            mlflow_ui=mlflow_ui or None,
        )
        try:
            root.mkdir(mode=0o700, parents=True, exist_ok=True)  # raw data lies below it
            for folder in (
                home.inputs,
                home.steps,
                home.candidates,
                home.dossiers,
                home.policies,
                home.runs,
                home.mlflow_artifacts,
            ):
                folder.mkdir(parents=True, exist_ok=True)
            probe = root / f".writable-{os.getpid()}"
            probe.write_bytes(b"0" * 4096)
            probe.unlink()
        except OSError as error:
            raise InputRefused(
                root, "SLUICEGATE_HOME", f"cannot be written: {error.strerror}", "set it to a folder with room"
            ) from None
        return home

    def require_room(self) -> None:
        """Refuses to begin work that could not even write down where it stands.

        Raises:
            InputRefused: Less than `LEAST_FREE_BYTES` are free.
        """
        free = shutil.disk_usage(self.root).free
        if free < LEAST_FREE_BYTES:
            problem = f"has {free / 1e6:.0f} MB free, at least {LEAST_FREE_BYTES / 1e6:.0f} MB are needed"
            raise InputRefused(self.root, "SLUICEGATE_HOME", problem, "free some room, or set it to another folder")

    @property
    def inputs(self) -> Path:
        """Pinned archives and what was unpacked from them."""
        return self.root / "inputs"

    @property
    def steps(self) -> Path:
        """Finished steps."""
        return self.root / "steps"

    @property
    def candidates(self) -> Path:
        """Candidates by digest."""
        return self.root / "candidates"

    @property
    def dossiers(self) -> Path:
        """Dossiers by digest."""
        return self.root / "dossiers"

    @property
    def policies(self) -> Path:
        """Policies by digest."""
        return self.root / "policies"

    @property
    def runs(self) -> Path:
        """One small JSON file a run."""
        return self.root / "runs"

    @property
    def keys(self) -> Path:
        """What only the process that writes the ledger reads."""
        return self.root / "keys"

    @property
    def service_key(self) -> Path:
        """The key that signs the ledger's entries."""
        return self.keys / "service.key"

    @property
    def code_key(self) -> Path:
        """The key that the reviewers' one-time codes are derived from."""
        return self.keys / "code.key"

    @property
    def receipts(self) -> Path:
        """Signed checkpoints, one for each decision that was taken from here."""
        return self.root / "receipts"

    @property
    def selftest(self) -> Path:
        """The home in which the self-test makes its candidates."""
        return self.root / "selftest"

    @property
    def mlflow_artifacts(self) -> Path:
        """MLflow's artifacts, where no tracking server is named."""
        return self.root / "mlflow" / "artifacts"

    @property
    def prefect(self) -> Path:
        """Prefect's own home."""
        return self.root / "prefect"
