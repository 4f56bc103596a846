"""A release taken out of the house: all that somebody else needs to check it, with nothing but ``sha256sum``.

Everything that has an id is written in the canonical form that the id is the SHA-256 of, so no program of
ours is needed to check any of it. The folder's README.txt says how.
"""

from __future__ import annotations

import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import rfc8785

from sluicegate.errors import InputRefused, TamperingDetected
from sluicegate.gates.chain import Entry
from sluicegate.gates.gate import find_gate, roster_of
from sluicegate.gates.ledger import Ledger
from sluicegate.gates.releases import releases
from sluicegate.gates.state import Release, gate_id
from sluicegate.manifest import Manifest, digest_of_bytes, digest_of_value
from sluicegate.progress import report
from sluicegate.registry import archive
from sluicegate.settings import Home

_SHORTEST_PREFIX = 4

README = """\
Release of {model}, stage {stage}
candidate {candidate}
released  {time}

What is here
  candidate/               the model: weights, tokenizer, configuration, loader.py, requirements.txt
  candidate.manifest.json  every file of it with its SHA-256
  dossier/                 what was measured: open dossier/index.html
  dossier.manifest.json    every file of it with its SHA-256
  policy.json              the limits for each stage
  roster.json              who was allowed to decide
  gate.json                the question that was decided
  ledger/                  every ledger entry about this candidate, one file each, named by its number
  SHA256SUMS               the SHA-256 of every file here

How to check it, with nothing of ours (Linux; on macOS use `shasum -a 256`)
  1. sha256sum --check --quiet SHA256SUMS
       every file is as it was exported
  2. sha256sum candidate.manifest.json     gives  {candidate}
     sha256sum dossier.manifest.json       gives  {dossier}
     sha256sum policy.json                 gives  {policy}
     sha256sum roster.json                 gives  {roster}
       the manifests list the SHA-256 of every file of candidate/ and dossier/, as SHA256SUMS does
  3. sha256sum gate.json                   gives  {gate}
       it names the four digests above, and the entry that opened the gate
  4. sha256sum ledger/{opened:06d}.json          gives  {opened_hash}
       the opening; each entry's SHA-256 is its hash, and each names the hash of the entry before it as `prev`
  5. ledger/{decided:06d}.json is the approval and ledger/{committed:06d}.json the promotion; both name the gate
     sha256sum ledger/{committed:06d}.json          gives  {committed_hash}

What this does not show: that the ledger was not written anew as a whole. Compare the hash in step 5 with
one that you were given another way.

How to use it
  pip install -r candidate/requirements.txt
  cd candidate && python -B -c "import loader; print(loader.load('.').predict_proba(['some text']))"
"""


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
        ledger: What it was released by.
        release: ``MODEL/STAGE`` for what is live there, or the first characters of a candidate's digest
            for its newest release.
        folder: Where to.

    Raises:
        InputRefused: There is no such release, or the folder is not empty or cannot be written.
        TamperingDetected: The release or the ledger is not what it was.
        Unavailable: Something of the release is nowhere to be found.
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
        shutil.rmtree(partial, ignore_errors=True)
        raise InputRefused(folder, "", f"cannot be written: {error.strerror}") from error
    files = Manifest.of_folder(folder).files
    return Exported(folder, found, len(files), sum(entry.size for entry in files))


def find_release(ledger: Ledger, name: str) -> Release:
    """The release that ``MODEL/STAGE`` or the first characters of a candidate's digest stand for.

    Raises:
        InputRefused: None, or more than one candidate.
    """
    every = releases(ledger)
    if "/" in name:
        matching = [r for r in every if f"{r.model}/{r.stage}" == name]
    else:
        matching = [r for r in every if len(name) >= _SHORTEST_PREFIX and r.candidate.startswith(name.lower())]
    if not matching:
        known = ", ".join(sorted({f"{r.model}/{r.stage}" for r in every})) or "nothing was released yet"
        raise InputRefused("release", "", f"there is none called {name[:80]!r}", known)
    if len({(r.model, r.candidate) for r in matching}) > 1 and "/" not in name:
        raise InputRefused("release", "", f"{name[:80]!r} begins more than one candidate's digest", "give more of it")
    return matching[-1]


def _write(home: Home, ledger: Ledger, release: Release, into: Path) -> None:
    report("export", 1, 4, "steps", "the candidate")
    _write_folder(archive.candidate(home, release.candidate), into, "candidate")
    report("export", 2, 4, "steps", "the dossier")
    _write_folder(archive.dossier(home, release.dossier), into, "dossier")
    report("export", 3, 4, "steps", "the ledger's entries")
    shutil.copyfile(archive.policy(home, release.policy), into / "policy.json")
    _write_value(into / "roster.json", roster_of(ledger, find_gate(ledger, release.gate)).to_json(), release.roster)
    entries = _concerned(ledger, release)
    for entry in entries:
        _write_value(into / "ledger" / f"{entry.seq:06d}.json", entry.content, entry.hash)
        if entry.signature:
            (into / "ledger" / f"{entry.seq:06d}.signature").write_text(entry.signature, "utf-8")
    opening = next(e for e in entries if e.kind == "gate_opened" and gate_id(e) == release.gate)
    question = {key: getattr(release, key) for key in ("model", "stage", "candidate", "dossier", "policy", "roster")}
    _write_value(into / "gate.json", question | {"opened_by": opening.hash}, release.gate)
    of_gate = {e.kind: e for e in entries if e.body.get("gate") == release.gate and e.kind != "approval_refused"}
    numbers = {
        "opened": opening.seq,
        "opened_hash": opening.hash,
        "decided": of_gate["decision"].seq,
        "committed": of_gate["promotion_committed"].seq,
        "committed_hash": release.entry,
    }
    words = README.format(**question, gate=release.gate, time=release.time, **numbers)
    (into / "README.txt").write_text(words, "utf-8")
    report("export", 4, 4, "steps", "the check sums")
    sums = [f"{e.sha256}  {e.path}\n" for e in Manifest.of_folder(into).files]
    (into / "SHA256SUMS").write_text("".join(sums), "utf-8")


def _concerned(ledger: Ledger, release: Release) -> list[Entry]:
    """Every entry about a gate that this candidate ever stood before."""
    entries = ledger.entries(release.model)
    own = {gate_id(e) for e in entries if e.kind == "gate_opened" and e.body["candidate"] == release.candidate}
    return [e for e in entries if (gate_id(e) if e.kind == "gate_opened" else e.body.get("gate")) in own]


def _write_folder(source: Path, into: Path, name: str) -> None:
    shutil.copytree(source, into / name)
    manifest = Manifest.of_folder(into / name)
    if manifest.digest != source.name:
        raise TamperingDetected(f"{name} {source.name[:12]}", ("it changed while it was copied",))
    _write_value(into / f"{name}.manifest.json", manifest.to_json(), source.name)


def _write_value(path: Path, value: Any, digest: str) -> None:
    content = rfc8785.dumps(value)
    if digest_of_bytes(content) != digest:
        raise TamperingDetected(path.name, (f"it gives {digest_of_value(value)[:16]}…, not {digest[:16]}…",))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
