from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
import torch
from safetensors.torch import load_file

from sluicegate.errors import InputRefused, Unavailable
from sluicegate.manifest import Manifest
from sluicegate.progress import Progress, listen
from sluicegate.spec import Training
from sluicegate.training.engine import log as logs
from sluicegate.training.engine.launching import check_devices
from sluicegate.training.fine_tuning import fine_tune

LABELS = ("bad", "fair", "good")
ONE = {"kind": "torchrun", "processes": 1}
DDP = {"kind": "torchrun", "processes": 2}
FSDP = {"kind": "torchrun", "processes": 2, "strategy": "fsdp"}
Line = dict[str, Any]


def section(engine: dict[str, Any], **changes: Any) -> Training:
    fields = {
        "base_model": "tiny-bert", "base_model_licence": "Apache-2.0", "epochs": 6, "batch_size": 7,
        "micro_batch_size": 2, "max_length_tokens": 16, "learning_rate": 0.003, "head_learning_rate": 0.003,
        "gradient_clip": 3.0, "precision": "fp32", "patience": 99, "checkpoint_every_steps": 5,
        "evaluations_per_epoch": 1, "engine": engine,
    }  # fmt: skip
    return Training(**{**fields, **changes})


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, small_base: Callable[[Path], None]) -> Path:
    folder = tmp_path_factory.mktemp("world")
    small_base(folder)
    return folder


Tune = Callable[..., Path]


@pytest.fixture(scope="module")
def tune(world: Path) -> Tune:
    def run(engine: dict[str, Any], folder: str, on_log: Callable[[Line], None] | None = None, **changes: Any) -> Path:
        parts = {part: world / f"{part}.parquet" for part in ("train", "validation")}
        fine_tune(
            **parts, labels=LABELS, training=section(engine, **changes), base_model=world / "base",
            folder=world / folder, on_log=on_log,
        )  # fmt: skip
        return world / folder

    return run


@pytest.fixture(scope="module")
def of_one(tune: Tune) -> Path:
    return tune(ONE, "one")


@pytest.fixture(scope="module")
def of_two(tune: Tune) -> Path:
    return tune(DDP, "two")


def of_world(world: Path) -> list[psutil.Process]:
    """Every process on this machine that was started for a run in the folder `world`, whoever its parent is now."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if any(str(world) in argument for argument in process.cmdline()):
                found.append(process)
    return found


@pytest.fixture
def nothing_left(world: Path) -> Iterator[None]:
    """Fails a test that leaves a process behind."""
    assert of_world(world) == []
    yield
    _, alive = psutil.wait_procs(of_world(world), timeout=2)
    assert alive == []


def losses(folder: Path) -> dict[tuple[int, str], float]:
    lines = [json.loads(line) for line in (folder / "curve.jsonl").read_text(encoding="utf-8").splitlines()]
    return {(line["step"], key): line[key] for line in lines for key in ("loss", "validation_loss") if key in line}


def check_alike(found: Path, wanted: Path) -> None:
    assert losses(found) == pytest.approx(losses(wanted), abs=1e-4)
    weights, others = (load_file(folder / "model" / "model.safetensors") for folder in (found, wanted))
    for name, tensor in others.items():
        if "key.bias" not in name:  # softmax cancels it: its gradient is rounding alone, which Adam makes large
            torch.testing.assert_close(weights[name], tensor, rtol=0, atol=1e-3, msg=name)


def family() -> list[psutil.Process]:
    """This process's torchrun and its ranks; the process that tests has other children as well."""
    found = []
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            if any("sluicegate.training.engine" in argument for argument in process.cmdline()):
                found.append(process)
    return found


def rank(number: int) -> psutil.Process:
    """One of this process's ranks."""
    return next(p for p in family() if p.environ().get("RANK") == str(number))


def agent() -> psutil.Process:
    """This process's torchrun."""
    return next(p for p in family() if "sluicegate.training.engine.agent" in p.cmdline())


def kill_at(step: int, victim: Callable[[], psutil.Process]) -> Callable[[Line], None]:
    killed: list[psutil.Process] = []

    def on_log(line: Line) -> None:
        if line["step"] >= step and not killed:
            killed.append(victim())
            killed[0].kill()

    return on_log


@pytest.mark.slow
def test_two_processes_have_the_curve_and_the_model_of_one(of_one: Path, of_two: Path) -> None:
    check_alike(of_two, of_one)
    summary = json.loads((of_two / "summary.json").read_text(encoding="utf-8"))
    assert summary["processes"] == 2
    assert summary["energy"]["source"] in ("modelled", "measured")
    assert summary["energy"]["energy_kwh"] > 0
    assert sorted(p.name for p in of_two.iterdir()) == ["curve.jsonl", "model", "summary.json"]
    assert json.loads((of_two / "model" / "config.json").read_text(encoding="utf-8"))["architectures"] == [
        "BertForSequenceClassification"
    ]


@pytest.mark.slow
def test_adapters_in_shards_end_in_an_ordinary_model(tune: Tune, world: Path) -> None:
    changes = {"method": {"lora": {"rank": 2, "alpha": 4}}, "epochs": 2}
    tune(ONE, "lora-one", **changes)
    tune(FSDP, "lora-sharded", **changes)

    check_alike(world / "lora-sharded", world / "lora-one")


@pytest.mark.slow
def test_a_masked_language_model_whose_embedding_is_its_output_too_learns_in_shards_what_it_learns_in_one_process(
    world: Path,
) -> None:
    scratch = {"layers": 1, "hidden": 16, "heads": 2, "vocabulary": 200, "longest": 16, "dropout": 0}
    parts = {part: world / f"{part}.parquet" for part in ("train", "validation")}
    for name, engine in (("lm-one", ONE), ("lm-sharded", FSDP)):
        training = section(engine, task="masked-lm", base_model={"scratch": scratch}, epochs=2, batch_size=3)
        fine_tune(**parts, labels=(), training=training, base_model=None, folder=world / name)

    check_alike(world / "lm-sharded", world / "lm-one")


@pytest.mark.slow
@pytest.mark.usefixtures("nothing_left")
def test_a_run_goes_on_after_its_ranks_and_torchrun_were_killed_with_other_numbers_of_processes(
    tune: Tune, of_one: Path
) -> None:
    with pytest.raises(Unavailable, match=r"process 2 of 2 was killed with signal 9 \(SIGKILL\).*last checkpoint"):
        tune(DDP, "moved", kill_at(13, lambda: rank(1)))
    assert of_world(of_one.parent / "moved") == []
    assert list((of_one.parent / "moved" / ".checkpoints").glob("step-*"))

    seen: list[int] = []
    kill = kill_at(40, agent)

    def on_log(line: Line) -> None:
        seen.append(line["step"])
        kill(line)

    with pytest.raises(Unavailable, match=r"torchrun was killed with signal 9"):
        tune(FSDP, "moved", on_log)
    assert of_world(of_one.parent / "moved") == []
    assert min(seen) > 10  # what was done was not done again
    check_alike(tune(ONE, "moved"), of_one)


ALONE = """
import json, sys
from pathlib import Path
from sluicegate.settings import silence_telemetry
silence_telemetry()
from sluicegate.spec import Training
from sluicegate.training.fine_tuning import fine_tune

order = json.loads(sys.argv[1])
world = Path(order["world"])
fine_tune(
    train=world / "train.parquet", validation=world / "validation.parquet", labels=order["labels"],
    training=Training(**order["training"]), base_model=world / "base", folder=world / order["folder"],
    on_log=lambda line: print(line["step"], flush=True),
)
"""


@pytest.mark.slow
def test_when_the_task_is_killed_with_9_nothing_of_it_lives_on_and_the_next_try_ends_with_the_same_bytes(
    world: Path, tune: Tune, of_two: Path
) -> None:
    order = {"world": str(world), "labels": LABELS, "folder": "killed", "training": section(DDP).model_dump()}
    task = subprocess.Popen(
        [sys.executable, "-P", "-c", ALONE, json.dumps(order)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert task.stdout is not None
    assert [int(task.stdout.readline()) for _ in range(3)] == [10, 13, 13]
    family = psutil.Process(task.pid).children(recursive=True)
    assert len(family) >= 3  # torchrun and two ranks

    task.kill()
    task.wait()
    _, alive = psutil.wait_procs(family, timeout=5)
    assert [p for p in alive if p.status() != psutil.STATUS_ZOMBIE] == []

    seen: list[int] = []
    tune(DDP, "killed", lambda line: seen.append(line["step"]))
    assert min(seen) > 10
    assert Manifest.of_folder(world / "killed" / "model") == Manifest.of_folder(of_two / "model")
    assert losses(world / "killed") == losses(of_two)


@pytest.mark.slow
@pytest.mark.usefixtures("nothing_left")
def test_progress_and_lines_come_from_the_leading_rank_alone_and_no_port_is_open_to_others(tune: Tune) -> None:
    progress: list[Progress] = []
    steps: list[int] = []
    addresses: set[str] = set()

    def on_log(line: Line) -> None:
        steps.append(line["step"])
        for process in psutil.Process().children(recursive=True):
            with suppress(psutil.Error):  # it has ended
                listening = [c for c in process.net_connections() if c.status == psutil.CONN_LISTEN]
                addresses.update(c.laddr.ip for c in listening)

    with listen(progress.append):
        tune(DDP, "seen", on_log, epochs=2)

    assert steps == [10, 13, 13, 20, 26, 26]
    assert [p.done for p in progress] == [10, 13, 20, 26]
    assert addresses == {"127.0.0.1"}


@pytest.mark.slow
@pytest.mark.usefixtures("nothing_left")
def test_what_a_rank_refuses_is_refused_in_the_same_words(tune: Tune, world: Path) -> None:
    with pytest.raises(InputRefused, match=r"training: learning_rate: the loss is not finite at step \d+ with a rate"):
        tune(DDP, "refused", learning_rate=1e38, head_learning_rate=1e38)
    assert not (world / "refused" / "summary.json").exists()


class Interrupted(Exception):
    """Stands for whatever ends a task."""


@pytest.mark.slow
@pytest.mark.usefixtures("nothing_left")
def test_when_the_task_fails_its_processes_are_gone_before_it_says_so(tune: Tune) -> None:
    started: list[psutil.Process] = []

    def on_log(line: Line) -> None:
        started.extend(family())
        raise Interrupted

    with pytest.raises(Interrupted):
        tune(DDP, "interrupted", on_log)
    assert len(started) == 3
    _, alive = psutil.wait_procs(started, timeout=2)
    assert [p for p in alive if p.status() != psutil.STATUS_ZOMBIE] == []


@pytest.mark.slow
def test_a_try_waits_until_the_last_one_s_processes_are_gone(world: Path) -> None:
    """A process that holds the log, as every rank does, keeps the next try from starting."""
    log = world / "log.txt"
    with logs.opened(log) as file:
        holder = subprocess.Popen(["sleep", "2"], stderr=file)
    began = time.monotonic()
    with logs.opened(log):
        waited = time.monotonic() - began

    assert holder.wait() == 0
    assert 1 < waited < 20


@pytest.mark.gpu
def test_nccl_trains_on_every_gpu(tune: Tune) -> None:
    if not torch.cuda.is_available():
        pytest.skip("no GPU")
    for strategy in ("ddp", "fsdp"):
        engine = {"kind": "torchrun", "processes": torch.cuda.device_count(), "strategy": strategy}
        folder = tune(engine, f"gpu-{strategy}", precision="bf16")
        values = [loss for (_, key), loss in losses(folder).items() if key == "loss"]

        assert values[-1] < values[0]


@pytest.mark.gpu
def test_more_processes_than_gpus_are_refused() -> None:
    if not torch.cuda.is_available():
        pytest.skip("no GPU")
    with pytest.raises(InputRefused, match=r"training.engine: processes: is 99, this machine has \d+ GPUs"):
        check_devices(section({"kind": "torchrun", "processes": 99}).engine)  # type: ignore[arg-type]
