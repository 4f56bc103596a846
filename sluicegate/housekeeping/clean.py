"""What may go: finished steps, candidates, dossiers and policies that no release and no waiting gate needs.

A release needs its candidate, its dossier, its policy, and the split that its dossier's lineage names (the
next candidate's data are compared with it), also after it was rolled back or recalled: what was served
once can be looked at later. A gate that somebody may still decide, or that is being promoted, needs all
steps that its lineage names, so that running its spec again finds them. What a gate that has ended (an
expired one too) pointed at may go from here; MLflow keeps what was registered.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from filelock import FileLock, Timeout

from sluicegate.errors import SluicegateError
from sluicegate.gates.gate import gates
from sluicegate.gates.releases import releases
from sluicegate.gates.state import Gate, Release
from sluicegate.ledger.records import Records
from sluicegate.registry import archive
from sluicegate.settings import Home
from sluicegate.steps import RECORD

Kind = Literal["step", "unfinished step", "candidate", "dossier", "policy", "leftover"]
COMPARED_STEP = "split"
_WAITING = ("open", "approved", "promoting")
_LEFTOVER_AGE_S = 3600
"""A younger temporary file may belong to a process that is at work."""


@dataclass(frozen=True)
class Item:
    """One thing that may go."""

    kind: Kind
    path: Path
    bytes: int
    """Its size."""
    why: str
    """Why it may go."""


@dataclass(frozen=True)
class Plan:
    """All that may go, largest first."""

    items: tuple[Item, ...]
    kept: tuple[str, ...]
    """Why something that looks as if it could go was kept, one line each."""

    @property
    def bytes(self) -> int:
        """What would be free."""
        return sum(item.bytes for item in self.items)

    def to_json(self) -> dict[str, Any]:
        """A JSON value: ``{"items": [{"kind", "path", "bytes", "why"}, …], "bytes", "kept"}``."""
        items = [asdict(item) | {"path": str(item.path)} for item in self.items]
        return {"items": items, "bytes": self.bytes, "kept": list(self.kept)}


@dataclass(frozen=True)
class Needed:
    """Digests, keys and folder names that a release or a waiting gate needs."""

    candidates: frozenset[str]
    dossiers: frozenset[str]
    policies: frozenset[str]
    by_releases: frozenset[str]
    """Every text in the lineages of releases: a split that is named there is needed."""
    by_gates: frozenset[str]
    """Every text in the lineages of waiting gates: any step that is named there is needed."""
    unreadable: tuple[str, ...]
    """Dossiers whose lineage cannot be read; while there is one, no step may go."""


def needed(home: Home, ledger: Records) -> Needed:
    """What the ledger's releases and waiting gates need."""
    released = releases(ledger)
    waiting = [gate for gate in gates(ledger) if gate.state in _WAITING]
    asking: list[Release | Gate] = [*released, *waiting]
    lineages: dict[str, frozenset[str]] = {}
    unreadable = []
    for digest in sorted({one.dossier for one in asking}):
        try:
            content = (archive.dossier(home, digest) / "dossier.json").read_text("utf-8")
            lineages[digest] = frozenset(_texts(json.loads(content)["lineage"]))
        except (SluicegateError, OSError, ValueError, KeyError) as error:
            unreadable.append(f"dossier {digest[:12]} cannot be read, so every step is kept: {error}")
    return Needed(
        candidates=frozenset(one.candidate for one in asking),
        dossiers=frozenset(one.dossier for one in asking),
        policies=frozenset(one.policy for one in asking),
        by_releases=frozenset().union(*(lineages.get(one.dossier, frozenset()) for one in released)),
        by_gates=frozenset().union(*(lineages.get(one.dossier, frozenset()) for one in waiting)),
        unreadable=tuple(unreadable),
    )


def needed_steps(home: Home, need: Needed) -> tuple[Path, ...]:
    """Folders of the finished steps that `need` names."""
    found = []
    for folder in _finished(home):
        step, names = _names(folder)
        if names & need.by_gates or (step == COMPARED_STEP and names & need.by_releases):
            found.append(folder)
    return tuple(found)


def compared_steps(home: Home, need: Needed) -> tuple[Path, ...]:
    """Folders of the splits on which releases and waiting candidates are compared: scrubbed rows, no raw ones."""
    named = need.by_releases | need.by_gates
    steps = ((folder, *_names(folder)) for folder in _finished(home))
    return tuple(folder for folder, step, names in steps if step == COMPARED_STEP and names & named)


def plan(home: Home, ledger: Records) -> Plan:
    """What may go now; nothing is touched.

    Raises:
        Unavailable: The ledger or MLflow does not answer, so nobody knows what is needed.
        TamperingDetected: The ledger cannot be trusted to say what is needed.
    """
    need = needed(home, ledger)
    items = [
        *_unneeded("candidate", home.candidates, need.candidates),
        *_unneeded("dossier", home.dossiers, need.dossiers),
        *_unneeded("policy", home.policies, need.policies),
        *_leftovers(home),
    ]
    kept = list(need.unreadable)
    if busy := [lock for lock in home.steps.glob(".*.lock") if _is_held(lock)]:
        kept.append(f"a run is under way ({busy[0].name}), so every step is kept")
    if not kept:
        wanted = set(needed_steps(home, need))
        items += [_item("step", f, "no release and no open gate needs it") for f in _finished(home) if f not in wanted]
        items += [_item("unfinished step", f, "it was killed or it failed") for f in home.steps.glob(".*.unfinished")]
    return Plan(tuple(sorted(items, key=lambda item: (-item.bytes, item.path))), tuple(kept))


def sweep(plan: Plan) -> int:
    """Takes away what the plan names; how many bytes are free now.

    A folder is renamed before it is emptied, so whoever looks for it finds it whole or not at all. A step
    that somebody began to work on since is left.
    """
    freed = 0
    for item in plan.items:
        try:
            with _step_lock(item):
                _remove(item.path)
        except Timeout:
            continue
        freed += item.bytes
    return freed


def _step_lock(item: Item) -> AbstractContextManager[Any]:
    """The lock that `steps.run_step` holds while it works on a step."""
    if item.kind not in ("step", "unfinished step"):
        return nullcontext()
    name = item.path.name.removeprefix(".").removesuffix(".unfinished")
    return FileLock(item.path.with_name(f".{name}.lock"), timeout=0)


def _remove(path: Path) -> None:
    if not path.is_dir():
        path.unlink(missing_ok=True)
        return
    gone = path.with_name(f".{path.name.lstrip('.')}.gone")
    shutil.rmtree(gone, ignore_errors=True)
    path.rename(gone)
    shutil.rmtree(gone)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield str(key)
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def _finished(home: Home) -> list[Path]:
    return sorted(p for p in home.steps.iterdir() if p.is_dir() and not p.name.startswith("."))


def _names(folder: Path) -> tuple[str, set[str]]:
    """The step, and all by which a lineage may mean it: folder, key, digest of its output or of one of its files."""
    try:
        record = json.loads((folder / RECORD).read_text("utf-8"))
    except (OSError, ValueError):
        return "", {folder.name}  # not a finished step after all
    files = {entry["sha256"] for entry in record.get("files", ())}
    names = {folder.name, str(folder), str(record.get("key")), str(record.get("output"))}
    return str(record.get("step")), names | files


def _unneeded(kind: Kind, store: Path, wanted: frozenset[str]) -> list[Item]:
    here = (p for p in store.iterdir() if not p.name.startswith("."))
    return [_item(kind, p, "no release and no open gate needs it") for p in here if p.name.split(".")[0] not in wanted]


def _leftovers(home: Home) -> list[Item]:
    """What killed processes left in the stores, and files that were found damaged and replaced."""
    stores = (home.candidates, home.dossiers, home.policies, home.steps)
    left = [p for store in stores for end in ("partial", "damaged", "gone") for p in store.glob(f".*.{end}")]
    if (scratch := home.root / "tmp").is_dir():
        left += scratch.iterdir()
    if home.selftest.is_dir() and not _is_held(home.selftest / ".lock"):
        left.append(home.selftest)
    limit = time.time() - _LEFTOVER_AGE_S
    return [_item("leftover", p, "a killed process left it") for p in left if p.stat().st_mtime < limit]


def _item(kind: Kind, path: Path, why: str) -> Item:
    files = [path] if path.is_file() else [p for p in path.rglob("*") if p.is_file()]
    return Item(kind, path, sum(f.stat().st_size for f in files), why)


def _is_held(lock: Path) -> bool:
    if not lock.exists():
        return False
    try:
        with FileLock(lock, timeout=0):
            return False
    except Timeout:
        return True
