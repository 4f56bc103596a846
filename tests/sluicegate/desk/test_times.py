"""Times for a person."""

from __future__ import annotations

import math

import pytest

from sluicegate.desk.times import lasting, moment


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "0 min"),
        (59.9, "0 min"),
        (-60, "0 min"),
        (3599, "59 min"),
        (3600, "1 h 0 min"),
        (18600, "5 h 10 min"),
        (172799, "47 h 59 min"),
        (172800, "2 days"),
        (1209599, "13 days"),
        (math.nan, "–"),
    ],
)
def test_a_span_is_rounded_down(seconds, shown):
    assert lasting(seconds) == shown


def test_a_time_of_the_ledger_is_shown_to_the_minute():
    assert moment("2026-10-02T10:00:59.123456Z") == "2026-10-02 10:00 UTC"
