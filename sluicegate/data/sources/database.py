"""Rows of a database table or query.

A database promises no order of rows, and the draw and the numbering need one: rows are put in the order
of what they hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from sluicegate.addresses import with_driver
from sluicegate.errors import InputRefused, Unavailable
from sluicegate.spec import SqlSource

if TYPE_CHECKING:
    from sqlalchemy import Connection, Executable


def read_sql(source: SqlSource, environ: Mapping[str, str]) -> pd.DataFrame:
    """The rows of the table or query, in the order of their values, as Python objects.

    Raises:
        InputRefused: The environment variable is not set or holds no URL, or there is no such table, or
            the query fails. No message of the database is repeated, since it may hold values.
        Unavailable: The database cannot be reached.
    """
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
        try:
            result = connection.execute(_statement(source, connection))
            names = list(result.keys())
            rows = [tuple(row) for row in result]
        except exc.SQLAlchemyError as error:
            raise InputRefused("data.source", "query", f"the database refuses it ({type(error).__name__})") from None
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise InputRefused("data.source", "query", f"column {twice[0]!r} is there {names.count(twice[0])} times")
    rows.sort(key=lambda row: [(value is None, str(value)) for value in row])
    return pd.DataFrame(rows, columns=names, dtype=object)


def _statement(source: SqlSource, connection: Connection) -> Executable:
    import sqlalchemy as sa

    if source.query is not None:
        return sa.text(source.query)
    schema, _, table = (source.table or "").rpartition(".")
    if not sa.inspect(connection).has_table(table, schema or None):
        raise InputRefused("data.source", "table", f"the database has no table {source.table!r}")
    return sa.select(sa.text("*")).select_from(sa.table(table, schema=schema or None))
