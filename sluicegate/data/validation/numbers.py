"""Columns of numbers: the canonical table holds strings, a suite may read some of them as numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sluicegate.data.validation.patterns import NUMBER_PATTERN


def as_numbers(column: pd.Series) -> pd.Series:
    """The numbers that the strings are, float64; NaN where a string is missing or is no number."""
    readable = column.where(column.str.fullmatch(NUMBER_PATTERN), None)
    values = readable.to_numpy(dtype=object, na_value=np.nan).astype(np.float64)
    return pd.Series(np.where(np.isfinite(values), values, np.nan), index=column.index, name=column.name)
