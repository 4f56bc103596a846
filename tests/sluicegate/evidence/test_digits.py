from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.evidence.digits import percent, points, share, short


@pytest.mark.parametrize(
    ("value", "digits", "sign", "shown"),
    [
        (0.021534, 4, "", "0.02153"),
        (999.96, 4, "", "1,000"),
        (1234.5, 4, "", "1,234"),
        (30518.2, 3, "", "30,518"),
        (1340.0, 3, "", "1,340"),
        (-0.0004, 4, "+", "-0.0004"),
        (0.0, 4, "+", "+0"),
    ],
)
def test_a_number_is_told_in_few_digits_and_never_in_powers_of_ten(
    value: float, digits: int, sign: str, shown: str
) -> None:
    assert short(value, digits, sign) == shown


@pytest.mark.parametrize(
    ("value", "sign", "shown"),
    [
        pytest.param(0.7124, "", "0.712", id="a share"),
        pytest.param(0.0, "", "0.000", id="none"),
        pytest.param(4 / 9000, "", "<0.001", id="4 of 9,000"),
        pytest.param(5 / 9000, "", "0.001", id="5 of 9,000"),
        pytest.param(8997 / 9000, "", ">0.999", id="all but 3 of 9,000"),
        pytest.param(1.0, "", "1.000", id="all"),
        pytest.param(0.1 + 0.2 - 0.3, "+", "+0.000", id="no difference but for the order of the sum"),
        pytest.param(-1e-17, "", "0.000", id="nor one below"),
        pytest.param(sum([0.1] * 10), "", "1.000", id="a whole but for the order of the sum"),
        pytest.param(0.0004, "+", "<+0.001", id="hardly more"),
        pytest.param(-0.0004, "+", ">-0.001", id="hardly less"),
        pytest.param(-0.9997, "+", "<-0.999", id="nearly the whole less"),
        pytest.param(-0.012, "+", "-0.012", id="less"),
        pytest.param(1.0003, "", ">1.000", id="a ratio above 1"),
    ],
)
def test_a_share_is_told_as_none_or_all_only_where_it_is(value: float, sign: str, shown: str) -> None:
    assert share(value, sign) == shown


def test_percentages_as_well() -> None:
    shown = [percent(value) for value in (0.0, 1 / 2500, 0.7012, 2499 / 2500, 1.0)]
    assert shown == ["0.0 %", "<0.1 %", "70.1 %", ">99.9 %", "100.0 %"]
    assert [points(value, "+") for value in (0.0, 1 / 2500, -1 / 2500, 0.031)] == ["+0.0", "<+0.1", ">-0.1", "+3.1"]


@given(hits=st.integers(0, 10**7), of=st.integers(1, 10**7))
def test_what_is_told_of_a_share_is_true_of_it(hits: int, of: int) -> None:
    value = min(hits, of) / of
    for told, step in ((share(value), 0.001), (percent(value).removesuffix(" %"), 0.1)):
        bound = float(told.lstrip("<>"))
        exact = value if step == 0.001 else 100 * value
        holds = {"<": 0 < exact < bound, ">": bound < exact < bound + step}
        assert holds.get(told[0], abs(exact - bound) <= 0.5000001 * step)
        assert (told in ("0.000", "0.0"), told in ("1.000", "100.0")) == (value == 0, value == 1)
