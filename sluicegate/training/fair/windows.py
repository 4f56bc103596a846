"""A threshold for each group, so that the groups' rates lie in one window no wider than the limit.

What a group adds to the balanced accuracy does not depend on the other groups. So, for a window, each group takes
the best of its own thresholds whose rates lie in it, and the best window wins. Windows begin at rates that occur;
as long as those are few enough to try them all, nothing better exists.

Shapes: G groups, K thresholds that are tried, C rates that must be alike.
"""

from __future__ import annotations

from itertools import product

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_MOST_WINDOWS = 4096
_ROUNDING = 1e-12
_NARROWEST = 0.01


def best_in_windows(rates_GKC: Floats, shares_GK: Floats, limit: float) -> NDArray[np.intp]:
    """The number of the threshold to take for each group, shape (G,).

    Where no window as wide as the limit holds every group, its width is doubled until one does.
    """
    width = limit
    while True:
        found = _best(rates_GKC, shares_GK, width)
        if found is not None:
            return found
        width = max(2 * width, _NARROWEST)


def _best(rates_GKC: Floats, shares_GK: Floats, width: float) -> NDArray[np.intp] | None:
    best, chosen = -np.inf, None
    for start_C in product(*_starts(rates_GKC)):
        low = np.array(start_C) - _ROUNDING
        inside_GK = np.logical_and.reduce((rates_GKC >= low) & (rates_GKC <= low + width + 2 * _ROUNDING), axis=2)
        if not inside_GK.any(axis=1).all():
            continue
        share_GK = np.where(inside_GK, shares_GK, -np.inf)
        total = share_GK.max(axis=1).sum()
        if total > best + _ROUNDING:
            best, chosen = total, share_GK.argmax(axis=1)
    return chosen


def _starts(rates_GKC: Floats) -> list[Floats]:
    """Where windows begin, for each of the C rates."""
    axes = rates_GKC.shape[2]
    most = round(_MOST_WINDOWS ** (1 / axes))
    found = []
    for c in range(axes):
        values = np.unique(rates_GKC[:, :, c])
        if len(values) > most:
            values = values[np.linspace(0, len(values) - 1, most).round().astype(np.intp)]
        found.append(values)
    return found
