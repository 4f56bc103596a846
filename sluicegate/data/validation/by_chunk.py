"""Expectations that look at one row at a time, held chunk by chunk by Great Expectations itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sluicegate.data import tables
from sluicegate.data.validation.numbers import as_numbers
from sluicegate.data.validation.rows import BrokenRows
from sluicegate.data.validation.unevaluated import quiet

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


@dataclass(frozen=True)
class Found:
    """What one chunk holds, for one expectation."""

    rows: int
    """Rows that its row condition leaves."""
    missing: int
    """Of these, rows without a value, where it passes over such rows."""
    unexpected: int
    """Rows that break it."""
    breaking_M: NDArray[np.int64]
    """Their numbers in the table, shape (M,)."""

    @classmethod
    def among(cls, values: Mapping[str, Any], map_metric: str) -> Found:
        """What the metrics of a chunk, by name, come to."""
        rows = int(values["table.row_count"])
        filtered = values.get(f"{map_metric}.filtered_row_count")
        missing = values.get("column_values.nonnull.unexpected_count", 0) if filtered is None else rows - filtered
        breaking = np.asarray(values[f"{map_metric}.unexpected_index_list"] or [], dtype=np.int64)
        return cls(rows, int(missing), int(values[f"{map_metric}.unexpected_count"]), breaking)


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

    def add(self, found: Found) -> None:
        """Adds what one chunk holds."""
        self.rows += found.rows
        self.missing += found.missing
        self.unexpected += found.unexpected

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
        positions: Their positions in the suite.
    """

    def __init__(self, positions: Iterable[int]) -> None:
        self.counts = {position: RowCounts() for position in positions}
        """Position in the suite → what the chunks so far add up to."""

    def add(self, found: Mapping[int, Found | None], broken: BrokenRows) -> None:
        """Counts what was found in a chunk, and marks the rows that break something."""
        for position, each in found.items():
            if each is None:
                self.counts[position].evaluated = False
            else:
                self.counts[position].add(each)
                broken.mark(position, each.breaking_M)


def found_in(chunk: Chunk, expectations: Mapping[int, Any]) -> dict[int, Found | None]:
    """Position in the suite → what a chunk holds for that expectation; None where it could not be evaluated."""
    found: dict[int, Found | None] = {}
    for as_text, frame in ((False, chunk.frame), (True, chunk.texts)):
        some = {p: e for p, e in expectations.items() if bool((e.meta or {}).get("as_text")) == as_text}
        if some:
            found |= _found(some, engine_of(frame))
    return found


def _found(expectations: Mapping[int, Any], engine: Any) -> dict[int, Found | None]:
    wanted = {position: _wanted(expectation, engine) for position, expectation in expectations.items()}
    values = measure(engine, [c for configurations in wanted.values() for c in configurations])
    found: dict[int, Found | None] = {}
    for position, configurations in wanted.items():
        named = {c.metric_name: values[c.id] for c in configurations if c.id in values}
        whole = len(named) == len(configurations)
        found[position] = Found.among(named, expectations[position].map_metric) if whole else None
    return found


def _wanted(expectation: Any, engine: Any) -> list[Any]:
    """Configurations of the metrics that count, without those that list values."""
    dependencies = expectation.get_validation_dependencies(engine, {"result_format": dict(_COMPLETE)})
    return [c for c in dependencies.get_metric_configurations() if not c.metric_name.endswith(_NOT_NEEDED)]


def chunks(table: Path, numbers: Sequence[str], rows: int) -> Iterator[Chunk]:
    """The table in chunks of at most `rows`; a table without rows is one empty chunk."""
    start = 0
    for batch in tables.chunks(table, rows=rows):
        yield (chunk := chunk_of(start, batch.to_pandas(), numbers))
        start = chunk.stop
    if not start:
        yield chunk_of(0, pd.DataFrame({column: [] for column in tables.columns_of(table)}), numbers)


def chunk_of(start: int, texts: pd.DataFrame, numbers: Sequence[str]) -> Chunk:
    """Rows as a chunk whose first is row `start` of the table; `numbers` are columns that are read as numbers."""
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

    with quiet():
        resolved, _ = MetricsCalculator(engine).compute_metrics(list(configurations))
    return dict(resolved)
