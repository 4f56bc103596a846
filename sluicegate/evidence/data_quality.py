"""What the data itself says: expectations, personal data left over, repeats and leaks between the parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from sluicegate.evidence.checks import check_of
from sluicegate.evidence.finding import Finding, measured, not_evaluated
from sluicegate.evidence.texts import normalised


def measure_data(
    parts: Mapping[str, pd.DataFrame],
    labels: Sequence[str],
    validation_report: Mapping[str, Any],
    scrub_report: Mapping[str, Any],
) -> tuple[list[Finding], dict[str, Any]]:
    """Findings of the area `data`, and the figures behind them as JSON.

    Args:
        parts: The tables ``train``, ``validation`` and ``test``.
        labels: The labels.
        validation_report: What validation wrote: ``success``, and ``rows`` and ``quarantined_rows`` as counts in
            ``statistics``.
        scrub_report: What scrubbing wrote: ``texts`` and ``residual_texts`` as counts.
    """
    train, test = parts["train"], parts["test"]
    same = {name: table["text"].map(normalised) for name, table in parts.items()}
    known = set(same["train"]) | set(same["validation"])
    labels_of_text = train["label"].groupby(same["train"]).transform("nunique")
    counts = {name: table["label"].value_counts().reindex(list(labels), fill_value=0) for name, table in parts.items()}
    findings = [
        *_validated(validation_report),
        _scrubbed(scrub_report),
        measured("data.duplicate_share", same["train"].duplicated().mean(), n=len(train)),
        measured("data.leaked_share", same["test"].isin(known).mean(), n=len(test)),
        measured("data.conflicting_share", (labels_of_text > 1).mean(), n=len(train)),
        measured("data.label_share_lowest", counts["train"].min() / len(train), n=len(train)),
        measured("data.test_rows", len(test), n=len(test), unit=check_of("data.test_rows").unit),
    ]
    figures = {
        "rows": {name: len(table) for name, table in parts.items()},
        "labels": {name: {str(label): int(count) for label, count in c.items()} for name, c in counts.items()},
        "scrubbing": {key: scrub_report[key] for key in ("by_entity", "residual") if key in scrub_report},
    }
    return findings, figures


def _validated(report: Mapping[str, Any]) -> list[Finding]:
    success, statistics = report.get("success"), report.get("statistics")
    counts = statistics if isinstance(statistics, Mapping) else {}
    rows, quarantined = counts.get("rows"), counts.get("quarantined_rows")
    check, why = check_of("data.validation_success"), "the validation report does not say"
    holds = (
        measured(check.name, float(success), unit=check.unit, n=rows if _is_count(rows) else None)
        if isinstance(success, bool)
        else not_evaluated(check.name, why, unit=check.unit)
    )
    share = (
        measured("data.quarantined_share", quarantined / rows, n=rows)
        if _is_count(rows) and _is_count(quarantined) and rows
        else not_evaluated("data.quarantined_share", why)
    )
    return [holds, share]


def _scrubbed(report: Mapping[str, Any]) -> Finding:
    name = "data.scrub_residual"
    texts, residual = report.get("texts"), report.get("residual_texts")
    if _is_count(texts) and _is_count(residual) and texts:
        return measured(name, residual / texts, n=texts)
    return not_evaluated(name, "the scrubbing report does not say")


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
