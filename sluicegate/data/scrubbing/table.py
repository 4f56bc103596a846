"""Personal data in the texts of a table found and replaced, a few rows at a time.

What is reported are counts; no value that was found leaves the scrubbing processes but for its replacement.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from sluicegate.data import tables
from sluicegate.data.cluster.joining import joined
from sluicegate.data.scrubbing.operators import check_key
from sluicegate.data.scrubbing.pool import Pool, ScrubbingPool, Setup
from sluicegate.data.scrubbing.report import ScrubReport
from sluicegate.data.scrubbing.stream import LONGEST_TEXT, ROWS, Rows, Stream
from sluicegate.errors import DataRejected
from sluicegate.spec import Scrubbing

if TYPE_CHECKING:
    import pyarrow as pa


def scrub(
    table: Path,
    out: Path,
    section: Scrubbing,
    *,
    model: str | Path | None = None,
    key: bytes | None = None,
    recognizers: Path | None = None,
    columns: Sequence[str] = ("text",),
    cluster: str | None = None,
) -> ScrubReport:
    """Writes the table with the personal data of its texts replaced as the spec says.

    Args:
        table: Parquet; its columns are strings.
        out: Where the scrubbed table goes, whole or not at all: the same columns, the same rows, the same order.
        section: The spec's section.
        model: Folder of a tagger, or folder or package name of a spaCy pipeline; None takes the shipped tagger.
        key: The secret for `hash`, `pseudonym` and `encrypt`.
        recognizers: The file that `section.recognizers` names.
        columns: The columns with texts.
        cluster: Address of a Ray cluster that does the work; None does it on this machine.

    Raises:
        DataRejected: A text is missing, or longer than 1,000,000 characters.
        InputRefused: The key is missing or short, or there is no such model.
        SpecRefused: An entity type that nothing finds, or recognizers that Presidio does not take.
        Unavailable: A scrubbing process ended before its work did, or the cluster cannot be reached.
    """
    check_key(section, key)
    _check_texts(table, columns)
    setup = Setup(section, str(model) if model is not None else None, recognizers, key)
    with ExitStack() as stack:
        pool = _on_cluster(setup, table, columns, cluster, stack) if cluster else None
        stream = Stream(setup, "scrub", total=tables.rows_in(table), pool=pool)
        writer = stack.enter_context(tables.TableWriter(out, tables.columns_of(table)))
        for rows, scrubbed in stream.through(rows_of(table, columns)):
            batch = rows.payload
            for name, texts in scrubbed.items():
                batch = _with_column(batch, name, texts)
            writer.write(batch)
    for name in columns:
        stream.tally.column(name)
    return stream.tally.report()


def rows_of(table: Path, columns: Sequence[str]) -> Iterator[Rows]:
    """The table's rows with the texts of these columns, a few at a time."""
    for batch in tables.chunks(table, rows=ROWS):
        yield Rows(batch, {name: batch.column(name).to_pylist() for name in columns})


def _on_cluster(setup: Setup, table: Path, columns: Sequence[str], address: str, stack: ExitStack) -> Pool:
    from sluicegate.data.scrubbing.on_cluster import ClusterPool, TextsOfTable

    here = stack.enter_context(ScrubbingPool(setup, 1))
    return ClusterPool(here, stack.enter_context(joined(address)), TextsOfTable(table, tuple(columns)))


def _with_column(batch: pa.RecordBatch, name: str, texts: list[str | None]) -> pa.RecordBatch:
    import pyarrow as pa

    return batch.set_column(batch.schema.get_field_index(name), name, pa.array(texts, pa.large_string()))


def _check_texts(table: Path, columns: Sequence[str]) -> None:
    import pyarrow.compute as pc

    for name in columns:
        rows = missing = long = 0
        for batch in tables.chunks(table, columns=[name]):
            texts = batch.column(0)
            rows, missing = rows + len(texts), missing + texts.null_count
            long += pc.sum(pc.greater(pc.utf8_length(texts), LONGEST_TEXT)).as_py() or 0
        if missing:
            remedy = "let the suite expect text to be there, and quarantine such rows"
            raise DataRejected("scrubbing", name, f"{missing} of {rows} texts are missing", remedy)
        if long:
            problem = f"{long} of {rows} texts are longer than {LONGEST_TEXT} characters"
            raise DataRejected("scrubbing", name, problem)
