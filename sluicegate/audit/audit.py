"""Auditing: everything that is wrong with a ledger or an excerpt of one, and what it says in plain words.

Nothing is believed that is not signed. The chain and the service's signatures must hold, the first roster
must be signed with keys that the auditor brings along, every later one and every decision and order by
people of the roster of that time, and the ledger must go on from each checkpoint that was kept elsewhere.
All faults are collected; nothing here reads a file, opens a connection or writes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from sluicegate.audit.statements import as_of, statements
from sluicegate.audit.trust import Pin, fingerprint_of, root_faults
from sluicegate.desk.escaping import visible
from sluicegate.desk.times import lasting
from sluicegate.errors import SluicegateError, TamperingDetected
from sluicegate.gates.replay import replay
from sluicegate.gates.state import CLOCKS_DIFFER_S, Outcome, seconds_between
from sluicegate.ledger.chain import Entry, Header, ServiceKeys, chain_faults
from sluicegate.ledger.checkpoint import Checkpoint, checkpoint_faults
from sluicegate.ledger.records import Excerpt

_MOST_UNREADABLE = 20
_LONGEST_LINE = 4000
"""A reason has at most half of it."""


@dataclass(frozen=True)
class Audit:
    """What an auditor found."""

    faults: tuple[str, ...]
    """Everything that is wrong, one line each; empty: it holds."""
    statements: tuple[str, ...]
    """What the entries that count say, in plain words, in their order; worth nothing while there are faults."""
    checkpoint: Checkpoint | None
    """The newest checkpoint that the ledger goes on from; None: none was given, or none that holds."""
    outcome: Outcome
    """What the entries that count come to."""

    def with_more(self, faults: Sequence[str], said: Sequence[str] = ()) -> Audit:
        """The same with more faults, and with statements that come before the others."""
        return replace(self, faults=_lines([*self.faults, *faults]), statements=_lines([*said, *self.statements]))

    def require(self, what: str) -> None:
        """Does nothing if all of it holds.

        Raises:
            TamperingDetected: Something is wrong.
        """
        if self.faults:
            raise TamperingDetected(what, self.faults)

    def to_json(self) -> dict[str, Any]:
        """A JSON value: whether it holds, faults, statements, checkpoint."""
        return {
            "holds": not self.faults,
            "faults": list(self.faults),
            "statements": list(self.statements),
            "checkpoint": self.checkpoint.to_json() if self.checkpoint else None,
        }


def audit(
    records: Excerpt | Sequence[Entry],
    *,
    trusted: Collection[Pin],
    checkpoints: Collection[Checkpoint] = (),
    max_age: timedelta | None = None,
    now: str,
) -> Audit:
    """Everything that is wrong, and what is said.

    Args:
        records: All entries of a ledger, or an excerpt; not checked yet.
        trusted: Keys, or fingerprints of keys, that must all have signed the first roster.
        checkpoints: Kept elsewhere, or given with an excerpt.
        max_age: How old the newest checkpoint that holds may be; None: it does not matter.
        now: The time, as `utc_now` gives it.
    """
    excerpt = records if isinstance(records, Excerpt) else Excerpt(tuple(records))
    chain, keys = excerpt.chain, ServiceKeys()
    found = list(chain_faults(chain, keys)) if chain else ["there is no entry"]
    found += excerpt.all_hidden
    untrusted = root_faults(excerpt.shown, trusted)
    found += untrusted
    entries, outcome, unreadable = _replayed(excerpt.shown)
    found += [*unreadable, *outcome.faults]
    holding, faults = _compared(checkpoints, chain, keys)
    found += faults
    newest = max(holding, key=lambda each: (each.seq, each.time), default=None)
    found += _age_faults(newest, max_age, now)
    rooted = [] if untrusted else [f"The first roster is signed by {', '.join(map(fingerprint_of, trusted))}"]
    said = (*rooted, *statements(outcome, entries), as_of(newest, chain))
    return Audit(_lines(found), _lines(said), newest, outcome)


def _lines(found: Sequence[str]) -> tuple[str, ...]:
    """Each once, and harmless on a terminal: a file that anybody may have written is quoted in them."""
    return tuple(dict.fromkeys(visible(line, _LONGEST_LINE) for line in found))


def _replayed(entries: Sequence[Entry]) -> tuple[list[Entry], Outcome, list[str]]:
    """The entries that can be read, what they come to, and what is wrong with the others."""
    left, found = list(entries), list[str]()
    while True:
        reached: list[int] = []
        try:
            return left, replay(_watched(left, reached)), found
        except TamperingDetected as error:
            found += error.faults
        except (SluicegateError, ArithmeticError, RecursionError) as error:
            found.append(f"entry {left[reached[-1]].seq} cannot be read: {error}")
        # One that cannot be read counts for nothing; whatever is wrong with the others is to be found too.
        unreadable = left.pop(reached[-1])
        if len(found) > _MOST_UNREADABLE:
            found.append(f"what comes after entry {unreadable.seq} was not looked at: too much before cannot be read")
            del left[reached[-1] :]


def _watched(entries: Sequence[Entry], reached: list[int]) -> Iterator[Entry]:
    for place, entry in enumerate(entries):
        reached[:] = [place]
        yield entry


def _compared(
    checkpoints: Collection[Checkpoint], chain: Sequence[Entry | Header], keys: ServiceKeys
) -> tuple[list[Checkpoint], list[str]]:
    """The checkpoints that the chain goes on from, and what is wrong with the others."""
    holding, found = [], list[str]()
    by_number = {entry.seq: entry for entry in chain}
    recalls = [entry for entry in chain if entry.kind == "release_recalled"]
    for checkpoint in checkpoints:
        named = {entry.seq: entry for entry in (*chain[:1], *recalls, *chain[-1:])}
        if checkpoint.seq in by_number:
            named[checkpoint.seq] = by_number[checkpoint.seq]
        key = keys.at(checkpoint.seq + 1)
        faults = checkpoint_faults(checkpoint, [named[number] for number in sorted(named)], key)
        found += faults
        holding += [] if faults else [checkpoint]
    return holding, found


def _age_faults(newest: Checkpoint | None, max_age: timedelta | None, now: str) -> list[str]:
    if newest is None:
        return ["no checkpoint that holds was given: nothing says how old this is"] if max_age else []
    age_s = seconds_between(newest.time, now)
    if not age_s >= -CLOCKS_DIFFER_S:
        return [f"the checkpoint of entry {newest.seq} is dated {newest.time}, later than now"]
    if max_age is not None and age_s > max_age.total_seconds():
        old, most = lasting(age_s), lasting(max_age.total_seconds())
        return [f"the newest checkpoint that holds is {old} old, more than {most}: get a newer one"]
    return []
