"""What one check must hold in a stage."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, model_validator

from sluicegate.evidence.finding import Finding

_ROUNDING = 1e-9
"""Within this share of a limit (of 1, for limits below 1) a value counts as equal to it: 0.8 less 0.7 is not 0.1 in
floating point. A probability such as delta may itself be as small, so there it is of the limit alone."""
_FEWEST_DIGITS, _MOST_DIGITS = 6, 17


class Frozen(BaseModel):
    """A part of a policy or of a judgement: frozen, no unknown keys, no number that is not finite."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False)


def _no_truth_value(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError(f"must be a number, not {str(value).lower()}")  # which would be read as 1 or 0
    return value


def _as_written(bound: float) -> str:
    """A limit in all of the digits that somebody wrote."""
    return f"{bound:.15g}"


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
        bound = f"≥ {_as_written(self.min)}" if self.min is not None else f"≤ {_as_written(self.max or 0.0)}"
        return f"interval {bound}" if self.hold == "interval" else bound

    def margin(self, finding: Finding) -> float | None:
        """How far the finding is on the good side of the limit, in the check's unit; only from 0 up it holds.

        0 if it equals the limit but for the rounding of floating point. None if the finding has no number that could
        be held to the limit.
        """
        ends = (finding.value, finding.value) if self.hold == "value" else finding.interval
        if ends is None or ends[0] is None or ends[1] is None:
            return None
        return self._distance(ends[0] if self.min is not None else ends[1], finding.unit)

    def reads_alike(self, shown: float, number: float, unit: str) -> bool:
        """Whether a number as it is shown lies on the same side of the limit as the number itself."""
        return (self._distance(shown, unit) >= 0) == (self._distance(number, unit) >= 0)

    def told(self, number: float, unit: str) -> str:
        """A number in as many digits, six or more, as it takes to read on its own side of the limit."""
        fewest = max(_FEWEST_DIGITS, len(f"{abs(number):.0f}"))  # all of those before the point
        known = (f"{number:.{digits}g}" for digits in range(fewest, _MOST_DIGITS))
        return next((text for text in known if self.reads_alike(float(text), number, unit)), repr(number))

    def _distance(self, number: float, unit: str) -> float:
        """How far a number is on the good side, below 0 on the bad one; the one place where limits are compared."""
        if self.min is not None:
            bound, distance = self.min, number - self.min
        else:
            bound = float(self.max or 0.0)
            distance = bound - number
        size = abs(bound) if unit == "probability" else max(1.0, abs(bound))
        return 0.0 if abs(distance) <= _ROUNDING * size else distance

    def looser_than(self, other: Limit) -> str | None:
        """In which way this limit asks for less than `other`; None if in no way."""
        if self.min is not None and other.min is not None and self.min < other.min:
            return f"min {_as_written(self.min)} is below {_as_written(other.min)}"
        if self.max is not None and other.max is not None and self.max > other.max:
            return f"max {_as_written(self.max)} is above {_as_written(other.max)}"
        if other.hold == "interval" and self.hold == "value":
            return "it is held to the value, no longer to the interval"
        if other.blocking and not self.blocking:
            return "it no longer blocks"
        if other.not_applicable == "block" and self.not_applicable == "allow":
            return "it now allows not_applicable"
        if self.waivable and not other.waivable:
            return "it may now be waived"
        return None
