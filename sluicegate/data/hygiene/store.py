"""The shingles of those rows that are compared, on disk."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sluicegate.data.hygiene.scan import Scan, Shingling, slices, texts_of
from sluicegate.data.hygiene.scratch import Scratch
from sluicegate.data.hygiene.shingles import Runs, ShingleSets, distinct
from sluicegate.data.hygiene.units import units
from sluicegate.progress import report
from sluicegate.spelling import spelling


def shingle_sets(texts: Sequence[str], shingling: Shingling) -> Runs:
    """The set of shingles of each text."""
    parts = [distinct(shingling.of(units([spelling(text) for text in texts[part]]))) for part in slices(texts)]
    sizes = np.concatenate([np.empty(0, np.int64), *(np.diff(part.starts_R) for part in parts)])
    hashes = np.concatenate([np.empty(0, np.uint64), *(part.hashes_S for part in parts)])
    return Runs(hashes, np.concatenate(([0], np.cumsum(sizes))))


def store(scan: Scan, wanted_N: NDArray[np.bool_], shingling: Shingling, scratch: Scratch, name: str) -> ShingleSets:
    """The sets of shingles of the rows that are wanted, in a file that is mapped, not read."""
    import pyarrow as pa

    rows = np.flatnonzero(wanted_N)
    raw = scratch.path(name)
    if not scratch.has(f"{name}-starts"):
        sizes = [np.empty(0, np.int64)]
        with raw.open("wb") as file:
            for first, batch in scan.batches(["text"]):
                places = np.flatnonzero(wanted_N[first : first + batch.num_rows])
                if len(places):
                    found = shingle_sets(texts_of(batch.column(0).take(pa.array(places)), first), shingling)
                    file.write(found.hashes_S.data)
                    sizes.append(np.diff(found.starts_R))
                report("hygiene", first + batch.num_rows, scan.rows, "rows", "shingles of candidates")
        scratch.save(f"{name}-starts", np.concatenate(([0], np.cumsum(np.concatenate(sizes)))))
    starts = scratch.load(f"{name}-starts", np.int64)
    empty = np.empty(0, np.uint64)
    return ShingleSets(rows, starts, np.memmap(raw, np.uint64, "r") if raw.stat().st_size else empty)
