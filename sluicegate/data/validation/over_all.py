"""Metrics that need every row at once, measured by DuckDB under the names that Great Expectations has for them.

Great Expectations asks for metrics and judges by them; where they come from is not its concern. What is
measured here is what its pandas engine would measure on the whole table in memory, and tests hold the two
against each other.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sluicegate.data.validation.patterns import NUMBER_PATTERN
from sluicegate.spelling import spelling

if TYPE_CHECKING:
    import duckdb

ROW = "__row__"
"""Name of the column that counts the rows, from 0."""


class NotMeasurable(Exception):
    """A metric has no value here: a mean of texts, or a distribution of more values than can be held."""


class Domain:
    """The rows and the columns that one metric is about.

    Args:
        whole: The table.
        kwargs: Great Expectations' domain arguments.
        numbers: Columns that are read as numbers.
    """

    def __init__(self, whole: WholeTable, kwargs: Mapping[str, Any], numbers: Sequence[str]) -> None:
        self._whole = whole
        self.rows = whole.rows_where(kwargs.get("row_condition"))
        """SQL of the rows."""
        names = [kwargs[key] for key in ("column", "column_A", "column_B") if kwargs.get(key) is not None]
        self.columns = [quoted(name) for name in names or kwargs.get("column_list") or []]
        """SQL of the columns."""
        self.is_number = bool(names) and names[0] in numbers
        self._ignore_row_if = kwargs.get("ignore_row_if")

    @property
    def column(self) -> str:
        """SQL of the one column."""
        return self.columns[0]

    @property
    def number(self) -> str:
        """SQL of the one column, which is read as numbers.

        Raises:
            NotMeasurable: It is not.
        """
        if not self.is_number:
            raise NotMeasurable
        return self.column

    @property
    def kept(self) -> str:
        """SQL of the rows without those that `ignore_row_if` leaves out."""
        how = {"all_values_are_missing": "OR", "both_values_are_missing": "OR", "any_value_is_missing": "AND",
               "either_value_is_missing": "AND"}.get(str(self._ignore_row_if))  # fmt: skip
        if how is None:
            return self.rows
        there = f" {how} ".join(f"{column} IS NOT NULL" for column in self.columns)
        return f"(SELECT * FROM {self.rows} WHERE {there})"

    def ask(self, sql: str, parameters: Sequence[Any] = ()) -> Any:
        """The first value of the first row."""
        row = self._whole.connection.execute(sql, list(parameters)).fetchone()
        return None if row is None else row[0]

    def asks(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Every row."""
        rows: list[tuple[Any, ...]] = self._whole.connection.execute(sql, list(parameters)).fetchall()
        return rows


Measure = Callable[[Domain, Mapping[str, Any]], Any]
_MEASURES: dict[str, Measure] = {}
_BREAKING: dict[str, Measure] = {}


def measures(name: str) -> Callable[[Measure], Measure]:
    """Registers how a metric is measured, from its domain and its arguments."""
    return lambda measure: _MEASURES.setdefault(name, measure)


def breaks(name: str) -> Callable[[Measure], Measure]:
    """Registers the SQL of the rows that break a map metric, from its domain and its arguments."""
    return lambda rows: _BREAKING.setdefault(name, rows)


def can_measure(metric: str) -> bool:
    """Whether the metric is known here."""
    name, _, suffix = metric.rpartition(".")
    return metric in _MEASURES or (name in _BREAKING and suffix in _MAP_SUFFIXES)


_MAP_SUFFIXES = ("unexpected_count", "filtered_row_count", "unexpected_values")


class WholeTable:
    """A table in DuckDB.

    Args:
        connection: An open database that spills to disk.
        table: The Parquet file, of string columns.
        columns: Its columns.
        numbers: Columns that are read as numbers.
        conditions: Key of a row condition → Parquet file with the numbers of the rows that meet it.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        table: Path,
        columns: Sequence[str],
        numbers: Sequence[str],
        conditions: Mapping[str, Path],
    ) -> None:
        self.connection, self._numbers, self._conditions = connection, numbers, conditions
        self._measured: dict[Any, Any] = {}
        cells = ", ".join(_as_number(c) if c in numbers else quoted(c) for c in columns)
        source = scan(table, ", file_row_number = true")
        connection.create_function("spelling", spelling, ["VARCHAR"], "VARCHAR")
        connection.execute(f"CREATE VIEW data AS SELECT file_row_number AS {ROW}, {cells} FROM {source}")

    def value_of(self, configuration: Any, arguments: Mapping[str, Any]) -> Any:
        """The value of a metric.

        Args:
            configuration: Great Expectations' `MetricConfiguration`.
            arguments: The arguments of the expectation that asks for it.

        Raises:
            NotMeasurable: It has none.
        """
        if configuration.id not in self._measured or configuration.metric_name == "column.most_common_value":
            self._measured[configuration.id] = self._measure(configuration, arguments)
        return self._measured[configuration.id]

    def _measure(self, configuration: Any, arguments: Mapping[str, Any]) -> Any:
        metric = configuration.metric_name
        domain = Domain(self, configuration.metric_domain_kwargs, self._numbers)
        given = {**arguments, **configuration.metric_value_kwargs}
        if metric in _MEASURES:
            return _MEASURES[metric](domain, given)
        name, _, suffix = metric.rpartition(".")
        if suffix == "unexpected_values":
            return []
        if suffix == "filtered_row_count":
            return domain.ask(f"SELECT count(*) FROM {domain.kept}")
        return domain.ask(f"SELECT count(*) FROM ({_BREAKING[name](domain, given)})")

    def breaking(self, configuration: Any, arguments: Mapping[str, Any]) -> Iterator[NDArray[np.int64]]:
        """Numbers of the rows that break a map metric, some at a time, each of shape (M,)."""
        name = configuration.metric_name.rpartition(".")[0]
        domain = Domain(self, configuration.metric_domain_kwargs, self._numbers)
        sql = _BREAKING[name](domain, {**arguments, **configuration.metric_value_kwargs})
        result = self.connection.execute(sql)
        while rows := result.fetchmany(100_000):
            yield np.fromiter((row[0] for row in rows), dtype=np.int64, count=len(rows))

    def rows_where(self, condition: Any) -> str:
        """SQL of the rows that meet a row condition; of all without one."""
        if condition is None:
            return "data"
        met = scan(self._conditions[condition_key(condition)])
        return f"(SELECT * FROM data SEMI JOIN {met} AS met USING ({ROW}))"


def condition_key(condition: Any) -> str:
    """What two row conditions have in common if they are the same."""
    return json.dumps(condition, sort_keys=True, default=lambda c: c.dict() if hasattr(c, "dict") else repr(c))


def condition_rows(frame: pd.DataFrame) -> Any:
    """The row numbers of a chunk's rows that meet a condition, as an Arrow table."""
    import pyarrow as pa

    return pa.table({ROW: pa.array(frame.index.to_numpy(), pa.int64())})


def quoted(name: str) -> str:
    """A column's name in SQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: str) -> str:
    """A string in SQL."""
    return "'" + value.replace("'", "''") + "'"


def scan(path: Path, options: str = "") -> str:
    """A Parquet file in SQL; the signs of a pattern in its name are taken as they are."""
    plain = "".join(f"[{c}]" if c in "*?[" else c for c in str(path))
    return f"read_parquet({literal(plain)}{options})"


def _as_number(name: str) -> str:
    column = quoted(name)
    value = f"CASE WHEN regexp_full_match({column}, {literal(NUMBER_PATTERN)}) THEN TRY_CAST({column} AS DOUBLE) END"
    return f"{value} AS {column}"
