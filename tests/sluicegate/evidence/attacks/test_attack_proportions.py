from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from sluicegate.evidence.attacks.proportions import clopper_pearson, lower_bound, newcombe, upper_bound, wilson

COUNTS = st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(counts=COUNTS, confidence=st.sampled_from([0.9, 0.95, 0.99]))
def test_the_exact_interval_is_that_of_scipy(counts: tuple[int, int], confidence: float) -> None:
    expected = binomtest(*counts).proportion_ci(confidence, method="exact")
    assert clopper_pearson(*counts, confidence) == pytest.approx((expected.low, expected.high))


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
