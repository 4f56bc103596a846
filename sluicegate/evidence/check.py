"""What a check is: the meaning of one number of the evidence."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

Parameter = Literal["", "label", "group", "baseline", "perturbation", "behaviour", "attribute"]
AREAS = {
    "performance": "How well it does",
    "group": "How evenly it does across groups",
    "identity": "How evenly it treats groups of people that texts mention",
    "robustness": "What is left of it when texts are not as neat",
    "explanation": "Why it answers as it does",
    "baseline": "Against simple models, on the same rows",
    "comparison": "Against the releases now live, on the same rows",
    "drift": "Whether the data moved",
    "data": "The data itself",
    "transparency": "What it is for, and what harm is known",
    "privacy": "What it tells about single training rows",
    "footprint": "What it takes to run",
}
"""Area → heading, in reading order."""


EACH_GROUP = (
    "Each group has a finding of its own, and a limit holds for every one of them; the intervals are not widened for "
    "their number."
)
"""What a definition adds where it is measured for each group of its parameter."""

LABELS_OF_THE_GROUP = (
    "Both are means over the labels that the group's rows have, in every round of resampling over those that the drawn "
    "rows have; a label that none of them has is left out, whoever gives it."
)
"""What a definition adds where macro-F1 is compared within a group."""
DIFFERENCE_OF_SHARES = (-1.0, 1.0)
"""Least and most that one share less another can be."""
_ENDS = {
    "share": (0.0, 1.0),
    "probability": (0.0, 1.0),
    "yes (1) or no (0)": (0.0, 1.0),
    "reach (0 to 3)": (0.0, 3.0),
    "rank correlation": (-1.0, 1.0),
    "distance": (0.0, 1.0),
}
"""Unit → least and most that a value in it can be, for the units that have a most."""


@dataclass(frozen=True)
class Check:
    """What one number of the evidence means."""

    name: str
    """Name by which policies and findings call it."""
    title: str
    """The same in plain words."""
    definition: str
    """How the number comes about, and what its ends mean."""
    better: Literal["higher", "lower"]
    """Which way is good."""
    unit: str = "share"
    """Unit of the value; ``share`` is a number from 0 to 1."""
    source: str = ""
    """Paper or library that the measure comes from."""
    parameter: Parameter = ""
    """What it is measured once for each of."""
    interval: bool = True
    """Whether the finding comes with a confidence interval."""
    compared: bool = False
    """Whether it is measured against a release that is live, once for each of them."""
    each_group: bool = False
    """Whether each group of its parameter has a finding of its own."""

    ends: tuple[float, float] | None = None
    """Least and most that the value can be, where the unit does not say it."""

    @property
    def least_and_most(self) -> tuple[float, float]:
        """What the value can be, in its unit, both ends included; infinite where nothing bounds it."""
        return self.ends or _ENDS.get(self.unit, (-math.inf, math.inf))

    @property
    def area(self) -> str:
        """The part of the name before the dot; a key of `AREAS`."""
        return self.name.partition(".")[0]

    def of(self, parameter: str) -> Check:
        """This check for one label, group column, baseline, attribute or kind."""
        return replace(self, name=f"{self.name}[{parameter}]", title=self.title.replace("{}", parameter))
