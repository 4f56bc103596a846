"""Metadata taken out of images: only their pixels go on, in a new file.

What a camera or a program writes beside the pixels (place, time, names, a smaller picture of the whole) is not copied.
Nobody looks at the pixels themselves: a face or a name that is to be seen stays.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from sluicegate.data import tables
from sluicegate.data.images.decoding import decode
from sluicegate.errors import DataRejected
from sluicegate.progress import report
from sluicegate.spec.pixels import bytes_of, dump_pixels

COLUMN = "image"
_PASSED_READING = 1 << 62
"""No limit: the reading of the source held every image against the spec's."""


def scrub(table: Path, out: Path) -> dict[str, Any]:
    """Writes the table with every image as a PNG that holds nothing but its pixels.

    Args:
        table: Parquet with a column ``image``; all columns are strings.
        out: Where it goes, whole or not at all: the same columns, the same rows, the same order.

    Returns:
        ``images``, ``with_metadata`` (images whose file said anything beside its pixels), ``metadata`` (kind → images)
        and ``residual_metadata`` (images that a second look at what was written still finds some in).

    Raises:
        DataRejected: An image is missing.
    """
    kinds, counts, total = Counter[str](), Counter[str](images=0, with_metadata=0, residual_metadata=0), 0
    total = tables.rows_in(table)
    with tables.TableWriter(out, tables.columns_of(table)) as writer:
        for batch in tables.chunks(table):
            place = batch.schema.get_field_index(COLUMN)
            if missing := batch.column(place).null_count:
                remedy = "let the suite expect image to be there, and quarantine such rows"
                raise DataRejected("scrubbing", COLUMN, f"{missing} or more of {total} images are missing", remedy)
            written = [_stripped(value, counts, kinds) for value in batch.column(place).to_pylist()]
            writer.write(_with(batch, place, written))
            report("scrub", writer.rows, total, "images")
    return {**counts, "metadata": dict(sorted(kinds.items()))}


def _stripped(value: str, counts: Counter[str], kinds: Counter[str]) -> str:
    found = decode(bytes_of(value), _PASSED_READING)
    written = dump_pixels(found.pixels_HWC)
    counts["images"] += 1
    counts["with_metadata"] += bool(found.metadata)
    counts["residual_metadata"] += bool(decode(bytes_of(written), _PASSED_READING).metadata)
    kinds.update(found.metadata)
    return written


def _with(batch: Any, place: int, written: list[str]) -> Any:
    import pyarrow as pa

    return batch.set_column(place, COLUMN, pa.array(written, pa.large_string()))
