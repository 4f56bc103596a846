"""How many rows it takes before anything is said about drift, by whatever measure."""

from __future__ import annotations

FEWEST_ROWS = 30
"""Rows of either side: of fewer, chance alone makes two sides look alike, or apart."""
OF_FEWER = f" Of fewer than {FEWEST_ROWS} rows on either side it is not evaluated."
"""The end of the definition of every check that this holds for."""


def why_too_few(one: int, other: int) -> str:
    """Why two sets of so many rows are not compared; empty if they can be."""
    if min(one, other) >= FEWEST_ROWS:
        return ""
    return f"there are {one} and {other} rows to compare, and it takes {FEWEST_ROWS} of each"
