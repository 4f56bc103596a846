"""Rows whose texts are the same in all but spelling variants, and what their labels say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sluicegate.data.hygiene.decisions import Decisions, Reason
from sluicegate.data.hygiene.scan import Fact, Scan

_PART_ROWS = 1 << 24


@dataclass(frozen=True)
class Repeats:
    """Rows with the same spelling as another, M in all, ordered by group, then split, then row."""

    rows_M: NDArray[np.int64]
    groups_M: NDArray[np.int64]
    """The group of each, 0, 1, …, rising."""


def first_rows(scan: Scan) -> NDArray[np.int64]:
    """For each row the first row with the same spelling, shape (N,)."""
    first_N = np.arange(scan.rows)
    high, low = scan.fact(Fact.HIGH), scan.fact(Fact.LOW)
    parts = -(-scan.rows // _PART_ROWS)
    for part in range(parts):
        rows = np.arange(scan.rows) if parts == 1 else np.flatnonzero(high % np.uint64(parts) == part)
        order = rows[np.lexsort((low[rows], high[rows]))]  # stable: rows of a group rise
        fresh = np.ones(len(order), np.bool_)
        fresh[1:] = (high[order[1:]] != high[order[:-1]]) | (low[order[1:]] != low[order[:-1]])
        begins = np.flatnonzero(fresh)
        first_N[order] = np.repeat(order[begins], np.diff(begins, append=len(order)))
    return first_N


def leaders(first_N: NDArray[np.int64], rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each of `rows`, which rise, the first of them with the same spelling, shape (len(rows),)."""
    lead_N = np.full(len(first_N), -1, np.int64)
    lead_N[first_N[rows[::-1]]] = rows[::-1]  # written last, so the first row stays
    return lead_N[first_N[rows]]


def repeats(first_N: NDArray[np.int64], alive_N: NDArray[np.bool_], ranks_N: NDArray[np.uint8]) -> Repeats:
    """The rows that are still there and repeat, or are repeated by, another that is."""
    counts = np.bincount(first_N[alive_N], minlength=len(first_N))
    rows = np.flatnonzero(alive_N & (counts[first_N] > 1))
    rows = rows[np.lexsort((rows, ranks_N[rows], first_N[rows]))]
    return Repeats(rows, _numbered(first_N[rows]))


def settle(
    found: Repeats,
    decisions: Decisions,
    *,
    ranks_N: NDArray[np.uint8],
    labels_N: NDArray[np.uint64],
    exact_duplicates: Literal["drop", "keep"],
    conflicting_labels: Literal["drop_all", "keep_first", "keep_majority"],
) -> dict[str, int]:
    """Decides on rows that repeat one another; returns the counts.

    Rows of a split that is worth less than another's of the group go first. Then labels that conflict are
    settled among the rest, and of what is left the first row stays.

    Args:
        found: The rows that repeat.
        decisions: What is decided, here added to.
        ranks_N: How worth keeping each row's split is, 0 the most.
        labels_N: A hash of each row's label.
        exact_duplicates: Whether repeated rows with the believed label are dropped.
        conflicting_labels: Which label is believed.
    """
    rows, groups = found.rows_M, found.groups_M
    if not len(rows):
        return dict.fromkeys(
            ("clusters", "rows", "clusters_with_conflicting_labels", "rows_with_conflicting_labels"), 0
        )
    best = rows[_begins(groups)]
    across = ranks_N[rows] > ranks_N[best][groups]
    rest, of = rows[~across], groups[~across]
    conflicts = np.zeros(int(groups[-1]) + 1, np.bool_)
    np.logical_or.at(conflicts, of, labels_N[rest] != labels_N[best][of])
    kept = best
    if conflicting_labels == "keep_majority":
        kept = _majority(rest, of, labels_N, kept)
    decisions.drop(rows[across], Reason.DUPLICATE_ACROSS_SPLITS, kept[groups[across]])
    wrong = labels_N[rest] != labels_N[kept][of]
    if conflicting_labels == "drop_all":
        wrong = conflicts[of]
        decisions.drop(rest[wrong], Reason.CONFLICTING_LABEL)
        decisions.drop(rows[across & conflicts[groups]], Reason.CONFLICTING_LABEL)
    else:
        decisions.drop(rest[wrong], Reason.CONFLICTING_LABEL, kept[of[wrong]])
    if exact_duplicates == "drop":
        same = ~wrong & (rest != kept[of])
        decisions.drop(rest[same], Reason.DUPLICATE, kept[of[same]])
    return {
        "clusters": len(best),
        "rows": len(rows),
        "clusters_with_conflicting_labels": int(conflicts.sum()),
        "rows_with_conflicting_labels": int(conflicts[of].sum()),
    }


def _majority(
    rows: NDArray[np.int64], groups: NDArray[np.int64], labels_N: NDArray[np.uint64], kept: NDArray[np.int64]
) -> NDArray[np.int64]:
    """For each group the first row with the most frequent label; of two as frequent, the one that comes first."""
    order = np.lexsort((rows, labels_N[rows], groups))
    rows, groups = rows[order], groups[order]
    fresh = np.ones(len(rows), np.bool_)
    fresh[1:] = (groups[1:] != groups[:-1]) | (labels_N[rows[1:]] != labels_N[rows[:-1]])
    begins = np.flatnonzero(fresh)
    counts = np.diff(begins, append=len(rows))
    order = np.lexsort((rows[begins], -counts, groups[begins]))
    begins = begins[order]
    begins = begins[_begins(groups[begins])]
    kept = kept.copy()
    kept[groups[begins]] = rows[begins]
    return kept


def _begins(groups: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where each group begins."""
    return np.flatnonzero(np.diff(groups, prepend=-1))


def _numbered(values: NDArray[np.int64]) -> NDArray[np.int64]:
    """Numbers equal neighbours from 0 on."""
    return np.cumsum(np.diff(values, prepend=values[:1]) != 0, dtype=np.int64)
