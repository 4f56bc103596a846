"""A table of images without repeats, and with near duplicates dropped or kept together.

The same images are those with the same pixels; what their labels say is settled as for texts. Near duplicates are
those with close difference hashes, linked over any number of steps.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sluicegate.data import tables
from sluicegate.data.hygiene import exact
from sluicegate.data.hygiene.clusters import Clusters
from sluicegate.data.hygiene.decisions import Decisions, Reason
from sluicegate.data.hygiene.table import CLEAN, DROPPED, REPORT, HygieneReport
from sluicegate.data.hygiene.writing import CLUSTER, DROPPED_COLUMNS
from sluicegate.data.images.hashes import close_pairs, difference_hash, digest_of_pixels
from sluicegate.progress import report
from sluicegate.spec.hygiene import Hygiene, NearImages
from sluicegate.spec.pixels import pixels_of


def clean(table: Path, folder: Path, section: Hygiene) -> HygieneReport:
    """Writes ``clean.parquet``, ``dropped.parquet`` and ``hygiene.json``, as for texts.

    Args:
        table: The scrubbed table: ``id``, ``image`` and any others, all strings.
        folder: Where the files go.
        section: The spec's section.
    """
    first_N, hashes_N, labels_N = _scan(table)
    decisions = Decisions(len(first_N))
    ranks_N = np.zeros(len(first_N), np.uint8)
    same = exact.settle(
        exact.repeats(first_N, decisions.alive_N, ranks_N),
        decisions,
        ranks_N=ranks_N,
        labels_N=labels_N,
        exact_duplicates=section.exact_duplicates,
        conflicting_labels=section.conflicting_labels,
    )
    names_N, near = None, dict[str, Any]()
    if section.near_images is not None:
        names_N, near = _near(decisions, hashes_N, section.near_images)
    kept = _write(table, folder, decisions, names_N)
    found = HygieneReport(len(first_N), kept, decisions.counts(), same, near, {}, 0, {}, {})
    text = json.dumps(asdict(found), indent=1, sort_keys=True, ensure_ascii=False)
    (folder / REPORT).write_text(text + "\n", encoding="utf-8")
    return found


def _scan(table: Path) -> tuple[NDArray[np.int64], NDArray[np.uint64], NDArray[np.uint64]]:
    """For each row the first with the same pixels, its difference hash, and a hash of its label; each of shape (N,)."""
    firsts, hashes, labels = list[int](), list[int](), list[int]()
    seen, total = dict[bytes, int](), tables.rows_in(table)
    for batch in tables.chunks(table, columns=["image", "label"]):
        for value, label in zip(batch.column(0).to_pylist(), batch.column(1).to_pylist(), strict=True):
            pixels_HWC = pixels_of(value)
            firsts.append(seen.setdefault(digest_of_pixels(pixels_HWC), len(firsts)))
            hashes.append(difference_hash(pixels_HWC))
            labels.append(int.from_bytes(sha256(json.dumps(label).encode()).digest()[:8], "big"))
        report("hygiene", len(firsts), total, "images", "read")
    return np.array(firsts, np.int64), np.array(hashes, np.uint64), np.array(labels, np.uint64)


def _near(
    decisions: Decisions, hashes_N: NDArray[np.uint64], section: NearImages
) -> tuple[NDArray[np.int64] | None, dict[str, Any]]:
    """The row that names each row's cluster, shape (N,), if they are kept together, and counts."""
    rows = np.flatnonzero(decisions.alive_N)
    different, first, place = np.unique(hashes_N[rows], return_index=True, return_inverse=True)
    left, right = close_pairs(different, section.distance)
    clusters = Clusters(len(hashes_N))
    clusters.join(rows[first][place], rows)
    clusters.join(rows[first[left]], rows[first[right]])
    roots = clusters.roots(rows)
    sizes = np.bincount(roots, minlength=len(hashes_N))
    if section.action == "drop":
        decisions.drop(rows[roots != rows], Reason.NEAR_DUPLICATE, roots[roots != rows])
        decisions.settle_stand_ins()
    names_N = np.arange(len(hashes_N))
    names_N[rows] = roots
    several = sizes > 1
    counts = {
        "clusters": int(several.sum()),
        "rows": int(sizes[several].sum()),
        "largest": int(sizes[several].max(initial=0)),
        "distance": section.distance,
    }
    return names_N if section.action == "cluster" else None, counts


def _write(table: Path, folder: Path, decisions: Decisions, names_N: NDArray[np.int64] | None) -> int:
    """Writes the rows that stay and the ids of those that go; how many stay."""
    import pyarrow as pa

    columns, first = tables.columns_of(table), 0
    ids = np.concatenate([np.array(b.column(0).to_pylist(), object) for b in tables.chunks(table, columns=["id"])])
    added = [CLUSTER] if names_N is not None else []
    with (
        tables.TableWriter(folder / CLEAN, [*columns, *added]) as clean,
        tables.TableWriter(folder / DROPPED, DROPPED_COLUMNS) as dropped,
    ):
        for batch in tables.chunks(table):
            rows = np.arange(first, first + batch.num_rows)
            first += batch.num_rows
            alive, gone = rows[decisions.alive_N[rows]], rows[~decisions.alive_N[rows]]
            kept = pa.Table.from_batches([batch.take(pa.array(alive - rows[0]))])
            if names_N is not None:
                kept = kept.append_column(CLUSTER, pa.array(ids[names_N[alive]], pa.large_string()))
            clean.write(kept)
            _write_gone(dropped, gone, decisions, ids)
    return clean.rows


def _write_gone(writer: tables.TableWriter, gone: NDArray[np.int64], decisions: Decisions, ids: NDArray[Any]) -> None:
    if not len(gone):
        return
    instead = decisions.kept_N[gone]
    writer.write_columns(
        {
            "id": ids[gone].tolist(),
            "reason": [Reason(reason).name.lower() for reason in decisions.reasons_N[gone]],
            "kept": [None if row < 0 else str(ids[row]) for row in instead],
        }
    )
