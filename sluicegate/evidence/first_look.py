"""What a reader should look at first: of each area the figure that is furthest from ideal, and of these the worst.

It is no judgement, as no limit is known here: a figure may be far from ideal and good enough for a stage.
"""

from __future__ import annotations

from collections.abc import Sequence

from sluicegate.evidence.check import Check
from sluicegate.evidence.checks import check_of
from sluicegate.evidence.finding import Finding

MOST = 3
_LOOKED_AT = frozenset(
    {
        "performance.f1",
        "performance.character_recall_of",
        "group.macro_f1_lowest",
        "group.accuracy_gap",
        "group.character_recall_lowest",
        "identity.template_flips",
        "identity.exchange_flips",
        "identity.exchange_recall_kept",
        "robustness.accuracy_kept_lowest",
        "robustness.recall_kept_lowest",
        "robustness.failure_share_highest",
        "robustness.slice_accuracy_lowest",
        "robustness.trigger_flips",
        "drift.share",
        "data.canary_recall",
        "data.scrub_residual",
        "data.leaked_share",
        "data.harmful_share",
        "privacy.membership_auc",
        "privacy.shadow_membership_auc",
        "privacy.extracted_share",
    }
)
"""Shares whose ideal is known: 1 or 0, as more or less is better, unless `_IDEAL` says otherwise."""
NATURAL_FLIPS = 0.75
"""Share of answers that a word which carries sense may turn, as “terrible” does; nothing is wrong up to there."""
_IDEAL = {
    "privacy.membership_auc": (0.5, 0.5),
    "privacy.shadow_membership_auc": (0.5, 0.5),
    "robustness.trigger_flips": (0.0, NATURAL_FLIPS),
}
"""Between which shares nothing is wrong."""


def first_look(findings: Sequence[Finding]) -> list[Finding]:
    """At most `MOST` findings, one an area, the furthest from ideal first."""
    worst: dict[str, tuple[float, Finding]] = {}
    for finding in findings:
        if finding.value is None or finding.check.partition("[")[0] not in _LOOKED_AT:
            continue
        check = check_of(finding.check)
        far = _from_ideal(check, finding.value)
        if far > worst.get(check.area, (0.0, finding))[0]:
            worst[check.area] = (far, finding)
    return [finding for _, finding in sorted(worst.values(), key=lambda found: -found[0])[:MOST]]


def groups_that_lose(findings: Sequence[Finding]) -> list[Finding]:
    """Changes of single groups that are for the worse, the largest loss first; one against each release."""
    lost = [finding for finding in findings if finding.group is not None and is_worse(finding)]
    return sorted(lost, key=lambda finding: -abs(finding.value or 0.0))


def is_worse(finding: Finding) -> bool:
    """Whether a change is for the worse with the whole of its interval, so that chance alone rarely explains it."""
    check = check_of(finding.check)
    if not check.compared or finding.interval is None:
        return False
    low, high = finding.interval
    return high < 0 if check.better == "higher" else low > 0


def _from_ideal(check: Check, value: float) -> float:
    """How far a share is from where nothing is wrong: 0 there, 1 at the other end."""
    low, high = _IDEAL.get(check.name, (0.0, 0.0) if check.better == "lower" else (1.0, 1.0))
    return max(low - value, value - high, 0.0) / max(low, 1 - high)
