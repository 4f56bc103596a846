"""Which test rows are looked at, where looking at all of them would take too long."""

from __future__ import annotations

import numpy as np

from sluicegate.evidence.scores import Indices

MOST_ROWS = 500
"""Rows that a sample holds at most."""


def sample_rows(rows: int, seed: int, most: int = MOST_ROWS) -> Indices:
    """Indices of at most `most` of `rows` rows, drawn without putting back, in ascending order."""
    drawn = np.random.default_rng(seed).permutation(rows)[:most]
    sample: Indices = np.sort(drawn).astype(np.int64)
    return sample
