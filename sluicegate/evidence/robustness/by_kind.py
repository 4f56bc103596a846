"""Findings and figures of each kind of perturbation, and of the worst of them.

For each kind only those sampled rows count whose text the perturbation changes; to count the others would make a
candidate look robust for nothing. The interval of the worst kind allows for its having been picked.

Shapes: R rounds, S sampled rows, C changed rows, K kinds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sluicegate.evidence.estimated import estimated
from sluicegate.evidence.extremes import lowest, together
from sluicegate.evidence.finding import Finding, not_applicable, not_evaluated
from sluicegate.evidence.resampling import Behind, Estimate, Floats, Resampling
from sluicegate.evidence.robustness.perturbed_rows import PerturbedRows
from sluicegate.evidence.scores import Indices


@dataclass(frozen=True)
class Kind:
    """One kind, and whether anything can be said of it."""

    name: str
    rows_C: Indices
    """Which of the sampled rows it changes."""
    before: int
    """What was right before in these, of which a share is kept: rows, or entities."""
    status: str
    why: str
    statistics: Callable[[Floats], Mapping[str, Floats]]
    """Weights of the changed rows, shape (R, C) → name → figures of shape (R,)."""
    behind: Mapping[str, Behind]
    """What these are shares of."""


@dataclass(frozen=True)
class Measures:
    """What is measured of each kind."""

    names: tuple[str, ...]
    """Those of which there are findings; figures may be of more."""
    kept: str
    """The one of which the lowest is the worst kind's; its `n` is what was right before, of the others the rows."""
    before: str
    """What figures call that."""


def measure_kinds(
    measures: Measures, kinds: Sequence[Kind], perturbed: PerturbedRows, resampling: Resampling
) -> tuple[list[Finding], dict[str, Any]]:
    """A finding for each kind and measure, that of the worst kind, and all figures as JSON.

    Args:
        measures: What is measured.
        kinds: What was found out of each kind.
        perturbed: The sampled rows.
        resampling: Settings of the bootstrap; its number of rows is replaced by the sample's.
    """
    resampling = replace(resampling, rows=max(1, len(perturbed.texts_S)))
    usable = [kind for kind in kinds if kind.status == "measured"]
    estimates = _estimates(usable, measures, resampling) if usable else {}
    worst = min(usable, key=lambda kind: estimates[f"{measures.kept}[{kind.name}]"].value) if usable else None
    findings = [_finding(kind, name, measures, estimates, resampling) for kind in kinds for name in measures.names]
    figures = {
        "sampled_rows": len(perturbed.texts_S),
        "seed": perturbed.seed,
        "kinds": [_figures(kind, measures, estimates) for kind in kinds],
        "worst": worst.name if worst else None,
    }
    return [*findings, _worst(kinds, worst, measures, estimates, resampling)], figures


def _estimates(kinds: Sequence[Kind], measures: Measures, resampling: Resampling) -> dict[str, Estimate]:
    """Of every kind, and the lowest of what is kept."""

    def statistics(weights_RS: Floats) -> dict[str, Floats]:
        return {
            f"{name}[{kind.name}]": figures_R
            for kind in kinds
            for name, figures_R in kind.statistics(weights_RS[:, kind.rows_C]).items()
        }

    behind = {f"{name}[{kind.name}]": of for kind in kinds for name, of in kind.behind.items()}
    resampled = resampling.resampled(statistics, behind)
    kept = [resampled[f"{measures.kept}[{kind.name}]"] for kind in kinds]
    estimates = {name: of.estimate(resampling.confidence) for name, of in resampled.items()}
    return estimates | {f"{measures.kept}_lowest": lowest(together(kept, resampling.confidence))}


def _finding(
    kind: Kind, name: str, measures: Measures, estimates: Mapping[str, Estimate], resampling: Resampling
) -> Finding:
    check = f"robustness.{name}[{kind.name}]"
    if kind.status == "not_applicable":
        return not_applicable(check, kind.why)
    if kind.status == "not_evaluated":
        return not_evaluated(check, kind.why, n=len(kind.rows_C))
    n = kind.before if name == measures.kept else len(kind.rows_C)
    return estimated(check, estimates[f"{name}[{kind.name}]"], resampling, n=n)


def _worst(
    kinds: Sequence[Kind],
    worst: Kind | None,
    measures: Measures,
    estimates: Mapping[str, Estimate],
    resampling: Resampling,
) -> Finding:
    check = f"robustness.{measures.kept}_lowest"
    if missing := [kind for kind in kinds if kind.status == "not_evaluated"]:
        first = f"{missing[0].name}: {missing[0].why}"
        return not_evaluated(check, f"{len(missing)} of {len(kinds)} kinds are not evaluated; {first}")
    if worst is None:
        return not_applicable(check, "no kind of perturbation changes enough of the sampled texts")
    return estimated(check, estimates[f"{measures.kept}_lowest"], resampling, n=worst.before)


def _figures(kind: Kind, measures: Measures, estimates: Mapping[str, Estimate]) -> dict[str, Any]:
    held: dict[str, Any] = {"kind": kind.name, "changed_rows": len(kind.rows_C), "status": kind.status}
    if kind.status != "measured":
        return {**held, "why": kind.why}
    of_kind = {name: of for name, of in estimates.items() if name.endswith(f"[{kind.name}]")}
    return {
        **held,
        measures.before: kind.before,
        **{name.partition("[")[0]: of.to_json() for name, of in of_kind.items()},
    }
