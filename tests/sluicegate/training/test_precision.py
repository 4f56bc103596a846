from __future__ import annotations

import os

import pytest
import torch

from sluicegate.training.precision import _workspace_that_repeats, insist, lenient, repeatable


def test_only_inside_the_inner_block_an_operation_that_does_not_repeat_is_done_all_the_same() -> None:
    with repeatable(0):
        torch.use_deterministic_algorithms(True)
        with lenient():
            assert torch.is_deterministic_algorithms_warn_only_enabled()
        assert torch.are_deterministic_algorithms_enabled()
        assert not torch.is_deterministic_algorithms_warn_only_enabled()
    assert not torch.are_deterministic_algorithms_enabled()


def test_outside_of_repeatable_nothing_is_switched_on() -> None:
    with lenient():
        assert not torch.are_deterministic_algorithms_enabled()
    insist(torch.device("cpu"))

    assert not torch.are_deterministic_algorithms_enabled()


@pytest.mark.parametrize("said", [None, ":16:8"], ids=["nobody said", "somebody said"])
def test_what_cublas_is_told_is_taken_back(said: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    name = "CUBLAS_WORKSPACE_CONFIG"
    monkeypatch.delenv(name, raising=False)
    if said:
        monkeypatch.setenv(name, said)
    with _workspace_that_repeats(True):
        assert os.environ[name] == (said or ":4096:8")
    assert os.environ.get(name) == said
