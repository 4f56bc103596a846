"""Which groups of a column were not measured, in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def unmeasured_groups(column: Mapping[str, Any]) -> list[str]:
    """A sentence with the reasons, if there are such groups.

    Args:
        column: The figures of a column: its name as ``column``, and ``groups`` with ``status`` and ``why`` each.
    """
    left = [group for group in column["groups"] if group["status"] != "measured"]
    if not left:
        return []
    whys = "; ".join(sorted({group["why"] for group in left}))
    return [f"By {column['column']}: {len(left)} of {len(column['groups'])} groups are not measured ({whys})."]
