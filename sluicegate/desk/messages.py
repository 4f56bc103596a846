"""What people are told about a gate, wherever the message goes.

A message leaves the house: it names model, stage, gate, who is asked by their ids, until when, and what to
type. No reason, no text that somebody wrote, no figure. Every name in it is cut down to characters that
mean nothing to any channel.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from sluicegate.desk.attention import Attended, DueKind
from sluicegate.errors import InputRefused
from sluicegate.gates.state import Gate

NOTIFY = "SLUICEGATE_NOTIFY"
"""What names the Prefect blocks through which people are told: ``slack-webhook/reviewers,webhook/on-call``."""
_SLUG = re.compile(r"[a-z0-9-]+/[a-z0-9-]+")
_HARMLESS = re.compile(r"[^A-Za-z0-9 ._/:-]")
_LONGEST_NAME = 80
_SHORT = 12


@dataclass(frozen=True)
class Notice:
    """One message."""

    kind: DueKind
    gate: str
    """Whole id of the gate."""
    model: str
    stage: str
    subject: str
    """One line."""
    text: str
    """Some lines, the last ones to be typed."""


def named_blocks(setting: str | None) -> tuple[str, ...]:
    """The blocks that `SLUICEGATE_NOTIFY` names, in order, each once.

    Raises:
        InputRefused: One of them is not ``type/name``.
    """
    slugs = [slug for part in (setting or "").split(",") if (slug := part.strip())]
    if odd := [slug for slug in slugs if not _SLUG.fullmatch(slug)]:
        problem = f"{_plain(odd[0])} is not type/name in small letters, digits and hyphens"
        raise InputRefused(NOTIFY, "", problem, "for example slack-webhook/reviewers,webhook/on-call")
    return tuple(dict.fromkeys(slugs))


def notice(attended: Attended) -> Notice:
    """What to tell people about something that was just recorded."""
    subject, *lines = _WORDS[attended.due.kind](attended)
    gate = attended.gate
    return Notice(attended.due.kind, gate.id, _plain(gate.model), _plain(gate.stage), subject, "\n".join(lines))


def trial() -> Notice:
    """A message that is about nothing, to see whether it arrives."""
    text = "Somebody tries whether messages arrive here. Nothing is to be done."
    return Notice("remind", "", "", "", "Sluicegate: a trial", text)


def _remind(attended: Attended) -> Iterable[str]:
    yield f"{_place(attended.gate)} waits for a decision"
    yield from _question(attended)
    yield from _to_decide(attended.gate)


def _escalate(attended: Attended) -> Iterable[str]:
    yield f"{_place(attended.gate)} has waited too long for a decision"
    yield from _question(attended)
    yield f"Passed on to the administrators: {_people(attended.administrators)}."
    yield from _to_decide(attended.gate)


def _expire(attended: Attended) -> Iterable[str]:
    gate = attended.gate
    yield f"{_place(gate)} expired: nothing was released"
    yield f"Gate {gate.id[:_SHORT]}, candidate {gate.candidate[:_SHORT]}: {attended.due.why}."
    yield "It cannot be decided any more. To ask again, in a new round:"
    yield f"  sluicegate reopen {gate.id[:_SHORT]}"


def _waiver_lapsed(attended: Attended) -> Iterable[str]:
    gate, due = attended.gate, attended.due
    yield f"{_place(gate)} is live on a waiver that ended"
    yield f"Check {_plain(due.check)}, candidate {gate.candidate[:_SHORT]}: {_plain(due.why)}."
    yield f"Owner of the waiver: {_people([due.owner])}."
    yield "Nothing was taken back. Look at it, then release a candidate that passes, or go back:"
    yield f"  sluicegate brief {gate.id[:_SHORT]}"
    yield f"  sluicegate rollback {_plain(gate.model)} {_plain(gate.stage)}"


_WORDS = {"remind": _remind, "escalate": _escalate, "expire": _expire, "waiver-lapsed": _waiver_lapsed}


def _place(gate: Gate) -> str:
    return f"{_plain(gate.model)}: {_plain(gate.stage)}"


def _question(attended: Attended) -> Iterable[str]:
    gate = attended.gate
    model, stage = _plain(gate.model), _plain(gate.stage)
    yield f"May candidate {gate.candidate[:_SHORT]} enter {stage} of {model}? Gate {gate.id[:_SHORT]}."
    yield f"{attended.due.why[:1].upper()}{attended.due.why[1:]}: after that it expires and nothing is released."


def _to_decide(gate: Gate) -> Iterable[str]:
    if gate.needed:
        yield f"Missing: {', '.join(map(_plain, gate.needed))}."
    decided = {decision.reviewer for decision in gate.decisions}
    yield f"Who may approve: {_people(i for i in gate.eligible if i not in decided)}."
    yield f"  sluicegate brief {gate.id[:_SHORT]}"
    yield f"  sluicegate approve {gate.id[:_SHORT]}   (or reject)"


def _people(ids: Iterable[str]) -> str:
    return ", ".join(map(_plain, ids)) or "nobody"


def _plain(name: str) -> str:
    return _HARMLESS.sub("·", name)[:_LONGEST_NAME]
