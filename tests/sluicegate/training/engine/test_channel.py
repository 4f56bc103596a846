from __future__ import annotations

import os
from pathlib import Path

import pytest

from sluicegate.errors import DataRejected, InputRefused, SluicegateError, TamperingDetected, Unavailable
from sluicegate.progress import Progress
from sluicegate.training.engine.channel import Channel, Reader


@pytest.fixture
def pipe() -> tuple[Channel, int]:
    read, write = os.pipe()
    return Channel(write), read


def test_progress_and_lines_arrive_as_they_were_sent(pipe: tuple[Channel, int]) -> None:
    channel, read = pipe
    seen: list[object] = []
    reader = Reader(seen.append, seen.append)
    at = Progress("fine-tune", 3, 9, "steps", "loss 0.1")
    channel.progress(at)
    channel.line({"step": 3, "loss": 0.1})
    for line in os.read(read, 4096).splitlines(keepends=True):
        reader.take(line)

    assert seen == [at, {"step": 3, "loss": 0.1}]


@pytest.mark.parametrize(
    "error",
    [
        InputRefused(Path("/x/train.parquet"), "label", "row 3 has none of a, b", "add it"),
        DataRejected("training", "learning_rate", "the loss is not finite"),
        Unavailable("not there"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_refusal_is_the_same_on_the_other_side(pipe: tuple[Channel, int], error: SluicegateError) -> None:
    channel, read = pipe
    reader = Reader(None, None)
    channel.refused(error)
    channel.refused(Unavailable("what a second rank says of the same"))
    for line in os.read(read, 4096).splitlines():
        reader.take(line)

    assert type(reader.refusal) is type(error)
    assert str(reader.refusal) == str(error)


def test_a_refusal_of_another_kind_keeps_its_words(pipe: tuple[Channel, int]) -> None:
    channel, read = pipe
    reader = Reader(None, None)
    channel.refused(TamperingDetected("the base model", ("a differs",)))
    reader.take(os.read(read, 4096))

    assert str(reader.refusal) == "the base model: 1 differences: a differs"
