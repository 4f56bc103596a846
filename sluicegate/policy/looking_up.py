"""The findings that a check of a policy rests on: the dossier's own, or why there is none."""

from __future__ import annotations

from sluicegate.evidence.checks import check_of
from sluicegate.evidence.dossier import Dossier
from sluicegate.evidence.finding import Finding, not_applicable, not_evaluated


def look_up(name: str, dossier: Dossier, live: str | None) -> tuple[Finding, ...]:
    """What the dossier holds of a check, for a stage in which `live` is live: at least one finding.

    There are several where each group has one of its own. A comparison counts only with what is live in the stage now.
    What is not there was not evaluated.

    Args:
        name: The check.
        dossier: The findings.
        live: Digest of the candidate that is live in the stage; None if none is.
    """
    try:
        check = check_of(name)
    except KeyError:  # an older policy, and a check that is no longer in the catalogue
        return (not_evaluated(name, "this version does not know the check", unit=""),)
    if check.compared and live in (None, dossier.candidate):
        why = "nothing is live in this stage" if live is None else "this very candidate is live in this stage"
        return (not_applicable(name, why, unit=check.unit),)
    if found := dossier.find_all(name, live if check.compared else None):
        return found
    stale = check.compared and any(found.check == name for found in dossier.findings)
    why = "stale: it was not measured against the release that is live in this stage now"
    return (not_evaluated(name, why if stale else "the dossier does not hold it", unit=check.unit),)
