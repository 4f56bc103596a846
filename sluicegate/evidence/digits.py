"""Numbers as people read them."""

from __future__ import annotations

import math

_NOISE = 1e-9
"""What sums of the same numbers in another order stay below, and the share of a single row does not."""


def short(value: float, digits: int = 4, sign: str = "") -> str:
    """A number of so many digits that count, or of all before the point: ``0.02153``, ``1,235``, ``30,518``.

    Args:
        value: The number.
        digits: How many count.
        sign: ``+`` puts a sign before every number.
    """
    form = f"{sign},.0f" if abs(value) >= 10 ** (digits - 1) else f"{sign},.{digits}g"
    return format(value, form)


def share(value: float, sign: str = "", digits: int = 3) -> str:
    """A share, or a difference of shares: ``0.712``. Next to 0 and 1 it is none of them: ``<0.001``, ``>0.999``.

    Four leaked rows of 9,000 are not none, and three missed ones are not a whole.

    Args:
        value: The share, 1 being the whole.
        sign: ``+`` puts a sign before every number, as before a difference: ``+0.012``, ``<+0.001``.
        digits: How many stand behind the point.
    """
    return _rounded(value, 1, digits, sign)


def percent(value: float, sign: str = "") -> str:
    """The same as a percentage: ``70.1 %``, ``<0.1 %``, ``>99.9 %``."""
    return f"{points(value, sign)} %"


def points(value: float, sign: str = "") -> str:
    """The same in percentage points, without saying so: ``70.1``, ``<0.1``, ``>99.9``."""
    return _rounded(100 * value, 100, 1, sign)


def _rounded(value: float, whole: float, digits: int, sign: str) -> str:
    """A number of so many digits behind the point, which stands at 0 or at `whole` only if the value does."""
    form, step = f"{sign}z.{digits}f", 10.0**-digits
    near = abs(float(f"{value:.{digits}f}"))
    if near not in (0, whole) or abs(abs(value) - near) < _NOISE:
        return format(value, form)
    bound = math.copysign(near if abs(value) > whole else abs(near - step), value)
    return f"{'<' if value < bound else '>'}{bound:{form}}"
