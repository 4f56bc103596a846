"""Expectations that look at one row at a time, held chunk by chunk by Great Expectations itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sluicegate.data import tables
from sluicegate.data.validation.numbers import as_numbers
from sluicegate.data.validation.rows import BrokenRows

ROW_WISE = frozenset(
    {
        "column_pair_values.a_greater_than_b",
        "column_pair_values.equal",
        "column_pair_values.in_set",
        "column_values.allowed_licences",
        "column_values.between",
        "column_values.dated_within",
        "column_values.dateutil_parseable",
        "column_values.in_language",
        "column_values.in_set",
        "column_values.json_parseable",
        "column_values.match_json_schema",
        "column_values.match_regex",
        "column_values.match_regex_list",
        "column_values.match_strftime_format",
        "column_values.nonnull",
        "column_values.not_in_set",
        "column_values.not_match_regex",
        "column_values.not_match_regex_list",
        "column_values.null",
        "column_values.state_consent",
        "column_values.value_length.between",
        "column_values.value_length.equals",
        "multicolumn_sum.equal",
        "multicolumn_values.equal",
        "select_column_values.unique.within_record",
    }
)
"""Metrics of Great Expectations (and ours) whose verdict on a row depends on no other row."""
SCHEMA = frozenset({"table.columns", "table.column_count", "table.column_types"})
"""Metrics that depend on no row at all."""
_COMPLETE = {"result_format": "COMPLETE", "include_unexpected_rows": False, "partial_unexpected_count": 0}
_NOT_NEEDED = (".unexpected_values", ".unexpected_index_query", ".unexpected_rows")


@dataclass
class RowCounts:
    """What the chunks of a table add up to, for one expectation."""

    rows: int = 0
    """Rows that its row condition leaves."""
    missing: int = 0
    """Of these, rows without a value, where it passes over such rows."""
    unexpected: int = 0
    """Rows that break it."""
    evaluated: bool = True
    """Whether it could be evaluated in every chunk."""

    def add(self, values: Mapping[str, Any], map_metric: str) -> NDArray[np.int64]:
        """Adds the metrics of one chunk, by name; returns the rows that break the expectation, shape (M,)."""
        rows = int(values["table.row_count"])
        filtered = values.get(f"{map_metric}.filtered_row_count")
        missing = values.get("column_values.nonnull.unexpected_count", 0) if filtered is None else rows - filtered
        self.rows += rows
        self.missing += int(missing)
        self.unexpected += int(values[f"{map_metric}.unexpected_count"])
        return np.asarray(values[f"{map_metric}.unexpected_index_list"] or [], dtype=np.int64)

    def value_of(self, metric: str, map_metric: str) -> Any:
        """What Great Expectations would have measured over all rows at once."""
        values = {
            "table.row_count": self.rows,
            "column_values.nonnull.unexpected_count": self.missing,
            f"{map_metric}.filtered_row_count": self.rows - self.missing,
            f"{map_metric}.unexpected_values": [],
            f"{map_metric}.unexpected_count": self.unexpected,  # last, since it may be the second one
        }
        return values[metric]


@dataclass(frozen=True)
class Chunk:
    """Some rows of the table, as data frames whose index counts from the table's first row."""

    start: int
    texts: pd.DataFrame
    """Every column as strings."""
    frame: pd.DataFrame
    """The same, with those columns as float64 that the suite reads as numbers."""

    @property
    def stop(self) -> int:
        """The first row that is not in it any more."""
        return self.start + len(self.frame)


class ByChunk:
    """Row-wise expectations and what has been counted for them so far.

    Args:
        expectations: Position in the suite → Great Expectations' own object.
    """

    def __init__(self, expectations: Mapping[int, Any]) -> None:
        self._expectations = expectations
        self.counts = {position: RowCounts() for position in expectations}
        """Position in the suite → what the chunks so far add up to."""

    def add(self, chunk: Chunk, broken: BrokenRows) -> None:
        """Counts a chunk, and marks the rows that break something."""
        for as_text, frame in ((False, chunk.frame), (True, chunk.texts)):
            some = {p: e for p, e in self._expectations.items() if bool((e.meta or {}).get("as_text")) == as_text}
            if some:
                self._add(some, engine_of(frame), broken)

    def _add(self, expectations: Mapping[int, Any], engine: Any, broken: BrokenRows) -> None:
        wanted = {position: _wanted(expectation, engine) for position, expectation in expectations.items()}
        values = measure(engine, [c for configurations in wanted.values() for c in configurations])
        for position, configurations in wanted.items():
            named = {c.metric_name: values[c.id] for c in configurations if c.id in values}
            if len(named) < len(configurations):
                self.counts[position].evaluated = False
            else:
                rows = self.counts[position].add(named, expectations[position].map_metric)
                broken.mark(position, rows)


def _wanted(expectation: Any, engine: Any) -> list[Any]:
    """Configurations of the metrics that count, without those that list values."""
    dependencies = expectation.get_validation_dependencies(engine, {"result_format": dict(_COMPLETE)})
    return [c for c in dependencies.get_metric_configurations() if not c.metric_name.endswith(_NOT_NEEDED)]


def chunks(table: Path, numbers: Sequence[str], rows: int) -> Iterator[Chunk]:
    """The table in chunks of at most `rows`; a table without rows is one empty chunk."""
    start = 0
    for batch in tables.chunks(table, rows=rows):
        yield (chunk := _chunk(start, batch.to_pandas(), numbers))
        start = chunk.stop
    if not start:
        yield _chunk(0, pd.DataFrame({column: [] for column in tables.columns_of(table)}), numbers)


def _chunk(start: int, texts: pd.DataFrame, numbers: Sequence[str]) -> Chunk:
    texts = texts.astype("str")
    texts.index = pd.RangeIndex(start, start + len(texts))
    frame = texts.assign(**{column: as_numbers(texts[column]) for column in numbers}) if numbers else texts
    return Chunk(start, texts, frame)


def engine_of(frame: pd.DataFrame) -> Any:
    """Great Expectations' pandas engine with `frame` loaded."""
    from great_expectations.execution_engine import PandasExecutionEngine

    engine = PandasExecutionEngine()
    engine.load_batch_data("chunk", frame)
    return engine


def measure(engine: Any, configurations: Sequence[Any]) -> Mapping[Any, Any]:
    """Metric id → value of those metrics that could be measured on the frame that is loaded."""
    from great_expectations.validator.metrics_calculator import MetricsCalculator

    resolved, _ = MetricsCalculator(engine).compute_metrics(list(configurations))
    return dict(resolved)
