"""What must hold of the data."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from sluicegate.spec.section import Section


class Validation(Section):
    """What must hold of the data before anything is learned from it."""

    suite: str
    """A Great Expectations suite, JSON."""
    quarantine_max_share: Annotated[float, Field(ge=0, lt=1)] = 0.0
    """Rows that break a row-wise expectation are set aside, up to this share of all; 0 stops the run instead."""
