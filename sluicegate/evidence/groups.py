"""How evenly the candidate does across the groups of a column.

Values by group come from fairlearn's `MetricFrame`; their intervals resample all rows, as its own
bootstrap does, but for every round at once (one hundred times as fast; a test holds the two together).
A group with too few rows is not evaluated, and neither is anything that would have to leave it out.
What is lowest or farthest apart has an interval that allows for its having been picked (`extremes`).
A group's macro-F1 is over the labels that its own rows have: were every label in it that is given somewhere, a
single stray answer would cost a group of few labels a third of its figure.

Shapes: R rounds, N rows, G groups, L labels.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sluicegate.evidence.estimated import estimated
from sluicegate.evidence.extremes import gap, lowest, together, widest_gap
from sluicegate.evidence.finding import Finding, measured, not_evaluated
from sluicegate.evidence.predictions import Predictions
from sluicegate.evidence.resampling import Behind, Estimate, Floats, Resampled, Resampling
from sluicegate.evidence.scores import Tally
from sluicegate.evidence.usable import why_unusable

Members = Mapping[str, NDArray[np.bool_]]
"""Group → which rows are in it, shape (N,)."""
MOST_GROUPS = 50
NO_OTHERS: Mapping[str, int] = MappingProxyType({})
_SUMMARIES = (
    "macro_f1_lowest",
    "macro_f1_gap",
    "accuracy_lowest",
    "accuracy_gap",
    "recall_gap",
    "selection_rate_gap",
)


def measure_groups(
    predictions: Predictions,
    column: str,
    groups_N: Sequence[str],
    resampling: Resampling,
    smallest: int,
    known: Mapping[str, int] = NO_OTHERS,
) -> tuple[list[Finding], dict[str, Any]]:
    """Findings of the area `group` for one column, and the figures of each of its groups as JSON.

    Args:
        predictions: The candidate's answers.
        column: The group column's name.
        groups_N: The group of every row.
        resampling: Settings of the bootstrap.
        smallest: A group with fewer rows is not evaluated.
        known: Group that other rows have → its training rows; one of `smallest` or more keeps a summary from being
            measured where no test row has it, a rarer one is told alone.
    """
    found = size_groups(column, groups_N, smallest, known)
    sizes, members = found.sizes, found.members
    unusable = why_unusable(predictions, smallest)
    why = found.why or unusable
    if found.too_many:
        absent = [_not_evaluated(name, column, why) for name in _SUMMARIES]
        return [*absent, found.evaluated_share], {"column": column, "groups": []}
    resampled = resampling.resampled(
        lambda weights_RN: _statistics(weights_RN, predictions, members), _behind(predictions, members)
    )
    estimates = {name: of.estimate(resampling.confidence) for name, of in resampled.items()}
    estimates |= _summaries(resampled, predictions, members, smallest, resampling.confidence)
    values = _by_group(predictions, members)
    findings = [_finding(name, column, estimates, resampling, why) for name in _SUMMARIES]
    figures = [
        _group(name, int(sizes[name]), values[name], estimates, predictions.labels)
        if name in values and not unusable
        else _no_group(name, int(sizes[name]), unusable if name in values else why_small(int(sizes[name]), smallest))
        for name in sorted(sizes.index)
    ]
    evaluated = _evaluated(column, predictions, members, smallest)
    return [*findings, evaluated], {"column": column, "smallest": smallest, "groups": figures}


@dataclass(frozen=True)
class SizedGroups:
    """The groups of a column, and whether a summary over all of them holds."""

    sizes: pd.Series[int]
    """Rows of every group that is told."""
    members: Members
    """Which rows belong to each group that is large enough, shape (N,)."""
    evaluated_share: Finding
    """The share of rows that are in such a group."""
    too_many: bool
    """Whether the column is none of groups, so that nothing is told of any."""
    why: str
    """Why no summary holds; empty if it does."""


def size_groups(column: str, groups_N: Sequence[str], smallest: int, known: Mapping[str, int]) -> SizedGroups:
    """Sorts the rows into groups; `measure_groups` says what is given."""
    sizes, members = large_groups(groups_N, smallest, known)
    counted, rows = _counted(sizes, smallest, known), len(groups_N)
    share = sum(int(of.sum()) for of in members.values()) / rows
    evaluated = measured(f"group.evaluated_share[{column}]", share, n=rows)
    return SizedGroups(sizes, members, evaluated, len(counted) > MOST_GROUPS, _why_not(counted, smallest))


def large_groups(
    groups_N: Sequence[str], smallest: int, known: Mapping[str, int] = NO_OTHERS
) -> tuple[pd.Series[int], dict[str, NDArray[np.bool_]]]:
    """Rows of every group, and which rows belong to each of `smallest` rows or more, shape (N,).

    A group that is only `known` has 0 rows; of those with few training rows the first `MOST_GROUPS` are there.
    """
    sizes = pd.Series(list(groups_N), dtype=object).value_counts()
    absent = sorted(set(known) - set(sizes.index), key=lambda group: (-known[group], group))
    learned = sum(known[group] >= smallest for group in absent)
    sizes = sizes.reindex([*sizes.index, *absent[: learned + MOST_GROUPS]], fill_value=0)
    names_N = np.asarray(groups_N, dtype=object)
    return sizes, {str(name): names_N == name for name in sorted(sizes.index) if sizes[name] >= smallest}


def _counted(sizes: pd.Series[int], smallest: int, known: Mapping[str, int]) -> pd.Series[int]:
    """Rows of the groups that a summary has to be about: those with test rows, or with `smallest` training rows."""
    return sizes[[rows > 0 or known[str(group)] >= smallest for group, rows in sizes.items()]]


def _why_not(sizes: pd.Series[int], smallest: int) -> str:
    """Why a summary over all groups would not hold; empty if it does."""
    if why := too_many(len(sizes)):
        return why
    if len(sizes) < 2:
        return "the column has a single group in the test rows"
    small, absent = int(((sizes < smallest) & (sizes > 0)).sum()), int((sizes == 0).sum())
    return "; ".join(
        ([f"{small} of {len(sizes)} groups have fewer than {smallest} test rows"] if small else [])
        + ([f"{absent} of {len(sizes)} groups have {smallest} training rows or more and no test row"] if absent else [])
    )


def too_many(groups: int) -> str:
    """Why a column of so many groups is none of groups; empty if it is."""
    return f"the column has {groups} groups, more than {MOST_GROUPS}" if groups > MOST_GROUPS else ""


def why_small(rows: int, smallest: int) -> str:
    """Why a group of so few rows is not evaluated."""
    return f"fewer than {smallest} test rows" if rows else "no test row is in it, though other rows are"


def _evaluated(column: str, predictions: Predictions, members: Members, smallest: int) -> Finding:
    """The share of rows whose group is compared, in the rows of their label too."""
    rows_GL = [np.bincount(predictions.actual_N[of], minlength=len(predictions.labels)) for of in members.values()]
    compared = sum(int(rows_L[rows_L >= smallest].sum()) for rows_L in rows_GL)
    rows = len(predictions.actual_N)
    return measured(f"group.evaluated_share[{column}]", compared / rows, n=rows)


def _not_evaluated(name: str, column: str, why: str) -> Finding:
    return not_evaluated(f"group.{name}[{column}]", why)


def _finding(name: str, column: str, estimates: Mapping[str, Estimate], resampling: Resampling, why: str) -> Finding:
    if why:
        return _not_evaluated(name, column, why)
    estimate = estimates[name]
    if not np.isfinite(estimate.value):
        return _not_evaluated(name, column, "no label has enough test rows in two groups")
    return estimated(f"group.{name}[{column}]", estimate, resampling)


def _statistics(weights_RN: Floats, predictions: Predictions, members: Members) -> dict[str, Floats]:
    """Accuracy, macro-F1, recall and selection rates of each group, each of shape (R,); labels by index."""
    found: dict[str, Floats] = {}
    for name, of in members.items():
        tally = Tally.of(weights_RN[:, of], predictions.actual_N[of], predictions.given_N[of], len(predictions.labels))
        found[f"accuracy[{name}]"], found[f"macro_f1[{name}]"] = tally.accuracy, tally.macro_f1_of_actual
        for label in range(len(predictions.labels)):
            found[f"recall[{name}]{label}"] = tally.recall[:, label]
            found[f"selection_rate[{name}]{label}"] = tally.selection_rate[:, label]
    return found


def _behind(predictions: Predictions, members: Members) -> dict[str, Behind]:
    """What each of these is a share of."""
    found = {}
    for name, of in members.items():
        rows_L = np.bincount(predictions.actual_N[of], minlength=len(predictions.labels))
        rows = Behind.share(int(of.sum()))
        found[f"accuracy[{name}]"], found[f"macro_f1[{name}]"] = rows, Behind(rows_L[rows_L > 0].tolist())
        for label, of_label in enumerate(rows_L.tolist()):
            found[f"recall[{name}]{label}"], found[f"selection_rate[{name}]{label}"] = Behind.share(of_label), rows
    return found


def _summaries(
    resampled: Mapping[str, Resampled], predictions: Predictions, members: Members, smallest: int, confidence: float
) -> dict[str, Estimate]:
    """What is lowest or farthest apart among the groups."""
    labels = range(len(predictions.labels))

    def of_all(measure: str, groups: Collection[str], label: str = "") -> list[Resampled]:
        return [resampled[f"{measure}[{name}]{label}"] for name in groups]

    accuracies = together(of_all("accuracy", members), confidence)
    macro_f1s = together(of_all("macro_f1", members), confidence)
    with_rows = [
        [name for name, of in members.items() if (predictions.actual_N[of] == label).sum() >= smallest]  # one row is
        for label in labels  # no rate
    ]
    recalls = [of_all("recall", with_rows[label], str(label)) for label in labels]
    rates = [of_all("selection_rate", members, str(label)) for label in labels]
    return {
        "macro_f1_lowest": lowest(macro_f1s),
        "macro_f1_gap": gap(macro_f1s),
        "accuracy_lowest": lowest(accuracies),
        "accuracy_gap": gap(accuracies),
        "recall_gap": widest_gap(recalls, confidence),
        "selection_rate_gap": widest_gap(rates, confidence),
    }


def _by_group(predictions: Predictions, members: Mapping[str, NDArray[np.bool_]]) -> dict[str, dict[str, float]]:
    """Each group's own figures, by fairlearn."""
    from fairlearn.metrics import MetricFrame, count, selection_rate
    from sklearn.metrics import accuracy_score, f1_score, recall_score

    if not members:
        return {}
    kept = np.logical_or.reduce(list(members.values()))
    names = np.select(list(members.values()), [np.array(name, dtype=object) for name in members], default="")
    metrics: dict[str, Any] = {
        "rows": count,
        "accuracy": accuracy_score,
        "macro_f1": lambda y_true, y_pred: f1_score(
            y_true, y_pred, labels=np.unique(y_true), average="macro", zero_division=0.0
        ),
    }
    for index, label in enumerate(predictions.labels):
        metrics[f"selection_rate[{label}]"] = lambda y_true, y_pred, i=index: selection_rate(
            y_true, y_pred, pos_label=i
        )
        metrics[f"recall[{label}]"] = lambda y_true, y_pred, i=index: recall_score(
            y_true, y_pred, labels=[i], average="macro", zero_division=np.nan
        )
    frame = MetricFrame(
        metrics=metrics,
        y_true=predictions.actual_N[kept],
        y_pred=predictions.given_N[kept],
        sensitive_features=names[kept],
    )
    return {str(name): {str(k): float(v) for k, v in row.items()} for name, row in frame.by_group.iterrows()}


def _group(
    name: str, rows: int, values: Mapping[str, float], estimates: Mapping[str, Estimate], labels: Sequence[str]
) -> dict[str, Any]:
    return {
        "group": name,
        "rows": rows,
        "status": "measured",
        "accuracy": {**estimates[f"accuracy[{name}]"].to_json(), "value": values["accuracy"]},
        "macro_f1": {**estimates[f"macro_f1[{name}]"].to_json(), "value": values["macro_f1"]},
        "selection_rate": {label: values[f"selection_rate[{label}]"] for label in labels},
        "recall": {label: _or_null(values[f"recall[{label}]"]) for label in labels},
    }


def _no_group(name: str, rows: int, why: str) -> dict[str, Any]:
    return {"group": name, "rows": rows, "status": "not_evaluated", "why": why}


def _or_null(figure: float) -> float | None:
    """A label without rows in a group has no recall there."""
    return figure if np.isfinite(figure) else None
