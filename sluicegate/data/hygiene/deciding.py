"""What becomes of every row, harm apart: evaluation sets first, then the same texts, then those nearly the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sluicegate.data.hygiene import exact
from sluicegate.data.hygiene.contamination import Overlaps, overlaps
from sluicegate.data.hygiene.decisions import Decisions, Reason, split_ranks
from sluicegate.data.hygiene.evaluation import EvaluationTexts
from sluicegate.data.hygiene.minhash import banding
from sluicegate.data.hygiene.near import Buckets, near_clusters
from sluicegate.data.hygiene.scan import Fact, Scan, Shingling
from sluicegate.data.hygiene.scratch import Scratch
from sluicegate.data.hygiene.store import store
from sluicegate.spec.hygiene import Hygiene, NearDuplicates


@dataclass(frozen=True)
class Decided:
    """The decisions, and what they rest on."""

    decisions: Decisions
    overlaps: Overlaps | None
    """With evaluation sets; None if none are named."""
    clusters_N: NDArray[np.int64] | None
    """The row that names each row's cluster of near duplicates; None if they are not kept together."""
    exact: dict[str, int]
    """Counts of the same texts."""
    near: dict[str, Any]
    """Counts of texts nearly the same; empty if none are looked for."""


def decide(
    scan: Scan, section: Hygiene, texts: EvaluationTexts | None, shingling: Shingling | None, scratch: Scratch
) -> Decided:
    """Decides on every row.

    Args:
        scan: The facts of all rows.
        section: The spec's section.
        texts: The evaluation sets, if any are named.
        shingling: How shingles are cut; needed for evaluation sets and near duplicates.
        scratch: Where arrays are kept.
    """
    first_N, decisions, found = exact.first_rows(scan), Decisions(scan.rows), None
    if section.contamination and texts and shingling:
        found = overlaps(scan, first_N, texts, shingling, scratch)
        if section.contamination.action == "drop":
            decisions.drop(np.flatnonzero(found.quotes_N), Reason.EVALUATION_QUOTE)
            decisions.drop(np.flatnonzero(found.near_N), Reason.EVALUATION_NEAR)
            decisions.drop(np.flatnonzero(found.same_N), Reason.EVALUATION_SAME)
    ranks_N = split_ranks(scan.splits)[scan.fact(Fact.SPLIT).astype(np.int64)]
    same = exact.settle(
        exact.repeats(first_N, decisions.alive_N, ranks_N),
        decisions,
        ranks_N=ranks_N,
        labels_N=scan.fact(Fact.LABEL),
        exact_duplicates=section.exact_duplicates,
        conflicting_labels=section.conflicting_labels,
    )
    if section.near_duplicates is None or shingling is None:
        return Decided(decisions, found, None, same, {})
    names, near = _near(scan, decisions, first_N, ranks_N, shingling, scratch)
    return Decided(decisions, found, names if section.near_duplicates.action == "cluster" else None, same, near)


def _near(
    scan: Scan,
    decisions: Decisions,
    first_N: NDArray[np.int64],
    ranks_N: NDArray[np.uint8],
    shingling: Shingling,
    scratch: Scratch,
) -> tuple[NDArray[np.int64], dict[str, Any]]:
    """Finds clusters among the rows that are left, and drops what the spec has dropped."""
    section, rows = shingling.section, np.flatnonzero(decisions.alive_N)
    lead_N = np.full(scan.rows, -1, np.int64)
    lead_N[first_N[rows[::-1]]] = rows[::-1]  # written last, so the first row stays
    leader = lead_N[first_N[rows]]  # for each row the first that is left of its spelling
    leads_N = np.zeros(scan.rows, np.bool_)
    leads_N[leader] = True
    banded = banding(section.threshold, section.permutations)
    buckets = Buckets(scan, scratch, banded.bands)
    sets = store(scan, buckets.find(leads_N & (scan.fact(Fact.SHINGLED) > 0)), shingling, scratch, "candidate-shingles")
    clusters, counts = near_clusters(buckets, sets, scan.rows, section.threshold)
    roots = clusters.roots(leader)
    order = np.lexsort((rows, ranks_N[rows], roots))
    begins = np.flatnonzero(np.diff(roots[order], prepend=-1))
    kept = np.empty(len(rows), np.int64)
    kept[order] = np.repeat(rows[order[begins]], np.diff(begins, append=len(order)))
    _drop(decisions, section, rows, kept, first_N, ranks_N)
    names_N = np.arange(scan.rows)
    names_N[rows] = kept
    sizes = np.bincount(roots, minlength=scan.rows)
    several = np.bincount(clusters.roots(np.flatnonzero(leads_N)), minlength=scan.rows) > 1
    return names_N, {
        "clusters": int(several.sum()),
        "rows": int(sizes[several].sum()),
        "largest": int(sizes[several].max(initial=0)),
        **counts,
        "bands": banded.bands,
        "minima_of_a_band": banded.rows,
        "found_at_threshold": round(banded.meets(section.threshold), 4),
    }


def _drop(
    decisions: Decisions,
    section: NearDuplicates,
    rows: NDArray[np.int64],
    kept: NDArray[np.int64],
    first_N: NDArray[np.int64],
    ranks_N: NDArray[np.uint8],
) -> None:
    """Drops rows of clusters in favour of `kept`; a repeat of the kept row's very text stays if it stayed before."""
    other = first_N[rows] != first_N[kept]
    across = other & (ranks_N[rows] > ranks_N[kept])
    decisions.drop(rows[across], Reason.NEAR_DUPLICATE_ACROSS_SPLITS, kept[across])
    if section.action == "drop":
        rest = other & ~across
        decisions.drop(rows[rest], Reason.NEAR_DUPLICATE, kept[rest])
    stand_ins = np.flatnonzero(decisions.kept_N >= 0)  # a row that stood for another may have gone itself
    gone = stand_ins[decisions.kept_N[decisions.kept_N[stand_ins]] >= 0]
    decisions.kept_N[gone] = decisions.kept_N[decisions.kept_N[gone]]
