"""Which checks hold, but only just."""

from __future__ import annotations

from sluicegate.policy import Limit, Verdict

SHARE = 0.05
"""A margin below this share of the value is near, where there is no interval to tell."""


def near(verdict: Verdict, limit: Limit) -> str:
    """Why a check that holds is near its limit, in words; empty if it is not.

    With an interval it is near if the limit lies inside it: the same model measured on other rows might have
    failed. Without one it is near if its margin is under 5 % of its value.
    """
    value, margin = verdict.value, verdict.margin
    if verdict.verdict != "pass" or value is None or margin is None:
        return ""
    if verdict.interval is not None:
        low, high = verdict.interval
        bound = limit.min if limit.min is not None else limit.max
        return "the limit lies inside its interval" if bound is not None and low <= bound <= high else ""
    if _cannot_be_better(verdict, limit):
        return ""
    return f"its margin is under {100 * SHARE:.0f} % of its value" if margin < SHARE * abs(value) else ""


def relative_margin(verdict: Verdict) -> float:
    """The margin against the value: what compares across shares, rows and megabytes."""
    if verdict.margin is None or verdict.value is None:
        return 0.0
    # At a limit that is also the best that there is (nothing leaked, all expectations hold) it is not near failing.
    if verdict.margin == 0 and (verdict.value == 0 or verdict.unit.startswith("yes")):
        return 1.0
    return verdict.margin / max(abs(verdict.value), abs(verdict.margin), 1e-12)


def _cannot_be_better(verdict: Verdict, limit: Limit) -> bool:
    if verdict.unit.startswith("yes"):
        return True
    best = 0.0 if limit.max is not None else 1.0
    return verdict.unit == "share" and verdict.value == best
