"""Texts read on a cluster: some neighbouring ones to a worker, their facts and bands back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sluicegate.data.cluster.packing import packed, unpacked
from sluicegate.data.hygiene.scan import Fact, Part, Reader, slices, texts_of
from sluicegate.data.tables import chunks

if TYPE_CHECKING:
    from sluicegate.data.cluster.mapping import Cluster


@dataclass(frozen=True)
class TextsOfTable:
    """The texts of a table, as items: of each chunk the parts that are worked on at once."""

    table: Path
    chunk_rows: int
    there: frozenset[int]
    """Numbers of chunks that were done before."""

    def __call__(self) -> Iterator[bytes]:
        """Reads them.

        Raises:
            DataRejected: A text is missing.
        """
        import pyarrow as pa

        first = 0
        for number, batch in enumerate(chunks(self.table, columns=["text"], rows=self.chunk_rows)):
            if number not in self.there:
                texts = texts_of(batch.column(0), first)
                for part in slices(texts):
                    yield packed(pa.record_batch({"text": pa.array(texts[part], pa.large_string())}))
            first += batch.num_rows


def parts_from(cluster: Cluster, texts: TextsOfTable, reader: Reader) -> Iterator[Part]:
    """What the reader says of each part, in order.

    Raises:
        DataRejected: A text is missing.
        Unavailable: The cluster was lost.
    """
    for data in cluster.answers(texts, _Read(reader)):
        values, _ = unpacked(data)
        lines = np.stack([column.to_numpy() for column in values.columns])
        yield lines[: len(Fact)], lines[len(Fact) :] if len(lines) > len(Fact) else None


@dataclass(frozen=True)
class _Read:
    reader: Reader

    def __call__(self) -> Callable[[bytes], bytes]:
        return self._read

    def _read(self, item: bytes) -> bytes:
        import pyarrow as pa

        facts, bands = self.reader.facts(unpacked(item)[0].column(0).to_pylist())
        lines = [*facts, *(bands if bands is not None else ())]
        return packed(pa.record_batch({str(number): pa.array(line) for number, line in enumerate(lines)}))
