from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from sluicegate.errors import InputRefused
from sluicegate.training.checkpoint import Checkpoints, State
from sluicegate.training.losses import StepLoss
from sluicegate.training.shards import write_tensors

TENSORS = {"w": torch.arange(6.0).view(2, 3)}


def save(checkpoints: Checkpoints, step: int, best: int = 0, fingerprint: str = "f") -> State:
    state = State(
        fingerprint,
        step=step,
        best_step=best,
        window=(StepLoss(0.1, 8), StepLoss(1 / 3, 5)),
        best_quality=0.7,
        seconds=1.5,
    )
    checkpoints.save(state, {"w": TENSORS["w"] + step}, {"w/step": torch.tensor(float(step))})
    return state


def test_the_newest_checkpoint_comes_back_as_it_was(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path / "c")
    save(checkpoints, 5)
    state = save(checkpoints, 10)

    assert checkpoints.newest("f") == state
    assert torch.equal(checkpoints.weights(10)["w"], TENSORS["w"] + 10)
    assert checkpoints.moments(10)["w/step"].item() == 10


def test_only_the_newest_and_the_best_are_kept(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path)
    for step, best in ((5, 5), (10, 5), (15, 5), (20, 20), (25, 20)):
        save(checkpoints, step, best)

    assert sorted(p.name for p in tmp_path.iterdir()) == ["step-00000020", "step-00000025"]


def test_one_that_was_being_written_when_the_run_was_killed_is_ignored(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path)
    state = save(checkpoints, 5)
    (tmp_path / ".step-00000010.partial").mkdir()
    (tmp_path / ".step-00000010.partial" / "model.safetensors").write_bytes(b"half of it")

    assert checkpoints.newest("f") == state
    assert [p.name for p in tmp_path.iterdir()] == ["step-00000005"]


def test_checkpoints_of_another_run_are_removed_and_not_used(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path / "c")
    save(checkpoints, 5, fingerprint="another")

    assert checkpoints.newest("f") is None
    assert not (tmp_path / "c").exists()


def test_one_that_another_version_wrote_is_not_used(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path / "c")
    save(checkpoints, 5)
    file = tmp_path / "c" / "step-00000005" / "state.json"
    state = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps({**state, "window_losses": [0.1]}), encoding="utf-8")

    assert checkpoints.newest("f") is None
    assert not (tmp_path / "c").exists()


def test_what_a_killed_removal_left_is_not_used(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path / "c")
    save(checkpoints, 5)
    (tmp_path / "c" / "step-00000005" / "state.json").unlink()

    assert checkpoints.newest("f") is None


def test_the_same_tensors_give_the_same_bytes_and_tied_ones_are_written_out(tmp_path: Path) -> None:
    tied = torch.randn(4)
    for name in ("a", "b"):
        write_tensors({"x": tied, "y": tied, "z": torch.ones(2)}, tmp_path / name)

    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputRefused, match=r"model\.safetensors: cannot be written"):
        write_tensors(TENSORS, tmp_path / "not there" / "model.safetensors")
