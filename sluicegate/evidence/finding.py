"""One measurement, and what makes it one.

A finding says what was measured, how sure that is and where it can be read; it knows no limit. What
could not be measured is a finding too: `not_evaluated` (it should have been, and here is why it was
not) or `not_applicable` (there is nothing that it could be measured on). Neither has a value, so
neither can be mistaken for a good one.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Status = Literal["measured", "not_evaluated", "not_applicable"]


class Finding(BaseModel):
    """One measurement of one check."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False)

    check: str = Field(min_length=1)
    """Name from the catalogue of checks, for example ``performance.f1[negative]``."""
    status: Status
    """Whether there is a value."""
    value: float | None = None
    """What was measured, in `unit`; finite."""
    interval: tuple[float, float] | None = None
    """Lower and upper end of the confidence interval, in `unit`; null where none is defined."""
    confidence: float | None = Field(None, gt=0.5, lt=1)
    """Level of the interval, for example 0.95; without an interval, the probability with which a value that is itself a
    bound holds."""
    n: int | None = Field(None, ge=0)
    """Rows that the value rests on, or what its definition names in their place: entities, canaries, kinds."""
    seed: int | None = None
    """Seed of what chance had a part in: rows or cases that were drawn, halves or folds, the resampling behind the
    interval; null where chance had none."""
    unit: str = ""
    """Unit of value and interval; ``share`` is a number from 0 to 1. In brackets it says of energy and carbon whether
    they were measured or modelled, and of epsilon at which delta it holds."""
    why: str = ""
    """Why there is no value; required unless measured."""
    against: str | None = None
    """Digest of the released candidate that it is a comparison with; null where it compares with none."""
    group: str | None = None
    """Group that it is about, of those that the check's column or attribute tells apart; null where it is about all."""
    evidence: str | None = None
    """File of the dossier that it comes from, as a path inside the dossier."""
    evidence_sha256: str | None = Field(None, pattern=r"^[0-9a-f]{64}$")
    """SHA-256 of that file."""

    @model_validator(mode="after")
    def _measured_means_a_value(self) -> Finding:
        if self.status == "measured":
            if self.value is None or not math.isfinite(self.value):
                raise ValueError(f"{self.check}: measured, but without a finite value")
        elif self.value is not None or self.interval is not None:
            raise ValueError(f"{self.check}: {self.status}, but with a value")
        elif not self.why.strip():
            raise ValueError(f"{self.check}: {self.status}, but without saying why")
        if self.interval is not None:
            low, high = self.interval
            if not (math.isfinite(low) and math.isfinite(high) and low <= high):
                raise ValueError(f"{self.check}: the interval's ends must be finite and in order")
            if self.confidence is None:
                raise ValueError(f"{self.check}: an interval without its confidence level")
        return self

    def resting_on(self, evidence: str, sha256: str) -> Finding:
        """The same finding, saying which file of the dossier it comes from."""
        return self.model_copy(update={"evidence": evidence, "evidence_sha256": sha256})


def measured(
    check: str,
    value: float,
    *,
    unit: str = "share",
    n: int | None = None,
    interval: tuple[float, float] | None = None,
    confidence: float | None = None,
    seed: int | None = None,
    against: str | None = None,
    group: str | None = None,
    is_bound: bool = False,
) -> Finding:
    """A finding with a value; one that is not finite becomes `not_evaluated`, for nothing can be concluded from it.

    The confidence is kept where there is an interval, or the value is itself a bound; the seed always.
    """
    value = float(value)
    if not math.isfinite(value):
        return not_evaluated(
            check, "the measurement gave no finite number", unit=unit, n=n, against=against, group=group
        )
    if interval is not None and not all(math.isfinite(end) for end in interval):
        interval = None
    return Finding(
        check=check,
        status="measured",
        value=value,
        interval=interval,
        confidence=confidence if interval is not None or is_bound else None,
        n=n,
        seed=seed,
        unit=unit,
        against=against,
        group=group,
    )


def not_evaluated(
    check: str,
    why: str,
    *,
    unit: str = "share",
    n: int | None = None,
    against: str | None = None,
    group: str | None = None,
) -> Finding:
    """A finding that says why something was not measured that should have been."""
    return Finding(check=check, status="not_evaluated", why=why, unit=unit, n=n, against=against, group=group)


def not_applicable(check: str, why: str, *, unit: str = "share", against: str | None = None) -> Finding:
    """A finding that says why there is nothing to measure."""
    return Finding(check=check, status="not_applicable", why=why, unit=unit, against=against)


def repeated(findings: Iterable[Finding]) -> tuple[str, ...]:
    """Checks that were measured more than once for a group and a release; a dossier must hold none."""
    seen: set[tuple[str, str | None, str | None]] = set()
    twice = []
    for finding in findings:
        key = (finding.check, finding.against, finding.group)
        if key in seen:
            twice.append(finding.check)
        seen.add(key)
    return tuple(sorted(set(twice)))
