"""Rows of a database table or query.

A database promises no order of rows, and the draw and the numbering need one: rows are put in the order of
what they hold. They are written to disk as strings with the names of their types, sorted there by DuckDB,
and made into values again.
"""

from __future__ import annotations

import datetime
import decimal
import hashlib
import json
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sluicegate.addresses import with_driver
from sluicegate.data.sources.chunk import BOUNDS, Bounds, Chunk, require
from sluicegate.data.sources.values import Opaque
from sluicegate.data.tables import TableWriter, database
from sluicegate.errors import InputRefused, Unavailable
from sluicegate.spec import SqlSource

if TYPE_CHECKING:
    import pyarrow as pa
    from sqlalchemy import Connection, CursorResult, Row

_FETCHED_ROWS = 5000
_NONE = "NoneType"
_BACK: dict[str, Callable[[str], Any]] = {
    "str": str,
    "int": int,
    "float": float,
    "bool": lambda value: value == "True",
    "Decimal": decimal.Decimal,
    "UUID": uuid.UUID,
    "date": datetime.date.fromisoformat,
    "datetime": datetime.datetime.fromisoformat,
    "time": datetime.time.fromisoformat,
}


@dataclass(frozen=True)
class _Staged:
    """Rows on disk: a string column for each of theirs, named by position, and one with the types."""

    path: Path
    names: list[str]
    scratch: Path


def sql_chunks(
    source: SqlSource, environ: Mapping[str, str], wanted: Sequence[str], scratch: Path, *, bounds: Bounds = BOUNDS
) -> Iterator[Chunk]:
    """The rows of the table or query, in the order of their values, as Python objects.

    Args:
        source: What to read.
        environ: Environment variables, for the database's URL.
        wanted: Columns to take.
        scratch: An existing folder for the rows while they are sorted.
        bounds: How much is read at once.

    Raises:
        InputRefused: The environment variable is not set or holds no URL, or there is no such table or column,
            or the query fails. No message of the database is repeated, since it may hold values.
        Unavailable: The database cannot be reached.
    """
    staged = _stage(source, environ, scratch)
    where = f"database {source.url_env}"
    require(wanted, staged.names, where)
    taken = {name: staged.names.index(name) for name in wanted}
    done = 0
    for batch in _sorted(staged, bounds):
        types = [kinds.split(",") for kinds in batch.column(len(staged.names)).to_pylist()]
        columns = {name: _values(batch.column(index), index, types) for name, index in taken.items()}
        yield Chunk(where, range(done + 1, done + batch.num_rows + 1), columns, _row_of(batch, staged.names))
        done += batch.num_rows


def sql_digest(source: SqlSource, environ: Mapping[str, str], scratch: Path) -> str:
    """SHA-256 over the column names and all rows with the types of their values, in the order of the values.

    Raises:
        InputRefused: As for `sql_chunks`.
        Unavailable: As for `sql_chunks`.
    """
    staged = _stage(source, environ, scratch)
    digest = hashlib.sha256(json.dumps(staged.names).encode())
    for batch in _sorted(staged, BOUNDS):
        for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            digest.update(b"\n" + json.dumps(row).encode())  # None as null, and the types are a column too
    return digest.hexdigest()


def _stage(source: SqlSource, environ: Mapping[str, str], scratch: Path) -> _Staged:
    """Writes the rows as they come."""
    from sqlalchemy import exc

    with _connection(source, environ) as connection:
        try:
            streamed = connection.execution_options(stream_results=True, yield_per=_FETCHED_ROWS)
            result = _result(source, streamed)
            names = [str(name) for name in list(result.keys())]
            if twice := sorted({name for name in names if names.count(name) > 1}):
                problem = f"column {twice[0]!r} is there {names.count(twice[0])} times"
                raise InputRefused("data.source", "query", problem)
            columns = [str(i) for i in range(len(names))]
            with TableWriter(scratch / "fetched.parquet", [*columns, "types"]) as writer:
                for rows in result.partitions(_FETCHED_ROWS):  # `yield_per` passes a plain query over
                    writer.write_columns(_as_strings(rows, columns))
        except exc.SQLAlchemyError as error:
            raise InputRefused("data.source", "query", f"the database refuses it ({type(error).__name__})") from None
    return _Staged(scratch / "fetched.parquet", names, scratch)


def _as_strings(rows: Sequence[Row[Any]], columns: Sequence[str]) -> dict[str, Sequence[str | None]]:
    found: dict[str, Sequence[str | None]] = {
        column: [None if row[i] is None else _written(row[i]) for row in rows] for i, column in enumerate(columns)
    }
    return found | {"types": [",".join(type(value).__name__ for value in row) for row in rows]}


def _written(value: Any) -> str:
    return str(value).encode("utf-8", "backslashreplace").decode()


def _sorted(staged: _Staged, bounds: Bounds) -> Iterator[pa.RecordBatch]:
    order = ", ".join(f'"{i}" NULLS LAST' for i in range(len(staged.names)))
    with database(staged.scratch / "sorting") as connection:
        rows = connection.sql(f"SELECT * FROM read_parquet(?) ORDER BY {order}, types", params=[str(staged.path)])
        yield from rows.to_arrow_reader(bounds.rows)


def _values(column: pa.Array, index: int, types: list[list[str]]) -> list[Any]:
    return [
        None if value is None else _value(value, kinds[index])
        for value, kinds in zip(column.to_pylist(), types, strict=True)
    ]


def _value(value: str, kind: str) -> Any:
    return _BACK[kind](value) if kind in _BACK else Opaque(kind)


def _row_of(batch: pa.RecordBatch, names: Sequence[str]) -> Callable[[int], str]:
    def row(position: int) -> str:
        values = {name: batch.column(i)[position].as_py() for i, name in enumerate(names)}
        return json.dumps(values, ensure_ascii=False)

    return row


@contextmanager
def _connection(source: SqlSource, environ: Mapping[str, str]) -> Iterator[Connection]:
    import sqlalchemy as sa
    from sqlalchemy import exc
    from sqlalchemy.pool import NullPool

    url = environ.get(source.url_env, "")
    if not url:
        raise InputRefused("environment", source.url_env, "is not set", "set it to the SQLAlchemy URL of the database")
    try:
        engine = sa.create_engine(with_driver(url), poolclass=NullPool)
    except (exc.SQLAlchemyError, ImportError, ValueError) as error:
        problem = f"is not a usable SQLAlchemy URL ({type(error).__name__})"
        raise InputRefused("environment", source.url_env, problem) from None
    try:
        connection = engine.connect()
    except exc.SQLAlchemyError as error:
        problem = f"the database that {source.url_env} names cannot be reached ({type(error).__name__})"
        raise Unavailable(problem) from None
    with connection:
        yield connection


def _result(source: SqlSource, connection: Connection) -> CursorResult[Any]:
    """What the database answers; a query reaches it as it is written, with its colons and per cent signs."""
    import sqlalchemy as sa

    if source.query is not None:
        return connection.exec_driver_sql(source.query, execution_options={"no_parameters": True})
    schema, _, table = (source.table or "").rpartition(".")
    if not sa.inspect(connection).has_table(table, schema or None):
        raise InputRefused("data.source", "table", f"the database has no table {source.table!r}")
    return connection.execute(sa.select(sa.text("*")).select_from(sa.table(table, schema=schema or None)))
