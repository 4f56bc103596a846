from __future__ import annotations

import torch

from sluicegate.training.precision import insist, lenient, repeatable


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
