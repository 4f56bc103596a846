"""Arrays that a killed try leaves."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from sluicegate.data.hygiene.scratch import Scratch


def test_an_array_is_made_once_under_one_plan(tmp_path: Path) -> None:
    made: list[int] = []

    def make() -> np.ndarray:
        made.append(1)
        return np.arange(3)

    for plan in ({"a": 1}, {"a": 1}, {"a": 2}):
        assert Scratch(tmp_path / "scratch", plan).made("x", np.int64, make).tolist() == [0, 1, 2]
    assert len(made) == 2


def test_an_array_that_was_cut_short_is_not_there(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path / "scratch", {})
    (scratch.folder / ".x.partial").write_bytes(b"half")
    assert not scratch.has("x")
    assert scratch.made("x", np.int64, lambda: np.arange(2)).tolist() == [0, 1]


def test_a_part_of_an_array_can_be_read(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path / "scratch", {})
    scratch.save("x", np.arange(12, dtype=np.uint64).reshape(3, 4))
    assert scratch.load("x", np.uint64, begin=4, count=4).tolist() == [4, 5, 6, 7]
