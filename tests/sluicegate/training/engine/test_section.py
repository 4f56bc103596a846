from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from sluicegate.spec import Training
from sluicegate.spec.model import LocalEngine, RayEngine, TorchrunEngine


def section(**fields: Any) -> Training:
    return Training(base_model="x", base_model_licence="MIT", **fields)


def test_a_run_is_local_where_nothing_is_said() -> None:
    assert section().engine == LocalEngine()


def test_several_processes_hold_the_whole_model_each_where_no_strategy_is_said() -> None:
    found = section(engine={"kind": "torchrun", "processes": 4}).engine

    assert found == TorchrunEngine(kind="torchrun", processes=4, strategy="ddp")


def test_a_cluster_is_the_one_of_this_machine_where_none_is_said_and_a_process_has_one_processor() -> None:
    found = section(engine={"kind": "ray", "processes": 4}).engine

    assert found == RayEngine(kind="ray", address="auto", processes=4, processors=1, strategy="ddp", restarts=3)


@pytest.mark.parametrize("address", ["auto", "10.0.0.5:6379", "head-svc:6379", "[::1]:6379", None])
def test_what_is_an_address_is_taken(address: str | None) -> None:
    found = section(engine={"kind": "ray", "processes": 1, "address": address}).engine

    assert isinstance(found, RayEngine)
    assert found.address == address


@pytest.mark.parametrize(
    ("engine", "said"),
    [
        pytest.param({"kind": "torchrun"}, "processes", id="how many is not said"),
        pytest.param({"kind": "torchrun", "processes": 0}, "greater than 0", id="none"),
        pytest.param({"kind": "torchrun", "processes": 2, "strategy": "zero"}, "'ddp' or 'fsdp'", id="no strategy"),
        pytest.param({"kind": "local", "processes": 2}, "Extra inputs", id="local with processes"),
        pytest.param({"kind": "slurm"}, "'local', 'torchrun'", id="no engine"),
        pytest.param({"kind": "ray"}, "processes", id="how many on the cluster is not said"),
        pytest.param({"kind": "ray", "processes": 0}, "greater than 0", id="none on the cluster"),
        pytest.param({"kind": "ray", "processes": 2, "strategy": "zero"}, "'ddp' or 'fsdp'", id="no strategy of Ray's"),
        pytest.param({"kind": "ray", "processes": 2, "address": "ray://head:10001"}, "pattern", id="Ray Client"),
        pytest.param({"kind": "ray", "processes": 2, "address": "head"}, "pattern", id="no port"),
        pytest.param({"kind": "ray", "processes": 2, "restarts": -1}, "greater than", id="less than no restart"),
    ],
)
def test_what_is_no_engine_is_refused(engine: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        section(engine=engine)


@pytest.mark.parametrize("kind", ["torchrun", "ray"])
def test_adalora_needs_whole_weights(kind: str) -> None:
    adalora = {"adalora": {"initial_rank": 4, "target_rank": 2, "alpha": 8}}
    with pytest.raises(ValidationError, match="fsdp` with AdaLoRA"):
        section(method=adalora, engine={"kind": kind, "processes": 2, "strategy": "fsdp"})
    section(method=adalora, engine={"kind": kind, "processes": 2})


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"robustness": {"adversarial": {"kind": "fgm", "radius": 0.1}}}, id="robustness"),
        pytest.param({"fairness": {"reweigh": ["shop"]}}, id="fairness"),
    ],
)
@pytest.mark.parametrize("kind", ["torchrun", "ray"])
def test_what_is_tried_in_one_process_alone_is_refused_in_several(kind: str, changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match=f"`{next(iter(changes))}` works in one process, not under `engine.kind"):
        section(engine={"kind": kind, "processes": 2}, **changes)
    section(**changes)
