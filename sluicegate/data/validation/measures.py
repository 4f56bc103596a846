"""How each metric is measured in SQL: over the rows and columns of its domain, as Great Expectations does on pandas."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from sluicegate.data.validation.over_all import ROW, Domain, NotMeasurable, breaks, literal, measures
from sluicegate.data.validation.patterns import DATE_PATTERN

MOST_VALUES = 1_000_000
"""Most different values of a column whose distribution is asked for; more are a column of texts, not of groups."""


@measures("table.row_count")
def _row_count(of: Domain, _: Mapping[str, Any]) -> int:
    return int(of.ask(f"SELECT count(*) FROM {of.rows}"))


@measures("column.non_null_count")
@measures("column_values.nonnull.count")
def _nonnull_count(of: Domain, _: Mapping[str, Any]) -> np.int64:
    return np.int64(of.ask(f"SELECT count({of.column}) FROM {of.rows}"))


@measures("column_values.nonnull.unexpected_count")
def _null_count(of: Domain, _: Mapping[str, Any]) -> int:
    return int(of.ask(f"SELECT count(*) - count({of.column}) FROM {of.rows}"))


@measures("column.non_null_proportion")
def _nonnull_proportion(of: Domain, _: Mapping[str, Any]) -> float:
    return float(of.ask(f"SELECT coalesce(count({of.column}) / nullif(count(*), 0), 0) FROM {of.rows}"))


@measures("column.distinct_values.count")
def _distinct_count(of: Domain, _: Mapping[str, Any]) -> int:
    return int(
        of.ask(f"SELECT count(*) FROM (SELECT 1 FROM {of.rows} WHERE {of.column} IS NOT NULL GROUP BY {of.column})")
    )


@measures("column.unique_proportion")
def _unique_proportion(of: Domain, given: Mapping[str, Any]) -> float:
    there = _nonnull_count(of, given)
    return float(_distinct_count(of, given) / there) if there else 0.0


@measures("column.min")
def _min(of: Domain, _: Mapping[str, Any]) -> Any:
    return of.ask(f"SELECT min({of.column}) FROM {of.rows}")


@measures("column.max")
def _max(of: Domain, _: Mapping[str, Any]) -> Any:
    return of.ask(f"SELECT max({of.column}) FROM {of.rows}")


@measures("column.mean")
def _mean(of: Domain, _: Mapping[str, Any]) -> float | None:
    mean: float | None = of.ask(f"SELECT favg({of.number} ORDER BY {ROW}) FROM {of.rows}")
    return mean


@measures("column.sum")
def _sum(of: Domain, _: Mapping[str, Any]) -> float:
    return float(of.ask(f"SELECT coalesce(fsum({of.number} ORDER BY {ROW}), 0) FROM {of.rows}"))


@measures("column.standard_deviation")
def _standard_deviation(of: Domain, _: Mapping[str, Any]) -> float | None:
    deviation: float | None = of.ask(f"SELECT stddev_samp({of.number}) FROM {of.rows}")
    return deviation


@measures("column.median")
def _median(of: Domain, _: Mapping[str, Any]) -> float | None:
    median: float | None = of.ask(f"SELECT median({of.number}) FROM {of.rows}")
    return median


@measures("column.quantile_values")
def _quantiles(of: Domain, given: Mapping[str, Any]) -> list[float | None]:
    quantiles = given["quantiles"] if "quantiles" in given else given["quantile_ranges"]["quantiles"]
    how = given.get("allow_relative_error") or "nearest"
    last = of.ask(f"SELECT count({of.number}) FROM {of.rows}") - 1
    if last < 0:
        return [None for _ in quantiles]
    places = [_places(q * last, str(how)) for q in quantiles]
    wanted = sorted({place for pair in places for place in pair[:2]})
    ordered = f"SELECT {of.column} AS v, row_number() OVER (ORDER BY {of.column}) - 1 AS k FROM {of.rows}"
    sql = f"SELECT k, v FROM ({ordered} WHERE {of.column} IS NOT NULL) WHERE k IN (SELECT unnest(?))"
    found = dict(of.asks(sql, [wanted]))
    return [found[low] + (found[high] - found[low]) * part for low, high, part in places]


def _places(place: float, how: str) -> tuple[int, int, float]:
    """Between which two values in order a quantile lies, and how far along."""
    low, high = int(np.floor(place)), int(np.ceil(place))
    part = {"linear": place - low, "lower": 0.0, "higher": 1.0, "midpoint": 0.5}
    if how == "nearest":
        return (int(np.around(place)),) * 2 + (0.0,)
    if how not in part:
        raise NotMeasurable
    return low, high, part[how]


def _listed(of: Domain, values: Any) -> list[Any]:
    """Those of `values` that the column's type can hold."""
    kind = (int, float) if of.is_number else (str,)
    return [float(v) if of.is_number else v for v in values or [] if isinstance(v, kind)]


def _member(of: Domain) -> str:
    return f"{of.column} IN (SELECT unnest(?::{'DOUBLE' if of.is_number else 'VARCHAR'}[]))"


@measures("column.distinct_values.not_in_set.count")
def _not_in_set_count(of: Domain, given: Mapping[str, Any]) -> int:
    distinct = f"SELECT DISTINCT {of.column} FROM {of.rows} WHERE {of.column} IS NOT NULL"
    return int(of.ask(f"SELECT count(*) FROM ({distinct}) WHERE NOT {_member(of)}", [_listed(of, given["value_set"])]))


@measures("column.distinct_values.missing_from_column.count")
def _missing_from_column_count(of: Domain, given: Mapping[str, Any]) -> int:
    sql = f"SELECT count(DISTINCT {of.column}) FROM {of.rows} WHERE {_member(of)}"
    return len(set(given["value_set"] or [])) - int(of.ask(sql, [_listed(of, given["value_set"])]))


@measures("column.distinct_values.not_in_set")
@measures("column.distinct_values.missing_from_column")
def _not_listed(_: Domain, __: Mapping[str, Any]) -> list[Any]:
    return []  # Great Expectations shows these and judges by their counts


@measures("column.most_common_value")
def _most_common(of: Domain, given: Mapping[str, Any]) -> list[Any]:
    """Those in the value set, and one other if there are others: enough to judge by."""
    counts = f"SELECT {of.column} AS v, count(*) AS n FROM {of.rows} WHERE {of.column} IS NOT NULL GROUP BY 1"
    modes = f"WITH c AS ({counts}) SELECT v FROM c WHERE n = (SELECT max(n) FROM c)"
    member = _member(of).replace(of.column, "v", 1)
    listed = _listed(of, given["value_set"])
    inside = [v for (v,) in of.asks(f"SELECT v FROM ({modes}) WHERE {member}", [listed])]
    outside = [v for (v,) in of.asks(f"SELECT v FROM ({modes}) WHERE NOT {member} LIMIT 2", [listed])]
    return inside + outside


@measures("column.value_counts")
def _value_counts(of: Domain, _: Mapping[str, Any]) -> pd.Series:
    counts = f"SELECT {of.column} AS v, count(*) AS n FROM {of.rows} WHERE {of.column} IS NOT NULL GROUP BY 1"
    rows = of.asks(f"{counts} ORDER BY v LIMIT {MOST_VALUES + 1}")
    if len(rows) > MOST_VALUES:
        raise NotMeasurable
    index = pd.Index([v for v, _ in rows], dtype="float64" if of.is_number else "str", name="value")
    return pd.Series([n for _, n in rows], index=index, dtype="int64", name="count")


@measures("column.histogram")
def _histogram(of: Domain, given: Mapping[str, Any]) -> list[int]:
    """Counts of the bins, each without its upper edge but the last."""
    edges = [float(edge) for edge in given["bins"]]
    ends = ["<"] * (len(edges) - 2) + ["<="]
    bins = [
        f"count(*) FILTER ({of.number} >= {_double(low)} AND {of.number} {end} {_double(high)})"
        for low, high, end in zip(edges[:-1], edges[1:], ends, strict=True)
    ]
    (row,) = of.asks(f"SELECT {', '.join(bins)} FROM {of.rows}")
    return list(row)


def _double(value: float) -> str:
    return f"'{value!r}'::DOUBLE"


@measures("column_values.between.count")
def _between_count(of: Domain, given: Mapping[str, Any]) -> int:
    sides = (("min_value", "strict_min", ">"), ("max_value", "strict_max", "<"))
    tests = [
        f"{of.number} {sign}{'' if given.get(strict) else '='} ?"
        for name, strict, sign in sides
        if given.get(name) is not None
    ]
    limits = [float(given[name]) for name, _, _ in sides if given.get(name) is not None]
    return int(of.ask(f"SELECT count(*) FROM {of.rows} WHERE {' AND '.join(tests)}", limits))


@measures("column.newest_date")
def _newest_date(of: Domain, _: Mapping[str, Any]) -> str | None:
    value = of.column
    in_utc = (
        f"CASE WHEN length({value}) = 10 THEN {value} || ' 00:00Z' "
        f"WHEN regexp_matches({value}, '(Z|[+-][0-9]{{2}}:[0-9]{{2}})$') THEN {value} ELSE {value} || 'Z' END"
    )
    day = f"SELECT make_timestamp(epoch_us(TRY_CAST({in_utc} AS TIMESTAMPTZ))) AS t FROM {of.rows}"
    readable = f"{day} WHERE regexp_full_match({value}, {literal(DATE_PATTERN)})"
    newest: str | None = of.ask(f"SELECT strftime(max(t), '%Y-%m-%d') FROM ({readable})")
    return newest


@breaks("column_values.unique")
def _repeated(of: Domain, _: Mapping[str, Any]) -> str:
    repeated = (
        f"SELECT {of.column} FROM {of.rows} WHERE {of.column} IS NOT NULL GROUP BY {of.column} HAVING count(*) > 1"
    )
    return f"SELECT {ROW} FROM {of.rows} WHERE {of.column} IN ({repeated})"


@breaks("compound_columns.unique")
def _repeated_together(of: Domain, _: Mapping[str, Any]) -> str:
    columns = ", ".join(of.columns)
    same = " AND ".join(f"a.{c} IS NOT DISTINCT FROM b.{c}" for c in of.columns)
    repeated = f"SELECT {columns} FROM {of.kept} GROUP BY {columns} HAVING count(*) > 1"
    return f"SELECT a.{ROW} FROM {of.kept} AS a SEMI JOIN ({repeated}) AS b ON {same}"


@breaks("column_values.increasing")
def _not_increasing(of: Domain, given: Mapping[str, Any]) -> str:
    return _out_of_order(of, "<=" if given.get("strictly") else "<")


@breaks("column_values.decreasing")
def _not_decreasing(of: Domain, given: Mapping[str, Any]) -> str:
    return _out_of_order(of, ">=" if given.get("strictly") else ">")


def _out_of_order(of: Domain, sign: str) -> str:
    before = f"SELECT {ROW}, {of.number} AS v, lag({of.number}) OVER (ORDER BY {ROW}) AS w FROM {of.rows}"
    return f"SELECT {ROW} FROM ({before} WHERE {of.number} IS NOT NULL) WHERE v {sign} w"


@breaks("column_values.z_score.under_threshold")
def _far_from_mean(of: Domain, given: Mapping[str, Any]) -> str:
    mean, deviation, limit = _mean(of, given), _standard_deviation(of, given), float(given["threshold"])
    if not deviation or mean is None:
        return f"SELECT {ROW} FROM {of.rows} WHERE false"
    score = f"(({of.number} - {_double(mean)}) / {_double(deviation)})"
    if given.get("double_sided", True):
        score, limit = f"abs({score})", abs(limit)
    return f"SELECT {ROW} FROM {of.rows} WHERE {score} >= {_double(limit)}"


@breaks("column_pair_values.not_leaked")
def _leaked(of: Domain, _: Mapping[str, Any]) -> str:
    text, split = of.columns
    rows = f"(SELECT {ROW}, spelling({text}) AS k, {split} AS s FROM {of.kept})"
    leaked = f"SELECT k FROM {rows} GROUP BY k HAVING count(DISTINCT s) > 1"
    return f"SELECT {ROW} FROM {rows} WHERE k IN ({leaked})"
