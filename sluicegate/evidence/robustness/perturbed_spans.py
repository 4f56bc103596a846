"""What a tagger still finds when the text is perturbed.

Source: Wang et al., TextFlint: Unified Multilingual Robustness Evaluation Toolkit for Natural Language Processing
(2021).

Shapes: R rounds, S sampled rows, C changed rows, A answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sluicegate.evidence.edited_spans import EditedSpans
from sluicegate.evidence.finding import Finding
from sluicegate.evidence.predictions import why_no_spans
from sluicegate.evidence.resampling import Behind, Floats, Resampling
from sluicegate.evidence.robustness.by_kind import Kind, Measures, measure_kinds
from sluicegate.evidence.robustness.perturbed_rows import ChangedRows, PerturbedRows
from sluicegate.evidence.span_scores import Spans

MEASURES = ("recall_kept", "flip_share")
"""What is measured for each kind."""


def measure_perturbed_spans(
    perturbed: PerturbedRows,
    actual_S: Sequence[Spans],
    given_S: Sequence[Spans],
    given_A: Sequence[Spans | None],
    resampling: Resampling,
    smallest: int,
) -> tuple[list[Finding], dict[str, Any]]:
    """`MEASURES` for each kind, the recall kept under the worst kind, and all figures as JSON.

    Args:
        perturbed: The sampled rows.
        actual_S: Their true spans.
        given_S: The spans that the candidate finds in them.
        given_A: Those that it finds in what `perturbed` asks; None where an answer cannot be used, and its kind is not
            evaluated.
        resampling: Settings of the bootstrap; its number of rows is replaced by the sample's.
        smallest: A kind that leaves fewer rows, or fewer entities that were found before, is not evaluated.

    Raises:
        ValueError: There are not as many answers as were asked for.
    """
    kinds = [
        _kind(of, perturbed.texts_S, actual_S, given_S, after_C, smallest)
        for of, after_C in perturbed.answered(given_A)
    ]
    return measure_kinds(Measures(MEASURES, "recall_kept", "entities"), kinds, perturbed, resampling)


def _kind(
    of: ChangedRows,
    texts_S: Sequence[str],
    actual_S: Sequence[Spans],
    given_S: Sequence[Spans],
    after_C: Sequence[Spans | None],
    smallest: int,
) -> Kind:
    rows_C = of.rows_C.tolist()
    texts_C, actual_C = [texts_S[row] for row in rows_C], [actual_S[row] for row in rows_C]
    usable_C = [spans or [] for spans in after_C]
    counts = EditedSpans.of(texts_C, of.edits_C, actual_C, [given_S[row] for row in rows_C], usable_C)
    entities = int(counts.entities_C.sum())
    status, why = _standing(len(rows_C), entities, len(texts_S), smallest)
    if status == "measured" and (improper := why_no_spans(after_C)):
        status, why = "not_evaluated", improper
    behind = {"recall_kept": Behind((counts.texts,)), "flip_share": Behind((len(rows_C),))}
    return Kind(of.kind, of.rows_C, entities, status, why, lambda weights_RC: _statistics(weights_RC, counts), behind)


def _statistics(weights_RC: Floats, counts: EditedSpans) -> dict[str, Floats]:
    return {"recall_kept": counts.recall_kept(weights_RC), "flip_share": counts.flip_share(weights_RC)}


def _standing(rows: int, entities: int, sampled: int, smallest: int) -> tuple[str, str]:
    """Whether a kind that changes so many rows says anything, and why not."""
    if sampled and not rows:
        return "not_applicable", f"it changes none of {sampled} sampled texts"
    if rows < smallest:
        return "not_evaluated", f"it changes {rows} of {sampled} sampled texts, fewer than {smallest}"
    if entities < smallest:
        return "not_evaluated", f"{entities} entities were found before, fewer than {smallest}"
    return "measured", ""
