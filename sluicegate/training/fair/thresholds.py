"""Where to cut a score so that groups are treated alike.

A decision is whether a row gets one label rather than another one, and its score is the margin: the label's logit
less the highest of the others. At a threshold of 0 that is what the model says anyway. Moving the threshold of a
label is the same as taking it off the bias of the label's output, so **one threshold for all groups goes into the
weights**: whoever serves the model needs neither the threshold nor anybody's group. That is the default, and what a
classifier of texts can use, which is given a text and nothing else.

One threshold cannot meet every limit: it moves all groups at once. A threshold for each group can (Hardt et al.,
Equality of Opportunity in Supervised Learning, 2016), but then every text must come with its group, from whoever
asks, at the moment of decision; whether a decision may depend on it is a question of law (disparate treatment).
It is searched for only where that was asked for. Nothing is randomized, as fairlearn's `ThresholdOptimizer` does:
the same text always gets the same answer.

Thresholds fit the rows that they were found on. What they are worth, other rows must say.

Shapes: N rows, L labels, G groups, K thresholds that are tried, C rates that must be alike.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sluicegate.errors import InputRefused
from sluicegate.training.fair.group_rates import Criterion, Rates, rates_of, shared_cuts
from sluicegate.training.fair.windows import best_in_windows

Floats = NDArray[np.float64]
MODEL_OWN = 0.0
"""The margin at which the model itself decides."""


@dataclass(frozen=True)
class Thresholds:
    """Where to cut a label's margin; all fields are JSON."""

    label: str
    """The label that is decided on, against all others."""
    criterion: Criterion
    """What must be alike: the share that is selected, or true and false positive rates."""
    limit: float
    """The largest difference between two groups that was asked for."""
    met: bool
    """Whether it is kept on these rows by a decision that is better than a constant one."""
    threshold: float
    """A row is selected where its margin is at least this; with `by_group`, a row of no group named there."""
    disparity: float
    """The largest difference between two groups, in [0, 1], with these thresholds."""
    balanced_accuracy: float
    """Mean of the true positive and true negative rate over all rows, with these thresholds."""
    disparity_before: float
    """The same as the model itself decides."""
    balanced_accuracy_before: float
    """The same as the model itself decides."""
    by_group: Mapping[str, float] = field(default_factory=dict)
    """Group → its own threshold; empty if there is one for all."""
    left_out: Mapping[str, int] = field(default_factory=dict)
    """Groups with too few rows to compare → their rows. They have no part in `disparity`."""


def margins(logits_NL: Floats, label: int) -> Floats:
    """By how much the label's logit is above the highest of the others, shape (N,)."""
    others = np.delete(logits_NL, label, axis=1).max(axis=1)
    return np.asarray(logits_NL[:, label] - others, dtype=np.float64)


def selected(margins_N: Floats, groups_N: Sequence[str | None], thresholds: Thresholds) -> NDArray[np.bool_]:
    """Whether each row gets the label, shape (N,)."""
    own = [thresholds.by_group.get(group or "", thresholds.threshold) for group in groups_N]
    return margins_N >= np.array(own, dtype=np.float64)


def find_thresholds(
    margins_N: Floats,
    positives_N: NDArray[np.bool_],
    groups_N: Sequence[str | None],
    *,
    label: str,
    criterion: Criterion,
    limit: float,
    smallest: int = 30,
    use: Literal["one", "by-group"] = "one",
) -> Thresholds:
    """The thresholds of the highest balanced accuracy among those that keep the limit.

    Where none keeps it, the ones that come closest (`met` is false).

    Args:
        margins_N: Each validation row's margin, shape (N,).
        positives_N: Whether the row has the label, shape (N,).
        groups_N: The row's group; None or empty where it is missing.
        label: Its name.
        criterion: What must be alike.
        limit: The largest difference between two groups, in [0, 1].
        smallest: A group with fewer rows (for equalized odds: with fewer of either kind) is not compared.
        use: One threshold for all, or one for each group, which must then be known for each text that is served.

    Raises:
        InputRefused: Fewer than two groups can be compared, or all rows or none have the label.
    """
    if positives_N.all() or not positives_N.any():
        raise InputRefused("validation rows", "label", f"all or none have {label!r}, no threshold can be found")
    rates, left_out = rates_of(margins_N, positives_N, groups_N, shared_cuts(margins_N, MODEL_OWN), criterion, smallest)
    if len(rates.groups) < 2:
        problem = f"{len(rates.groups)} groups have the {smallest} rows of a kind that {criterion} compares"
        raise InputRefused("validation rows", "groups", problem, "at least 2 groups are needed")
    one, by_group = _one_for_all(rates, limit), {}
    chosen_G = np.full(len(rates.groups), one)
    if use == "by-group":
        chosen_G = best_in_windows(rates.rates_GKC, rates.shares_GK, limit)
        by_group = {group: float(rates.cuts_K[k]) for group, k in zip(rates.groups, chosen_G, strict=True)}
    own = np.zeros_like(chosen_G)
    disparity, accuracy = rates.disparity(chosen_G), rates.balanced_accuracy(chosen_G, one)
    return Thresholds(
        label=label,
        criterion=criterion,
        limit=limit,
        met=bool(disparity <= limit and accuracy > 0.5),
        threshold=float(rates.cuts_K[one]),
        disparity=disparity,
        balanced_accuracy=accuracy,
        disparity_before=rates.disparity(own),
        balanced_accuracy_before=rates.balanced_accuracy(own, 0),
        by_group=by_group,
        left_out=left_out,
    )


def _one_for_all(rates: Rates, limit: float) -> int:
    """The cut to take for every group."""
    same_KG = [np.full(len(rates.groups), k) for k in range(len(rates.cuts_K))]
    disparities_K = np.array([rates.disparity(same_G) for same_G in same_KG])
    accuracies_K = np.array([rates.balanced_accuracy(same_G, k) for k, same_G in enumerate(same_KG)])
    good = (disparities_K <= limit) & (accuracies_K > 0.5)
    if good.any():
        return int(np.argmax(np.where(good, accuracies_K, -1.0)))
    return int(np.lexsort((-accuracies_K, disparities_K))[0])
