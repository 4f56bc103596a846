"""What becomes of every row: evaluation sets first, then harm, then the same texts, then those nearly the same.

What is dropped for what it says goes before repeats are settled, so that no row goes in favour of it. Where harm is
tagged nothing goes for it, and only the rows that stay are scored.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sluicegate.data.hygiene import exact
from sluicegate.data.hygiene.contamination import Overlaps, overlaps
from sluicegate.data.hygiene.decisions import Decisions, Reason, split_ranks
from sluicegate.data.hygiene.evaluation import EvaluationTexts
from sluicegate.data.hygiene.harm import HarmClassifier
from sluicegate.data.hygiene.minhash import banding
from sluicegate.data.hygiene.near import Buckets, near_clusters
from sluicegate.data.hygiene.scan import Fact, Scan, Shingling
from sluicegate.data.hygiene.scoring import harm_scores
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
    harm_N: NDArray[np.float64] | None
    """Score of each row that was scored for harm, below 0 for others; None if harm is not looked for."""


def decide(
    scan: Scan,
    section: Hygiene,
    texts: EvaluationTexts | None,
    shingling: Shingling | None,
    classifier: HarmClassifier | None,
    scratch: Scratch,
) -> Decided:
    """Decides on every row.

    Args:
        scan: The facts of all rows.
        section: The spec's section.
        texts: The evaluation sets, if any are named.
        shingling: How shingles are cut; needed for evaluation sets and near duplicates.
        classifier: Scores harmful text; needed where the section names any.
        scratch: Where arrays are kept.
    """
    first_N, decisions, found, harm_N = exact.first_rows(scan), Decisions(scan.rows), None, None
    if section.contamination and texts and shingling:
        found = overlaps(scan, first_N, texts, shingling, scratch)
        if section.contamination.action == "drop":
            _drop_contaminated(decisions, found)
    if classifier and section.harm and section.harm.action == "drop":
        harm_N = harm_scores(scan, decisions.alive_N, first_N, classifier, scratch)
        decisions.drop(np.flatnonzero(harm_N >= section.harm.threshold), Reason.HARMFUL)
    ranks_N = split_ranks(scan.splits)[scan.fact(Fact.SPLIT).astype(np.int64)]
    same = exact.settle(
        exact.repeats(first_N, decisions.alive_N, ranks_N),
        decisions,
        ranks_N=ranks_N,
        labels_N=scan.fact(Fact.LABEL),
        exact_duplicates=section.exact_duplicates,
        conflicting_labels=section.conflicting_labels,
    )
    names_N, near = None, dict[str, Any]()
    if section.near_duplicates and shingling:
        names_N, near = _near(scan, decisions, first_N, ranks_N, shingling, scratch)
        names_N = names_N if section.near_duplicates.action == "cluster" else None
    if classifier and section.harm and section.harm.action == "tag":
        harm_N = harm_scores(scan, decisions.alive_N, first_N, classifier, scratch)
    return Decided(decisions, found, names_N, same, near, harm_N)


def _drop_contaminated(decisions: Decisions, found: Overlaps) -> None:
    """Drops the rows that overlap with an evaluation set, for the closest way in which they do."""
    decisions.drop(np.flatnonzero(found.quotes_N), Reason.EVALUATION_QUOTE)
    decisions.drop(np.flatnonzero(found.near_N), Reason.EVALUATION_NEAR)
    decisions.drop(np.flatnonzero(found.same_N), Reason.EVALUATION_SAME)


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
    leader = exact.leaders(first_N, rows)
    leads_N = np.zeros(scan.rows, np.bool_)
    leads_N[leader] = True
    banded = banding(section.threshold, section.permutations)
    buckets = Buckets(scan, scratch, banded.bands)
    sets = store(scan, buckets.find(leads_N & (scan.fact(Fact.SHINGLED) > 0)), shingling, scratch, "candidate-shingles")
    comparison = near_clusters(buckets, sets, scan.rows, section.threshold)
    clusters = comparison.clusters
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
        "pairs_compared": comparison.compared,
        "pairs_alike": comparison.joined,
        "pairs_not_compared": comparison.not_compared,
        "rows_not_compared": int(comparison.left_N[leader].sum()),
        "rows_considered": len(rows),
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
    decisions.settle_stand_ins()
