"""Who may decide which stage's gates.

The roster is fixed when a gate opens: its digest is part of the gate's id, and the ledger keeps its
content with the opening, so somebody who is added to a file afterwards decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sluicegate.manifest import digest_of_value
from sluicegate.spec import Reviewer, Section, parse


class _Roster(Section):
    reviewers: list[Reviewer]


@dataclass(frozen=True, init=False)
class Roster:
    """The reviewers. The order in which a spec names them, or their stages, means nothing.

    Keys and roles come in as further fields of a reviewer; they are under the digest by themselves.
    """

    reviewers: tuple[Reviewer, ...]
    """In the order of their ids, each with its stages in order."""

    def __init__(self, reviewers: Iterable[Reviewer]) -> None:
        known = sorted(reviewers, key=lambda reviewer: reviewer.id)
        in_order = tuple(r.model_copy(update={"stages": sorted(set(r.stages))}) for r in known)
        object.__setattr__(self, "reviewers", in_order)

    @classmethod
    def from_json(cls, value: Any) -> Roster:
        """The roster that `to_json` wrote.

        Raises:
            SpecRefused: It is not one.
        """
        return cls(parse(_Roster, value, "roster").reviewers)

    def to_json(self) -> dict[str, Any]:
        """A JSON value: ``{"reviewers": [{"id", "stages"}, …]}``."""
        return {"reviewers": [reviewer.model_dump(mode="json") for reviewer in self.reviewers]}

    @property
    def digest(self) -> str:
        """SHA-256 over the canonical JSON."""
        return digest_of_value(self.to_json())

    def knows(self, reviewer: str) -> bool:
        """Whether somebody has this id."""
        return any(known.id == reviewer for known in self.reviewers)

    def may_decide(self, reviewer: str, stage: str) -> bool:
        """Whether `reviewer` may decide gates of `stage`."""
        return reviewer in self.eligible(stage)

    def eligible(self, stage: str) -> tuple[str, ...]:
        """Ids of all who may decide gates of `stage`."""
        return tuple(known.id for known in self.reviewers if stage in known.stages)
