"""What the parts of one measurement share, and what they have found so far."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Generic, TypeVar

import pandas as pd

from sluicegate.evidence.attacks.planted import PlantedTexts
from sluicegate.evidence.base_features import BaseFeatures
from sluicegate.evidence.comparison import LiveRelease
from sluicegate.evidence.finding import Finding
from sluicegate.evidence.given_groups import given_groups
from sluicegate.evidence.group_changes import Grouping, of_column
from sluicegate.evidence.resampling import Resampling
from sluicegate.evidence.scores import Indices
from sluicegate.spec import Evidence

Answers = TypeVar("Answers")


@dataclass
class Measurement(Generic[Answers]):
    """One measurement, under way."""

    candidate: Path
    """The candidate's folder."""
    answers: Answers
    """What it says of the test rows."""
    parts: dict[str, pd.DataFrame]
    """``train``, ``validation`` and ``test``."""
    settings: Evidence
    groups: Sequence[str]
    live: Sequence[LiveRelease]
    """Each released candidate once."""
    folder: Path
    base_model: Path | None = None
    """The folder of the base model; None from scratch."""
    canaries: PlantedTexts = PlantedTexts()
    """What was planted among the training rows, which `parts` does not hold."""
    compared_groups: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Check → the groups of which each has a finding against each live release."""
    of_live: dict[str, Indices | None] = field(default_factory=dict)
    """Digest of a live release → index of the label that it gives each test row; None if it knows other labels."""
    findings: list[Finding] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)
    plots: dict[str, list[str]] = field(default_factory=dict)

    @cached_property
    def features(self) -> BaseFeatures:
        """Features of rows by the base model, each row's computed once."""
        return BaseFeatures(self.base_model)

    @property
    def resampling(self) -> Resampling:
        """Settings of the bootstrap over the test rows."""
        settings = self.settings
        return Resampling(len(self.parts["test"]), settings.bootstrap_rounds, settings.confidence, settings.seed)

    def known_groups(self, column: str) -> dict[str, int]:
        """Every group of a column that any row has, be it of training, validation or test → its training rows."""
        learned = Counter(self.groups_of(column, "train"))
        return {group: learned[group] for part in self.parts for group in self.groups_of(column, part)}

    def groups_of(self, column: str, part: str = "test") -> list[str]:
        """The group of every row of a part; rows without one are a group of their own."""
        return given_groups(self.parts[part][column])

    def groupings(self, check: str) -> list[Grouping]:
        """The groups of each column, in which a check of changes is measured."""
        smallest = self.settings.minimum_group_size
        return [
            of_column(check, column, self.groups_of(column), smallest, self.known_groups(column))
            for column in self.groups
        ]

    def plot(self, area: str, name: str) -> Path:
        """Where to draw a picture, which the page will show under `area`."""
        self.plots.setdefault(area, []).append(f"plots/{name}.png")
        return self.folder / "plots" / f"{name}.png"
