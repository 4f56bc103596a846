"""Findings that come in many kinds, as tables and short lists for the page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sluicegate.evidence import words
from sluicegate.evidence.check import Parameter
from sluicegate.evidence.checks import check_of
from sluicegate.evidence.finding import Finding

IN_TABLES: tuple[Parameter, ...] = ("attribute", "perturbation", "behaviour")
"""Parameters whose findings stand in a table of the area instead of by themselves."""


def tables_of(findings: Sequence[Finding], area: str) -> list[dict[str, Any]]:
    """A table for each of `IN_TABLES` that the area has, and each live release, its longer side down.

    Returns:
        ``heading`` of the first column, ``columns`` and ``rows``, each with ``name``, the check's ``definition`` where
        it is one, and ``cells`` with ``amount``, ``span`` and ``why``.
    """
    found = []
    for parameter in IN_TABLES:
        of = [f for f in findings if check_of(f.check).area == area and check_of(f.check).parameter == parameter]
        for against in dict.fromkeys(f.against for f in of):
            found.append(_table([f for f in of if f.against == against], parameter, against))
    return found


def missing_of(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """What was not evaluated, by reason.

    Returns:
        ``why``, ``of`` (labels, groups or kinds, if any), ``against``, and ``checks`` with ``title`` and ``check``.
    """
    kinds: dict[tuple[str, str, str], list[str]] = {}
    for finding in findings:
        if finding.status == "not_evaluated":
            base, _, kind = finding.check.partition("[")
            kinds.setdefault((base, finding.why, (finding.against or "")[:12]), []).append(kind.rstrip("]"))
    lines: dict[tuple[str, str, str], list[dict[str, str]]] = {}
    for (base, why, against), of in kinds.items():
        line = lines.setdefault((why, ", ".join(filter(None, of)), against), [])
        line.append({"title": _title(base, of), "check": base})
    return [
        {"why": why, "of": of, "against": against, "checks": checks} for (why, of, against), checks in lines.items()
    ]


def _title(base: str, parameters: Sequence[str]) -> str:
    """The check's title; for several parameters with a gap in it."""
    if not parameters[0]:
        return check_of(base).title
    return check_of(f"{base}[{parameters[0] if len(parameters) == 1 else '…'}]").title


def _table(findings: Sequence[Finding], parameter: Parameter, against: str | None) -> dict[str, Any]:
    by = {tuple(f.check.rstrip("]").split("[")): f for f in findings}
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
