"""Findings and figures as rows of a card's tables; the numbers are the same in every language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sluicegate.evidence.check import AREAS
from sluicegate.evidence.checks import check_of
from sluicegate.evidence.digits import short
from sluicegate.evidence.dossier import Dossier
from sluicegate.evidence.finding import Finding, Status
from sluicegate.evidence.model_card.wording import Counted, Wording
from sluicegate.evidence.words import amount, of_measure

Row = dict[str, Any]
NOTHING = "–"
_SHORT = 12
_OF_SPANS = ("f1", "precision", "recall")
_ELSEWHERE = ("performance", "drift", "data", "transparency", "privacy", "footprint")
"""Areas that have a section of their own; all others are quantitative analyses."""


def tables(dossier: Dossier, wording: Wording) -> dict[str, list[Row]]:
    """Area → a row for each finding that was measured; figures by label stand in a table of their own."""
    return {
        area: [
            _row(finding, wording)
            for finding in dossier.findings
            if finding.status == "measured" and _is_of(finding, area) and not _stands_by_label(finding)
        ]
        for area in AREAS
    }


def analyses(found: Mapping[str, Sequence[Row]]) -> list[str]:
    """Areas with rows that belong under the quantitative analyses, in reading order."""
    return [area for area, rows in found.items() if rows and area not in _ELSEWHERE]


def unmeasured(dossier: Dossier, status: Status, wording: Wording) -> list[Row]:
    """A row for each finding without a value, with the reason."""
    return [
        {"name": finding.check, "title": _title(finding, wording), "why": wording.sentence(finding.why)}
        for finding in dossier.findings
        if finding.status == status
    ]


def by_kind(kinds: Sequence[Mapping[str, Any]], of: str, wording: Wording, counted: Counted = "rows") -> dict[str, Any]:
    """Figures of labels, or of the groups of a column, as headings and rows.

    Args:
        kinds: Each with how many there are of it as ``rows``, and figures ``{"value", "interval"}``, or with ``why``
            there are none.
        of: Key of a kind's own name: ``label`` or ``group``.
        wording: The language.
        counted: What ``rows`` counts.
    """
    measures = list(dict.fromkeys(name for kind in kinds for name, value in kind.items() if _is_figure(value)))
    of_spans = "entity_f1" in measures  # whose other figures are by character
    return {
        "counted": wording.counted(counted),
        "headings": [
            wording.measure(f"character_{name}" if of_spans and name in _OF_SPANS else name) for name in measures
        ],
        "rows": [
            {
                "name": kind[of],
                "rows": f"{kind['rows']:,}",
                "why": wording.sentence(kind.get("why") or ""),
                "figures": [_figure(kind.get(name), name, wording) for name in measures],
            }
            for kind in kinds
        ],
    }


def _stands_by_label(finding: Finding) -> bool:
    check = check_of(finding.check)
    return check.area == "performance" and check.parameter == "label"


def _is_of(finding: Finding, area: str) -> bool:
    return check_of(finding.check).area == area


def _title(finding: Finding, wording: Wording) -> str:
    group = f": “{finding.group}”" if finding.group is not None else ""
    against = f" ({finding.against[:_SHORT]}…)" if finding.against else ""
    return wording.title(finding.check) + group + against


def _row(finding: Finding, wording: Wording) -> Row:
    return {
        "name": finding.check,
        "title": _title(finding, wording),
        "value": _number(finding, finding.value or 0.0),
        "interval": _interval(finding, wording),
        "n": f"{finding.n:,}" if finding.n is not None else NOTHING,
        "unit": wording.unit(finding.unit),
        "better": "↑" if check_of(finding.check).better == "higher" else "↓",
    }


def _number(finding: Finding, value: float) -> str:
    if finding.unit == "share":
        return amount(finding.model_copy(update={"value": value}))
    return f"{value:,.0f}" if finding.unit == "rows" else short(value)


def _interval(finding: Finding, wording: Wording) -> str:
    if finding.interval is None:
        return NOTHING
    low, high = (_number(finding, end) for end in finding.interval)
    return f"{low} {wording.to} {high} ({100 * (finding.confidence or 0):g} %)"


def _is_figure(value: Any) -> bool:
    return isinstance(value, Mapping) and "value" in value and "interval" in value


def _figure(value: Any, measure: str, wording: Wording) -> str:
    if not isinstance(value, Mapping) or value["value"] is None:
        return NOTHING
    if not value["interval"]:
        return of_measure(value["value"], measure)
    low, high = (of_measure(end, measure) for end in value["interval"])
    return f"{of_measure(value['value'], measure)} ({low} {wording.to} {high})"
