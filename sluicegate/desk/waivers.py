"""The waivers of a gate, written for a person."""

from __future__ import annotations

from dataclasses import dataclass

from sluicegate.desk.figures import title_of
from sluicegate.gates.state import Gate


@dataclass(frozen=True)
class Waived:
    """One check that somebody waived."""

    check: str
    title: str
    """What the check is, in plain words."""
    until: str
    """The last day on which the waiver counts, YYYY-MM-DD."""
    in_force: bool
    """Whether it counts today; if not, the check blocks again."""
    owner: str
    follow_up: str
    reviewer: str
    grade: str
    """Signed or attested."""
    reason: str

    @property
    def sentence(self) -> str:
        """The waiver in words."""
        standing = "waived until" if self.in_force else "lapsed: it was waived until"
        by = f"by {self.reviewer} ({self.grade}): {self.reason}"
        return f"{self.title}: {standing} {self.until} {by} Owner: {self.owner}. Follow-up: {self.follow_up}"


def waivers(gate: Gate, now: str) -> tuple[Waived, ...]:
    """Every waiver of the gate, those in force first.

    Args:
        gate: The gate.
        now: UTC, as the ledger writes it.
    """
    found = [
        Waived(
            check=waiver.check,
            title=title_of(waiver.check),
            until=waiver.expires,
            in_force=waiver.in_force(now),
            owner=waiver.owner,
            follow_up=waiver.follow_up,
            reviewer=waiver.reviewer,
            grade=waiver.grade,
            reason=waiver.reason,
        )
        for waiver in gate.waivers
    ]
    return tuple(sorted(found, key=lambda waived: (not waived.in_force, waived.until, waived.check)))
