"""The rows that stay, the rows that go and why, one chunk at a time."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sluicegate.data.hygiene.deciding import Decided
from sluicegate.data.hygiene.decisions import Reason
from sluicegate.data.hygiene.evaluation import EvaluationTexts
from sluicegate.data.hygiene.scan import Scan
from sluicegate.data.tables import TableWriter
from sluicegate.progress import report

if TYPE_CHECKING:
    from pyarrow import Array, RecordBatch

CLUSTER, CONTAMINATION, HARM = "cluster", "contamination", "harm"
"""Columns that are added where rows are kept together or tagged."""
DROPPED_COLUMNS = ("id", "reason", "kept")


class Writer:
    """Parts a table's rows.

    Args:
        scan: The facts of all rows, and the table itself.
        decided: What becomes of each row.
        texts: The evaluation sets, if any are named.
    """

    def __init__(self, scan: Scan, decided: Decided, texts: EvaluationTexts | None) -> None:
        self._scan, self._decided, self._texts = scan, decided, texts
        self._named, self._ids = self._ids_of_kept()

    def write(self, clean: Path, dropped: Path, columns: Sequence[str], added: Sequence[str]) -> int:
        """Writes both files; returns how many rows stay.

        Args:
            clean: File of the rows that stay.
            dropped: File of ids, reasons, and what stays instead.
            columns: The table's columns.
            added: Columns that are added to them.
        """
        with TableWriter(clean, [*columns, *added]) as kept, TableWriter(dropped, DROPPED_COLUMNS) as gone:
            for first, batch in self._scan.batches():
                rows = slice(first, first + batch.num_rows)
                self._write_kept(kept, rows, batch, added)
                self._write_dropped(gone, rows, batch)
                report("hygiene", rows.stop, self._scan.rows, "rows", "written")
        return kept.rows

    def _write_kept(self, writer: TableWriter, rows: slice, batch: RecordBatch, added: Sequence[str]) -> None:
        import pyarrow as pa

        alive = np.flatnonzero(self._decided.decisions.alive_N[rows])
        table = pa.Table.from_batches([batch]).take(pa.array(alive))
        for name in added:
            if name == CLUSTER:
                column = self._id_of(self._clusters()[rows][alive])
            elif name == CONTAMINATION:
                column = pa.array(self._sets(rows)[alive], pa.large_string())
            else:
                column = pa.array([f"{score:.4f}" for score in self._scores()[rows][alive]], pa.large_string())
            table = table.append_column(name, column)
        writer.write(table)

    def _write_dropped(self, writer: TableWriter, rows: slice, batch: RecordBatch) -> None:
        import pyarrow as pa

        decisions = self._decided.decisions
        gone = np.flatnonzero(~decisions.alive_N[rows])
        reasons, kept = decisions.reasons_N[rows][gone], decisions.kept_N[rows][gone]
        instead = self._id_of(kept)
        if self._decided.overlaps:
            evaluation = reasons <= Reason.EVALUATION_QUOTE
            instead = pa.array(
                np.where(evaluation, self._sets(rows)[gone], np.array(instead.to_pylist(), object)), pa.large_string()
            )
        names = np.array([reason.name.lower() for reason in Reason], object)
        columns = {
            "id": batch.column("id").take(pa.array(gone)),
            "reason": pa.array(names[reasons], pa.large_string()),
            "kept": instead,
        }
        writer.write(pa.table(columns))

    def _sets(self, rows: slice) -> NDArray[np.object_]:
        """The names of the evaluation sets that each row overlaps with; None where there are none."""
        assert self._decided.overlaps is not None
        assert self._texts is not None
        masks, places = np.unique(self._decided.overlaps.any_N[rows], return_inverse=True)
        return np.array([self._texts.named(int(mask)) or None for mask in masks], object)[places]

    def _clusters(self) -> NDArray[np.int64]:
        assert self._decided.clusters_N is not None
        return self._decided.clusters_N

    def _scores(self) -> NDArray[np.float64]:
        assert self._decided.harm_N is not None
        return self._decided.harm_N

    def _ids_of_kept(self) -> tuple[NDArray[np.int64], Array]:
        """The rows whose ids are named beside other rows, rising, and those ids."""
        import pyarrow as pa

        wanted_N = np.zeros(self._scan.rows, np.bool_)
        kept_N = self._decided.decisions.kept_N
        wanted_N[kept_N[kept_N >= 0]] = True
        if self._decided.clusters_N is not None:
            wanted_N[self._decided.clusters_N] = True
        ids = pa.array([], pa.large_string())
        found = [
            batch.column(0).take(pa.array(np.flatnonzero(wanted_N[first : first + batch.num_rows])))
            for first, batch in self._scan.batches(["id"])
        ]
        return np.flatnonzero(wanted_N), pa.concat_arrays([ids, *(part.cast(pa.large_string()) for part in found)])

    def _id_of(self, rows: NDArray[np.int64]) -> Array:
        """The ids of `rows`; missing where a row is -1."""
        import pyarrow as pa

        return self._ids.take(pa.array(np.searchsorted(self._named, rows), mask=rows < 0))
