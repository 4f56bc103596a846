"""A resampled estimate as a finding."""

from __future__ import annotations

from sluicegate.evidence.finding import Finding, measured
from sluicegate.evidence.resampling import Estimate, Resampling


def estimated(
    check: str,
    estimate: Estimate,
    resampling: Resampling,
    *,
    n: int | None = None,
    unit: str = "share",
    against: str | None = None,
    group: str | None = None,
) -> Finding:
    """`measured` with the estimate's interval, and the resampling behind it; `n` is its rows unless said."""
    return measured(
        check,
        estimate.value,
        unit=unit,
        n=resampling.rows if n is None else n,
        interval=estimate.interval,
        confidence=resampling.confidence,
        seed=resampling.seed,
        against=against,
        group=group,
    )
