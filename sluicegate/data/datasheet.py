"""The data sheet of a run: where rows came from, what became of them at every step, and why.

Rows do not vanish: a step's rows are those that the step before left, and what it did not pass on is counted
under a reason. A sheet that does not add up is not written.

Source of the form: Gebru et al., Datasheets for Datasets (2021), the parts that a run can know by itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from sluicegate.errors import DataRejected


@dataclass(frozen=True)
class Passage:
    """One step that rows went through."""

    step: str
    """Name of the step."""
    rows_in: int
    rows_out: int
    dropped: Mapping[str, int] = field(default_factory=dict)
    """Reason → rows that the step did not pass on because of it."""
    sha256: str = ""
    """Over all rows that it passed on, see `row_digest`."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """What else it counted, JSON; no cell value."""


def data_sheet(origin: Mapping[str, Any], passages: Sequence[Passage]) -> dict[str, Any]:
    """The sheet, as a JSON value.

    Args:
        origin: What is known of the source: kind, name, licence, digest.
        passages: The steps in order, the first one the reading.

    Raises:
        DataRejected: Rows vanished or appeared without a reason.
    """
    _check(passages)
    return {
        "origin": dict(origin),
        "passages": [asdict(passage) for passage in passages],
        "rows_read": passages[0].rows_in,
        "rows_used": passages[-1].rows_out,
        "dropped": sum(sum(passage.dropped.values()) for passage in passages),
    }


def markdown(sheet: Mapping[str, Any]) -> str:
    """The sheet for people: what it is, then a table of what became of the rows."""
    lines = ["# Data sheet", ""]
    lines += [f"- {name.replace('_', ' ')}: {value}" for name, value in sheet["origin"].items()]
    lines += ["", "| step | rows in | rows out | dropped, and why | SHA-256 of the rows |", "|---|---:|---:|---|---|"]
    for passage in sheet["passages"]:
        why = ", ".join(f"{count:,} {reason}" for reason, count in passage["dropped"].items() if count) or "none"
        digest = f"`{passage['sha256'][:16]}…`" if passage["sha256"] else ""
        lines.append(
            f"| {passage['step']} | {passage['rows_in']:,} | {passage['rows_out']:,} | {_cell(why)} | {digest} |"
        )
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _check(passages: Sequence[Passage]) -> None:
    faults = []
    for passage in passages:
        gone = passage.rows_in - passage.rows_out
        if gone != sum(passage.dropped.values()) or min(passage.dropped.values(), default=0) < 0:
            reasons = sum(passage.dropped.values())
            faults.append(
                f"{passage.step} took {passage.rows_in} rows, passed on {passage.rows_out}, reasons: {reasons}"
            )
    for before, after in zip(passages, passages[1:], strict=False):
        if before.rows_out != after.rows_in:
            faults.append(f"{before.step} passed on {before.rows_out} rows and {after.step} took {after.rows_in}")
    if faults:
        raise DataRejected("data sheet", "rows", f"does not add up: {'; '.join(faults)}")
