"""Every check of selective prediction, one entry each."""

from __future__ import annotations

from sluicegate.evidence.check import Check

COVERAGES = (80, 50)
"""Coverages at which the accuracy is a finding, in percent."""
_SELECTIVE = "Geifman & El-Yaniv, Selective Classification for Deep Neural Networks (2017)"
_COVERAGE = "El-Yaniv & Wiener, On the Foundations of Noise-free Selective Classification (2010)"

SELECTIVE_CATALOGUE: tuple[Check, ...] = (
    Check(
        "performance.risk_coverage_area",
        "Wrong answers, over all shares of rows that it might answer",
        "Area under the risk-coverage curve: mean over rows, most confident first, of the share of wrong answers up "
        "to and with the row. 0 is without a mistake; confidence without meaning gives the error rate.",
        "lower",
        source=_SELECTIVE,
    ),
    *(
        Check(
            f"performance.accuracy_at_{percent}",
            f"Right answers among the {percent} % that it is surest of",
            f"Share of right answers among the {percent} % of test rows whose given label has the highest "
            "probability; the rest would go to a person.",
            "higher",
            source=_COVERAGE,
        )
        for percent in COVERAGES
    ),
)
"""Every check of selective prediction, in reading order."""
