"""The candidate's spans against those of each release that is live, on the same rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from sluicegate.evidence.comparison import LiveRelease, seen_share
from sluicegate.evidence.enough import why_few_rows, why_few_there
from sluicegate.evidence.estimated import estimated
from sluicegate.evidence.finding import Finding, not_evaluated
from sluicegate.evidence.group_changes import Grouping
from sluicegate.evidence.predictions import labels_of, predict_spans, task_of
from sluicegate.evidence.resampling import UNDEFINED, Resampling
from sluicegate.evidence.span_performance import scarce_groups
from sluicegate.evidence.span_scores import Tagged, differences
from sluicegate.manifest import verify_folder

OVERALL = {
    "entity_f1_change": "entity_f1",
    "character_f1_change": "character_f1",
    "character_recall_change": "character_recall",
    "disagreement": "disagreement",
    "regressed_share": "regressed",
}
"""Check, without its area → figure."""
_OF_ROWS = ("disagreement", "regressed", "mended")
"""Figures that are shares of rows, whatever entities these hold."""


def compare_spans(
    live: LiveRelease,
    tagged: Tagged,
    test: pd.DataFrame,
    groupings: Sequence[Grouping],
    resampling: Resampling,
    smallest: int,
) -> tuple[list[Finding], dict[str, Any]]:
    """Findings of the area `comparison` against one live release, and its figures as JSON.

    Args:
        live: The release.
        tagged: The candidate's answers.
        test: The test rows.
        groupings: Groups of which each is compared by itself.
        resampling: Settings of the bootstrap over the test rows.
        smallest: Of fewer rows, or fewer true entities, in all of them or in a group, nothing is concluded.

    Raises:
        TamperingDetected: The live release's bytes are not those of its digest.
    """
    digest = live.candidate_digest
    verify_folder(live.candidate, digest, f"candidate {digest[:12]}… live in stage {live.stage}")
    about, seen = {"against": digest, "stage": live.stage}, seen_share(live, test)
    if why := _not_comparable(live, tagged.labels) or why_few_rows(len(test), smallest):
        findings = [not_evaluated(f"comparison.{name}", why, against=digest) for name in OVERALL]
        findings += [grouping.not_compared(why, digest) for grouping in groupings]
        return [*findings, seen], {**about, "status": "not_evaluated", "why": why}
    given_N = predict_spans(live.candidate, test["text"].tolist(), f"live release {digest[:8]}")
    counts = tagged.counts
    groupings = [grouping.without(scarce_groups(counts, grouping.members, smallest)) for grouping in groupings]
    named = {key: of for grouping in groupings for key, of in grouping.named.items()}
    estimates = differences(tagged, given_N, resampling, named)
    if why := why_few_there(int(counts.entities_actual_NK.sum()), smallest):
        estimates = {key: estimate if key in _OF_ROWS else UNDEFINED for key, estimate in estimates.items()}
    findings = [
        not_evaluated(f"comparison.{name}", why, n=len(test), against=digest)
        if why and key not in _OF_ROWS
        else estimated(f"comparison.{name}", estimates[key], resampling, against=digest)
        for name, key in OVERALL.items()
    ]
    findings += [f for grouping in groupings for f in grouping.findings("character_f1", estimates, resampling, digest)]
    figures = {key: estimate.to_json() for key, estimate in estimates.items()}
    return [*findings, seen], {**about, "status": "measured", "estimates": figures}


def _not_comparable(live: LiveRelease, labels: Sequence[str]) -> str:
    if task_of(live.candidate) != "token-classification":
        return "the live release does another task"
    return "" if sorted(labels_of(live.candidate)) == sorted(labels) else "the live release knows other entity types"
