"""How evenly the candidate does across the groups that the test rows mention.

Each attribute has its groups; rows that mention a group are its members, whoever wrote them and whomever they are
about. What a group's rows are about may differ in truth, so a gap in selection rates alone is no unfairness.

Shapes: R rounds, N rows, G groups.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from sluicegate.evidence.estimated import estimated
from sluicegate.evidence.extremes import lowest, together, widest_gap
from sluicegate.evidence.finding import Finding, measured, not_applicable, not_evaluated
from sluicegate.evidence.identity.group_scores import (
    AREAS_UNDER_CURVES,
    MEASURES,
    RATES,
    Figure,
    Ranking,
    figures_of,
    key,
    labels_compared,
    tells,
)
from sluicegate.evidence.identity.mentions import Lexicon
from sluicegate.evidence.predictions import Predictions
from sluicegate.evidence.resampling import Behind, Estimate, Floats, Resampled, Resampling

GAPS = ("selection_rate_gap", "equalized_odds_difference")
LOWEST = tuple(f"{area}_lowest" for area in AREAS_UNDER_CURVES)
SUMMARIES: Mapping[str, tuple[str, ...]] = {
    "selection_rate_gap": ("selection_rate",),
    "equalized_odds_difference": ("true_positive_rate", "false_positive_rate"),
    **{f"{area}_lowest": (area,) for area in AREAS_UNDER_CURVES},
}
"""What is told over all groups → the measures that it is told of."""


def measure_mentions(
    predictions: Predictions,
    texts: Sequence[str],
    lexicon: Lexicon,
    resampling: Resampling,
    smallest: int,
    positive: str | None = None,
) -> tuple[list[Finding], dict[str, Any]]:
    """Findings for one attribute, and the figures of each of its groups as JSON; no text is in them.

    Args:
        predictions: The candidate's answers.
        texts: The test rows' texts, in the same order.
        lexicon: The attribute's terms.
        resampling: Settings of the bootstrap over the test rows.
        smallest: A rate with fewer rows, or an area under a curve with fewer of either side, is not evaluated.
        positive: The label that is set against the rest; None for the second of two, or each of more.

    Raises:
        ValueError: There are not as many texts as answers, or `positive` is no label.

    Sources: Hardt et al., Equality of Opportunity in Supervised Learning (2016); Borkan et al., Nuanced Metrics for
    Measuring Unintended Bias (2019).
    """
    if not len(texts) == len(predictions.actual_N) == resampling.rows:
        raise ValueError(f"{len(texts)} texts, {len(predictions.actual_N)} answers, {resampling.rows} rows to resample")
    labels = labels_compared(predictions.labels, positive)
    all_members = lexicon.members(texts)
    mentioned = {group: of for group, of in all_members.items() if of.any()}
    members = {group: of for group, of in mentioned.items() if of.sum() >= smallest}
    broken = _broken(predictions)
    chosen = [] if broken else list(figures_of(predictions, members, labels, smallest))
    compared = {name: _compared(name, chosen) for name in SUMMARIES}
    estimates = _estimates(chosen, compared, labels, predictions, resampling) if chosen else {}
    findings, no_row = [], np.zeros(resampling.rows, dtype=bool)
    for name in SUMMARIES:
        check = f"identity.{name}[{lexicon.attribute}]"
        why = broken or _why(name, predictions, members, smallest)
        groups = {figure.group for figure in compared[name]}
        rows = int(np.logical_or.reduce([no_row, *(members[group] for group in groups)]).sum())
        findings.append(
            _finding(name, check, estimates, resampling, rows, why)
            if mentioned
            else not_applicable(check, "no test row mentions a group of it")
        )
    wanted = sum(tells(predictions, measure, label) for measure in MEASURES for label in labels) * len(mentioned)
    findings.append(_evaluated(lexicon.attribute, len(mentioned), len(chosen), wanted, broken))
    return findings, {
        "attribute": lexicon.attribute,
        "smallest": smallest,
        "rows": resampling.rows,
        "seed": resampling.seed,
        "confidence": resampling.confidence,
        "labels": [predictions.labels[label] for label in labels],
        "groups": [
            _group(group, int(of.sum()), estimates, predictions.labels, labels, smallest, broken)
            for group, of in all_members.items()
        ],
    }


def _broken(predictions: Predictions) -> str:
    """Why nothing can be concluded from the answers at all; empty if something can."""
    if not np.isfinite(predictions.probabilities_NL).all():
        return "some probabilities are no finite numbers"
    return "there is a single label" if len(predictions.labels) < 2 else ""


def _why(name: str, predictions: Predictions, members: Mapping[str, Any], smallest: int) -> str:
    if not members:
        return f"no group is mentioned in {smallest} test rows or more"
    if len(set(predictions.actual_N.tolist())) < 2 and name != "selection_rate_gap":
        return "all test rows have the same label"
    if name in GAPS:
        if len(members) < 2:
            return f"a single group is mentioned in {smallest} test rows or more"
        if len(set(predictions.given_N.tolist())) < 2:
            return "all test rows are given the same label"
    elif np.ptp(predictions.probabilities_NL, axis=0).max() == 0:
        return "all test rows are given the same probabilities"
    return ""


def _finding(
    name: str, check: str, estimates: Mapping[str, Estimate], resampling: Resampling, rows: int, why: str
) -> Finding:
    if why:
        return not_evaluated(check, why)
    estimate = estimates.get(name)
    if estimate is None or not np.isfinite(estimate.value):
        groups = "two groups have" if name in GAPS else "group has"
        return not_evaluated(
            check, f"no {groups} enough test rows, with and without a label that is not the same in all answers"
        )
    return estimated(check, estimate, resampling, n=rows)


def _compared(summary: str, chosen: Sequence[Figure]) -> list[Figure]:
    """The figures that are told of together.

    A gap is between two groups at least; a label of which one rate has fewer is left out of the odds whole.
    """
    measures = SUMMARIES[summary]
    found = [figure for figure in chosen if figure.measure in measures]
    if summary not in GAPS:
        return found
    groups = Counter((figure.measure, figure.label) for figure in found)
    return [figure for figure in found if all(groups[measure, figure.label] > 1 for measure in measures)]


def _evaluated(attribute: str, mentioned: int, figures: int, wanted: int, broken: str) -> Finding:
    check = f"identity.evaluated_groups[{attribute}]"
    if not mentioned:
        return not_applicable(check, "no test row mentions a group of it")
    if broken or not wanted:
        return not_evaluated(check, broken or "all test rows are given the same label and the same probabilities")
    return measured(check, figures / wanted, n=mentioned)


def _estimates(
    chosen: Sequence[Figure],
    compared: Mapping[str, Sequence[Figure]],
    labels: Sequence[int],
    predictions: Predictions,
    resampling: Resampling,
) -> dict[str, Estimate]:
    """Every figure, and the summaries over those that are compared."""
    resampled = resampling.resampled(
        lambda weights_RN: _statistics(weights_RN, chosen, labels, predictions),
        {figure.key: Behind((figure.units,), counted=figure.measure in RATES) for figure in chosen},
    )
    confidence = resampling.confidence

    def across(summary: str) -> list[list[Resampled]]:
        """Those of one measure and label, of each group."""
        found: dict[tuple[str, int], list[Resampled]] = {}
        for figure in compared[summary]:
            found.setdefault((figure.measure, figure.label), []).append(resampled[figure.key])
        return list(found.values())

    return {
        **{name: of.estimate(confidence) for name, of in resampled.items()},
        **{name: widest_gap(across(name), confidence) for name in GAPS},
        **{name: lowest(together([part for parts in across(name) for part in parts], confidence)) for name in LOWEST},
    }


def _statistics(
    weights_RN: Floats, chosen: Sequence[Figure], labels: Sequence[int], predictions: Predictions
) -> dict[str, Floats]:
    """Every figure, of shape (R,)."""
    found: dict[str, Floats] = {}
    for label in labels:
        actual_N, given_N = predictions.actual_N == label, predictions.given_N == label
        ranking = Ranking(weights_RN, actual_N, given_N, predictions.probabilities_NL[:, label])
        found |= {figure.key: figure.compute(ranking) for figure in chosen if figure.label == label}
    return found


def _group(
    group: str,
    rows: int,
    estimates: Mapping[str, Estimate],
    names: Sequence[str],
    labels: Sequence[int],
    smallest: int,
    broken: str,
) -> dict[str, Any]:
    if broken or rows < smallest:
        why = broken if rows >= smallest else f"mentioned in {rows} test rows, fewer than {smallest}"
        return {"group": group, "rows": rows, "status": "not_evaluated", "why": why}
    figures = {
        measure: {
            names[label]: estimates[key(measure, group, label)].to_json()
            if key(measure, group, label) in estimates
            else {
                "value": None,
                "interval": None,
                "why": f"fewer than {smallest} rows on a side, or one answer for all",
            }
            for label in labels
        }
        for measure in MEASURES
    }
    return {"group": group, "rows": rows, "status": "measured", **figures}
