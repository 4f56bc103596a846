"""A release taken out of the house: all that somebody else needs to check it, with our command or without.

`exported` says what lies in the folder, `verifying` checks it; the folder's README.txt says how to do both.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import rfc8785

from sluicegate.audit.statements import as_of
from sluicegate.desk.times import moment
from sluicegate.errors import InputRefused, ReleaseDenied, TamperingDetected
from sluicegate.gates.reasons import typed
from sluicegate.gates.replay import replay
from sluicegate.gates.state import Outcome, Release
from sluicegate.ledger.chain import Entry
from sluicegate.ledger.checkpoint import take_checkpoint
from sluicegate.ledger.ledger import Ledger
from sluicegate.ledger.records import Excerpt
from sluicegate.manifest import Manifest, digest_of_bytes, digest_of_value
from sluicegate.progress import report
from sluicegate.registry import archive, exported
from sluicegate.registry.readme import readme
from sluicegate.settings import Home

_SHORTEST_PREFIX = 4


@dataclass(frozen=True)
class Exported:
    """What was written, and of which release."""

    folder: Path
    release: Release
    files: int
    size: int
    """Bytes."""

    def to_json(self) -> dict[str, Any]:
        """A JSON value with every field."""
        return asdict(self) | {"folder": str(self.folder)}


def export(home: Home, ledger: Ledger, release: str, folder: Path) -> Exported:
    """Writes a release and all that it takes to check it into `folder`, which must be empty or not there.

    Args:
        home: Where the release is.
        ledger: What it was released by; a checkpoint of it is taken.
        release: ``MODEL/STAGE`` for what is live there, or the first characters of a candidate's digest
            for its newest release.
        folder: Where to.

    Raises:
        InputRefused: There is no such release, or the folder is not empty or cannot be written.
        ReleaseDenied: It was recalled.
        TamperingDetected: The release or the ledger is not what it was.
        Unavailable: Something of the release is nowhere to be found, or no checkpoint can be taken.
    """
    found = find_release(ledger, release)
    if faults := ledger.verify():
        raise TamperingDetected("the ledger", faults)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputRefused(folder, "", "is not an empty folder", "name one that is not there yet")
    partial = folder.with_name(f".{folder.name}.partial")
    try:
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        _write(home, ledger, found, partial)
        if folder.exists():
            folder.rmdir()
        partial.rename(folder)
    except OSError as error:
        raise InputRefused(folder, "", f"cannot be written: {error.strerror}") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    files = Manifest.of_folder(folder).files
    return Exported(folder, found, len(files), sum(entry.size for entry in files))


def find_release(ledger: Ledger, name: str) -> Release:
    """The release that ``MODEL/STAGE`` or the first characters of a candidate's digest stand for.

    Raises:
        InputRefused: None, or more than one candidate.
        ReleaseDenied: It was recalled.
    """
    entries = ledger.entries()
    known = replay(entries)
    every = known.releases
    if "/" in name:
        model, _, stage = name.partition("/")
        matching = list(known.stacks.get((model, stage), ()))
    else:
        matching = [r for r in every if len(name) >= _SHORTEST_PREFIX and r.candidate.startswith(name.lower())]
    if not matching:
        there = ", ".join(sorted({f"{r.model}/{r.stage}" for r in every})) or "nothing was released yet"
        raise InputRefused("release", "", f"there is none called {typed(name)}", there)
    if len({(r.model, r.candidate) for r in matching}) > 1 and "/" not in name:
        raise InputRefused("release", "", f"{typed(name)} begins more than one candidate's digest", "give more of it")
    refuse_recalled(matching[-1], known, entries)
    return matching[-1]


def refuse_recalled(release: Release, known: Outcome, entries: Sequence[Entry]) -> None:
    """Does nothing, unless the release's candidate was recalled.

    Raises:
        ReleaseDenied: It was.
    """
    if release.standing != "recalled":
        return
    recalls = [e for e in entries if e.kind == "release_recalled" and e.model == release.model]
    entry = next(e for e in recalls if e.body["candidate"] == release.candidate)
    who = f"by {entry.body['order']['reviewer']} on {moment(entry.time)}: {entry.body['order']['reason']}"
    raise ReleaseDenied(f"candidate {release.candidate[:12]} was recalled {who}; it is not exported")


def _write(home: Home, ledger: Ledger, release: Release, into: Path) -> None:
    report("export", 1, 4, "steps", "the candidate")
    _write_folder(archive.candidate(home, release.candidate), into, exported.CANDIDATE)
    report("export", 2, 4, "steps", "the dossier")
    _write_folder(archive.dossier(home, release.dossier), into, exported.DOSSIER)
    report("export", 3, 4, "steps", "the ledger")
    shutil.copyfile(archive.policy(home, release.policy), into / exported.POLICY)
    _write_records(ledger, release, into)
    report("export", 4, 4, "steps", "the check sums")
    sums = [f"{e.sha256}  {e.path}\n" for e in Manifest.of_folder(into).files]
    (into / exported.SUMS).write_text("".join(sums), "utf-8")


def _write_records(ledger: Ledger, release: Release, into: Path) -> None:
    checkpoint = take_checkpoint(ledger)
    excerpt = Excerpt.of(ledger, release.model)  # after the checkpoint, so that it holds the checkpoint's entry
    entries = excerpt.shown
    known = replay(entries)
    refuse_recalled(next(r for r in known.releases if r.gate == release.gate), known, entries)
    gate = next(g for g in known.gates if g.id == release.gate)
    _write_value(into / exported.GATE, exported.question(gate, entries), gate.id)
    _write_value(into / exported.ROSTER, exported.roster_of(gate, entries).to_json(), gate.roster)
    _write_json(into / exported.LEDGER, excerpt.to_json())
    _write_json(into / exported.CHECKPOINT, checkpoint.to_json())
    for name, content in exported.decision_files(gate, entries).items():
        (into / name).parent.mkdir(exist_ok=True)
        (into / name).write_bytes(content)
    words = readme(gate, release, exported.decided(gate, entries), as_of(checkpoint, excerpt.chain))
    (into / exported.README).write_text(words, "utf-8")


def _write_folder(source: Path, into: Path, name: str) -> None:
    shutil.copytree(source, into / name)
    manifest = Manifest.of_folder(into / name)
    if manifest.digest != source.name:
        raise TamperingDetected(f"{name} {source.name[:12]}", ("it changed while it was copied",))
    _write_value(into / exported.MANIFESTS[name], manifest.to_json(), source.name)


def _write_value(path: Path, value: Any, digest: str) -> None:
    content = rfc8785.dumps(value)
    if digest_of_bytes(content) != digest:
        raise TamperingDetected(path.name, (f"it gives {digest_of_value(value)[:16]}…, not {digest[:16]}…",))
    path.write_bytes(content)


def _write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False) + "\n", "utf-8")
