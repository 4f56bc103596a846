from __future__ import annotations

import errno
from pathlib import Path

import pytest

from sluicegate.errors import InputRefused
from sluicegate.training.full_disk import writing


def test_a_full_disk_is_one_line_with_the_file() -> None:
    said = "^/run/curve.jsonl: cannot be written: No space left on device"
    with pytest.raises(InputRefused, match=said), writing(Path("/run")):
        raise OSError(errno.ENOSPC, "No space left on device", "/run/curve.jsonl")


def test_a_file_that_is_missing_is_no_full_disk() -> None:
    with pytest.raises(FileNotFoundError), writing(Path("/run")):
        Path("/nowhere/at/all").read_bytes()
