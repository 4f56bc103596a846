"""What `trace` says of a small dossier written by hand; `test_embedded` traces one that was built."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import typer

from flows.cli.tracing import trace
from sluicegate.evidence.dossier import Dossier, write_dossier, write_json
from sluicegate.evidence.evidence_file import held_of
from sluicegate.evidence.finding import Finding, measured, not_evaluated

FINDINGS = (
    measured("performance.accuracy", 0.75, n=40, interval=(0.6, 0.85), confidence=0.95, seed=3),
    measured("performance.macro_f1", 0.7, n=40, confidence=0.9, is_bound=True),
    not_evaluated("performance.roc_auc", "too few rows"),
)


@pytest.fixture(autouse=True)
def _no_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SLUICEGATE_HOME", str(tmp_path / "no-home"))


def written(folder: Path, held: dict[str, Any], findings: tuple[Finding, ...] = FINDINGS) -> str:
    """A dossier's folder whose only evidence file holds `held`."""
    folder.mkdir(exist_ok=True)
    digest = write_json({**held, "figures": {}}, folder / "performance.json")
    dossier = Dossier(
        candidate="ab" * 32,
        findings=tuple(finding.resting_on("performance.json", digest) for finding in findings),
        lineage={},
        files={"performance.json": digest},
        sources={"performance.json": {"candidate": "ab" * 32}},
    )
    write_dossier(dossier, folder)
    return str(folder)


def test_a_whole_dossier_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = written(tmp_path / "dossier", held_of(FINDINGS))
    trace(folder)
    for finding in FINDINGS:
        trace(folder, finding.check)
    said = capsys.readouterr().out
    assert "every number stands in its file, every digest holds" in said
    assert "measured   n 40, seed 3" in said
    assert "0.7, no interval, holds with 90%" in said
    assert "That file says so too" in said
    assert "older" not in said


def test_every_fault_is_a_line_of_its_own_that_names_the_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    changed = (FINDINGS[0].model_copy(update={"n": 4_000}), FINDINGS[2])
    folder = written(tmp_path / "dossier", held_of(FINDINGS), changed)
    with pytest.raises(typer.Exit) as ended:
        trace(folder)
    assert ended.value.exit_code == 4
    assert capsys.readouterr().err.splitlines() == [
        "sluicegate: dossier of candidate abababababab: 2 differences",
        "  performance.accuracy is not the number in performance.json: n 4000 and there 40",
        "  performance.macro_f1 stands in performance.json, but dossier.json has no such finding from there",
    ]


def test_of_an_older_dossier_it_says_what_was_not_compared(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    older = {f.check: {"value": f.value, "interval": f.interval} for f in FINDINGS if f.status == "measured"}
    folder = written(tmp_path / "dossier", {"measured": older})
    trace(folder)
    trace(folder, "performance.accuracy")
    said = capsys.readouterr().out
    assert "Of performance.json only value and interval were compared: older files hold no more." in said
    assert "Not compared: confidence, n, seed, unit. The file is older and does not hold them." in said
    trace(folder, json_=True)
    assert json.loads(capsys.readouterr().out)["older"] == ["performance.json"]
