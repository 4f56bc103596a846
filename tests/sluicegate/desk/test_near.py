"""Which checks hold, but only just: known answers worked by hand."""

from __future__ import annotations

import pytest

from sluicegate.desk.near import near, relative_margin
from sluicegate.policy import Limit, Verdict

INSIDE = "the limit lies inside its interval"
THIN = "its margin is under 5 % of its value"


def check(value=0.7, margin=0.1, interval=None, unit="share", verdict="pass"):
    return Verdict(check="a.b", verdict=verdict, limit="", value=value, margin=margin, interval=interval, unit=unit)


@pytest.mark.parametrize(
    ("verdict", "limit", "why"),
    [
        pytest.param(check(interval=(0.65, 0.75)), {"min": 0.6}, "", id="the whole interval holds"),
        pytest.param(check(interval=(0.55, 0.85)), {"min": 0.6}, INSIDE, id="its lower end would fail"),
        pytest.param(check(interval=(0.6, 0.8)), {"min": 0.6}, INSIDE, id="its end is the limit"),
        pytest.param(check(interval=(0.65, 0.75)), {"max": 0.8}, "", id="a maximum, all below"),
        pytest.param(check(interval=(0.65, 0.85)), {"max": 0.8}, INSIDE, id="a maximum, its upper end above"),
        # Held to the interval: the margin counts from its end, 0.65, and is small; the limit is outside all the same.
        pytest.param(check(margin=0.01, interval=(0.65, 0.75)), {"min": 0.64, "hold": "interval"}, "", id="held to it"),
        pytest.param(check(margin=0.01, interval=(0.69, 0.75)), {"min": 0.68}, "", id="an interval says more than 5 %"),
        pytest.param(check(margin=0.034), {"min": 0.666}, THIN, id="3.4 of 70"),
        pytest.param(check(margin=0.035), {"min": 0.665}, "", id="3.5 of 70 is 5 %"),
        pytest.param(check(1350.0, 350.0, unit="rows"), {"min": 1000}, "", id="a quarter of the rows"),
        pytest.param(check(1010.0, 10.0, unit="rows"), {"min": 1000}, THIN, id="a hundredth of the rows"),
        pytest.param(check(0.0, 0.0), {"max": 0}, "", id="nothing leaked, nothing allowed"),
        pytest.param(check(1.0, 0.02), {"min": 0.98}, "", id="a share that cannot be higher"),
        pytest.param(check(1.0, 0.02), {"max": 1.02}, THIN, id="a share of 1 where lower is better"),
        pytest.param(check(1.0, 0.0, unit="yes (1) or no (0)"), {"min": 1}, "", id="yes"),
        pytest.param(check(-0.01, 0.0, unit=""), {"min": -0.01}, THIN, id="at a limit below zero"),
        pytest.param(check(0.5, -0.1, verdict="fail"), {"min": 0.6}, "", id="a failure is not near"),
        pytest.param(check(None, None, verdict="not_evaluated"), {"min": 0.6}, "", id="nothing measured"),
    ],
)
def test_near_is_a_limit_inside_the_interval_or_a_margin_under_a_twentieth(verdict, limit, why):
    assert near(verdict, Limit(check="a.b", **limit)) == why


def test_margins_compare_across_units():
    rows = check(1350.0, 350.0, unit="rows")
    assert relative_margin(rows) == pytest.approx(0.259, abs=0.001)
    assert relative_margin(check(0.7, 0.01)) == pytest.approx(0.0143, abs=0.001)
    assert relative_margin(check(0.0, 0.0)) == 1.0
    assert relative_margin(check(None, None)) == 0.0
