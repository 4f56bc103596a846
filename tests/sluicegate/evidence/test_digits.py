from __future__ import annotations

import pytest

from sluicegate.evidence.digits import short


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
