"""Verifying what others hand over: the folder of an exported release, an excerpt of a ledger, a ledger.

It needs the files and the keys of the root of trust, no network, no server, no home, and writes nothing.
Everything that is wrong is collected before it is said.
"""

from __future__ import annotations

import errno
import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sluicegate.audit.audit import Audit, audit
from sluicegate.audit.receipts import Receipt
from sluicegate.audit.trust import Pin
from sluicegate.audit.unchecked import unchecked_entries
from sluicegate.errors import InputRefused, SluicegateError, TamperingDetected, Unavailable
from sluicegate.evidence.dossier import load_dossier
from sluicegate.gates.state import Gate, Outcome
from sluicegate.ledger.chain import Entry, Header
from sluicegate.ledger.checkpoint import Checkpoint
from sluicegate.ledger.ledger import utc_now
from sluicegate.ledger.records import Excerpt
from sluicegate.manifest import digest_of_file
from sluicegate.policy import Policy
from sluicegate.registry import exported
from sluicegate.registry.exported_files import Contents
from sluicegate.registry.rejudging import check_lines, rejudge

_RELEASED = {
    "good": "as of then it is in good standing",
    "rolled back": "the stage was rolled back to an earlier release since: it is not live there",
    "recalled": "it was recalled",
}


@dataclass(frozen=True)
class Kept:
    """What was kept of a ledger elsewhere, to compare it with."""

    checkpoints: tuple[Checkpoint, ...] = ()
    receipts: tuple[Receipt, ...] = ()

    @classmethod
    def of(cls, kept: Iterable[Checkpoint | Receipt]) -> Kept:
        """Checkpoints and receipts, those of the receipts among the checkpoints too."""
        every = tuple(kept)
        receipts = tuple(one for one in every if isinstance(one, Receipt))
        return cls(tuple(one.checkpoint if isinstance(one, Receipt) else one for one in every), receipts)

    def faults(self, chain: Sequence[Entry | Header]) -> list[str]:
        """Decisions for which there is a receipt, and that the chain does not hold."""
        return [fault for receipt in self.receipts for fault in receipt.faults(chain)]


def verify_release_folder(
    folder: Path,
    *,
    trusted: Collection[Pin],
    kept: Kept = Kept(),
    max_age: timedelta | None = None,
    now: str | None = None,
) -> Audit:
    """Everything that is wrong with an exported release, and what it says.

    Args:
        folder: What `export` wrote.
        trusted: Keys, or fingerprints of keys, that must all have signed the first roster.
        kept: Checkpoints and receipts of the ledger; the folder's own checkpoint is always looked at.
        max_age: How old the newest checkpoint that holds may be; None: it does not matter.
        now: The time, as `utc_now` gives it; None: by this machine's clock.

    Raises:
        InputRefused: It is not the folder of an exported release.
    """
    excerpt = _excerpt(folder / exported.LEDGER)
    found = kept.faults(excerpt.chain)
    every = (*kept.checkpoints, *_own_checkpoint(folder / exported.CHECKPOINT, found))
    audited = audit(excerpt, trusted=trusted, checkpoints=every, max_age=max_age, now=now or utc_now())
    contents = Contents.of(folder)
    found += contents.faults
    gate = _gate(folder, audited.outcome, found)
    if gate is None:
        return audited.with_more(found)
    found += contents.differences(gate)
    found += _decision_faults(folder, gate, excerpt.shown)
    found += _standing_faults(gate, audited.outcome, every)
    last = max((entry.seq for entry in excerpt.chain), default=0)
    if any(checkpoint.seq > last for checkpoint in kept.checkpoints):
        found.append(f"if it was exported before a checkpoint that you gave, export it again: it ends at entry {last}")
    faults, said = ([], []) if contents.strange else _grounds(folder, gate, excerpt.shown, audited.outcome)
    return audited.with_more([*found, *faults], [*_what(gate, audited.outcome), *said])


def verify_ledger(
    where: str | Path,
    *,
    trusted: Collection[Pin],
    kept: Kept = Kept(),
    max_age: timedelta | None = None,
    now: str | None = None,
) -> Audit:
    """Everything that is wrong with a ledger, and what it says.

    Args:
        where: URL of its database, file of SQLite, or an excerpt of it in a file named ``*.json``.
        trusted: Keys, or fingerprints of keys, that must all have signed the first roster.
        kept: Checkpoints and receipts of the ledger.
        max_age: How old the newest checkpoint that holds may be; None: it does not matter.
        now: The time, as `utc_now` gives it; None: by this machine's clock.

    Raises:
        InputRefused: There is no ledger there.
        Unavailable: The database does not answer.
    """
    if str(where).endswith(".json"):
        excerpt, faults = _excerpt(Path(where)), tuple[str, ...]()
    else:
        url = str(where) if "://" in str(where) else f"sqlite:///{Path(where).absolute()}"
        entries, faults = unchecked_entries(url)
        excerpt = Excerpt(entries)
    found = audit(excerpt, trusted=trusted, checkpoints=kept.checkpoints, max_age=max_age, now=now or utc_now())
    return found.with_more([*faults, *kept.faults(excerpt.chain)])


def _excerpt(path: Path) -> Excerpt:
    try:
        return Excerpt.from_json(json.loads(_text(path)), str(path))
    except OSError as error:
        raise InputRefused(path, "", f"cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError):
        raise InputRefused(path, "", "is not an excerpt of a ledger") from None


def _text(path: Path) -> str:
    """The text of a file; a pipe, at which one would wait for ever, counts as none.

    Raises:
        OSError: It cannot be read.
        ValueError: It is no text.
    """
    if not path.is_file():
        raise FileNotFoundError(errno.ENOENT, "there is no such file")
    return path.read_text("utf-8")


def _own_checkpoint(path: Path, found: list[str]) -> tuple[Checkpoint, ...]:
    try:
        return (Checkpoint.from_json(json.loads(_text(path)), path.name),)
    except FileNotFoundError:
        found.append(f"{path.name} is missing")
    except (OSError, ValueError, RecursionError):
        found.append(f"{path.name} is not a checkpoint")
    except InputRefused as refused:
        found.append(str(refused))
    return ()


def _gate(folder: Path, known: Outcome, found: list[str]) -> Gate | None:
    path = folder / exported.GATE
    if not path.is_file():
        return None  # `Contents` says so
    digest = digest_of_file(path)
    gate = known.gate(digest)
    if gate is None:
        found.append(f"{exported.GATE} gives gate {digest[:12]}, which {exported.LEDGER} does not hold")
    return gate


def _decision_faults(folder: Path, gate: Gate, entries: Sequence[Entry]) -> list[str]:
    """What differs between the files for `ssh-keygen` and the ledger."""
    try:
        expected = exported.decision_files(gate, entries)
    except (SluicegateError, KeyError, TypeError, AttributeError):
        return []  # a roster that cannot be read: the audit says so
    there = {f"{exported.DECISIONS}/{path.name}" for path in (folder / exported.DECISIONS).glob("*")}
    found = [f"{name} is not in the ledger" for name in sorted(there - expected.keys())]
    for name, content in expected.items():
        path = folder / name
        if not path.is_file():
            found.append(f"{name} is missing")
        elif path.read_bytes() != content:
            found.append(f"{name} was changed: the ledger says otherwise")
    return found


def _standing_faults(gate: Gate, known: Outcome, checkpoints: Collection[Checkpoint]) -> list[str]:
    if gate.state != "released":
        return [f"nothing was released through gate {gate.id[:12]}: it is {gate.ended or gate.state}"]
    release = next(one for one in known.releases if one.gate == gate.id)
    found = [f"candidate {gate.candidate[:12]} was recalled"] if release.standing == "recalled" else []
    # A recall that this folder is too old to hold, or from which its ledger was cut off.
    for checkpoint in checkpoints:
        if gate.candidate in checkpoint.recalled and not found:
            found.append(f"candidate {gate.candidate[:12]} was recalled, says the checkpoint of {checkpoint.time}")
    return found


def _what(gate: Gate, known: Outcome) -> list[str]:
    release = next((one for one in known.releases if one.gate == gate.id), None)
    state = _RELEASED[release.standing] if release else "it was not released"
    return [f"This is candidate {gate.candidate} for {gate.stage} of {gate.model}, through gate {gate.id}; {state}"]


def _grounds(folder: Path, gate: Gate, entries: Sequence[Entry], known: Outcome) -> tuple[list[str], list[str]]:
    """What is wrong with the evidence for the approvals, and how the checks stood at the last one."""
    try:
        dossier = load_dossier(folder / exported.DOSSIER)
        value = json.loads(_text(folder / exported.POLICY))
        policy = Policy.from_json(value, exported.POLICY)
    except TamperingDetected as tampered:
        return [f"{exported.DOSSIER}: {fault}" for fault in tampered.faults], []
    except FileNotFoundError:
        return [], []  # `Contents` says so
    except (OSError, ValueError, RecursionError):
        return [f"{exported.POLICY} is not a policy"], []
    except Unavailable:
        return [f"{exported.DOSSIER}/ holds no dossier"], []
    except SluicegateError as refused:
        return [str(refused)], []
    faults, judgement = rejudge(gate, dossier, policy, entries, known)
    return list(faults), list(check_lines(judgement, policy)) if judgement and not faults else []
