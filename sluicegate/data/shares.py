"""How many rows a share of them is, as the share is written and not as it is stored."""

from __future__ import annotations

import math
from fractions import Fraction


def rows_within(share: float, rows: int) -> int:
    """The most rows that are no larger share of `rows` than `share`, in [0, `rows`].

    Counted in decimals: 0.29 of 100 rows are 29, though the product of the two floats is a little less.

    Args:
        share: In [0, 1].
        rows: All rows.
    """
    return math.floor(Fraction(repr(float(share))) * rows)
