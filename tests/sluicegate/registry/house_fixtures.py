"""The fixtures `house` and `mlflow_template`, for the conftest.py of every folder that wants them."""

from pathlib import Path

import pytest
from registry_fixtures import House

from sluicegate.registry import tracking
from sluicegate.settings import Home, silence_telemetry

silence_telemetry()


@pytest.fixture(scope="session")
def mlflow_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("template")
    tracking.connect(Home.at(root))
    return root / "mlflow" / "mlflow.db"


@pytest.fixture
def house(tmp_path: Path, mlflow_template: Path) -> House:
    return House(tmp_path / "home", mlflow_template)
