"""Where the numbers are computed, in what format, and so that they repeat."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Literal

import torch
from torch.nn.attention import SDPBackend, sdpa_kernel

Precision = Literal["bf16", "fp32"]
# On a processor the plain attention kernel trains faster than the flash one up to about this length
# (backward 0.71 s against 0.85 s for 32 × 77 tokens); beyond it its T × T matrices cost too much memory.
_PLAIN_ATTENTION_TOKENS = 256
# cuDNN's, which PyTorch would take first on some GPUs, plans anew for every shape of a batch: with batches of many
# lengths that took longer than training.
_GPU_ATTENTION = [SDPBackend.FLASH_ATTENTION, SDPBackend.EFFICIENT_ATTENTION, SDPBackend.MATH]
_CUBLAS, _CUBLAS_REPEATS = "CUBLAS_WORKSPACE_CONFIG", ":4096:8"


@dataclass(frozen=True)
class Placement:
    """The device and number format of a run."""

    device: torch.device
    precision: Precision
    """What the model computes in; the weights that are updated and kept are in fp32 either way."""
    plain_attention: bool
    """Whether attention is computed by the plain kernel."""

    @property
    def kind(self) -> torch.dtype:
        """The same as torch names it."""
        return torch.bfloat16 if self.precision == "bf16" else torch.float32

    @contextmanager
    def forward(self) -> Iterator[None]:
        """Inside the block, forward passes take this placement's kernels."""
        kernels = [SDPBackend.MATH] if self.plain_attention else _GPU_ATTENTION if self.device.type == "cuda" else []
        with sdpa_kernel(kernels) if kernels else nullcontext():
            yield


def choose_placement(precision: Literal["auto", "bf16", "fp32"], *, max_length_tokens: int) -> Placement:
    """The CUDA device if there is one, else the processor; `auto` takes bf16 where it is computed in hardware."""
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    chosen = precision if precision != "auto" else "bf16" if has_bf16(device) else "fp32"
    return Placement(device, chosen, device.type == "cpu" and max_length_tokens <= _PLAIN_ATTENTION_TOKENS)


def has_bf16(device: torch.device) -> bool:
    """Whether `device` multiplies bf16 matrices in hardware (AVX512-BF16 or AMX; compute capability 8)."""
    if device.type == "cuda":
        return torch.cuda.get_device_capability(device)[0] >= 8
    capabilities = torch.cpu.get_capabilities()
    return any(capabilities.get(name, False) for name in ("avx512_bf16", "amx_bf16", "bf16"))


@contextmanager
def repeatable(seed: int) -> Iterator[None]:
    """Inside the block torch's generators start at `seed`, and only algorithms that repeat are taken.

    On a GPU they are taken where there are any, see `insist`. Generators, switches and the environment are put back at
    the end.
    """
    on_gpu = torch.cuda.is_available()
    algorithms = torch.are_deterministic_algorithms_enabled(), torch.is_deterministic_algorithms_warn_only_enabled()
    filled = torch.utils.deterministic.fill_uninitialized_memory  # type: ignore[attr-defined]
    with _workspace_that_repeats(on_gpu), torch.random.fork_rng([torch.cuda.current_device()] if on_gpu else []):
        torch.manual_seed(seed)
        torch.use_deterministic_algorithms(True, warn_only=on_gpu)
        torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
        try:
            yield
        finally:
            torch.use_deterministic_algorithms(algorithms[0], warn_only=algorithms[1])
            torch.utils.deterministic.fill_uninitialized_memory = filled  # type: ignore[attr-defined]


@contextmanager
def _workspace_that_repeats(on_gpu: bool) -> Iterator[None]:
    """Inside the block cuBLAS, which reads the environment when it is first used, is told to repeat, if nobody said."""
    ours = on_gpu and _CUBLAS not in os.environ
    if ours:
        os.environ[_CUBLAS] = _CUBLAS_REPEATS
    try:
        yield
    finally:
        if ours:
            os.environ.pop(_CUBLAS, None)


def insist(device: torch.device) -> None:
    """To the end of `repeatable`, an operation that has no algorithm that repeats on the GPU is an error.

    Attention's kernels do not repeat otherwise. Nothing changes on a processor, nor where cuBLAS was used in this
    process before `repeatable`.
    """
    if device.type != "cuda":
        return
    torch.use_deterministic_algorithms(True)
    try:
        torch.mm(*(torch.ones(1, 1, device=device) for _ in range(2)))
    except RuntimeError:
        torch.use_deterministic_algorithms(True, warn_only=True)


@contextmanager
def lenient() -> Iterator[None]:
    """Inside the block, an operation that has no algorithm that repeats is done all the same."""
    enabled, warn_only = (
        torch.are_deterministic_algorithms_enabled(),
        torch.is_deterministic_algorithms_warn_only_enabled(),
    )
    torch.use_deterministic_algorithms(enabled, warn_only=True)
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(enabled, warn_only=warn_only)
