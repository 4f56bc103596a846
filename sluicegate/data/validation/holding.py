"""A table held against a suite: each expectation by the way that fits it, the verdict by Great Expectations.

by_chunk    what looks at one row at a time, or at no row at all: chunk by chunk
over_all    what needs every row at once: DuckDB
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from numbers import Integral, Real
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sluicegate.data import tables
from sluicegate.data.validation import measures  # noqa: F401  registers what can be measured
from sluicegate.data.validation.by_chunk import (
    ROW_WISE,
    SCHEMA,
    ByChunk,
    Chunk,
    Found,
    chunks,
    engine_of,
    found_in,
    measure,
)
from sluicegate.data.validation.on_cluster import found_on
from sluicegate.data.validation.over_all import WholeTable, can_measure, quoted
from sluicegate.data.validation.report import ExpectationOutcome
from sluicegate.data.validation.row_conditions import RowConditions
from sluicegate.data.validation.rows import BrokenRows
from sluicegate.data.validation.suites import columns_of, numbers_of
from sluicegate.data.validation.unevaluated import not_evaluated
from sluicegate.errors import SpecRefused, Unavailable
from sluicegate.progress import report

if TYPE_CHECKING:
    from sluicegate.data.cluster.mapping import Cluster

_BASIC = {"result_format": "BASIC", "include_unexpected_rows": False, "partial_unexpected_count": 0}
_CELLS = ("column.min", "column.max", "column.median", "column.quantile_values", "column.most_common_value")
"""Metrics whose value is a cell of the table, or lies between two."""
_NOT_SHOWN = ("column", "column_A", "column_B", "column_list")


@dataclass(frozen=True)
class Plan:
    """Which expectations are held in which way, by their position in the suite."""

    suite_path: Path
    """The suite's JSON file, for a refusal."""
    schema: dict[int, Any]
    row_wise: dict[int, Any]
    over_all: dict[int, Any]


def plan(suite: Any, suite_path: Path, columns: Sequence[str]) -> Plan:
    """Sorts a suite's expectations by the way in which they can be held.

    Raises:
        SpecRefused: One of them can be held in neither way.
    """
    import pandas as pd

    engine = engine_of(pd.DataFrame({column: pd.Series([], dtype="str") for column in columns}))
    sorted_: Plan = Plan(suite_path, {}, {}, {})
    for position, expectation in enumerate(suite.expectations):
        kind = expectation.configuration.type
        metrics = _metrics_of(expectation, engine)
        map_metric = getattr(expectation, "map_metric", None)
        if metrics and metrics <= SCHEMA:
            sorted_.schema[position] = expectation
        elif map_metric in ROW_WISE and f"{map_metric}.unexpected_count" in metrics:
            sorted_.row_wise[position] = expectation
        elif metrics and all(map(can_measure, metrics)):
            sorted_.over_all[position] = expectation
        else:
            problem = f"{kind} can be held neither chunk by chunk nor over the whole table"
            raise SpecRefused(suite_path, f"expectations.{position}.type", problem, "say it by other expectations")
    return sorted_


def _metrics_of(expectation: Any, engine: Any) -> set[str]:
    """Names of the metrics that an expectation is judged by; empty if it cannot say."""
    try:
        dependencies = expectation.get_validation_dependencies(engine, {"result_format": dict(_BASIC)})
    except not_evaluated():
        return set()
    configurations = dependencies.get_metric_configurations()
    if any(c.metric_domain_kwargs.get("table") for c in configurations):
        return set()  # of another table, and there is none
    return {c.metric_name for c in configurations}


def hold(
    table: Path,
    suite: Any,
    planned: Plan,
    broken: BrokenRows,
    *,
    scratch: Path,
    chunk_rows: int,
    cluster: Cluster | None = None,
) -> tuple[ExpectationOutcome, ...]:
    """Outcomes in suite order; marks in `broken` the rows that break an expectation which does not hold.

    Args:
        table: Parquet file of string columns.
        suite: Great Expectations' `ExpectationSuite`.
        planned: How each of its expectations is held.
        broken: Where rows are marked.
        scratch: Folder for what does not fit into memory; it holds cells of the table.
        chunk_rows: Rows that are in memory at once.
        cluster: Where row-wise expectations are held; None holds them here.

    Raises:
        SpecRefused: A row condition cannot be evaluated on these rows.
        Unavailable: The database gave up, for want of disk for example, or the cluster was lost.
    """
    numbers, rows = numbers_of(suite), tables.rows_in(table)
    by_chunk, first = ByChunk(planned.row_wise), next(chunks(table, numbers, 1))
    outcomes = _held_schema(planned.schema, first)
    with ExitStack() as stack:
        conditions = RowConditions(planned.over_all, planned.suite_path, scratch, stack)
        if cluster is None:
            every = _found_here(table, planned.row_wise, numbers, chunk_rows, conditions)
        else:
            conditions.add_table(table, numbers, chunk_rows)
            every = found_on(cluster, table, planned.row_wise, numbers)
        for found, stop in every:
            by_chunk.add(found, broken)
            report("validate", stop, rows, "rows", cluster.note if cluster is not None else "")
    engine = engine_of(first.frame.head(0))
    for position, expectation in planned.row_wise.items():
        outcomes[position] = _held_by_chunk(expectation, engine, by_chunk, position)
    with _whole(table, numbers, conditions.files, scratch) as whole:
        for position, expectation in planned.over_all.items():
            outcomes[position] = _held_over_all(expectation, engine, whole, position, broken)
            report("validate", len(outcomes), len(suite.expectations), "expectations")
    for position, outcome in outcomes.items():
        if outcome.success or not outcome.evaluated:
            broken.forget(position)
    return tuple(outcomes[position] for position in range(len(suite.expectations)))


def _found_here(
    table: Path, row_wise: Mapping[int, Any], numbers: Sequence[str], chunk_rows: int, conditions: RowConditions
) -> Iterator[tuple[dict[int, Found | None], int]]:
    """What each chunk holds, and the first row after it."""
    for chunk in chunks(table, numbers, chunk_rows):
        conditions.add(chunk)
        yield found_in(chunk, row_wise), chunk.stop


def repeated_rows(table: Path, column: str, scratch: Path) -> int:
    """Rows whose value of a column is that of an earlier row; a missing value is one as any other."""
    with _whole(table, (), {}, scratch) as whole:
        name = quoted(column)
        distinct = f"SELECT count(DISTINCT {name}) + max(({name} IS NULL)::INT) FROM data"
        row = whole.connection.execute(f"SELECT count(*) - coalesce(({distinct}), 0) FROM data").fetchone()
    return int(row[0]) if row else 0


@contextmanager
def _whole(table: Path, numbers: Sequence[str], conditions: Mapping[str, Path], scratch: Path) -> Iterator[WholeTable]:
    import duckdb

    try:
        with tables.database(scratch / "spill") as connection:
            yield WholeTable(connection, table, tables.columns_of(table), numbers, conditions)
    except duckdb.Error as error:
        problem = f"the whole table could not be looked at: {type(error).__name__}"  # its words may hold cells
        raise Unavailable(f"{table}: {problem}") from None


def _held_schema(expectations: Mapping[int, Any], chunk: Chunk) -> dict[int, ExpectationOutcome]:
    engine = engine_of(chunk.frame)
    outcomes = {}
    for position, expectation in expectations.items():
        dependencies = expectation.get_validation_dependencies(engine, {"result_format": dict(_BASIC)})
        values = measure(engine, dependencies.get_metric_configurations())
        outcomes[position] = _judged(expectation, engine, partial(_by_id, values))
    return outcomes


def _by_id(values: Mapping[Any, Any], configuration: Any) -> Any:
    return values[configuration.id]


def _held_by_chunk(expectation: Any, engine: Any, by_chunk: ByChunk, position: int) -> ExpectationOutcome:
    counts = by_chunk.counts[position]
    if not counts.evaluated:
        return _outcome(expectation, None)
    return _judged(expectation, engine, lambda c: counts.value_of(c.metric_name, expectation.map_metric))


def _held_over_all(
    expectation: Any, engine: Any, whole: WholeTable, position: int, broken: BrokenRows
) -> ExpectationOutcome:
    kwargs = expectation.configuration.kwargs
    outcome = _judged(expectation, engine, lambda c: whole.value_of(c, kwargs))
    if outcome.is_row_wise and outcome.unexpected_count and not outcome.success:
        name = f"{expectation.map_metric}.unexpected_count"
        dependencies = expectation.get_validation_dependencies(engine, {"result_format": dict(_BASIC)})
        for rows in whole.breaking(dependencies.get_metric_configuration(name), kwargs):
            broken.mark(position, rows)
    return outcome


def _judged(expectation: Any, engine: Any, value_of: Callable[[Any], Any]) -> ExpectationOutcome:
    """What Great Expectations says, given the value of each metric that it asks for."""
    try:
        dependencies = expectation.get_validation_dependencies(engine, {"result_format": dict(_BASIC)})
        metrics = {c.id: value_of(c) for c in dependencies.get_metric_configurations()}
        result = expectation.metrics_validate(metrics, {"result_format": dict(_BASIC)}, engine)
    except not_evaluated():
        result = None
    return _outcome(expectation, result)


def _outcome(expectation: Any, result: Any) -> ExpectationOutcome:
    configuration = expectation.configuration.to_json_dict()
    kwargs, meta = configuration["kwargs"], configuration.get("meta") or {}
    details = result.result if result is not None else {}
    limits = {k: v for k, v in kwargs.items() if k not in _NOT_SHOWN}
    is_cell = any(metric in _CELLS for metric in getattr(expectation, "metric_dependencies", ()))
    return ExpectationOutcome(
        type=configuration["type"],
        columns=columns_of(kwargs),
        limits=limits | ({"reference": meta["reference"]} if "reference" in meta else {}),
        success=bool(result is not None and result.success),
        evaluated=bool(details),
        element_count=_count(details.get("element_count")),
        unexpected_count=_count(details.get("unexpected_count")),
        missing_count=_count(details.get("missing_count")),
        observed=None if is_cell else _number(details.get("observed_value")),
        notes=_notes(configuration.get("notes")),
    )


def _notes(notes: Any) -> str:
    return " ".join(notes) if isinstance(notes, list) else str(notes or "")


def _number(value: Any) -> float | int | None:
    """`value` if it is a finite number: anything else might be a cell of the data."""
    if isinstance(value, bool) or not isinstance(value, Real) or not math.isfinite(value):
        return None
    return int(value) if isinstance(value, Integral) else float(value)


def _count(value: Any) -> int | None:
    return None if value is None else int(value)
