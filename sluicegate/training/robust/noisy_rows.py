"""The training rows with the typos and dropped words of an epoch, tokenized anew.

Each epoch reads the rows' texts again, changes them and tokenizes them: typos make other pieces of a word, and no
change of token ids could stand for that.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from sluicegate.spec.spans import dump_spans, parse_spans
from sluicegate.training.robust.noise import Noise, noisy
from sluicegate.training.rows import READ_AT_ONCE, Rows


def noisy_rows(
    source: Path, noise: Noise, seed: int, folder: Path, encode: Callable[[Path, Path], Rows]
) -> Callable[[int], Rows]:
    """What gives the rows of an epoch; the rows of another epoch, given before, are no longer there then.

    Args:
        source: The training rows, Parquet; they were encoded without noise before, so their texts and spans are sound.
        noise: How much is changed.
        seed: With the epoch and the row's number, says what.
        folder: Where the changed rows go, as text and encoded.
        encode: Encodes a Parquet into a folder.
    """

    def of_epoch(epoch: int) -> Rows:
        folder.mkdir(parents=True, exist_ok=True)
        changed = folder / "noisy.parquet"
        write_noisy(source, changed, noise, seed=seed, epoch=epoch)
        return encode(changed, folder / "encoded")

    return of_epoch


def write_noisy(source: Path, target: Path, noise: Noise, *, seed: int, epoch: int) -> None:
    """Writes the rows of `source` with changed texts and their spans moved along, some rows at a time."""
    with pq.ParquetFile(source) as file, pq.ParquetWriter(target, file.schema_arrow) as writer:
        first = 0
        for batch in file.iter_batches(READ_AT_ONCE):
            writer.write_batch(_changed(batch, noise, seed, epoch, first))
            first += batch.num_rows


def _changed(batch: Any, noise: Noise, seed: int, epoch: int, first: int) -> Any:
    """Some rows with noise; `first` is the number of the first of them, from 0."""
    given = batch.column("text").to_pylist()
    with_spans = "spans" in batch.schema.names
    spans = batch.column("spans").to_pylist() if with_spans else [None] * len(given)
    changed: dict[str, list[str | None]] = {"text": [], "spans": []}
    for row, (text, of_text) in enumerate(zip(given, spans, strict=True), first):
        parsed = parse_spans(of_text, len(text)) if of_text is not None else []
        new, moved = noisy(text, noise, seed=seed, epoch=epoch, row=row, spans=parsed)
        changed["text"].append(new)
        changed["spans"].append(dump_spans(moved) if of_text is not None else None)
    columns = [
        pa.array(changed[field.name], field.type) if field.name in changed else batch.column(field.name)
        for field in batch.schema
    ]
    return pa.record_batch(columns, schema=batch.schema)
