from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from sluicegate.errors import InputRefused
from sluicegate.progress import Progress, listen
from sluicegate.spec import Training
from sluicegate.training import passes
from sluicegate.training.batches import Batch
from sluicegate.training.fine_tuning import fine_tune
from sluicegate.training.memory import fewer_rows, is_out_of_memory
from sluicegate.training.optimizer import MasterAdamW
from sluicegate.training.recipes.sequence_classification import SequenceClassification
from tests.sluicegate.training.conftest import LABELS


def full(rows: int, raised: type[RuntimeError] = torch.OutOfMemoryError) -> Any:
    """`PlainPass` on a device that has memory for `rows` sequences: a larger batch fails after its forward pass."""
    plain = passes.PlainPass.__call__

    def call(self: passes.PlainPass, batch: Batch, scale: float) -> float:
        loss = plain(self, batch, scale)
        if len(batch.ids_BT) > rows:
            raise raised("CUDA out of memory. Tried to allocate 2.00 GiB")
        return loss

    return call


@pytest.fixture
def settings(base_model: Path, rows: dict[str, Path]) -> dict[str, Any]:
    return {
        "train": rows["train"],
        "validation": rows["validation"],
        "labels": LABELS,
        "base_model": base_model,
        "training": Training(
            base_model="tiny",
            base_model_licence="MIT",
            epochs=1,
            micro_batch_size=8,
            max_length_tokens=32,
            precision="fp32",
        ),
    }


def curve(folder: Path) -> list[dict[str, float]]:
    return [json.loads(line) for line in (folder / "curve.jsonl").read_text(encoding="utf-8").splitlines()]


def test_a_micro_batch_that_does_not_fit_is_halved_until_it_does_and_the_step_stays_as_large(
    settings: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Progress] = []
    monkeypatch.setattr(passes.PlainPass, "__call__", full(2))
    with listen(seen.append):
        fine_tune(**settings, folder=tmp_path / "little")

    summary = json.loads((tmp_path / "little" / "summary.json").read_text(encoding="utf-8"))
    assert (summary["micro_batch_size"], summary["steps"]) == (2, 12)
    assert [line["micro_batch_size"] for line in curve(tmp_path / "little") if "micro_batch_size" in line] == [2]
    assert [p.note for p in seen if "memory" in p.note] == [
        "too little memory for 8 texts at once, on with 4",
        "too little memory for 4 texts at once, on with 2",
    ]


def test_gradients_of_the_try_that_failed_do_not_count(
    small_base: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_base(tmp_path)  # without dropout the size of a micro-batch changes nothing but the rounding
    training = Training(
        base_model="tiny",
        base_model_licence="MIT",
        epochs=1,
        micro_batch_size=8,
        max_length_tokens=32,
        precision="fp32",
    )
    paths = {name: tmp_path / f"{name}.parquet" for name in ("train", "validation")}
    given = {**paths, "labels": LABELS, "base_model": tmp_path / "base", "training": training}
    fine_tune(**given, folder=tmp_path / "enough")
    monkeypatch.setattr(passes.PlainPass, "__call__", full(4))
    fine_tune(**given, folder=tmp_path / "little")

    losses = [[line["loss"] for line in curve(tmp_path / name) if "loss" in line] for name in ("enough", "little")]
    assert losses[1] == pytest.approx(losses[0], rel=1e-5)


def test_a_resumed_run_goes_on_with_as_many_rows_as_have_fitted(
    settings: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(line: dict[str, Any]) -> None:
        if line["step"] == 10:
            raise KeyboardInterrupt

    settings["training"] = settings["training"].model_copy(update={"checkpoint_every_steps": 3})
    with monkeypatch.context() as device:
        device.setattr(passes.PlainPass, "__call__", full(2))
        with pytest.raises(KeyboardInterrupt):
            fine_tune(**settings, folder=tmp_path, on_log=interrupt)
    fine_tune(**settings, folder=tmp_path)  # on a device with room, to the weights of one without

    assert json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))["micro_batch_size"] == 2


def test_validation_rows_that_do_not_fit_are_scored_fewer_at_once_and_training_is_left_as_it_is(
    settings: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    score, asked = SequenceClassification.score, list[int]()

    def little(self: SequenceClassification, *args: Any, batch_size: int) -> Any:
        asked.append(batch_size)
        if batch_size > 8:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return score(self, *args, batch_size=batch_size)

    monkeypatch.setattr(SequenceClassification, "score", little)
    fine_tune(**settings, folder=tmp_path)

    assert asked == [32, 16, 8, 8]
    assert json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))["micro_batch_size"] == 8


def test_moments_that_do_not_fit_are_refused(
    settings: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def step(self: MasterAdamW) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(MasterAdamW, "step", step)

    with pytest.raises(InputRefused, match="training: base_model: its gradients and AdamW's moments do not fit"):
        fine_tune(**settings, folder=tmp_path)


def test_a_device_without_room_for_a_single_row_is_refused(
    settings: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passes.PlainPass, "__call__", full(0))

    with pytest.raises(InputRefused, match="training: max_length_tokens: not even one sequence fits"):
        fine_tune(**settings, folder=tmp_path)
    assert not (tmp_path / "summary.json").exists()


def test_other_errors_of_a_device_are_not_taken_for_it(
    settings: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passes.PlainPass, "__call__", full(4, RuntimeError))

    with pytest.raises(RuntimeError, match="CUDA out of memory"):
        fine_tune(**settings, folder=tmp_path)


def test_what_this_processor_says_when_its_memory_is_full_is_known() -> None:
    with pytest.raises(RuntimeError) as caught:
        torch.empty(1 << 60)

    assert is_out_of_memory(caught.value)


def test_where_others_wait_for_their_part_of_the_step_it_is_refused() -> None:
    with pytest.raises(InputRefused, match="micro_batch_size: 8 sequences do not fit into the memory of one of"):
        fewer_rows(8, processes=2)


@pytest.mark.gpu
def test_a_real_device_that_is_full_says_so() -> None:
    if not torch.cuda.is_available():
        pytest.skip("no GPU")
    with pytest.raises(RuntimeError) as caught:
        torch.empty(1 << 44, dtype=torch.uint8, device="cuda")

    assert is_out_of_memory(caught.value)
