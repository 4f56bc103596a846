"""What the data itself says: expectations, personal data left over, repeats, licences, leaks between the parts.

The steps that made the data left reports; a figure that a report does not hold is not evaluated.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from sluicegate.evidence.checks import check_of
from sluicegate.evidence.finding import Finding, measured, not_applicable, not_evaluated
from sluicegate.evidence.parts import sameness
from sluicegate.evidence.use_form import why_no_harm_check

DIRECT_IDENTIFIERS = (
    "EMAIL_ADDRESS", "PHONE_NUMBER", "CREDIT_CARD", "IBAN_CODE", "IP_ADDRESS", "US_SSN", "NATIONAL_ID", "CN_RESIDENT_ID"
)  # fmt: skip
"""Entity types that name a person by themselves."""
_CONFIDENCE = 0.95
_DUPLICATES = ("duplicate", "duplicate_across_splits", "near_duplicate", "near_duplicate_across_splits")
Report = Mapping[str, Any]


def measure_data(
    parts: Mapping[str, pd.DataFrame], labels: Sequence[str], reports: Mapping[str, Report]
) -> tuple[list[Finding], dict[str, Any]]:
    """Findings of the area `data`, and the figures behind them as JSON.

    Args:
        parts: The tables ``train``, ``validation`` and ``test``.
        labels: The labels; none if the rows have none, and then nothing is found about them.
        reports: What the steps reported, by name: ``source`` (``rows_in_source``, ``rows_refused``), ``validation``
            (``success``, ``statistics``), ``scrubbing`` (``texts``, ``residual_texts``, ``canaries``), ``hygiene``
            (``rows``, ``dropped``, ``near``, ``contamination``, ``contaminated_rows``, ``harm``), ``licences``
            (``data``, ``base_model``), ``sheet``.
    """
    train, test = parts["train"], parts["test"]
    texts = "text" in train.columns
    same = {name: sameness(table) for name, table in parts.items()}
    known = set(same["train"]) | set(same["validation"])
    of = {name: reports.get(name, {}) for name in ("source", "validation", "scrubbing", "hygiene", "licences", "sheet")}
    findings = [
        _share("data.refused_share", of["source"], "rows_refused", "rows_in_source", "the reading"),
        *_validated(of["validation"]),
        *(_scrubbed if texts else _stripped)(of["scrubbing"]),
        *_cleaned(of["hygiene"])[: None if texts else 1],
        _licence("data.licence_reach", of["licences"].get("data")),
        _licence("data.base_model_licence_reach", of["licences"].get("base_model")),
        measured("data.duplicate_share", same["train"].duplicated().mean(), n=len(train)),
        measured("data.leaked_share", same["test"].isin(known).mean(), n=len(test)),
        *(_labelled(train, same["train"], labels) if labels else []),
        measured("data.test_rows", len(test), n=len(test), unit=check_of("data.test_rows").unit),
    ]
    counted = ("texts", "residual_texts", "images", "residual_metadata")
    kept = (*counted, "by_entity", "residual", "canaries", "skipped", "with_metadata", "metadata")
    figures = {
        "rows": {name: len(table) for name, table in parts.items()},
        "labels": {name: _counts(table, labels) if labels else {} for name, table in parts.items()},
        "source": {key: of["source"][key] for key in ("rows_in_source", "rows_refused") if key in of["source"]},
        "validation": {key: of["validation"][key] for key in ("success", "statistics") if key in of["validation"]},
        "scrubbing": {key: of["scrubbing"][key] for key in kept if key in of["scrubbing"]},
        "hygiene": dict(of["hygiene"]),
        "licences": dict(of["licences"]),
        "sheet": dict(of["sheet"]),
    }
    return findings, figures


def _counts(table: pd.DataFrame, labels: Sequence[str]) -> dict[str, int]:
    """Label → rows."""
    counts = table["label"].value_counts().reindex(list(labels), fill_value=0)
    return {str(label): int(count) for label, count in counts.items()}


def _labelled(train: pd.DataFrame, texts: pd.Series[str], labels: Sequence[str]) -> list[Finding]:
    labels_of_text = train["label"].groupby(texts).transform("nunique")
    return [
        measured("data.conflicting_share", (labels_of_text > 1).mean(), n=len(train)),
        measured("data.label_share_lowest", min(_counts(train, labels).values()) / len(train), n=len(train)),
    ]


def _validated(report: Report) -> list[Finding]:
    success, statistics = report.get("success"), report.get("statistics")
    counts = statistics if isinstance(statistics, Mapping) else {}
    rows = counts.get("rows")
    check, why = check_of("data.validation_success"), "the validation report does not say"
    holds = (
        measured(check.name, float(success), unit=check.unit, n=rows if _is_count(rows) else None)
        if isinstance(success, bool)
        else not_evaluated(check.name, why, unit=check.unit)
    )
    return [holds, _share("data.quarantined_share", counts, "quarantined_rows", "rows", "the validation")]


def _scrubbed(report: Report) -> list[Finding]:
    names = ("data.scrub_residual", "data.canary_recall", "data.canary_recall_direct")
    if isinstance(why := report.get("skipped"), str):
        return [not_applicable(name, f"nothing was scrubbed: {why}") for name in names]
    canaries = report.get("canaries")
    planted = canaries.get("by_entity") if isinstance(canaries, Mapping) else None
    by_entity = planted if isinstance(planted, Mapping) else {}
    direct = {entity: counts for entity, counts in by_entity.items() if entity in DIRECT_IDENTIFIERS}
    seed = canaries.get("seed") if isinstance(canaries, Mapping) else None
    residual = _share(names[0], report, "residual_texts", "texts", "the scrubbing")
    return [residual, _recall(names[1], by_entity, seed), _recall(names[2], direct, seed)]


def _stripped(report: Report) -> list[Finding]:
    """What is known of personal data in images: of their metadata, and that nobody looked at what they show."""
    why = "nothing looks for faces or writing in the pixels"
    return [
        _share("data.image_metadata_residual", report, "residual_metadata", "images", "the scrubbing"),
        not_evaluated("data.image_content_residual", why),
    ]


def _recall(check: str, by_entity: Mapping[str, Mapping[str, int]], seed: int | None) -> Finding:
    """Share of the planted values, which were drawn by `seed`, that were hidden whole, with Wilson's interval."""
    from scipy.stats import binomtest

    planted, found = (sum(counts.get(what, 0) for counts in by_entity.values()) for what in ("planted", "found"))
    if not planted or found > planted:
        return not_evaluated(check, "no values were planted")
    interval = binomtest(found, planted).proportion_ci(_CONFIDENCE, method="wilson")
    ends = (float(interval.low), float(interval.high))
    return measured(check, found / planted, n=planted, interval=ends, confidence=_CONFIDENCE, seed=seed)


def _cleaned(report: Report) -> list[Finding]:
    names = ("data.dropped_duplicate_share", "data.uncompared_share", "data.contaminated_share", "data.harmful_share")
    rows, dropped = report.get("rows"), report.get("dropped")
    if not _is_count(rows) or not rows or not isinstance(dropped, Mapping):
        return [not_evaluated(name, "the cleaning report does not say") for name in names]
    repeats = sum(dropped.get(reason, 0) for reason in _DUPLICATES)
    harm = report.get("harm") or {}
    return [
        measured(names[0], repeats / rows, n=rows),
        _share(names[1], near, "rows_not_compared", "rows_considered", "the cleaning")
        if (near := report.get("near"))
        else not_applicable(names[1], "the spec looks for no near duplicates"),
        _share(names[2], report, "contaminated_rows", "rows", "the cleaning")
        if report.get("contamination")
        else not_applicable(names[2], "the spec names no evaluation set"),
        not_evaluated(names[3], why)
        if (why := why_no_harm_check(harm))
        else measured(names[3], harm["harmful"] / harm["scored"], n=int(harm["scored"])),
    ]


def _licence(check: str, found: Any) -> Finding:
    unit = check_of(check).unit
    if not isinstance(found, Mapping):
        return not_evaluated(check, "no licence was looked up", unit=unit)
    if found.get("reach") is None:
        return not_evaluated(check, f"{found.get('expression') or 'the licence'}: {found.get('why')}", unit=unit)
    return measured(check, found["number"], unit=unit)


def _share(check: str, counts: Report, part: str, whole: str, who: str) -> Finding:
    some, every = counts.get(part), counts.get(whole)
    if _is_count(some) and _is_count(every) and every:
        return measured(check, some / every, n=every)
    return not_evaluated(check, f"the report of {who} does not say")


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
