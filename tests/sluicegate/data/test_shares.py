"""How many rows a share of them is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.data.shares import rows_within


@pytest.mark.parametrize(
    ("share", "rows", "within"),
    [
        pytest.param(0.29, 100, 29, id="29 of 100, whose product of floats is 28.999…"),
        pytest.param(0.07, 100, 7, id="7 of 100, whose product of floats is 7.000…1"),
        pytest.param(0.299, 100, 29, id="rounded down"),
        pytest.param(0.0, 100, 0, id="none"),
        pytest.param(1, 3, 3, id="all"),
        pytest.param(1e-7, 20_000_000, 2, id="a share that is written with an exponent"),
        pytest.param(0.5, 0, 0, id="of no rows"),
    ],
)
def test_rows_of_a_share_by_hand(share: float, rows: int, within: int) -> None:
    assert rows_within(share, rows) == within


@given(st.integers(0, 10_000), st.integers(0, 10**9))
def test_a_share_is_counted_in_decimals(ten_thousandths: int, rows: int) -> None:
    assert rows_within(ten_thousandths / 10_000, rows) == ten_thousandths * rows // 10_000
