"""A device without enough memory for a micro-batch: fewer rows at once, and as many of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from sluicegate.errors import InputRefused

# PyTorch has an exception of its own for accelerators; on a processor there is only what its allocator says.
_PROCESSOR_SAYS = ("DefaultCPUAllocator: can't allocate memory", "DefaultCPUAllocator: not enough memory")


def is_out_of_memory(error: RuntimeError) -> bool:
    """Whether a device raised `error` because its memory is full."""
    return isinstance(error, torch.OutOfMemoryError) or any(said in str(error) for said in _PROCESSOR_SAYS)


@contextmanager
def needing_memory(where: str, field: str, what: str) -> Iterator[None]:
    """Around what needs memory whatever the micro-batch; `what` is it, with its verb.

    Raises:
        InputRefused: The device has too little of it.
    """
    try:
        yield
    except RuntimeError as error:
        if not is_out_of_memory(error):
            raise
        remedy = "take a smaller model, a method that trains less of it, or engine.strategy fsdp on more devices"
        raise InputRefused(where, field, f"{what} not fit into the device's memory", remedy) from None


def fewer_rows(rows: int, *, processes: int) -> int:
    """Half of `rows`, the sequences of a micro-batch that was too large.

    Raises:
        InputRefused: It was a single one, or other processes wait for this one's part of the same step.
    """
    if processes > 1:
        problem = f"{rows} sequences do not fit into the memory of one of the devices"
        raise InputRefused("training", "micro_batch_size", problem, "halve it; the step stays as large")
    if rows == 1:
        problem = "not even one sequence fits into the device's memory"
        raise InputRefused("training", "max_length_tokens", problem, "lower it, or take a smaller base model")
    return rows // 2
