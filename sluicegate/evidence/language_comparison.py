"""The candidate's likelihoods against those of each release that is live, on the same rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from sluicegate.evidence.checks import check_of
from sluicegate.evidence.comparison import LiveRelease, seen_share
from sluicegate.evidence.enough import why_few_rows
from sluicegate.evidence.finding import Finding, not_evaluated
from sluicegate.evidence.group_changes import Grouping
from sluicegate.evidence.language_scores import differences, finding
from sluicegate.evidence.predictions import Likelihoods, predict_likelihoods, task_of
from sluicegate.evidence.resampling import Resampling
from sluicegate.manifest import verify_folder

_OVERALL = {"comparison.bits_per_byte_change": "change", "comparison.less_likely_share": "less_likely"}
"""Check → figure."""


def compare_likelihoods(
    live: LiveRelease,
    task: str,
    said: Likelihoods,
    test: pd.DataFrame,
    groupings: Sequence[Grouping],
    resampling: Resampling,
    smallest: int,
) -> tuple[list[Finding], dict[str, Any]]:
    """Findings of the area `comparison` against one live release, and its figures as JSON.

    Args:
        live: The release.
        task: The candidate's.
        said: What the candidate says.
        test: The test rows.
        groupings: Groups of which each is compared by itself.
        resampling: Settings of the bootstrap over the test rows.
        smallest: Of fewer rows nothing is concluded.

    Raises:
        TamperingDetected: The live release's bytes are not those of its digest.
    """
    digest = live.candidate_digest
    verify_folder(live.candidate, digest, f"candidate {digest[:12]}… live in stage {live.stage}")
    about, seen = {"against": digest, "stage": live.stage}, seen_share(live, test)
    if why := _why_not(live, task, len(test), smallest):
        findings = [not_evaluated(name, why, unit=check_of(name).unit, against=digest) for name in _OVERALL]
        findings += [grouping.not_compared(why, digest) for grouping in groupings]
        return [*findings, seen], {**about, "status": "not_evaluated", "why": why}
    other = predict_likelihoods(live.candidate, test["text"].tolist(), f"live release {digest[:8]}")
    named = {key: of for grouping in groupings for key, of in grouping.named.items()}
    estimates = differences(said, other.nats_N, resampling, named)
    findings = [finding(name, estimates[key], resampling, digest) for name, key in _OVERALL.items()]
    findings += [f for grouping in groupings for f in grouping.findings("change", estimates, resampling, digest)]
    figures = {key: estimate.to_json() for key, estimate in estimates.items()}
    return [*findings, seen], {**about, "status": "measured", "estimates": figures}


def _why_not(live: LiveRelease, task: str, rows: int, smallest: int) -> str:
    """Why they cannot be compared; empty if they can."""
    return "the live release does another task" if task_of(live.candidate) != task else why_few_rows(rows, smallest)
