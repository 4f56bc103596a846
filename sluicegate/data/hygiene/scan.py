"""What is worked out of each row's text once, and kept on disk chunk by chunk.

For each row: 128 bits of its spelling's hash, 64 bits of its label's hash, its split, whether it has any
shingle, which evaluation sets it quotes, and one 64-bit hash for each band of its signature. Columns of
this are read across all chunks later, so no more than one is in memory at a time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sluicegate.data.hygiene.minhash import BandHasher
from sluicegate.data.hygiene.scratch import Scratch
from sluicegate.data.hygiene.shingles import Runs, runs
from sluicegate.data.hygiene.units import Units, units
from sluicegate.data.tables import chunks, columns_of, rows_in
from sluicegate.errors import DataRejected
from sluicegate.progress import report
from sluicegate.spec.hygiene import NearDuplicates
from sluicegate.spelling import spelling

if TYPE_CHECKING:
    from pyarrow import Array, RecordBatch

    from sluicegate.data.cluster.mapping import Cluster

CHARACTERS = 1_000_000
"""Characters that are worked on at once, unless one text has more."""
SPLIT = "split"
"""The column that says which part of the data a row is in, where a table has it."""
_MOST_SPLITS = 255
Quotes = Callable[[Units], NDArray[np.uint64]]
"""Units of R texts → which evaluation sets each quotes, a bit for each, shape (R,)."""


class Fact(IntEnum):
    """Rows of the matrix of facts that each chunk has."""

    HIGH = 0
    LOW = 1
    LABEL = 2
    SPLIT = 3
    SHINGLED = 4
    QUOTES = 5


@dataclass(frozen=True)
class Shingling:
    """How shingles are cut, and how they are put in bands."""

    section: NearDuplicates
    hasher: BandHasher

    def of(self, found: Units) -> Runs:
        """The shingles of some texts; a text too short for one is a shingle as a whole."""
        return runs(found, self.section.shingle_words, self.section.shingle_characters, short=True)


def digests(spellings: Sequence[str]) -> NDArray[np.uint64]:
    """128 bits of BLAKE2b of each spelling, shape (2, R)."""
    joined = b"".join(hashlib.blake2b(s.encode("utf-8", "surrogatepass"), digest_size=16).digest() for s in spellings)
    return np.frombuffer(joined, "<u8").reshape(-1, 2).T.astype(np.uint64)


def slices(texts: Sequence[str]) -> Iterator[slice]:
    """Neighbouring texts of about `CHARACTERS` characters together."""
    begin = total = 0
    for position, text in enumerate(texts):
        if position > begin and total + len(text) > CHARACTERS:
            yield slice(begin, position)
            begin, total = position, 0
        total += len(text)
    if begin < len(texts):
        yield slice(begin, len(texts))


@dataclass(frozen=True)
class Reader:
    """Reads texts for what they say; needs nothing but the texts, so it may work anywhere."""

    shingling: Shingling | None
    """How shingles are cut; None if none are needed."""
    quotes: Quotes | None
    """What finds quotations; None if none are looked for."""

    def facts(self, texts: Sequence[str]) -> tuple[NDArray[np.uint64], NDArray[np.uint64] | None]:
        """The facts of R neighbouring texts, but for label and split, and the hash of each band.

        Returns:
            Shape (facts, R); shape (bands, R), or None where no shingles are needed.
        """
        facts, spellings = np.zeros((len(Fact), len(texts)), np.uint64), [spelling(text) for text in texts]
        facts[Fact.HIGH : Fact.LOW + 1] = digests(spellings)
        if self.shingling is None and self.quotes is None:
            return facts, None
        found, bands = units(spellings), None
        if self.shingling is not None:
            facts[Fact.SHINGLED] = np.diff(found.starts_R) > 0
            bands = self.shingling.hasher.bands(self.shingling.of(found))
        if self.quotes is not None:
            facts[Fact.QUOTES] = self.quotes(found)
        return facts, bands


Part = tuple[NDArray[np.uint64], NDArray[np.uint64] | None]
"""What a `Reader` says of some neighbouring texts."""


def split_names(table: Path) -> list[str]:
    """What the table's column `split` holds, sorted; nothing where there is no such column.

    Raises:
        DataRejected: There are more than 255 of them.
    """
    import pyarrow.compute as pc

    if SPLIT not in columns_of(table):
        return []
    found: set[str] = set()
    for batch in chunks(table, columns=[SPLIT]):
        found |= {name or "" for name in pc.unique(batch.column(0)).to_pylist()}
        if len(found) > _MOST_SPLITS:
            raise DataRejected("hygiene", SPLIT, f"holds more than {_MOST_SPLITS} names of splits")
    return sorted(found)


class Scan:
    """The facts of all rows of a table.

    Args:
        table: The canonical table.
        scratch: Where the facts are kept.
        reader: Reads the texts.
        chunk_rows: Rows of a chunk; nothing that comes of it depends on this.
        cluster: Where texts are read; None reads them here.
    """

    def __init__(
        self, table: Path, scratch: Scratch, reader: Reader, chunk_rows: int, cluster: Cluster | None = None
    ) -> None:
        self.table, self.rows, self._chunk_rows = table, rows_in(table), chunk_rows
        self.columns, self.splits = columns_of(table), split_names(table)
        self._scratch, self._reader, self._cluster = scratch, reader, cluster

    def run(self) -> None:
        """Works out what is not there yet.

        Raises:
            DataRejected: A text is missing.
            Unavailable: The cluster was lost.
        """
        if self._scratch.has("chunks"):
            return
        elsewhere = self._read_elsewhere() if self._cluster is not None else None
        columns, done, sizes = ["text", *(name for name in ("label", SPLIT) if name in self.columns)], 0, []
        codes, labels = {name: code for code, name in enumerate(self.splits)}, dict[str | None, int]()
        for number, batch in enumerate(chunks(self.table, columns=columns, rows=self._chunk_rows)):
            if not self._scratch.has(f"facts-{number:06d}"):
                facts, bands = joined_parts(elsewhere or self._read_here(batch.column(0), done), batch.num_rows)
                if "label" in columns:
                    facts[Fact.LABEL] = [_label(labels, label) for label in batch.column("label").to_pylist()]
                if self.splits:
                    facts[Fact.SPLIT] = [codes[name or ""] for name in batch.column(SPLIT).to_pylist()]
                if bands is not None:
                    self._scratch.save(f"bands-{number:06d}", bands)
                self._scratch.save(f"facts-{number:06d}", facts)
            sizes.append(batch.num_rows)
            note = f"signatures; {self._cluster.note}" if self._cluster is not None else "signatures"
            report("hygiene", done := done + batch.num_rows, self.rows, "rows", note)
        self._scratch.save("chunks", np.array(sizes, np.int64))

    def _read_here(self, column: Array, first: int) -> Iterator[Part]:
        texts = texts_of(column, first)
        for part in slices(texts):
            yield self._reader.facts(texts[part])

    def _read_elsewhere(self) -> Iterator[Part]:
        """The parts of all chunks that are not there yet, in order; nothing is asked before the first is wanted."""
        from sluicegate.data.hygiene.on_cluster import TextsOfTable, parts_from

        assert self._cluster is not None
        texts = TextsOfTable(self.table, self._chunk_rows, self._scratch.numbers("facts"))
        return parts_from(self._cluster, texts, self._reader)

    def fact(self, fact: Fact) -> NDArray[np.uint64]:
        """One fact of every row, shape (N,)."""
        return self._across("facts", fact)

    def band(self, number: int) -> NDArray[np.uint64]:
        """The hash of one band for every row, shape (N,)."""
        return self._across("bands", number)

    def _across(self, name: str, line: int) -> NDArray[np.uint64]:
        values, done = np.empty(self.rows, np.uint64), 0
        for number, size in enumerate(self._scratch.load("chunks", np.int64).tolist()):
            part = self._scratch.load(f"{name}-{number:06d}", np.uint64, begin=line * size, count=size)
            values[done : done + size] = part
            done += size
        return values

    def batches(self, columns: Sequence[str] | None = None) -> Iterator[tuple[int, RecordBatch]]:
        """The table's rows in order, each chunk with the number of its first row."""
        done = 0
        for batch in chunks(self.table, columns=columns, rows=self._chunk_rows):
            yield done, batch
            done += batch.num_rows


def joined_parts(parts: Iterator[Part], rows: int) -> Part:
    """As many parts as make up the next `rows` rows, put together."""
    some: list[Part] = []
    while sum(facts.shape[1] for facts, _ in some) < rows:
        some.append(next(parts))
    bands = [bands for _, bands in some if bands is not None]
    return np.concatenate([facts for facts, _ in some], axis=1), np.concatenate(bands, axis=1) if bands else None


def texts_of(column: Array, first: int) -> list[str]:
    """The texts of a chunk that starts with row `first`.

    Raises:
        DataRejected: One is missing.
    """
    texts: list[str | None] = column.to_pylist()
    if None in texts:
        remedy = "let the suite expect text to be there, and quarantine such rows"
        raise DataRejected("hygiene", "text", f"is missing in row {first + texts.index(None)} of the table", remedy)
    return texts  # type: ignore[return-value]


def _label(known: dict[str | None, int], label: str | None) -> int:
    """64 bits for a label; a missing one is a label of its own."""
    if (found := known.get(label)) is None:
        if len(known) > 100_000:
            known.clear()
        data = b"-" if label is None else b"+" + label.encode("utf-8", "surrogatepass")
        found = known[label] = int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "little")
    return found
