"""Numbers of the evidence, written for a person."""

from __future__ import annotations

from sluicegate.evidence.checks import check_of
from sluicegate.evidence.digits import share, short
from sluicegate.policy import Limit

NOTHING = "–"
_MOST_DIGITS = 17
"""What tells any two floating-point numbers apart."""


def title_of(check: str, group: str | None = None) -> str:
    """The check in plain words, and the group; its name, if this version's catalogue does not hold it any more."""
    of = f": “{group}”" if group is not None else ""
    try:
        return check_of(check).title + of
    except KeyError:
        return check + of


def figure(value: float | None, unit: str, limit: Limit | None = None, sign: str = "") -> str:
    """A value in its unit: ``0.712``, ``<0.001``, ``1,350 rows``, ``yes``; a dash where there is none.

    Args:
        value: The number.
        unit: Its unit; ``share`` and none are not written.
        limit: What it stands beside: it gets as many digits as it takes to read on its own side of it.
        sign: ``+`` puts a sign before every number.
    """
    if value is None:
        return NOTHING
    if unit.startswith("yes"):
        return {1.0: "yes", 0.0: "no"}.get(value, f"{value:g}") if not sign else f"{value:{sign}g}"
    known = (_number(value, unit, more, sign) for more in range(_MOST_DIGITS))
    shown = next((n for n in known if limit is None or limit.reads_alike(_read(n), value, unit)), repr(value))
    return shown if unit in ("share", "") else f"{shown} {unit}"


def _number(value: float, unit: str, more: int, sign: str) -> str:
    """The number with so many digits more than it mostly has."""
    if unit in ("share", ""):
        return share(value, sign, 3 + more)
    return f"{value:{sign},.0f}" if float(value).is_integer() else short(value, 4 + more, sign)


def _read(shown: str) -> float:
    """What a reader takes from it; of ``<0.001`` the number."""
    return float(shown.replace(",", "").lstrip("<>"))


def span(interval: tuple[float, float] | None, unit: str, limit: Limit | None = None) -> str:
    """The ends of an interval: ``0.683 to 0.741``; a dash where there is none."""
    if interval is None:
        return NOTHING
    low, high = (figure(end, "" if unit == "share" else unit, limit) for end in interval)
    return f"{low} to {high}"


def change(value: float, unit: str) -> str:
    """A difference with its sign: ``+0.012``."""
    return figure(value, unit, sign="+")


def plural(count: int, noun: str) -> str:
    """``1 check``, ``2 checks``."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
