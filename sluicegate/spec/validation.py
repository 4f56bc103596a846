"""What must hold of the data."""

from __future__ import annotations

import datetime
from typing import Annotated

from pydantic import Field

from sluicegate.spec.section import Section


class Validation(Section):
    """What must hold of the data before anything is learned from it."""

    suite: str
    """A Great Expectations suite, JSON."""
    quarantine_max_share: Annotated[float, Field(ge=0, lt=1)] = 0.0
    """Rows that break a row-wise expectation are set aside, up to this share of all; 0 stops the run instead."""
    as_of: datetime.date | None = None
    """The day that counts as today for expectations about dates which name none, so that a run can be repeated."""
    references: dict[str, str] = {}
    """Names that the suite may use for a reference distribution → a file: JSON with `values` and `weights`, or CSV
    with the columns `value` and `weight`."""
