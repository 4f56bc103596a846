"""Findings that come in many kinds, as tables and short lists for the page."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from sluicegate.evidence import words
from sluicegate.evidence.check import Parameter
from sluicegate.evidence.checks import check_of
from sluicegate.evidence.finding import Finding
from sluicegate.evidence.first_look import is_worse

IN_TABLES: tuple[Parameter, ...] = ("attribute", "perturbation", "behaviour")
"""Parameters whose findings stand in a table of the area instead of by themselves."""
_MOST_NAMES = 12


def tables_of(findings: Sequence[Finding], area: str) -> list[dict[str, Any]]:
    """A table for each of `IN_TABLES` that the area has, and each live release, its longer side down.

    Returns:
        ``heading`` of the first column, ``columns`` and ``rows``, each with ``name``, the check's ``definition`` where
        it is one, and ``cells`` with ``amount``, ``span`` and ``why``.
    """
    found = []
    for parameter in IN_TABLES:
        of = [f for f in findings if _is_of_table(f, area, parameter)]
        for against in dict.fromkeys(f.against for f in of):
            found.append(_table([f for f in of if f.against == against], parameter, against))
    return found


def changes_of(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """A table for each live release: the change of every label and group, the largest loss first.

    Returns:
        ``against``, ``lost`` (changes for the worse with their whole interval), ``measured`` (all changes that were
        measured) and ``rows``, each with ``of``, ``check``, ``n``, ``amount``, ``span`` and ``why``.
    """
    tables: dict[str, list[Finding]] = {}
    for finding in findings:
        if is_single_change(finding):
            tables.setdefault(finding.against or "", []).append(finding)
    return [
        {
            "against": against[:12],
            "lost": sum(is_worse(finding) for finding in of),
            "measured": sum(finding.value is not None for finding in of),
            "rows": [_change(finding) for finding in sorted(of, key=_gain)],
        }
        for against, of in tables.items()
    ]


def is_single_change(finding: Finding) -> bool:
    """Whether it says how one label or one group changed since a live release."""
    check = check_of(finding.check)
    return finding.against is not None and (finding.group is not None or check.parameter == "label")


def _change(finding: Finding) -> dict[str, Any]:
    title = check_of(finding.check).title
    of = title if finding.group is None else f"{title}: “{finding.group}”"
    return {"of": of, "check": finding.check, "n": finding.n, **_cell(finding)}


def _gain(finding: Finding) -> float:
    """What it is put in order by: the largest loss first, what was not measured last."""
    if finding.value is None:
        return math.inf
    return finding.value if check_of(finding.check).better == "higher" else -finding.value


def missing_of(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """What was not evaluated, by reason.

    Returns:
        ``why``, ``of`` (labels, groups or kinds, if any; the first of many), ``against``, and ``checks`` with
        ``title`` and ``check``.
    """
    kinds: dict[tuple[str, str, str], list[tuple[str | None, str | None]]] = {}
    for finding in findings:
        if finding.status == "not_evaluated":
            base, kind = _parted(finding.check)
            about = (base, finding.why, (finding.against or "")[:12])
            kinds.setdefault(about, []).append((kind, finding.group))
    lines: dict[tuple[str, str, str], list[dict[str, str]]] = {}
    for (base, why, against), of in kinds.items():
        named = [kind if group is None else f"{kind} “{group}”" for kind, group in of if kind is not None]
        line = lines.setdefault((why, _some(named), against), [])
        line.append({"title": _title(base, list(dict.fromkeys(kind for kind, _ in of))), "check": base})
    return [
        {"why": why, "of": of, "against": against, "checks": checks} for (why, of, against), checks in lines.items()
    ]


def _some(names: Sequence[str]) -> str:
    """The names; of many the first, and how many more there are."""
    more = len(names) - _MOST_NAMES
    return ", ".join(names[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")


def _is_of_table(finding: Finding, area: str, parameter: Parameter) -> bool:
    """Whether a table of the area shows it; changes of single groups have their own, and nothing live is said once."""
    check = check_of(finding.check)
    nothing_live = check.compared and finding.against is None
    return check.area == area and check.parameter == parameter and not check.each_group and not nothing_live


def _parted(check: str) -> tuple[str, str | None]:
    """A check's name without its parameter, and the parameter, which may be empty or hold brackets; or None."""
    base, bracket, rest = check.partition("[")
    return base, rest[:-1] if bracket else None


def _title(base: str, parameters: Sequence[str | None]) -> str:
    """The check's title; for several parameters with a gap in it."""
    if parameters[0] is None:
        return check_of(base).title
    return check_of(f"{base}[{parameters[0] if len(parameters) == 1 else '…'}]").title


def _table(findings: Sequence[Finding], parameter: Parameter, against: str | None) -> dict[str, Any]:
    by = {(base, kind or ""): f for f in findings for base, kind in [_parted(f.check)]}
    checks = [
        {"key": base, "name": _title(base, ["…", "…"]), "definition": _meaning(base)}
        for base in dict.fromkeys(base for base, _ in by)
    ]
    kinds = [
        {"key": kind, "name": kind.replace("_", " "), "definition": ""}
        for kind in dict.fromkeys(kind for _, kind in by)
    ]
    release = f"against {against[:12]}…" if against else ""
    if len(checks) > len(kinds):
        rows = [{**check, "cells": [_cell(by[check["key"], kind["key"]]) for kind in kinds]} for check in checks]
        return {"heading": release, "columns": kinds, "rows": rows}
    rows = [{**kind, "cells": [_cell(by[check["key"], kind["key"]]) for check in checks]} for kind in kinds]
    heading = f"{parameter}, {release}" if release else parameter
    return {"heading": heading, "columns": checks, "rows": rows}


def _meaning(base: str) -> str:
    check = check_of(f"{base}[…]")
    return f"{check.definition} {check.better.capitalize()} is better. Source: {check.source}."


def _cell(finding: Finding) -> dict[str, str]:
    return {"amount": words.amount(finding), "span": words.span(finding), "why": finding.why}
