"""Whether the data keeps its contract, before anything is learned from it.

What leaves this module are counts, shares and the names of columns: Great Expectations' own results hold
cell values in many places, so a few numbers are taken out of them and the rest is left behind.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Integral, Real
from pathlib import Path
from typing import Any

import pandas as pd

from sluicegate.data.validation.report import ExpectationOutcome, write
from sluicegate.data.validation.suites import columns_of, expectation_id, load_suite
from sluicegate.errors import DataRejected
from sluicegate.progress import report
from sluicegate.spec import Validation

_COMPLETE = {"result_format": "COMPLETE", "include_unexpected_rows": False, "partial_unexpected_count": 0}


@dataclass(frozen=True)
class ValidationOutcome:
    """What was expected of the data, and what of it held."""

    suite: str
    """Name of the suite's file."""
    success: bool
    """Whether every expectation held, of the accepted rows if some were set aside."""
    accepted: pd.DataFrame
    """The canonical table without the quarantined rows."""
    quarantined: pd.DataFrame
    """Columns ``id`` and ``reasons``, the expectations that the row broke, joined by ``; ``."""
    expectations: tuple[ExpectationOutcome, ...]
    """In the suite's order, of the accepted rows."""
    statistics: dict[str, int | float]
    """``rows``, ``accepted_rows``, ``quarantined_rows``, ``quarantined_share``, ``expectations``, ``failed``,
    ``duplicate_texts`` (accepted rows whose text is that of an earlier one), ``duplicate_share``."""


def validate(
    table: pd.DataFrame, suite_path: Path, section: Validation, *, report_folder: Path | None = None
) -> ValidationOutcome:
    """Holds the canonical table against a suite; sets rows aside where the spec allows it.

    Args:
        table: The canonical table.
        suite_path: The suite's JSON file.
        section: The spec's section.
        report_folder: Where the reports go, which are written whether the data passes or not.

    Raises:
        SpecRefused: The suite cannot be used.
        DataRejected: An expectation does not hold, or more rows break one than may be set aside.
    """
    suite = load_suite(suite_path, list(table.columns))
    report("validate", 0, len(suite.expectations), "expectations")
    outcomes, broken = _hold(table, suite)
    aside, too_many = _to_set_aside(len(table), _reasons(outcomes, broken), section.quarantine_max_share)
    accepted = table
    if aside:
        accepted = table.drop(index=list(aside)).reset_index(drop=True)
        outcomes, _ = _hold(accepted, suite)
    ids = table["id"].iloc[list(aside)].to_list()
    quarantined = pd.DataFrame({"id": ids, "reasons": list(aside.values())}, dtype="str")
    statistics = _statistics(table, accepted, outcomes)
    success = all(outcome.success for outcome in outcomes)
    outcome = ValidationOutcome(suite_path.name, success, accepted, quarantined, outcomes, statistics)
    if report_folder is not None:
        write_reports(outcome, report_folder)
    report("validate", len(outcomes), len(outcomes), "expectations", f"{statistics['failed']} failed")
    if not success:
        failed = [o.sentence() for o in outcomes if not o.success]
        problem = f"{too_many}{len(failed)} of {len(outcomes)} expectations failed: {'; '.join(failed)}"
        raise DataRejected(suite_path, "", problem)
    return outcome


def write_reports(outcome: ValidationOutcome, folder: Path) -> None:
    """Writes ``validation.json`` and ``validation.html``; neither holds a cell value."""
    write(outcome.suite, outcome.success, outcome.expectations, outcome.statistics, folder)


def _hold(table: pd.DataFrame, suite: Any) -> tuple[tuple[ExpectationOutcome, ...], dict[int, list[int]]]:
    """The outcomes in suite order, and position of the expectation → the rows that break it."""
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    asset = context.data_sources.add_pandas("canonical").add_dataframe_asset("table")
    batch = asset.add_batch_definition_whole_dataframe("all").get_batch({"dataframe": table})
    results = {r.expectation_config.id: r for r in batch.validate(suite, result_format=_COMPLETE).results}
    outcomes, broken = [], {}
    for position, expectation in enumerate(suite.expectations):
        result = results[expectation_id(position)]
        outcomes.append(_outcome(expectation.configuration.to_json_dict(), result))
        if not result.success and (rows := result.result.get("unexpected_index_list")):
            broken[position] = sorted(set(rows))
    return tuple(outcomes), broken


def _outcome(configuration: Mapping[str, Any], result: Any) -> ExpectationOutcome:
    kwargs = configuration["kwargs"]
    details = result.result
    return ExpectationOutcome(
        type=configuration["type"],
        columns=columns_of(kwargs),
        limits={k: v for k, v in kwargs.items() if k not in ("column", "column_A", "column_B", "column_list")},
        success=bool(result.success),
        evaluated=bool(details),
        element_count=_count(details.get("element_count")),
        unexpected_count=_count(details.get("unexpected_count")),
        missing_count=_count(details.get("missing_count")),
        observed=_number(details.get("observed_value")),
    )


def _number(value: Any) -> float | int | None:
    """`value` if it is a finite number: anything else might be a cell of the data."""
    if isinstance(value, bool) or not isinstance(value, Real) or not math.isfinite(value):
        return None
    return int(value) if isinstance(value, Integral) else float(value)


def _count(value: Any) -> int | None:
    return None if value is None else int(value)


def _reasons(outcomes: tuple[ExpectationOutcome, ...], broken: dict[int, list[int]]) -> dict[int, str]:
    """Row → the expectations that it breaks."""
    found: dict[int, list[str]] = defaultdict(list)
    for position, rows in broken.items():
        for row in rows:
            found[row].append(f"{outcomes[position].type}({', '.join(outcomes[position].columns)})")
    return {row: "; ".join(reasons) for row, reasons in found.items()}


def _to_set_aside(rows: int, reasons: dict[int, str], limit: float) -> tuple[dict[int, str], str]:
    """The rows to set aside with their reasons; none, and why, if they are more than the limit allows."""
    share = len(reasons) / rows
    if share <= limit:
        return dict(sorted(reasons.items())), ""
    why = f"{len(reasons)} of {rows} rows would be set aside, a share of {share:.4f} over {limit}; " if limit else ""
    return {}, why


def _statistics(
    table: pd.DataFrame, accepted: pd.DataFrame, outcomes: tuple[ExpectationOutcome, ...]
) -> dict[str, int | float]:
    aside, repeated = len(table) - len(accepted), int(accepted["text"].duplicated().sum())
    return {
        "rows": len(table),
        "accepted_rows": len(accepted),
        "quarantined_rows": aside,
        "quarantined_share": aside / len(table),
        "expectations": len(outcomes),
        "failed": sum(not o.success for o in outcomes),
        "duplicate_texts": repeated,
        "duplicate_share": repeated / max(len(accepted), 1),
    }
