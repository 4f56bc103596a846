"""Numbers of the evidence, written for a person."""

from __future__ import annotations

from sluicegate.evidence.checks import check_of
from sluicegate.evidence.digits import short

NOTHING = "–"


def title_of(check: str, group: str | None = None) -> str:
    """The check in plain words, and the group; its name, if this version's catalogue does not hold it any more."""
    of = f": “{group}”" if group is not None else ""
    try:
        return check_of(check).title + of
    except KeyError:
        return check + of


def figure(value: float | None, unit: str) -> str:
    """A value in its unit: ``0.712``, ``1,350 rows``, ``yes``; a dash where there is none."""
    if value is None:
        return NOTHING
    if unit in ("share", ""):
        return f"{value:.3f}"
    if unit.startswith("yes"):
        return {1.0: "yes", 0.0: "no"}.get(value, f"{value:g}")
    return f"{value:,.0f} {unit}" if float(value).is_integer() else f"{short(value)} {unit}"


def span(interval: tuple[float, float] | None, unit: str) -> str:
    """The ends of an interval: ``0.683 to 0.741``; a dash where there is none."""
    if interval is None:
        return NOTHING
    low, high = (figure(end, "" if unit == "share" else unit) for end in interval)
    return f"{low} to {high}"


def change(value: float, unit: str) -> str:
    """A difference with its sign: ``+0.012``."""
    shown = figure(value, unit)
    return shown if value < 0 else f"+{shown}"


def plural(count: int, noun: str) -> str:
    """``1 check``, ``2 checks``."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
