"""Fixtures for the registry's tests; the house itself is in registry_fixtures.py."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from registry_fixtures import House  # noqa: E402

from sluicegate.registry import tracking  # noqa: E402
from sluicegate.settings import Home, silence_telemetry  # noqa: E402

silence_telemetry()


@pytest.fixture(scope="session")
def mlflow_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("template")
    tracking.connect(Home.at(root))
    return root / "mlflow" / "mlflow.db"


@pytest.fixture
def house(tmp_path: Path, mlflow_template: Path) -> House:
    return House(tmp_path / "home", mlflow_template)
