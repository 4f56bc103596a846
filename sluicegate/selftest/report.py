"""What became of the self-test's candidates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from sluicegate.policy.judging import Verdict
from sluicegate.selftest.faults import GOOD


@dataclass(frozen=True)
class Result:
    """One candidate at the gate."""

    name: str
    planted: str
    """What was done, in a sentence."""
    verdict: Literal["approved", "refused", "not tried"]
    """What the gate made of reviewers who approve whatever they are shown."""
    why: str
    """Why it was refused; empty if it was not."""
    caught_by: tuple[Verdict, ...]
    """Blocking verdicts of checks that look for what was planted."""
    others: tuple[Verdict, ...]
    """Blocking verdicts of other checks."""
    tampering: tuple[str, ...]
    """Every place at which the bytes were found to be others than those that were measured."""
    candidate: str
    dossier: str
    seconds: float
    """How long it took to make and to measure."""

    @property
    def right(self) -> bool:
        """Whether the gate did what it is for: refused a bad one for what is bad about it, let the good one pass.

        It did nothing wrong where nothing could be tried.
        """
        if self.verdict == "not tried":
            return True
        if self.name == GOOD:
            return self.verdict == "approved"
        return self.verdict == "refused" and bool(self.caught_by or self.tampering)

    def to_json(self) -> dict[str, Any]:
        """A JSON value: what was planted, the verdict, and the findings that caught it."""
        return {
            "candidate": self.name,
            "planted": self.planted,
            "verdict": self.verdict,
            "right": self.right,
            "caught_by": [_finding(verdict) for verdict in self.caught_by],
            "blocked_by_others": [_finding(verdict) for verdict in self.others],
            "tampering": list(self.tampering),
            "why": self.why,
            "digest": self.candidate,
            "dossier": self.dossier,
            "seconds": round(self.seconds, 1),
        }


def _finding(verdict: Verdict) -> dict[str, Any]:
    return {
        "check": verdict.check,
        "verdict": verdict.verdict,
        "value": verdict.value,
        "interval": list(verdict.interval) if verdict.interval else None,
        "limit": verdict.limit,
        "why": verdict.why,
    }


@dataclass(frozen=True)
class Report:
    """All of them."""

    model: str
    stage: str
    policy: str
    """Digest of the policy."""
    results: tuple[Result, ...]
    seconds: float

    @property
    def bad(self) -> tuple[Result, ...]:
        """Those in which something was planted."""
        return tuple(result for result in self.results if result.name != GOOD and result.verdict != "not tried")

    @property
    def not_tried(self) -> tuple[Result, ...]:
        """Those for which the rows have no place."""
        return tuple(result for result in self.results if result.verdict == "not tried")

    @property
    def wrong(self) -> tuple[Result, ...]:
        """Bad ones that were not caught, and the good one if it did not pass."""
        return tuple(result for result in self.results if not result.right)

    @property
    def sentence(self) -> str:
        """The outcome in one sentence."""
        caught = sum(result.right for result in self.bad)
        good = all(result.right for result in self.results if result.name == GOOD)
        not_tried = f" Not tried: {', '.join(result.name for result in self.not_tried)}." if self.not_tried else ""
        passed = "passed" if good else "did not pass"
        return f"{caught} of {len(self.bad)} bad candidates caught; the good one {passed}.{not_tried}"

    @property
    def failure(self) -> str:
        """What went wrong, in one line; only where something did."""
        named = [
            f"{result.name} was {'approved' if result.verdict == 'approved' else 'not refused for what was planted'}"
            if result.name != GOOD
            else f"the good one did not pass: {result.why}"
            for result in self.wrong
        ]
        return f"the self-test of {self.model}/{self.stage} failed: {'; '.join(named)}"

    def to_json(self) -> dict[str, Any]:
        """A JSON value: model, stage and policy, how many were caught, not tried and passed, and ``candidates``."""
        return {
            "model": self.model,
            "stage": self.stage,
            "policy": self.policy,
            "caught": sum(result.right for result in self.bad),
            "bad": len(self.bad),
            "not_tried": len(self.not_tried),
            "good_passed": all(result.right for result in self.results if result.name == GOOD),
            "seconds": round(self.seconds, 1),
            "candidates": [result.to_json() for result in self.results],
        }
