"""Test rows that mention a group, and the same with another group: does a tagger still find what it found?

Names are exchanged too, so this is where a tagger shows that it knows the names of some and not of others.

Source: Kusner et al., Counterfactual Fairness (2017); Garg et al., Counterfactual Fairness in Text Classification
through Robustness (2019).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sluicegate.evidence.edited_spans import EditedSpans
from sluicegate.evidence.estimated import estimated
from sluicegate.evidence.finding import Finding, not_applicable, not_evaluated
from sluicegate.evidence.identity.counterfactuals import FEWEST_UNITS
from sluicegate.evidence.identity.exchange_tests import ExchangeTest
from sluicegate.evidence.predictions import why_no_spans
from sluicegate.evidence.proportions import exact_interval
from sluicegate.evidence.resampling import Behind, Estimate, Resampling
from sluicegate.evidence.span_scores import Spans

MEASURES = ("flips", "recall_kept")


def measure_exchanged_spans(
    test: ExchangeTest,
    texts: Sequence[str],
    actual: Sequence[Spans],
    given: Sequence[Spans],
    after: Sequence[Spans | None],
    rounds: int,
    confidence: float,
) -> tuple[list[Finding], dict[str, Any]]:
    """Findings ``exchange_flips`` and ``exchange_recall_kept``, and their figures as JSON.

    What is kept of the entities is resampled by text; the share of texts that flip has the exact interval of Clopper &
    Pearson (1934).

    Args:
        test: What is exchanged in which of the test rows.
        texts: The texts of all test rows.
        actual: Their true spans.
        given: The spans that the candidate finds in them.
        after: Those that it finds in the texts of `test`, in its order; None where an answer cannot be used.
        rounds: Rounds of the bootstrap over texts.
        confidence: Level of the intervals.

    Raises:
        ValueError: There are not as many answers as were asked for.
    """
    checks = {name: f"identity.exchange_{name}[{test.attribute}]" for name in MEASURES}
    rows, held = test.rows, {"attribute": test.attribute, "units": len(test.rows), "able": test.able, "seed": test.seed}
    if not rows:
        why = "no test row has a term of it that can be exchanged"
        return [not_applicable(check, why) for check in checks.values()], held | _absent("not_applicable", why)
    counts = EditedSpans.of(
        [texts[row] for row in rows],
        test.edits,
        [actual[row] for row in rows],
        [given[row] for row in rows],
        [spans or [] for spans in after],
    )
    entities = int(counts.entities_C.sum())
    if why := _why_not(len(rows), entities) or why_no_spans(after):
        absent = [not_evaluated(check, why, n=len(rows)) for check in checks.values()]
        return absent, held | _absent("not_evaluated", why)
    resampling = Resampling(len(rows), rounds, confidence, test.seed)
    estimates = _estimates(counts, resampling)
    n = {"flips": len(rows), "recall_kept": entities}
    findings = [estimated(checks[name], estimates[name], resampling, n=n[name]) for name in MEASURES]
    told = {name: estimates[name].to_json() for name in MEASURES}
    return findings, held | {"status": "measured", "confidence": confidence, "entities": entities, **told}


def _why_not(rows: int, entities: int) -> str:
    """Why nothing can be concluded; empty if something can. A tagger that finds nothing would seem to be even."""
    if rows < FEWEST_UNITS:
        return f"{rows} texts to exchange a term in, fewer than {FEWEST_UNITS}"
    if entities < FEWEST_UNITS:
        return f"{entities} entities were found before, fewer than {FEWEST_UNITS}"
    return ""


def _absent(status: str, why: str) -> dict[str, str]:
    return {"status": status, "why": why}


def _estimates(counts: EditedSpans, resampling: Resampling) -> dict[str, Estimate]:
    kept = resampling.estimates(
        lambda weights_RC: {"recall_kept": counts.recall_kept(weights_RC)}, {"recall_kept": Behind((counts.texts,))}
    )
    flips = int(counts.flips_C.sum())
    exact = exact_interval(flips, resampling.rows, resampling.confidence)
    return kept | {"flips": Estimate(flips / resampling.rows, exact)}
