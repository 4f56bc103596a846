"""What people said at a gate: decisions and waivers, and what they sign for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Verb = Literal["approve", "reject"]
Via = Literal["command-line", "prefect-form", "file"]
Grade = Literal["signed", "attested"]
"""Who vouches for a decision: the reviewer's own key, or the service, which took a one-time code from them."""
DECIDED = ("gate", "decision", "reviewer", "reason", "time")
"""What a reviewer signs when they approve or reject."""
WAIVED = (*DECIDED, "check", "owner", "expires", "follow_up")
"""What a reviewer signs when they waive a check."""


@dataclass(frozen=True)
class Decision:
    """What a named person decided about one gate, and on what grounds."""

    gate: str
    decision: Verb
    reviewer: str
    reason: str
    time: str
    """When it was decided, UTC, as the reviewer says; the entry has the ledger's own time."""
    via: Via
    grade: Grade
    signature: str | None
    """OpenSSH's armoured form (SSHSIG), over the canonical JSON of `statement`; none if it is attested."""
    verdicts: dict[str, int]
    """Verdict → how many checks had it when it was decided."""
    entry: str
    """Hash of the ledger entry that records it."""
    recorded: str = ""
    """When the ledger took it, UTC."""

    @property
    def statement(self) -> dict[str, str]:
        """What the reviewer's signature covers, by its canonical JSON."""
        return {name: getattr(self, name) for name in DECIDED}


@dataclass(frozen=True)
class Waiver:
    """One check that need not hold at one gate, until a day."""

    gate: str
    check: str
    reviewer: str
    reason: str
    owner: str
    """Who answers for what is left undone."""
    expires: str
    """The last day on which it counts, YYYY-MM-DD."""
    follow_up: str
    """What will be done about it."""
    time: str
    via: Via
    grade: Grade
    signature: str | None
    entry: str
    """Hash of the ledger entry that records it."""

    @property
    def statement(self) -> dict[str, str]:
        """What the reviewer's signature covers, by its canonical JSON."""
        return {name: "waive" if name == "decision" else getattr(self, name) for name in WAIVED}

    def in_force(self, day: str) -> bool:
        """Whether it counts on `day` (YYYY-MM-DD, or a time that begins with it)."""
        return day[:10] <= self.expires
