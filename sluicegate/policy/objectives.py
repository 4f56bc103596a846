"""What a scorecard adds up: objectives with weights, and what each finding is worth to them.

A policy file puts it beside its limits:

    scorecard:
      performance:
        weight: 2
        findings:
          - {check: performance.macro_f1, worst: 0.5, best: 0.8} # 0 at 0.5 and below, 1 at 0.8 and above
      fairness:
        weight: 1
        findings:
          - {check: "group.accuracy_gap[domain]", worst: 0.3, best: 0}
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from sluicegate.policy.limits import Frozen

LARGEST = 1e12
_Number = Annotated[float, Field(ge=-LARGEST, le=LARGEST, strict=True)]
_Weight = Annotated[float, Field(gt=0, le=LARGEST, strict=True)]
ObjectiveName = Annotated[str, Field(pattern=r"\S", max_length=60)]


class Scale(Frozen):
    """What a finding is worth: 0 at `worst` and beyond, 1 at `best` and beyond, in a straight line between."""

    check: str
    """Name from the catalogue, for example ``group.accuracy_gap[domain]``."""
    worst: _Number
    """Value that is worth 0, in the check's unit."""
    best: _Number
    """Value that is worth 1; below `worst` where lower is better."""

    @model_validator(mode="after")
    def _apart(self) -> Scale:
        if self.best == self.worst:
            raise ValueError(f"`worst` and `best` are both {self.best:g}, so no value could be told from another")
        return self

    def of(self, value: float) -> float:
        """What a value is worth, from 0 to 1."""
        return min(1.0, max(0.0, (value - self.worst) / (self.best - self.worst)))


class Aim(Frozen):
    """One objective as a policy file writes it, under its name."""

    weight: _Weight
    """How much it counts in the total, against the weights of the others."""
    findings: Annotated[tuple[Scale, ...], Field(min_length=1)]
    """What it is the mean of."""


class Objective(Aim):
    """One objective of a scorecard."""

    name: ObjectiveName
    """What the policy calls it."""
