"""Addresses of databases, as people write them."""

from __future__ import annotations

from sqlalchemy import URL, make_url


def with_driver(url: str) -> URL:
    """A SQLAlchemy URL, in which plain ``postgresql://`` means psycopg 3: the driver that is installed with us.

    Raises:
        sqlalchemy.exc.ArgumentError: It is no URL.
    """
    parsed = make_url(url)
    return parsed.set(drivername="postgresql+psycopg") if parsed.drivername in ("postgresql", "postgres") else parsed
