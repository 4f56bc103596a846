"""Findings of each kind of perturbation, and of the worst of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sluicegate.evidence.estimated import estimated
from sluicegate.evidence.finding import Finding, not_applicable, not_evaluated
from sluicegate.evidence.resampling import Estimate, Resampling


@dataclass(frozen=True)
class Kind:
    """One kind, and whether anything can be said of it."""

    name: str
    status: str
    why: str
    rows: int
    """Rows that it changes."""
    before: int
    """What was right before in these, of which a share is kept: rows, or entities."""


@dataclass(frozen=True)
class ByKind:
    """All kinds, and the estimates of those that were measured.

    An estimate's name is ``MEASURE[KIND]``; ``KEPT_lowest`` is that of the worst kind.
    """

    kept: str
    """The measure by which a kind is the worst."""
    kinds: Sequence[Kind]
    estimates: Mapping[str, Estimate]
    resampling: Resampling

    @property
    def worst(self) -> str | None:
        """Name of the kind that leaves least; None where none was measured."""
        measured = [kind for kind in self.kinds if kind.status == "measured"]
        if not measured:
            return None
        return min(measured, key=lambda kind: self.estimates[f"{self.kept}[{kind.name}]"].value).name

    def findings(self, measures: Sequence[str]) -> list[Finding]:
        """A finding for each kind and measure, and that of the worst kind."""
        return [*(self._finding(kind, measure) for kind in self.kinds for measure in measures), self._worst()]

    def _n(self, kind: Kind, measure: str) -> int:
        return kind.before if measure == self.kept else kind.rows

    def _finding(self, kind: Kind, measure: str) -> Finding:
        check = f"robustness.{measure}[{kind.name}]"
        if kind.status == "not_applicable":
            return not_applicable(check, kind.why)
        if kind.status == "not_evaluated":
            return not_evaluated(check, kind.why, n=kind.rows)
        return estimated(check, self.estimates[f"{measure}[{kind.name}]"], self.resampling, n=self._n(kind, measure))

    def _worst(self) -> Finding:
        check = f"robustness.{self.kept}_lowest"
        if missing := [kind for kind in self.kinds if kind.status == "not_evaluated"]:
            first = f"{missing[0].name}: {missing[0].why}"
            return not_evaluated(check, f"{len(missing)} of {len(self.kinds)} kinds are not evaluated; {first}")
        if not (worst := [kind for kind in self.kinds if kind.name == self.worst]):
            return not_applicable(check, "no kind of perturbation changes enough of the sampled texts")
        return estimated(check, self.estimates[f"{self.kept}_lowest"], self.resampling, n=worst[0].before)
