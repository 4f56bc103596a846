"""Numbers as people read them."""

from __future__ import annotations


def short(value: float, digits: int = 4, sign: str = "") -> str:
    """A number of so many digits that count, or of all before the point: ``0.02153``, ``1,235``, ``30,518``.

    Args:
        value: The number.
        digits: How many count.
        sign: ``+`` puts a sign before every number.
    """
    form = f"{sign},.0f" if abs(value) >= 10 ** (digits - 1) else f"{sign},.{digits}g"
    return format(value, form)
