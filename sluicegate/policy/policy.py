"""A policy with inheritance worked out: for every stage its limits, and the rule of its gate."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import model_validator

from sluicegate.errors import SpecRefused
from sluicegate.manifest import digest_of_value
from sluicegate.policy.limits import Frozen, Limit
from sluicegate.policy.objectives import Objective
from sluicegate.policy.rules import GateRule, with_defaults
from sluicegate.spec import parse


class StageLimits(Frozen):
    """Every limit that holds in one stage, those of earlier stages included, and what it takes to pass its gate."""

    stage: str
    """The stage."""
    limits: tuple[Limit, ...]
    """One for each check at most, in order of the checks' names."""
    gate: GateRule
    """Who passes the gate, and by when."""

    @model_validator(mode="before")
    @classmethod
    def _defaults(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return value | {"gate": with_defaults(str(value.get("stage", "")), value.get("gate", {}))}


class Policy(Frozen):
    """Limits and gate rules for every stage, inheritance worked out."""

    description: str = ""
    """What the policy is for."""
    stages: tuple[StageLimits, ...]
    """In the order in which a candidate goes through them."""
    scorecard: tuple[Objective, ...] = ()
    """What is added up beside the limits; empty if nothing is."""

    @property
    def digest(self) -> str:
        """SHA-256 over the canonical JSON."""
        return digest_of_value(self.to_json())

    def to_json(self) -> dict[str, Any]:
        """A JSON value, from which `from_json` makes the same policy."""
        # left out where there is none, so that policies from before there were scorecards keep their digest
        return self.model_dump(mode="json", exclude=None if self.scorecard else {"scorecard"})

    @classmethod
    def from_json(cls, value: Any, where: Path | str = "policy") -> Policy:
        """The policy that `to_json` wrote.

        Raises:
            SpecRefused: It is not one.
        """
        return parse(cls, value, where)

    def limits(self, stage: str) -> tuple[Limit, ...]:
        """Every limit that holds in `stage`.

        Raises:
            SpecRefused: The policy does not know the stage.
        """
        return self._stage(stage).limits

    def rule(self, stage: str) -> GateRule:
        """What it takes to pass the gate of `stage`.

        Raises:
            SpecRefused: The policy does not know the stage.
        """
        return self._stage(stage).gate

    def _stage(self, stage: str) -> StageLimits:
        for entry in self.stages:
            if entry.stage == stage:
                return entry
        raise SpecRefused("policy", "stages", f"knows no stage {stage!r}, only {[s.stage for s in self.stages]}")
