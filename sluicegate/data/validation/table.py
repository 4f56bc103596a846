"""Whether the data keeps its contract, before anything is learned from it, at any number of rows.

What leaves this module are counts, shares and the names of columns: Great Expectations' own results hold
cell values in many places, so a few numbers are taken out of them and the rest is left behind.
"""

from __future__ import annotations

import datetime
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sluicegate.data import tables
from sluicegate.data.cluster.joining import joined
from sluicegate.data.shares import rows_within
from sluicegate.data.sources.private import scratch_in
from sluicegate.data.validation import quarantine
from sluicegate.data.validation.holding import Plan, hold, plan, repeated_rows
from sluicegate.data.validation.report import ExpectationOutcome, write
from sluicegate.data.validation.rows import BrokenRows
from sluicegate.data.validation.suites import load_suite
from sluicegate.errors import DataRejected, InputRefused
from sluicegate.progress import report
from sluicegate.spec import Validation

if TYPE_CHECKING:
    from sluicegate.data.cluster.mapping import Cluster

CHUNK_ROWS = tables.CHUNK_ROWS


@dataclass(frozen=True)
class ValidationOutcome:
    """What was expected of the data, and what of it held."""

    suite: str
    """Name of the suite's file."""
    success: bool
    """Whether every expectation held, of the accepted rows if some were set aside."""
    accepted: Path
    """The table without the quarantined rows; not there if the data was rejected."""
    quarantined: Path
    """Columns ``id`` and ``reasons``, the expectations that the row broke, joined by ``; ``, then the row's others."""
    expectations: tuple[ExpectationOutcome, ...]
    """In the suite's order, of the accepted rows."""
    statistics: dict[str, int | float]
    """``rows``, ``failing_rows`` (which break a row-wise expectation that does not hold), ``accepted_rows``,
    ``quarantined_rows``, ``quarantined_share``, ``expectations``, ``failed``, ``duplicate_texts`` (accepted rows
    whose text is that of an earlier one), ``duplicate_share``."""


def validate(
    table: Path,
    suite_path: Path,
    section: Validation,
    *,
    folder: Path,
    as_of: datetime.date | None = None,
    references: Mapping[str, Path] | None = None,
    chunk_rows: int = CHUNK_ROWS,
    cluster: str | None = None,
) -> ValidationOutcome:
    """Holds a table against a suite; sets rows aside where the spec allows it. Memory does not grow with the rows.

    Writes to `folder`, whether the data passes or not, ``validation.json`` and ``validation.html``, which hold no
    cell of the table, and ``quarantined.parquet``; if it passes, ``accepted.parquet`` too. Their owner alone can read
    the tables. What a killed try left in `folder` is removed.

    Args:
        table: Parquet file of string columns, among them `id`, and `text` or `image`.
        suite_path: The suite's JSON file.
        section: The spec's section.
        folder: Where the files go.
        as_of: The day that counts as today, if `section.as_of` is None.
        references: The files of `section.references`, absolute.
        chunk_rows: Rows that are in memory at once.
        cluster: Address of a Ray cluster that holds row-wise expectations; None holds them on this machine.

    Raises:
        SpecRefused: The suite cannot be used.
        InputRefused: A column of the table does not hold strings, or `folder` cannot be written.
        DataRejected: An expectation does not hold, or more rows break one than may be set aside.
        Unavailable: There is not enough disk, or the cluster cannot be reached.
    """
    columns = _columns_of_strings(table)
    subject = "text" if "text" in columns else "image"
    suite = load_suite(suite_path, columns, as_of=section.as_of or as_of, references=references)
    planned = plan(suite, suite_path, columns)
    accepted, quarantined = folder / "accepted.parquet", folder / "quarantined.parquet"
    with (
        joined(cluster) if cluster else nullcontext() as shared,
        scratch_in(folder) as scratch,
    ):
        held = _Held(table, suite, planned, scratch, chunk_rows, shared)
        failing = held.broken.count()
        too_many = failing > rows_within(section.quarantine_max_share, held.rows)
        quarantine.part(
            table, held.broken, _reasons(held.outcomes),
            accepted=None if too_many else accepted, quarantined=quarantined, chunk_rows=chunk_rows,
        )  # fmt: skip
        aside = 0 if too_many else failing
        outcomes, of = held.outcomes, table
        if aside:
            of = accepted
            outcomes = _Held(accepted, suite, planned, scratch, chunk_rows, shared).outcomes
        statistics = _statistics(held.rows, failing, aside, outcomes, repeated_rows(of, subject, scratch))
    success = all(outcome.success for outcome in outcomes)
    if not success:
        accepted.unlink(missing_ok=True)
    write(suite_path.name, success, outcomes, statistics, folder)
    report("validate", len(outcomes), len(outcomes), "expectations", f"{statistics['failed']} failed")
    if not success:
        failed = [o.sentence() for o in outcomes if not o.success]
        why = _why(held.rows, failing, section.quarantine_max_share) if too_many else ""
        problem = f"{why}{len(failed)} of {len(outcomes)} expectations failed: {'; '.join(failed)}"
        raise DataRejected(suite_path, "", problem)
    return ValidationOutcome(suite_path.name, success, accepted, quarantined, outcomes, statistics)


class _Held:
    """A table that was held against a suite, and the rows that break what did not hold."""

    def __init__(
        self, table: Path, suite: Any, planned: Plan, scratch: Path, chunk_rows: int, cluster: Cluster | None
    ) -> None:
        self.rows = tables.rows_in(table)
        own = Path(tempfile.mkdtemp(dir=scratch))
        self.broken = BrokenRows(own, self.rows)
        self.outcomes = hold(table, suite, planned, self.broken, scratch=own, chunk_rows=chunk_rows, cluster=cluster)


def _columns_of_strings(table: Path) -> tuple[str, ...]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pq.read_schema(table)
    for field in schema:
        if not (pa.types.is_string(field.type) or pa.types.is_large_string(field.type)):
            problem = f"holds {field.type} where the canonical table holds strings"
            raise InputRefused(table, f"column {field.name!r}", problem)
    return tuple(schema.names)


def _reasons(outcomes: Sequence[ExpectationOutcome]) -> list[str]:
    return [f"{outcome.type}({', '.join(outcome.columns)})" for outcome in outcomes]


def _why(rows: int, failing: int, limit: float) -> str:
    """Why rows that fail were not set aside; empty if none ever may be."""
    share = f"a share of {failing / rows:.4f} over {limit}"
    return f"{failing} of {rows} rows would be set aside, {share}; " if limit else ""


def _statistics(
    rows: int, failing: int, aside: int, outcomes: Sequence[ExpectationOutcome], repeated: int
) -> dict[str, int | float]:
    accepted = rows - aside
    return {
        "rows": rows,
        "failing_rows": failing,
        "accepted_rows": accepted,
        "quarantined_rows": aside,
        "quarantined_share": aside / max(rows, 1),
        "expectations": len(outcomes),
        "failed": sum(not o.success for o in outcomes),
        "duplicate_texts": repeated,
        "duplicate_share": repeated / max(accepted, 1),
    }
