from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from torch import nn

from sluicegate.training.checkpoint import Checkpoints
from sluicegate.training.engine.strategy import layers

STEPS = Path(__file__).with_name("steps.py")
Worlds = dict[str, Path]


def in_two_ranks(folder: Path, strategy: str, precision: str) -> Path:
    """Where two ranks of `steps.py` have left what they did; torchrun takes a free port and keeps it."""
    torchrun = [sys.executable, "-P", "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    done = subprocess.run(
        [*torchrun, "--no-python", sys.executable, "-P", str(STEPS), str(folder), strategy, precision],
        env=os.environ | {"GLOO_SOCKET_IFNAME": "lo", "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=480,
    )
    assert done.returncode == 0, done.stderr
    return folder / f"{strategy}-{precision}"


@pytest.fixture(scope="module")
def steps() -> ModuleType:
    specification = importlib.util.spec_from_file_location("steps", STEPS)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, small_base: Any) -> Path:
    folder: Path = tmp_path_factory.mktemp("world")
    small_base(folder)
    return folder


@pytest.fixture(scope="module")
def alone(world: Path, steps: ModuleType) -> tuple[Any, Any, Path]:
    """One process over the same rows."""
    out = world / "alone"
    out.mkdir()
    loop, recorded = steps.train(world, steps.Dense(), "fp32", out)
    return loop, recorded, out


@pytest.fixture(scope="module", params=["ddp", "fsdp"])
def spread(request: pytest.FixtureRequest, world: Path) -> tuple[str, Path]:
    return request.param, in_two_ranks(world, request.param, "fp32")


def losses(out: Path) -> list[float]:
    lines = [json.loads(line) for line in (out / "curve.jsonl").read_text(encoding="utf-8").splitlines()]
    return [line.get("loss", line.get("validation_loss")) for line in lines]


def test_two_processes_leave_the_gradients_of_one_at_every_step(
    alone: tuple[Any, Any, Path], spread: tuple[str, Path]
) -> None:
    _, recorded, _ = alone
    found = load_file(spread[1] / "gradients.safetensors")

    assert len(recorded.steps) == 13  # 85 rows in batches of 7; in the last there is 1 row, and a rank has none
    for i, step in enumerate(recorded.steps):
        for name, gradient in step.items():
            torch.testing.assert_close(found[f"{i}/{name}"], gradient, rtol=1e-3, atol=1e-5, msg=f"{i} {name}")


def test_the_clip_bites_at_some_steps_so_that_the_gradients_scale_is_seen_in_the_curve(
    alone: tuple[Any, Any, Path], steps: ModuleType
) -> None:
    _, recorded, _ = alone
    norms = [torch.nn.utils.get_total_norm(step.values()).item() for step in recorded.steps]

    assert min(norms) < steps.TRAINING["gradient_clip"] < max(norms)


def test_two_processes_have_the_loss_curve_and_the_weights_of_one(
    alone: tuple[Any, Any, Path], spread: tuple[str, Path]
) -> None:
    loop, _, out = alone
    weights = load_file(spread[1] / "weights.safetensors")

    assert losses(spread[1]) == pytest.approx(losses(out), abs=1e-4)
    assert len(losses(out)) == 3
    for name, tensor in loop.optimizer.weights().items():
        if "key.bias" not in name:  # softmax cancels it: its gradient is rounding alone, which Adam makes large
            torch.testing.assert_close(weights[name], tensor, rtol=0, atol=1e-4, msg=name)


def test_fsdp_holds_a_part_of_every_weight_in_each_process_and_ddp_the_whole(
    alone: tuple[Any, Any, Path], spread: tuple[str, Path]
) -> None:
    loop, _, _ = alone
    held = [load_file(spread[1] / f"held-{rank}.safetensors") for rank in (0, 1)]
    if spread[0] == "ddp":
        assert held == [{}, {}]
        return

    whole = dict(loop.model.named_parameters())
    assert set(held[0]) == set(held[1]) == set(whole)
    for name, parameter in whole.items():
        assert held[0][name].shape[0] == -(-parameter.shape[0] // 2)
        assert held[0][name].shape[0] + held[1][name].shape[0] == parameter.shape[0]


def test_a_checkpoint_of_two_processes_is_whole_in_one(alone: tuple[Any, Any, Path], spread: tuple[str, Path]) -> None:
    loop, _, _ = alone
    checkpoints = Checkpoints(spread[1] / "checkpoints")
    state = checkpoints.newest("f")
    assert state is not None
    assert state.step == 13
    stored, weights = checkpoints.weights(13), load_file(spread[1] / "weights.safetensors")

    assert set(stored) == set(weights)
    assert all(torch.equal(stored[name], weights[name]) for name in weights)
    for name, tensor in loop.optimizer.moments().items():
        torch.testing.assert_close(checkpoints.moments(13)[name], tensor, rtol=1e-3, atol=1e-5)
    files = sorted(p.name for p in (spread[1] / "checkpoints" / "step-00000013").iterdir())
    assert files == [
        "model-00001-of-00002.safetensors",
        "model-00002-of-00002.safetensors",
        "model.index.json",
        "optimizer-00001-of-00002.safetensors",
        "optimizer-00002-of-00002.safetensors",
        "optimizer.index.json",
        "state.json",
    ]


@pytest.mark.parametrize("strategy", ["ddp", "fsdp"])
def test_in_bf16_the_weights_that_are_kept_are_fp32(world: Path, strategy: str) -> None:
    out = in_two_ranks(world, strategy, "bf16")
    kept = load_file(out / "weights.safetensors")
    held = load_file(out / "held-0.safetensors")

    assert (out / "logits-0.txt").read_text(encoding="utf-8") == "torch.bfloat16"
    assert {tensor.dtype for tensor in (*kept.values(), *held.values())} == {torch.float32}
    assert losses(out)[-1] < losses(out)[0]


def test_the_layers_are_what_the_outermost_lists_hold() -> None:
    inner = nn.ModuleList([nn.Linear(1, 1), nn.Linear(1, 1)])
    block = nn.ModuleDict({"experts": inner})
    model = nn.Sequential(nn.Embedding(2, 2), nn.ModuleList([block, nn.Linear(2, 2)]))

    assert layers(model) == list(model[1])
