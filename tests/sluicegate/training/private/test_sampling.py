from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, chisquare

from sluicegate.errors import InputRefused
from sluicegate.training.private.sampling import PoissonSampling, micro_batches


@given(rows=st.integers(1, 300), rate=st.floats(0.001, 1), seed=st.integers(0, 2**128 - 1), step=st.integers(0, 10**6))
def test_rows_are_drawn_at_most_once_in_order_and_the_same_again(rows: int, rate: float, seed: int, step: int) -> None:
    drawn = PoissonSampling(rows, rate, seed).draw(step)

    assert drawn.dtype == np.int64
    assert all(a < b for a, b in pairwise(drawn.tolist()))
    assert not len(drawn) or (drawn[0] >= 0 and drawn[-1] < rows)
    assert np.array_equal(PoissonSampling(rows, rate, seed).draw(step), drawn)


@given(rows=st.integers(1, 50), seed=st.integers(0, 99))
def test_a_rate_of_one_draws_every_row(rows: int, seed: int) -> None:
    assert PoissonSampling(rows, 1.0, seed).draw(3).tolist() == list(range(rows))


def test_the_number_of_rows_is_binomial_and_may_be_none() -> None:
    sampling = PoissonSampling(20, 0.1, seed=5)
    counts = np.bincount([len(sampling.draw(step)) for step in range(4000)], minlength=21)
    expected = 4000 * binom.pmf(np.arange(21), 20, 0.1)
    tail = 6  # a chi-square wants five or more in every bin

    assert counts[0] > 0
    observed = [*counts[:tail], counts[tail:].sum()]
    assert chisquare(observed, [*expected[:tail], expected[tail:].sum()]).pvalue > 0.001


def test_rows_come_independently_of_each_other_and_of_the_step_before() -> None:
    sampling = PoissonSampling(8, 0.3, seed=2)
    was_drawn = np.zeros((6000, 8))
    for step in range(6000):
        was_drawn[step, sampling.draw(step)] = 1
    between_rows = np.corrcoef(was_drawn.T) - np.eye(8)
    between_steps = [np.corrcoef(was_drawn[1:, i], was_drawn[:-1, i])[0, 1] for i in range(8)]

    # standard errors: 0.013 of a correlation, 0.006 of a rate
    assert np.abs(was_drawn.mean(0) - 0.3).max() < 0.025
    assert np.abs(between_rows).max() < 0.055
    assert np.abs(between_steps).max() < 0.055


def test_seeds_and_steps_draw_other_rows() -> None:
    drawn = {
        tuple(PoissonSampling(200, 0.5, seed).draw(step)) for seed in (0, 1, 2**32, 2**64 + 1) for step in range(5)
    }

    assert len(drawn) == 20


@given(lengths=st.lists(st.integers(1, 40), min_size=1, max_size=60), rate=st.floats(0.01, 1), size=st.integers(1, 9))
def test_micro_batches_hold_what_was_drawn_from_short_to_long(lengths: list[int], rate: float, size: int) -> None:
    lengths_N = np.array(lengths)
    drawn = PoissonSampling(len(lengths), rate, seed=1).draw(1)
    parts = micro_batches(drawn, lengths_N, size)

    assert sorted(row for part in parts for row in part) == drawn.tolist()
    assert all(0 < len(part) <= size for part in parts)
    assert all(a <= b for a, b in pairwise(lengths_N[row] for part in parts for row in part))
    assert (parts == []) == (len(drawn) == 0)


def test_lengths_have_no_part_in_what_is_drawn() -> None:
    drawn = PoissonSampling(50, 0.3, seed=1).draw(7)
    short_first, long_first = np.arange(1, 51), np.arange(50, 0, -1)

    assert set(np.concatenate(micro_batches(drawn, short_first, 4))) == set(
        np.concatenate(micro_batches(drawn, long_first, 4))
    )


def test_expected_rows_and_steps() -> None:
    sampling = PoissonSampling.expecting(32, rows=1000, seed=0)

    assert sampling.rate == pytest.approx(0.032)
    assert sampling.expected_rows == pytest.approx(32)
    assert sampling.steps(2) == 63
    assert PoissonSampling.expecting(50, rows=1000, seed=0).steps(3) == 60


@pytest.mark.parametrize(
    ("rows", "rate", "said"),
    [
        pytest.param(0, 0.1, "rows: is 0", id="no rows"),
        pytest.param(5, 0.0, "sampling_rate: is 0.0", id="rate of 0"),
        pytest.param(5, 1.2, "sampling_rate: is 1.2", id="rate above 1"),
        pytest.param(5, float("nan"), "sampling_rate: is nan", id="no rate"),
    ],
)
def test_a_rate_out_of_range_is_refused(rows: int, rate: float, said: str) -> None:
    with pytest.raises(InputRefused, match=f"training.privacy: {said}"):
        PoissonSampling(rows, rate, seed=0)
