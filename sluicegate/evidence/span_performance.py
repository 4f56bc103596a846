"""How well a tagger does on the test rows, by entities and by characters; by type, and by group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sluicegate.evidence.estimated import estimated
from sluicegate.evidence.finding import Finding, not_evaluated
from sluicegate.evidence.groups import NO_OTHERS, size_groups, why_small
from sluicegate.evidence.resampling import Estimate, Floats, Resampling
from sluicegate.evidence.span_scores import SpanCounts, Tagged

_SUMMARIES = ("character_recall_lowest", "character_f1_lowest", "character_f1_gap")
_IN_A_GROUP = ("character_f1", "character_recall")


def measure_spans(tagged: Tagged, resampling: Resampling) -> tuple[list[Finding], dict[str, Any]]:
    """Findings of the area `performance`, and the figures behind them as JSON."""
    counts = tagged.counts

    def statistics(weights_RN: Floats) -> dict[str, Floats]:
        weighted = counts.weighted(weights_RN)
        by_type = weighted.figures_by_type()
        return weighted.figures() | {
            f"{name}[{label}]": figures_RK[:, index]
            for name, figures_RK in by_type.items()
            for index, label in enumerate(tagged.labels)
        }

    estimates = resampling.estimates(statistics)
    findings = [finding(f"performance.{name}", estimate, resampling) for name, estimate in estimates.items()]
    actual, given = counts.entities_actual_NK.sum(0), counts.entities_given_NK.sum(0)
    figures = {
        "rows": resampling.rows,
        "entities": {"there": int(actual.sum()), "found": int(given.sum())},
        "estimates": {name: estimate.to_json() for name, estimate in estimates.items()},
        "labels": [
            {
                "label": label,
                "rows": int(actual[index]),
                "predicted": int(given[index]),
                "f1": estimates[f"character_f1_of[{label}]"].to_json(),
                "precision": estimates[f"character_precision_of[{label}]"].to_json(),
                "recall": estimates[f"character_recall_of[{label}]"].to_json(),
                "entity_f1": estimates[f"entity_f1_of[{label}]"].to_json(),
            }
            for index, label in enumerate(tagged.labels)
        ],
    }
    return findings, figures


def measure_span_groups(
    tagged: Tagged,
    column: str,
    groups_N: Sequence[str],
    resampling: Resampling,
    smallest: int,
    known: Mapping[str, int] = NO_OTHERS,
) -> tuple[list[Finding], dict[str, Any]]:
    """Findings of the area `group` for one column, and the figures of each of its groups as JSON.

    Args:
        tagged: The candidate's answers.
        column: The group column's name.
        groups_N: The group of every row.
        resampling: Settings of the bootstrap.
        smallest: A group with fewer rows is not evaluated.
        known: Group that other rows have → its training rows; one of `smallest` or more keeps a summary from being
            measured where no test row has it, a rarer one is told alone.
    """
    found = size_groups(column, groups_N, smallest, known)
    sizes, members, why, share = found.sizes, found.members, found.why, found.evaluated_share
    if found.too_many:
        return [*_no_summaries(column, why), share], {"column": column, "groups": []}
    counts = tagged.counts
    estimates = resampling.estimates(lambda weights_RN: _of_groups(weights_RN, counts, members)) if members else {}
    summaries = (
        _no_summaries(column, why)
        if why
        else [finding(f"group.{name}[{column}]", estimates[name], resampling) for name in _SUMMARIES]
    )
    groups = [_group(str(name), int(sizes[name]), estimates, members, smallest) for name in sorted(sizes.index)]
    return [*summaries, share], {"column": column, "smallest": smallest, "groups": groups}


def finding(check: str, estimate: Estimate, resampling: Resampling, against: str | None = None) -> Finding:
    """An estimate as a finding; one that is undefined was not evaluated."""
    if not np.isfinite(estimate.value):
        why = "no test row has such an entity, or none was found"
        return not_evaluated(check, why, n=resampling.rows, against=against)
    return estimated(check, estimate, resampling, against=against)


def _of_groups(weights_RN: Floats, counts: SpanCounts, members: Mapping[str, NDArray[np.bool_]]) -> dict[str, Floats]:
    figures = {name: counts.rows(of).weighted(weights_RN[:, of]).figures() for name, of in members.items()}
    recall_GR = np.stack([of["character_recall"] for of in figures.values()])
    f1_GR = np.stack([of["character_f1"] for of in figures.values()])
    by_group = {f"{name}[{group}]": of[name] for group, of in figures.items() for name in _IN_A_GROUP}
    return by_group | {
        "character_recall_lowest": recall_GR.min(0),
        "character_f1_lowest": f1_GR.min(0),
        "character_f1_gap": np.ptp(f1_GR, axis=0),
    }


def _group(
    name: str, rows: int, estimates: Mapping[str, Estimate], members: Mapping[str, NDArray[np.bool_]], smallest: int
) -> dict[str, Any]:
    if name not in members:
        return {"group": name, "rows": rows, "status": "not_evaluated", "why": why_small(rows, smallest)}
    figures = {measure: estimates[f"{measure}[{name}]"].to_json() for measure in _IN_A_GROUP}
    return {"group": name, "rows": rows, "status": "measured", **figures}


def _no_summaries(column: str, why: str) -> list[Finding]:
    return [not_evaluated(f"group.{name}[{column}]", why) for name in _SUMMARIES]
