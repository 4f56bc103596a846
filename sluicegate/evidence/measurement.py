"""What the parts of one measurement share, and what they have found so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

import pandas as pd

from sluicegate.evidence.attacks.planted import PlantedTexts
from sluicegate.evidence.comparison import LiveRelease
from sluicegate.evidence.finding import Finding
from sluicegate.evidence.resampling import Resampling
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
    findings: list[Finding] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)
    plots: dict[str, list[str]] = field(default_factory=dict)

    @property
    def resampling(self) -> Resampling:
        """Settings of the bootstrap over the test rows."""
        settings = self.settings
        return Resampling(len(self.parts["test"]), settings.bootstrap_rounds, settings.confidence, settings.seed)

    def plot(self, area: str, name: str) -> Path:
        """Where to draw a picture, which the page will show under `area`."""
        self.plots.setdefault(area, []).append(f"plots/{name}.png")
        return self.folder / "plots" / f"{name}.png"
