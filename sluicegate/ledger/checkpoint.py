"""Checkpoints: signed statements of how far the ledger had come, kept where its owner cannot change them.

A chain whose tail was cut off still holds, and so does one that a thief of the service's key wrote anew.
Whoever has a checkpoint finds both: the ledger must hold the entry that it names, with that hash.
"""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from sluicegate.errors import InputRefused, Unavailable
from sluicegate.ledger.chain import Entry, Header, ServiceKeys
from sluicegate.ledger.ledger import Ledger, Transaction
from sluicegate.ledger.records import Records
from sluicegate.ledger.writer import writes
from sluicegate.signing import sshsig
from sluicegate.signing.keys import PublicKey

NAMESPACE = "sluicegate-checkpoint"
_ANSWER_TIMEOUT_S = 20
_MOST_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True)
class Checkpoint:
    """How far the ledger had come, signed by the service."""

    ledger: str
    """Hash of its first entry, which tells it from any other."""
    seq: int
    """Number of its last entry."""
    head: str
    """Hash of its last entry."""
    time: str
    """When this was signed, UTC."""
    recalled: tuple[str, ...]
    """Digests of the candidates that were recalled until then."""
    signature: str = ""

    @property
    def statement(self) -> dict[str, Any]:
        """What is signed."""
        return {
            "ledger": self.ledger,
            "seq": self.seq,
            "head": self.head,
            "time": self.time,
            "recalled": list(self.recalled),
        }

    def to_json(self) -> dict[str, Any]:
        """A JSON value that `from_json` reads back."""
        return asdict(self) | {"recalled": list(self.recalled)}

    @classmethod
    def from_json(cls, value: Any, where: str | Path = "checkpoint") -> Checkpoint:
        """The checkpoint that `to_json` wrote; its signature is not checked, see `checkpoint_faults`.

        Raises:
            InputRefused: It has another form.
        """
        try:
            return _CHECKPOINT.validate_json(json.dumps(value), extra="forbid")
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            place = ".".join(str(part) for part in first["loc"])
            raise InputRefused(where, place, f"is not a checkpoint: {first['msg'].lower()}") from None


_CHECKPOINT = TypeAdapter(Checkpoint)


@writes
def take_checkpoint(ledger: Ledger) -> Checkpoint:
    """A checkpoint of the ledger as it is now.

    Raises:
        Unavailable: The service's key is not there.
    """

    def work(transaction: Transaction) -> Checkpoint:
        head = transaction.begin()
        entries = transaction.entries(kinds=("ledger_opened", "release_recalled"))
        draft = Checkpoint(entries[0].hash, head.seq, head.hash, transaction.now, _recalled(entries))
        return replace(draft, signature=sshsig.sign(draft.statement, transaction.signing_key(), NAMESPACE))

    return ledger.transact(work)


@writes
def record_published(ledger: Ledger, checkpoint: Checkpoint, target: str) -> Entry:
    """Records that a checkpoint was given away; not where to, which may be an address with a secret in it."""
    body = {"seq": checkpoint.seq, "head": checkpoint.head, "to": "url" if _is_url(target) else "file"}
    return ledger.append("checkpoint_published", "", body, idempotency_key=f"checkpoint:{checkpoint.head}:{body['to']}")


def recalled(records: Records) -> tuple[str, ...]:
    """Digests of the candidates that were recalled."""
    return _recalled(records.entries(kinds=("release_recalled",)))


def checkpoint_faults(
    checkpoint: Checkpoint, chain: Iterable[Entry | Header], key: PublicKey | None = None
) -> tuple[str, ...]:
    """Everything in which a chain is not the one that a checkpoint was taken of; empty if it is, or goes on from it.

    Args:
        checkpoint: From wherever it was kept.
        chain: The entries or headers, all of them, in order; that they hold together is for `chain_faults` to say.
        key: The service's key when the checkpoint was signed; None: as the chain itself names it.
    """
    found = []
    by_seq = {entry.seq: entry for entry in chain}
    key = key or _key_in(by_seq.values(), checkpoint.seq)
    if key is None:
        found.append("the checkpoint's signature cannot be checked: nothing says which key was the service's")
    elif fault := sshsig.faults(checkpoint.statement, checkpoint.signature, key, NAMESPACE):
        found.append(f"the checkpoint is not the service's: {fault}")
    first, last = by_seq.get(1), by_seq.get(checkpoint.seq)
    if first is None or first.hash != checkpoint.ledger:
        return (*found, "the checkpoint is of another ledger: its first entry is not this one's")
    if last is None:
        had = f"the checkpoint of {checkpoint.time} saw {checkpoint.seq}"
        return (*found, f"the ledger ends at entry {max(by_seq)}, but {had}: its tail was cut off")
    if last.hash != checkpoint.head:
        found.append(f"entry {last.seq} is not the one that the checkpoint of {checkpoint.time} saw: written anew")
    shown = (e for e in by_seq.values() if isinstance(e, Entry) and e.seq <= checkpoint.seq)
    if missing := set(_recalled(shown)) - set(checkpoint.recalled):
        found.append(f"the checkpoint leaves out the recall of {', '.join(each[:12] for each in sorted(missing))}")
    return tuple(found)


def publish(checkpoint: Checkpoint, target: str) -> None:
    """Gives a checkpoint to where it is kept.

    Args:
        checkpoint: What is given away.
        target: An http or https URL, to which it is posted as JSON, or a file, to which it is added as one line.

    Raises:
        Unavailable: The file cannot be written, or nobody took it at the URL.
    """
    content = json.dumps(checkpoint.to_json()).encode() + b"\n"
    try:
        if _is_url(target):
            headers = {"Content-Type": "application/json"}
            request = urllib.request.Request(target, data=content, headers=headers, method="POST")
            urllib.request.urlopen(request, timeout=_ANSWER_TIMEOUT_S).close()
        else:
            # One write to a file that is open for adding: two processes do not mix their lines.
            handle = os.open(Path(target).expanduser(), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
            try:
                os.write(handle, content)
                os.fsync(handle)
            finally:
                os.close(handle)
    except urllib.error.HTTPError as error:
        raise Unavailable(f"the checkpoint was not taken (SLUICEGATE_CHECKPOINTS): answer {error.code}") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or type(error).__name__
        raise Unavailable(f"the checkpoint was not taken (SLUICEGATE_CHECKPOINTS): {reason}") from None


def read_checkpoint(path: Path) -> Checkpoint:
    """The newest checkpoint of a file, which holds one or one a line.

    Raises:
        InputRefused: It cannot be read, or holds none.
    """
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise InputRefused(path, "", f"cannot be read: {error.strerror}") from None
    if len(content) > _MOST_BYTES:
        raise InputRefused(path, "", f"is larger than {_MOST_BYTES} bytes: not a file of checkpoints")
    try:
        lines = content.decode().splitlines()
        found = [json.loads(line) for line in lines if line.strip()]
    except (ValueError, RecursionError):
        raise InputRefused(path, "", "is not a file of checkpoints", "one JSON object a line") from None
    if not found:
        raise InputRefused(path, "", "holds no checkpoint")
    return max((Checkpoint.from_json(value, path) for value in found), key=lambda each: (each.seq, each.time))


def _key_in(chain: Iterable[Entry | Header], seq: int) -> PublicKey | None:
    """The key that the service had once the entry with this number was written."""
    keys = ServiceKeys()
    for entry in chain:
        keys.learn(entry)
    return keys.at(seq + 1)


def _recalled(entries: Iterable[Entry]) -> tuple[str, ...]:
    found = {str(entry.body.get("candidate", "")) for entry in entries if entry.kind == "release_recalled"}
    return tuple(sorted(found))


def _is_url(target: str) -> bool:
    return target.startswith(("http://", "https://"))
