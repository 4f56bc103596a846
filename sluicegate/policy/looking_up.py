"""The findings that a check of a policy rests on: the dossier's own, or why there is none."""

from __future__ import annotations

from sluicegate.evidence.check import Check
from sluicegate.evidence.checks import check_of
from sluicegate.evidence.dossier import Dossier
from sluicegate.evidence.finding import Finding, not_applicable, not_evaluated


def look_up(name: str, dossier: Dossier, live: str | None) -> tuple[Finding, ...]:
    """What the dossier holds of a check, for a stage in which `live` is live: at least one finding.

    There are several where each group has one of its own, with one that was not evaluated for a group that the dossier
    names and of which it holds none. A comparison counts only with what is live in the stage now.
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
        return _of_every_group(check, found, dossier, live) if check.each_group else found
    stale = check.compared and any(found.check == name for found in dossier.findings)
    why = "stale: it was not measured against the release that is live in this stage now"
    return (not_evaluated(name, why if stale else "the dossier does not hold it", unit=check.unit),)


def _of_every_group(
    check: Check, found: tuple[Finding, ...], dossier: Dossier, live: str | None
) -> tuple[Finding, ...]:
    """The findings of single groups, with one for each group that has none: a group does not pass by being absent."""
    if any(finding.group is None and finding.status == "not_evaluated" for finding in found):
        return found  # it is about all of them
    if check.name not in dossier.compared_groups:
        return (not_evaluated(check.name, "the dossier does not say which groups it has to have", unit=check.unit),)
    held = {finding.group for finding in found}
    why = "the dossier names the group and does not hold its finding"
    absent = [group for group in dossier.compared_groups[check.name] if group not in held]
    return (*found, *(not_evaluated(check.name, why, unit=check.unit, against=live, group=g) for g in absent))
