"""The wheel holds the library alone: top-level `flows` and `tasks` would collide with other people's."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "-w", str(folder)]
    subprocess.run([*command, str(ROOT)], check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    return zipfile.ZipFile(wheel).namelist()


def test_the_wheel_holds_the_library_alone(names: list[str]) -> None:
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"sluicegate"}
    assert not [name for name in names if name.endswith("entry_points.txt")]


def test_the_wheel_holds_every_source_and_every_template(names: list[str]) -> None:
    listed = subprocess.run(["git", "ls-files", "sluicegate"], cwd=ROOT, check=True, capture_output=True, text=True)
    assert set(listed.stdout.split()) <= set(names)


def test_importing_the_library_imports_nothing_heavy() -> None:
    heavy = "torch transformers mlflow prefect great_expectations evidently spacy sklearn"
    script = f"import sys, sluicegate; print([m for m in '{heavy}'.split() if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"
