"""Whether there are rows, or entities, enough to conclude anything from, and if not, why not.

A tagger that finds the one entity there is has a recall of 1, and no interval shows how little that says.
"""

from __future__ import annotations


def why_few_rows(rows: int, smallest: int) -> str:
    """Why nothing can be concluded from so few test rows; empty if something can."""
    return f"{rows} rows, fewer than {smallest}" if rows < smallest else ""


def why_few_there(entities: int, smallest: int, *, of_a_type: bool = False) -> str:
    """Why nothing can be concluded of what is found, from so few true entities; empty if something can."""
    return f"{entities} entities{_of(of_a_type)} are there, fewer than {smallest}" if entities < smallest else ""


def why_few_found(entities: int, smallest: int, *, of_a_type: bool = False) -> str:
    """Why nothing can be concluded of what is marked rightly, from so few marks; empty if something can."""
    return f"{entities} entities{_of(of_a_type)} were found, fewer than {smallest}" if entities < smallest else ""


def _of(a_type: bool) -> str:
    return " of this type" if a_type else ""
