from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import beta

from sluicegate.evidence.proportions import exact_interval, lower_bound, newcombe, upper_bound, wilson


@given(of=st.integers(1, 300), share=st.floats(0, 1), confidence=st.sampled_from([0.8, 0.95, 0.99]))
@settings(max_examples=60)
def test_the_ends_are_quantiles_of_the_beta_distribution(of: int, share: float, confidence: float) -> None:
    hits, tail = round(share * of), (1 - confidence) / 2
    low = beta.ppf(tail, hits, of - hits + 1) if hits else 0
    high = beta.ppf(1 - tail, hits + 1, of - hits) if hits < of else 1
    assert exact_interval(hits, of, confidence) == pytest.approx((low, high), abs=1e-6)


def test_none_of_ten_by_hand() -> None:
    assert exact_interval(0, 10, 0.95) == pytest.approx((0, 1 - 0.025 ** (1 / 10)))


def test_more_comparisons_are_a_higher_level() -> None:
    assert exact_interval(3, 10, 0.95, 5) == pytest.approx(exact_interval(3, 10, 0.99))


def test_nothing_has_no_interval() -> None:
    with pytest.raises(ValueError, match="n"):
        exact_interval(0, 0, 0.95)


@given(trials=st.integers(1, 60))
def test_bounds_rise_with_the_count_and_hold_the_share(trials: int) -> None:
    counts = np.arange(trials + 1)
    low, high = lower_bound(counts, trials, 0.95), upper_bound(counts, trials, 0.95)
    assert (np.diff(low) > 0).all()
    assert (np.diff(high) > 0).all()
    assert (low <= counts / trials).all()
    assert (counts / trials <= high).all()


def test_none_of_three_by_hand() -> None:
    # the largest share p of which none in three is seen with probability 0.05: (1 - p)³ = 0.05
    assert upper_bound(0, 3, 0.95) == pytest.approx(1 - 0.05 ** (1 / 3))
    assert lower_bound(0, 3, 0.95) == 0
    assert lower_bound(3, 3, 0.95) == pytest.approx(0.05 ** (1 / 3))


def test_a_difference_as_in_newcombes_own_table() -> None:
    # Newcombe (1998), table II: 56/70 less 48/80, method 10
    assert newcombe(56, 70, 48, 80, 0.95) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    # and 10/10 less 0/10
    assert newcombe(10, 10, 0, 10, 0.95) == pytest.approx((0.6075, 1.0), abs=5e-5)
    low, high = newcombe(0, 40, 0, 40, 0.95)
    assert low == pytest.approx(-high) == pytest.approx(-wilson(0, 40, 0.95)[1])
