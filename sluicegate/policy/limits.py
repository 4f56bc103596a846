"""What one check must hold in a stage."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, model_validator

from sluicegate.evidence.finding import Finding


class Frozen(BaseModel):
    """A part of a policy or of a judgement: frozen, no unknown keys, no number that is not finite."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False)


def _no_truth_value(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError(f"must be a number, not {str(value).lower()}")  # which would be read as 1 or 0
    return value


_Bound = Annotated[float, BeforeValidator(_no_truth_value)]


class Limit(Frozen):
    """What one check must hold in a stage."""

    check: str
    """Name from the catalogue, for example ``performance.f1[negative]``."""
    min: _Bound | None = None
    """At least this, for a check where higher is better …"""
    max: _Bound | None = None
    """… or at most this, for one where lower is better."""
    hold: Literal["value", "interval"] = "value"
    """What is held to the limit: the value, or the end of its confidence interval that is worse."""
    blocking: bool = True
    """Whether approval is refused while it does not hold."""
    not_applicable: Literal["allow", "block"] = "block"
    """What becomes of it where it cannot apply, for example a comparison when nothing is live yet."""
    waivable: bool = True
    """Whether a reviewer may waive it for one candidate; if not, a waiver changes nothing."""

    @model_validator(mode="after")
    def _one_bound(self) -> Limit:
        if (self.min is None) == (self.max is None):
            raise ValueError("name either `min` or `max`")
        return self

    @property
    def text(self) -> str:
        """The limit for a person: ``≥ 0.6``, or ``interval ≥ 0.6``."""
        bound = f"≥ {self.min:g}" if self.min is not None else f"≤ {self.max:g}"
        return f"interval {bound}" if self.hold == "interval" else bound

    def margin(self, finding: Finding) -> float | None:
        """How far the finding is on the good side of the limit, in the check's unit; below 0 it fails.

        None if the finding has no number that could be held to the limit.
        """
        ends = (finding.value, finding.value) if self.hold == "value" else finding.interval
        if ends is None or ends[0] is None or ends[1] is None:
            return None
        return ends[0] - self.min if self.min is not None else float(self.max or 0.0) - ends[1]

    def looser_than(self, other: Limit) -> str | None:
        """In which way this limit asks for less than `other`; None if in no way."""
        if self.min is not None and other.min is not None and self.min < other.min:
            return f"min {self.min:g} is below {other.min:g}"
        if self.max is not None and other.max is not None and self.max > other.max:
            return f"max {self.max:g} is above {other.max:g}"
        if other.hold == "interval" and self.hold == "value":
            return "it is held to the value, no longer to the interval"
        if other.blocking and not self.blocking:
            return "it no longer blocks"
        if other.not_applicable == "block" and self.not_applicable == "allow":
            return "it now allows not_applicable"
        if self.waivable and not other.waivable:
            return "it may now be waived"
        return None
