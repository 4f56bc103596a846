"""Times of the ledger, written for a person."""

from __future__ import annotations

import math

_HOUR, _DAY = 3600, 86400


def moment(time: str) -> str:
    """A time of the ledger to the minute: ``2026-10-02 10:00 UTC``."""
    return f"{time[:16].replace('T', ' ')} UTC"


def lasting(seconds: float) -> str:
    """How long something takes, rounded down: ``59 min``, ``5 h 10 min``, ``3 days``; a dash if nobody knows."""
    if math.isnan(seconds):
        return "–"
    seconds = max(0, int(seconds))
    if seconds >= 2 * _DAY:
        return f"{seconds // _DAY} days"
    hours, minutes = seconds // _HOUR, seconds % _HOUR // 60
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"
