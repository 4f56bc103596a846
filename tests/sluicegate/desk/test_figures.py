from __future__ import annotations

import pytest

from sluicegate.desk.figures import change, figure, plural, span, title_of
from sluicegate.policy import Limit


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (0.7124, "share", "0.712"),
        (1350.0, "rows", "1,350 rows"),
        (91.34, "MB", "91.34 MB"),
        (1.0, "yes (1) or no (0)", "yes"),
        (0.0, "yes (1) or no (0)", "no"),
        (None, "share", "–"),
        (-0.004, "share", "-0.004"),
        (4 / 9000, "share", "<0.001"),
        (8997 / 9000, "share", ">0.999"),
    ],
)
def test_a_figure_is_written_in_its_unit(value, unit, shown):
    assert figure(value, unit) == shown


@pytest.mark.parametrize(
    ("value", "unit", "limit", "shown"),
    [
        pytest.param(0.5999996, "share", Limit(check="a", min=0.6), "0.5999996", id="fails by little"),
        pytest.param(0.6000004, "share", Limit(check="a", min=0.6), "0.600", id="holds by little"),
        pytest.param(0.61239, "share", Limit(check="a", min=0.6123), "0.6124", id="holds, and would read as failing"),
        pytest.param(0.8 - 0.7, "share", Limit(check="a", max=0.1), "0.100", id="equal but for rounding"),
        pytest.param(-0.00001, "share", Limit(check="a", min=0), ">-0.001", id="less than nothing"),
        pytest.param(250.04, "ms", Limit(check="a", max=250), "250.04 ms", id="milliseconds"),
        pytest.param(1350.4, "rows", Limit(check="a", max=1350.2), "1,350.4 rows", id="thousands"),
    ],
)
def test_a_figure_reads_on_its_own_side_of_its_limit(value, unit, limit, shown):
    assert figure(value, unit, limit) == shown


def test_an_interval_is_written_with_both_ends():
    assert span((0.6831, 0.7409), "share") == "0.683 to 0.741"
    assert span((0.0002, 0.9998), "share") == "<0.001 to >0.999"
    assert span(None, "share") == "–"
    assert span((0.59996, 0.7409), "share", Limit(check="a", min=0.6, hold="interval")) == "0.59996 to 0.741"


def test_a_difference_has_a_sign():
    assert change(0.012, "share") == "+0.012"
    assert change(-0.012, "share") == "-0.012"
    assert change(20, "rows") == "+20 rows"
    assert (change(0.0004, "share"), change(-0.0004, "share")) == ("<+0.001", ">-0.001")
    assert (change(1.0, "yes (1) or no (0)"), change(-1.0, "yes (1) or no (0)")) == ("+1", "-1")


def test_one_check_and_two_checks():
    assert (plural(1, "check"), plural(2, "check"), plural(1200, "row")) == ("1 check", "2 checks", "1,200 rows")


def test_a_check_that_this_versions_catalogue_does_not_hold_goes_by_its_name():
    assert title_of("performance.macro_f1") == "Macro-F1"
    assert title_of("performance.no_longer_there") == "performance.no_longer_there"
