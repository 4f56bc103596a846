from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sluicegate.errors import TamperingDetected, Unavailable
from sluicegate.evidence.dossier import Dossier, load_dossier, write_json
from sluicegate.evidence.finding import measured


@pytest.fixture
def dossier_folder(first_dossier: Path, tmp_path: Path) -> Path:
    """A copy that may be damaged."""
    return Path(shutil.copytree(first_dossier, tmp_path / "dossier"))


def edit(folder: Path, change: Callable[[dict[str, Any]], None]) -> None:
    value = json.loads((folder / "dossier.json").read_text())
    change(value)
    (folder / "dossier.json").write_text(json.dumps(value))


def test_a_dossier_is_read_as_it_was_written(dossier_folder: Path) -> None:
    dossier = load_dossier(dossier_folder)
    assert dossier.lineage["model"] == "stub"
    assert dossier.find("performance.accuracy") in dossier.findings
    assert dossier.find("performance.accuracy", against="other") is None


def test_any_byte_of_the_folder_changes_the_digest(dossier_folder: Path) -> None:
    before = load_dossier(dossier_folder).digest
    with (dossier_folder / "index.html").open("ab") as file:
        file.write(b"x")
    assert load_dossier(dossier_folder).digest != before


def test_evidence_that_was_changed_is_found_out(dossier_folder: Path) -> None:
    (dossier_folder / "performance.json").write_text("{}")
    (dossier_folder / "data.json").unlink()
    with pytest.raises(TamperingDetected, match=r"data\.json is missing; performance\.json was changed"):
        load_dossier(dossier_folder)


def test_evidence_outside_the_folder_does_not_count(dossier_folder: Path) -> None:
    (dossier_folder.parent / "elsewhere.json").write_text("{}")
    edit(dossier_folder, lambda value: value["findings"][0].update(evidence="../elsewhere.json"))
    with pytest.raises(TamperingDetected, match="outside the dossier"):
        load_dossier(dossier_folder)


def test_a_finding_that_stands_there_twice_is_refused(dossier_folder: Path) -> None:
    edit(dossier_folder, lambda value: value["findings"].append({**value["findings"][0], "value": 1.0}))
    with pytest.raises(TamperingDetected, match=r"performance\.accuracy was measured twice"):
        load_dossier(dossier_folder)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"candidate": 3}', '{"findings": [{"check": "a"}]}'])
def test_what_is_no_dossier_is_refused(dossier_folder: Path, content: str) -> None:
    (dossier_folder / "dossier.json").write_text(content)
    with pytest.raises(TamperingDetected, match="does not hold a dossier"):
        load_dossier(dossier_folder)


def test_a_folder_without_a_dossier_is_named(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="there is no dossier here"):
        load_dossier(tmp_path)


def test_a_dossier_in_memory_has_no_digest() -> None:
    dossier = Dossier(candidate="a", findings=(measured("performance.accuracy", 1.0),), lineage={})
    with pytest.raises(Unavailable, match="no digest"):
        _ = dossier.digest


def test_numbers_that_are_not_finite_are_written_as_null(tmp_path: Path) -> None:
    write_json({"a": [float("nan"), 1.0, float("inf")]}, tmp_path / "x.json")
    assert json.loads((tmp_path / "x.json").read_text()) == {"a": [None, 1.0, None]}
