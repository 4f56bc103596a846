from __future__ import annotations

from math import ceil

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.training.engine.ranks import ALONE, Ranks


@given(rows=st.integers(1, 70), world_size=st.integers(1, 9), size=st.integers(1, 12))
def test_every_row_is_in_one_share_and_all_ranks_have_as_many_micro_batches(
    rows: int, world_size: int, size: int
) -> None:
    rows_B = np.arange(100, 100 + rows)
    shares = [Ranks(rank, world_size).share(rows_B, size) for rank in range(world_size)]
    all_rows = np.concatenate([some for share in shares for some in share])

    assert sorted(all_rows.tolist()) == rows_B.tolist()
    assert len({len(share) for share in shares}) == 1
    assert max(len(some) for share in shares for some in share) <= size
    assert len(shares[0]) == ceil(ceil(rows / world_size) / size)  # no more than are needed


def test_ranks_take_turns_so_that_lengths_are_alike() -> None:
    first, second = (Ranks(rank, 2).share(np.arange(7), 2) for rank in (0, 1))

    assert [some.tolist() for some in first] == [[0, 2], [4, 6]]
    assert [some.tolist() for some in second] == [[1, 3], [5]]


@given(st.integers(1, 60), st.integers(1, 20))
def test_alone_a_step_is_cut_in_order_into_even_micro_batches(count: int, size: int) -> None:
    parts = ALONE.share(np.arange(count), size)

    assert np.concatenate(parts).tolist() == list(range(count))
    assert max(map(len, parts)) <= size
    assert max(map(len, parts)) - min(map(len, parts)) <= 1


def test_a_rank_without_rows_has_an_empty_micro_batch() -> None:
    assert [some.tolist() for some in Ranks(1, 2).share(np.array([5]), 4)] == [[]]


def test_alone_there_is_nothing_to_add_up() -> None:
    assert ALONE.leads
    assert ALONE.total(1.5) == 1.5
    assert ALONE.agreed([1.5, 2.5]) == [1.5, 2.5]


def test_the_leading_rank_draws_the_same_numbers_as_one_process_does() -> None:
    draws = [np.random.SFC64(np.random.SeedSequence(seed)).random_raw(3) for seed in ([3, 5], [3, 5, 0], [3, 5, 1])]

    assert draws[0].tolist() == draws[1].tolist()
    assert draws[0].tolist() != draws[2].tolist()
