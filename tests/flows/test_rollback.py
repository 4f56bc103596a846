"""Orders of a responder, carried out by their flows on a real Prefect server."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from prefect.flows import load_flow_from_entrypoint

from flows.rollback import recall, rollback
from sluicegate.errors import InputRefused, ReleaseDenied
from sluicegate.gates.releases import live, releases
from tests.flows.conftest import ROOT
from tests.prefect_here import prefect_at

sys.path.insert(0, str(ROOT / "tests" / "sluicegate" / "registry"))

from house_fixtures import house, mlflow_template  # noqa: E402, F401
from registry_fixtures import House  # noqa: E402
from shown import alias  # noqa: E402

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", autouse=True)
def server(prefect_server: dict[str, str]) -> Iterator[None]:
    with prefect_at(prefect_server["PREFECT_API_URL"]):
        yield


@pytest.fixture
def two(house: House, monkeypatch: pytest.MonkeyPatch) -> House:  # noqa: F811
    """A stage that was entered twice, in the home that the environment names."""
    monkeypatch.setenv("SLUICEGATE_HOME", str(house.root))
    for seed in (0, 1):
        house.released(seed=seed)
    return house


def test_a_signed_order_rolls_a_stage_back(two: House) -> None:
    first, _ = releases(two.ledger)
    order = two.rollback_letter().to_text()

    state = rollback(order, return_state=True)

    assert state.name == "RolledBack"
    assert state.message == f"{first.candidate[:12]} is live again in internal of reviews"
    assert live(two.ledger, "reviews", "internal") == first.candidate
    assert alias(two, "internal") == "1"
    assert rollback(order, return_state=True).message == state.message  # delivered again


def test_a_signed_order_recalls_a_candidate(two: House) -> None:
    _, second = releases(two.ledger)

    state = recall(two.recall_letter(second).to_text(), return_state=True)

    assert state.name == "Recalled"
    assert state.message == f"{second.candidate[:12]} of reviews is recalled from internal"
    assert alias(two, "internal") is None


@pytest.mark.parametrize("wrong", ["signed by nobody", "the other order", "no letter"])
def test_an_order_that_does_not_hold_fails_the_run_and_changes_nothing(two: House, wrong: str) -> None:
    letter = two.rollback_letter()
    text = {
        "signed by nobody": letter.model_copy(update={"signatures": ()}).to_text(),
        "the other order": two.recall_letter(releases(two.ledger)[1]).to_text(),
        "no letter": "please roll back",
    }[wrong]

    state = rollback(text, return_state=True)

    assert state.is_failed()
    with pytest.raises((ReleaseDenied, InputRefused)):
        state.result()
    assert alias(two, "internal") == "2"
    assert [r.standing for r in releases(two.ledger)] == ["good", "good"]


@pytest.mark.parametrize("name", ["rollback", "recall"])
def test_the_flow_is_among_the_deployments(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    deployments: list[dict[str, Any]] = yaml.safe_load(Path("prefect.yaml").read_text("utf-8"))["deployments"]
    [found] = [each for each in deployments if each["name"] == name]

    assert load_flow_from_entrypoint(found["entrypoint"]).name == name
