"""The harm score of every row that is still there, a chunk of texts at a time."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from sluicegate.data.hygiene.exact import leaders
from sluicegate.data.hygiene.harm import HarmClassifier
from sluicegate.data.hygiene.scan import Scan, texts_of
from sluicegate.data.hygiene.scratch import Scratch
from sluicegate.progress import report

NOT_SCORED = -1.0


def harm_scores(
    scan: Scan,
    alive_N: NDArray[np.bool_],
    first_N: NDArray[np.int64],
    classifier: HarmClassifier,
    scratch: Scratch,
) -> NDArray[np.float64]:
    """Score of each row that is still there, from 0 (harmless) to 1, shape (N,); `NOT_SCORED` for others.

    Of rows with the same spelling the first that is there is scored, since scores may be dear; all get its score.

    Args:
        scan: The facts of all rows, and the table itself.
        alive_N: The rows that are still there, shape (N,).
        first_N: For each row the first with the same spelling, shape (N,).
        classifier: What scores the texts.
        scratch: Where scores are kept.
    """
    import pyarrow as pa

    rows = np.flatnonzero(alive_N)
    leader = leaders(first_N, rows)
    leads_N = np.zeros(scan.rows, np.bool_)
    leads_N[leader] = True
    scores_N = np.full(scan.rows, NOT_SCORED)
    for first, batch in scan.batches(["text"]):
        places = np.flatnonzero(leads_N[first : first + batch.num_rows])
        texts = texts_of(batch.column(0).take(pa.array(places)), first)
        scores_N[first + places] = scratch.made(f"harm-{first:012d}", np.float64, partial(_scored, classifier, texts))
        report("hygiene", first + batch.num_rows, scan.rows, "rows", "harm")
    scores_N[rows] = scores_N[leader]
    return scores_N


def _scored(classifier: HarmClassifier, texts: Sequence[str]) -> NDArray[np.float64]:
    return np.array(classifier.scores(texts), np.float64)
