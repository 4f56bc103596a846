from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import beta

from sluicegate.evidence.exact_interval import exact_interval


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
