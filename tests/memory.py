"""A folder in memory, for what must not lie on a disk."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_SHARED = Path("/dev/shm")


@contextmanager
def folder_in_memory() -> Iterator[Path]:
    """An empty folder below ``/dev/shm`` that is gone when the block is left; skips the test where there is none."""
    if not _SHARED.is_dir() or not os.access(_SHARED, os.W_OK):
        pytest.skip(f"there is no memory at {_SHARED} to hold rows in the clear")
    folder = Path(tempfile.mkdtemp(prefix="sluicegate-tests-", dir=_SHARED))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)
