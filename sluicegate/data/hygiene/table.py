"""A table without repeats, without what it will be measured on, and with harmful text dropped or tagged.

    scan            what each row's text says, once: spelling, shingles, quotations; kept on disk by chunk
    deciding        what becomes of each row
      contamination   rows that overlap with an evaluation set go first
      scoring         then harmful rows, so that no other goes in favour of one; where harm is tagged, this comes last
      exact           of rows with the same spelling one stays, after its label is settled
      near            of rows that share most of their shingles one stays, or they are kept together
    writing         both files are written

Which row stays follows from the data alone: the first, and in a table that has a column ``split`` the first
in the split that is worth most (test, then validation, then any other, then training). Near duplicates hang
together over any number of steps, so the two ends of a chain may be less alike than the threshold.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sluicegate.data.cluster.joining import joined
from sluicegate.data.hygiene import evaluation as evaluation_sets
from sluicegate.data.hygiene.contamination import quotes
from sluicegate.data.hygiene.deciding import Decided, decide
from sluicegate.data.hygiene.decisions import Reason
from sluicegate.data.hygiene.evaluation import EvaluationTexts
from sluicegate.data.hygiene.harm import HarmClassifier, classifier, described, fingerprint
from sluicegate.data.hygiene.minhash import BandHasher, banding
from sluicegate.data.hygiene.scan import Fact, Reader, Scan, Shingling
from sluicegate.data.hygiene.scratch import Scratch
from sluicegate.data.hygiene.writing import CLUSTER, CONTAMINATION, HARM, Writer
from sluicegate.data.tables import columns_of
from sluicegate.errors import DataRejected, SpecRefused
from sluicegate.manifest import digest_of_file
from sluicegate.spec.hygiene import Harm, Hygiene, NearDuplicates

__all__ = ["CLEAN", "DROPPED", "REPORT", "HygieneReport", "clean", "fingerprint"]

CHUNK_ROWS = 20_000
CLEAN, DROPPED, REPORT = "clean.parquet", "dropped.parquet", "hygiene.json"
_SCRATCH = ".hygiene"
_FORMAT = 3  # of the scratch arrays


@dataclass(frozen=True)
class HygieneReport:
    """What was found and what became of it, in counts: no text, no id."""

    rows: int
    """Rows that came in."""
    kept: int
    """Rows that are left."""
    dropped: dict[str, int]
    """Reason → rows that went for it."""
    exact: dict[str, int]
    """``clusters`` and ``rows`` of texts that occur several times, and how many of both have conflicting labels."""
    near: dict[str, Any]
    """``clusters`` of near duplicates, their ``rows``, the ``largest``; ``pairs_compared`` and ``pairs_alike``; the
    banding, and ``found_at_threshold``, the probability with which a pair right at the threshold meets in a bucket.
    It is then found unless it is among ``pairs_not_compared``: those of large buckets that were beyond the budget and
    did not hang together. A pair of large buckets is counted in each. ``rows_not_compared`` are the rows of these
    buckets, repeats among them, of ``rows_considered``. Empty if none are looked for."""
    contamination: dict[str, dict[str, int]]
    """Evaluation set → its ``texts``, and the rows that are the ``same``, ``near`` or ``quote`` one of them. A row
    may count under several sets."""
    contaminated_rows: int
    """Rows that overlap with any evaluation set, dropped or not; each counts once. 0 also if no set is named."""
    across_splits: dict[str, dict[str, int]]
    """``same`` and ``near``: ``split of the dropped / split of the kept`` → rows."""
    harm: dict[str, Any]
    """``scored`` and ``harmful`` rows, the ``threshold``, and what looked for them: ``kind``, ``classifier``,
    ``limits``. Where harmful rows are dropped, every row is scored that evaluation sets leave, repeats too; where they
    are tagged, every row that stays. Empty if none are looked for."""


def clean(
    table: Path,
    folder: Path,
    section: Hygiene,
    *,
    evaluation: Mapping[str, Path],
    resolve: Callable[[str], Path] = Path,
    harm: HarmClassifier | None = None,
    chunk_rows: int = CHUNK_ROWS,
    cluster: str | None = None,
) -> HygieneReport:
    """Writes ``clean.parquet``, ``dropped.parquet`` and ``hygiene.json``.

    A try that was killed leaves a hidden folder, from which the next one goes on.

    Args:
        table: The canonical table: ``id``, ``text`` and any others, all strings; without ``label`` no label conflicts.
        folder: Where the files go.
        section: The spec's section.
        evaluation: Name of each evaluation set in the spec → its file.
        resolve: Makes other paths of the spec absolute.
        harm: Scores harmful text in the place of what the spec names.
        chunk_rows: Rows in memory at once; the result does not depend on it.
        cluster: Address of a Ray cluster that reads the texts for what they say; None reads them on this machine.

    Raises:
        DataRejected: A text is missing, or the table has a column of a name that is to be added.
        SpecRefused: An evaluation set of the spec has no file.
        InputRefused: An evaluation set, a list of terms or a model cannot be used.
        Unavailable: The cluster cannot be reached, or was lost.
    """
    columns, added = columns_of(table), _added(section)
    if clash := [name for name in added if name in columns]:
        raise DataRejected("hygiene", clash[0], "is the name of a column that hygiene adds", "give yours another name")
    scores = (harm or classifier(section.harm, resolve)) if section.harm else None
    texts, sought = _evaluation(section, evaluation), section.contamination
    plan = {
        "format": _FORMAT,
        "table": digest_of_file(table),
        "section": section.model_dump(mode="json"),
        "evaluation": {name: digest_of_file(evaluation[name]) for name in sought.evaluation} if sought else {},
        "harm": fingerprint(section.harm, resolve) if section.harm and harm is None else {},
        "chunk_rows": chunk_rows,
    }
    scratch, shingling, finds = Scratch(folder / _SCRATCH, plan), _shingling(section), None
    if sought and texts and sought.quote_words:
        finds = quotes(texts, sought.quote_words, sought.quote_characters)
    with joined(cluster) if cluster else nullcontext() as shared:
        scan = Scan(table, scratch, Reader(shingling, finds), chunk_rows, shared)
        scan.run()
    decided = decide(scan, section, texts, shingling, scores, scratch)
    kept = Writer(scan, decided, texts).write(folder / CLEAN, folder / DROPPED, columns, added)
    found = _report(scan, decided, texts, kept)
    if section.harm and decided.harm_N is not None:
        found.harm.update(_harmful(section.harm, decided.harm_N))
        found.harm.update(described(section.harm) if harm is None else {})
    text = json.dumps(asdict(found), indent=1, sort_keys=True, ensure_ascii=False)
    (folder / REPORT).write_text(text + "\n", encoding="utf-8")
    scratch.remove()
    return found


def _added(section: Hygiene) -> list[str]:
    """The columns that are added to the table's."""
    wanted = {
        CLUSTER: section.near_duplicates is not None and section.near_duplicates.action == "cluster",
        CONTAMINATION: section.contamination is not None and section.contamination.action == "tag",
        HARM: section.harm is not None and section.harm.action == "tag",
    }
    return [name for name, yes in wanted.items() if yes]


def _evaluation(section: Hygiene, evaluation: Mapping[str, Path]) -> EvaluationTexts | None:
    if section.contamination is None:
        return None
    sets = section.contamination.evaluation
    if missing := [name for name in sets if name not in evaluation]:
        raise SpecRefused("hygiene", f"contamination.evaluation.{missing[0]}", "has no file")
    return evaluation_sets.read(sets, evaluation)


def _shingling(section: Hygiene) -> Shingling | None:
    near = section.near_duplicates or (NearDuplicates() if section.contamination else None)
    return Shingling(near, BandHasher(banding(near.threshold, near.permutations), near.seed)) if near else None


def _report(scan: Scan, decided: Decided, texts: EvaluationTexts | None, kept: int) -> HygieneReport:
    contamination, contaminated_rows = dict[str, dict[str, int]](), 0
    if texts and decided.overlaps:
        contaminated_rows = int(np.count_nonzero(decided.overlaps.any_N))
        masks = {"same": decided.overlaps.same_N, "near": decided.overlaps.near_N, "quote": decided.overlaps.quotes_N}
        for bit, name in enumerate(texts.names):
            rows = {kind: int((mask_N >> np.uint64(bit) & np.uint64(1)).sum()) for kind, mask_N in masks.items()}
            contamination[name] = {"texts": texts.texts[name], **rows}
    across = {}
    if scan.splits:
        kinds = {"same": Reason.DUPLICATE_ACROSS_SPLITS, "near": Reason.NEAR_DUPLICATE_ACROSS_SPLITS}
        across = {kind: _across(scan, decided, reason) for kind, reason in kinds.items()}
    dropped, exact, near = decided.decisions.counts(), decided.exact, decided.near
    return HygieneReport(scan.rows, kept, dropped, exact, near, contamination, contaminated_rows, across, {})


def _harmful(section: Harm, harm_N: NDArray[np.float64]) -> dict[str, float]:
    """How many rows were scored, and how many of them reach the threshold."""
    scored, harmful = int((harm_N >= 0).sum()), int((harm_N >= section.threshold).sum())
    return {"scored": scored, "harmful": harmful, "threshold": section.threshold}


def _across(scan: Scan, decided: Decided, reason: Reason) -> dict[str, int]:
    """``dropped / kept`` → rows that went because of a row in another split."""
    splits_N, count = scan.fact(Fact.SPLIT).astype(np.int64), len(scan.splits)
    rows = np.flatnonzero(decided.decisions.reasons_N == reason)
    kept = decided.decisions.kept_N[rows]
    pairs, numbers = np.unique(splits_N[rows] * count + splits_N[kept], return_counts=True)
    return {
        f"{scan.splits[pair // count]} / {scan.splits[pair % count]}": int(number)
        for pair, number in zip(pairs, numbers, strict=True)
    }
