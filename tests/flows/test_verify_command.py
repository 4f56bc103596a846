"""`sluicegate verify` as somebody else runs it: files, a root key, exit codes, one fault a line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from sluicegate.audit.receipts import receipt_for
from sluicegate.ledger.checkpoint import publish, take_checkpoint
from sluicegate.registry.export import export
from tests.exported import Gatehouse

Ran = subprocess.CompletedProcess[str]
Run = Callable[..., Ran]
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def gatehouse(tmp_path: Path) -> Gatehouse:
    return Gatehouse(tmp_path)


@pytest.fixture
def folder(gatehouse: Gatehouse, tmp_path: Path) -> Path:
    gatehouse.released()
    export(gatehouse.home, gatehouse.ledger, "reviews/internal", tmp_path / "release")
    return tmp_path / "release"


@pytest.fixture
def root(gatehouse: Gatehouse, tmp_path: Path) -> Path:
    (tmp_path / "root.pub").write_text(f"{gatehouse.root_key.line} ada\n")
    return tmp_path / "root.pub"


@pytest.fixture
def verify(tmp_path: Path) -> Run:
    """Runs the command on a machine without a home, with nothing in its environment that we would read."""

    def verify_(*arguments: object, **environment: str) -> Ran:
        nowhere = {"HOME": str(tmp_path / "nobody"), "SLUICEGATE_HOME": str(tmp_path / "nobody" / "home")}
        kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        done = subprocess.run(
            [sys.executable, "-m", "flows.cli", "verify", *map(str, arguments)],
            cwd=ROOT,
            env=kept | nowhere | {"PYTHONDONTWRITEBYTECODE": "1"} | environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert not (tmp_path / "nobody" / "home").exists()
        return done

    return verify_


def test_a_release_that_holds_exits_with_0_and_says_who_approved_it(verify: Run, folder: Path, root: Path) -> None:
    done = verify(folder, "--trust", root)
    assert (done.returncode, done.stderr) == (0, "")
    assert "rita approved candidate" in done.stdout
    assert "As of checkpoint" in done.stdout


def test_faults_come_one_a_line_on_standard_error_with_exit_code_4(verify: Run, folder: Path) -> None:
    (folder / "candidate" / "model.safetensors").write_bytes(b"other")
    done = verify(folder)
    assert done.returncode == 4
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    assert "untrusted root: pin it with --trust FILE or SLUICEGATE_TRUST" in lines
    assert "candidate/model.safetensors was changed" in lines


def test_the_root_may_be_a_fingerprint_and_may_come_from_the_environment(
    verify: Run, gatehouse: Gatehouse, folder: Path, root: Path
) -> None:
    assert verify(folder, "--trust", gatehouse.root_key.fingerprint).returncode == 0
    assert verify(folder, SLUICEGATE_TRUST=str(root)).returncode == 0


def test_json_holds_faults_statements_and_the_checkpoint(verify: Run, folder: Path, root: Path) -> None:
    good = json.loads(verify(folder, "--trust", root, "--json").stdout)
    assert (good["holds"], good["faults"]) == (True, [])
    assert good["checkpoint"]["seq"] > 0
    done = verify(folder, "--json")
    bad = json.loads(done.stdout)
    assert (done.returncode, bad["holds"], len(bad["faults"])) == (4, False, 1)


def test_ledgers_are_verified_against_checkpoints_and_receipts_that_were_kept(
    verify: Run, gatehouse: Gatehouse, folder: Path, root: Path, tmp_path: Path
) -> None:
    asked = gatehouse.opened(seed=2)
    letter = gatehouse.ravi.rejects(asked)
    gatehouse.decided(asked, letter)
    publish(take_checkpoint(gatehouse.ledger), str(tmp_path / "kept"))
    receipt = receipt_for(gatehouse.ledger, letter).keep(tmp_path)
    kept = ("--checkpoint", tmp_path / "kept", "--checkpoint", receipt, "--max-age", "7d")
    ledger = gatehouse.home.root / "ledger.db"
    assert verify(gatehouse.home.ledger_url, "--trust", root, *kept).returncode == 0
    assert verify(ledger, "--trust", root, *kept).returncode == 0
    done = verify(folder / "ledger.json", "--trust", root, *kept)  # it ends before what was kept
    assert done.returncode == 4
    assert "cut off" in done.stderr
    assert "is not the decision of ravi for which there is a receipt" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        pytest.param(["nothing.db"], "there is no such file", id="no ledger"),
        pytest.param(["nothing.json"], "cannot be read", id="no excerpt"),
        pytest.param([".", "--trust", "SHA256:x"], "is not a fingerprint", id="fingerprint"),
        pytest.param([".", "--trust", "nothing.pub"], "no such file", id="no key"),
        pytest.param([".", "--checkpoint", "nothing"], "cannot be read", id="no checkpoint"),
        pytest.param([".", "--max-age", "soon"], "is not a length of time", id="age"),
        pytest.param(["."], "ledger.json: cannot be read", id="no release"),
    ],
)
def test_bad_input_gets_one_clear_line_and_exit_code_2(verify: Run, arguments: list[str], problem: str) -> None:
    done = verify(*arguments)
    assert done.returncode == 2
    assert problem in done.stderr
    assert done.stderr.count("\n") == 1
