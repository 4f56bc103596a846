"""How well a tagger does on the test rows, by entities and by characters; by type, and by group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sluicegate.evidence.enough import why_few_found, why_few_rows, why_few_there
from sluicegate.evidence.estimated import estimated
from sluicegate.evidence.extremes import gap, lowest, together
from sluicegate.evidence.finding import Finding, measured, not_evaluated
from sluicegate.evidence.groups import NO_OTHERS, Members, size_groups, why_small
from sluicegate.evidence.resampling import UNDEFINED, Behind, Estimate, Floats, Resampling
from sluicegate.evidence.span_scores import SpanCounts, Tagged

_SUMMARIES = ("character_recall_lowest", "character_f1_lowest", "character_f1_gap")
_IN_A_GROUP = ("character_f1", "character_recall")


def measure_spans(tagged: Tagged, resampling: Resampling, smallest: int) -> tuple[list[Finding], dict[str, Any]]:
    """Findings of the area `performance`, and the figures behind them as JSON.

    Args:
        tagged: The candidate's answers.
        resampling: Settings of the bootstrap over the same rows.
        smallest: Of fewer rows, or fewer entities, nothing is concluded: true ones, and for precision those found.
    """
    counts = tagged.counts

    def statistics(weights_RN: Floats) -> dict[str, Floats]:
        weighted = counts.weighted(weights_RN)
        by_type = weighted.figures_by_type()
        return weighted.figures() | {
            f"{name}[{label}]": figures_RK[:, index]
            for name, figures_RK in by_type.items()
            for index, label in enumerate(tagged.labels)
        }

    estimates, findings = {}, []
    for name, estimate in resampling.estimates(statistics, _behind(tagged.labels, counts)).items():
        n, why = _standing(name, tagged.labels, counts, smallest)
        estimates[name] = UNDEFINED if why else estimate
        check = f"performance.{name}"
        findings.append(not_evaluated(check, why, n=n) if why else estimated(check, estimate, resampling, n=n))
    by_type = _by_type(tagged.labels, counts, estimates)
    figures = {
        "rows": resampling.rows,
        "entities": {
            "there": sum(of["rows"] for of in by_type),
            "found": sum(of["predicted"] for of in by_type),
        },
        "estimates": {name: estimate.to_json() for name, estimate in estimates.items()},
        "labels": by_type,
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
        smallest: A group with fewer rows, or fewer true entities in them, is not evaluated.
        known: Group that other rows have → its training rows; one of `smallest` or more keeps a summary from being
            measured where no test row has it, a rarer one is told alone.
    """
    found, counts = size_groups(column, groups_N, smallest, known), tagged.counts
    if found.too_many:
        return [*_no_summaries(column, found.why), found.evaluated_share], {"column": column, "groups": []}
    scarce = scarce_groups(counts, found.members, smallest)
    members = {name: of for name, of in found.members.items() if name not in scarce}
    why = "; ".join(filter(None, (found.why, _why_scarce(len(scarce), len(found.members), smallest))))
    evaluated = sum(int(of.sum()) for of in members.values()) / len(groups_N)
    share = measured(found.evaluated_share.check, evaluated, n=len(groups_N))
    estimates = _estimates(counts, members, resampling) if members else {}
    summaries = (
        _no_summaries(column, why)
        if why
        else [estimated(f"group.{name}[{column}]", estimates[name], resampling) for name in _SUMMARIES]
    )
    told = {str(name): int(found.sizes[name]) for name in sorted(found.sizes.index)}
    whys = {name: why_small(rows, smallest) for name, rows in told.items() if rows < smallest} | scarce
    groups = [_group(name, rows, estimates, whys.get(name, "")) for name, rows in told.items()]
    return [*summaries, share], {"column": column, "smallest": smallest, "groups": groups}


def scarce_groups(counts: SpanCounts, members: Members, smallest: int) -> dict[str, str]:
    """The groups whose rows hold too few true entities → why they are not evaluated."""
    there = {name: int(counts.rows(of).entities_actual_NK.sum()) for name, of in members.items()}
    return {name: why for name, entities in there.items() if (why := why_few_there(entities, smallest))}


def _standing(figure: str, labels: Sequence[str], counts: SpanCounts, smallest: int) -> tuple[int, str]:
    """What a figure rests on, and why it would mean nothing; empty if it means something.

    It rests on test rows, or that of a type on its entities: for precision on those found, else on those there.
    """
    rows, (name, _, label) = len(counts.entities_actual_NK), figure.partition("[")
    of_a_type, of_precision = bool(label), "precision" in name
    counted_NK = counts.entities_given_NK if of_precision else counts.entities_actual_NK
    entities = int((counted_NK[:, labels.index(label[:-1])] if of_a_type else counted_NK).sum())
    why_few = why_few_found if of_precision else why_few_there
    why = why_few_rows(rows, smallest) or why_few(entities, smallest, of_a_type=of_a_type)
    return entities if of_a_type else rows, why


def _by_type(labels: Sequence[str], counts: SpanCounts, estimates: Mapping[str, Estimate]) -> list[dict[str, Any]]:
    actual, given = counts.entities_actual_NK.sum(0), counts.entities_given_NK.sum(0)
    return [
        {
            "label": label,
            "rows": int(actual[index]),
            "predicted": int(given[index]),
            "f1": estimates[f"character_f1_of[{label}]"].to_json(),
            "precision": estimates[f"character_precision_of[{label}]"].to_json(),
            "recall": estimates[f"character_recall_of[{label}]"].to_json(),
            "entity_f1": estimates[f"entity_f1_of[{label}]"].to_json(),
        }
        for index, label in enumerate(labels)
    ]


def _why_scarce(scarce: int, groups: int, smallest: int) -> str:
    """Why a summary over all groups would not hold; empty if all have enough entities."""
    return f"{scarce} of {groups} groups with enough test rows hold fewer than {smallest} entities" if scarce else ""


def _behind(labels: Sequence[str], counts: SpanCounts) -> dict[str, Behind]:
    """What each figure is a mean over; of a type, the texts in which it is, for precision those where it is found."""
    there_K, found_K = ((of_NK > 0).sum(0) for of_NK in (counts.entities_actual_NK, counts.entities_given_NK))
    return counts.behind() | {
        f"{name}[{label}]": Behind((int((found_K if "precision" in name else there_K)[index]),))
        for name in ("entity_f1_of", "character_precision_of", "character_recall_of", "character_f1_of")
        for index, label in enumerate(labels)
    }


def _estimates(counts: SpanCounts, members: Members, resampling: Resampling) -> dict[str, Estimate]:
    """Figures of each group, and what is lowest or farthest apart among them."""
    of_groups = {group: counts.rows(of) for group, of in members.items()}

    def statistics(weights_RN: Floats) -> dict[str, Floats]:
        figures = {group: of.weighted(weights_RN[:, members[group]]).figures() for group, of in of_groups.items()}
        return {f"{name}[{group}]": of[name] for group, of in figures.items() for name in _IN_A_GROUP}

    behind = {f"{name}[{group}]": of.behind()[name] for group, of in of_groups.items() for name in _IN_A_GROUP}
    resampled = resampling.resampled(statistics, behind)
    f1s, recalls = (
        together([resampled[f"{name}[{group}]"] for group in members], resampling.confidence) for name in _IN_A_GROUP
    )
    return {name: of.estimate(resampling.confidence) for name, of in resampled.items()} | {
        "character_recall_lowest": lowest(recalls),
        "character_f1_lowest": lowest(f1s),
        "character_f1_gap": gap(f1s),
    }


def _group(name: str, rows: int, estimates: Mapping[str, Estimate], why: str) -> dict[str, Any]:
    if why:
        return {"group": name, "rows": rows, "status": "not_evaluated", "why": why}
    figures = {measure: estimates[f"{measure}[{name}]"].to_json() for measure in _IN_A_GROUP}
    return {"group": name, "rows": rows, "status": "measured", **figures}


def _no_summaries(column: str, why: str) -> list[Finding]:
    return [not_evaluated(f"group.{name}[{column}]", why) for name in _SUMMARIES]
