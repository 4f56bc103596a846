"""Where the random numbers of a private run come from: a secret seed, what they are for, and the step.

A killed and resumed run draws the same numbers. They must stay unknown, or the noise can be taken off again and
the sampling hides nothing, so the seed belongs in a file that leaves with the run's checkpoints.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Literal

import numpy as np

from sluicegate.errors import InputRefused

_BITS = 128
_STREAMS = {"rows": 1, "noise": 2}


def generator(seed: int, stream: Literal["rows", "noise"], step: int, block: int = 0) -> np.random.Generator:
    """Random numbers that depend on the arguments alone; no two sets of arguments share theirs."""
    sequence = np.random.SeedSequence(seed, spawn_key=(_STREAMS[stream], step, block))
    return np.random.Generator(np.random.SFC64(sequence))


def secret_seed(path: Path) -> int:
    """The seed of 128 bits kept in `path`, readable by its owner alone; drawn by the system if there is none yet.

    Raises:
        InputRefused: The file holds something else.
    """
    if not path.exists():
        partial = path.with_name(f".{path.name}.partial")
        partial.unlink(missing_ok=True)
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(f"{secrets.randbits(_BITS):032x}\n")
        partial.rename(path)
    try:
        return int(path.read_text(encoding="ascii"), 16)
    except ValueError:
        raise InputRefused(path, "", "holds no seed in hexadecimal", "remove it and train from the start") from None
