"""The group of every row, by one name for rows that have none."""

from __future__ import annotations

from typing import Any

import pandas as pd

NO_GROUP = "(not given)"
"""Of rows without a value: they are a group of their own, and no row is passed over."""


def given_groups(column: pd.Series[Any]) -> list[str]:
    """The name of every row's group, whatever type the values are of."""
    return [str(group) for group in column.astype(object).where(column.notna(), NO_GROUP)]
