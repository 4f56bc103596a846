"""Keys, and OpenSSH's own tool to compare with."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

PASSPHRASE = "correct horse"
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def ssh_keygen() -> Run:
    tool = shutil.which("ssh-keygen")
    if tool is None:
        pytest.skip("ssh-keygen is not installed")

    def run(*arguments: str | Path, given: str = "") -> subprocess.CompletedProcess[str]:
        command = [tool, *map(str, arguments)]
        return subprocess.run(command, input=given, capture_output=True, text=True, timeout=60, check=False)

    return run


@pytest.fixture
def made_by_openssh(ssh_keygen: Run, tmp_path: Path) -> Callable[..., Path]:
    """Makes a key with OpenSSH's own tool and says where it is."""

    def make(*options: str, passphrase: str = PASSPHRASE) -> Path:
        path = tmp_path / "made_by_openssh"
        made = ssh_keygen("-q", *(options or ("-t", "ed25519")), "-N", passphrase, "-C", "rita", "-f", path)
        assert made.returncode == 0, made.stderr
        return path

    return make
