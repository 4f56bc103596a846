"""Finished work is found, not redone.

A step's key is the SHA-256 over its name, the digests of its inputs, its section of the spec and the
version of the code that it runs. Work happens in a folder beside the store; when it is done, its
manifest is written and the folder is renamed into place, so a step is there whole or not at all. A
killed step finds its work folder (and any checkpoints in it) again.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from sluicegate.errors import InputRefused, Unavailable
from sluicegate.manifest import Manifest, digest_of_file, digest_of_value

RECORD = "step.json"


@dataclass(frozen=True)
class Step:
    """A finished step: where its output lies, and the digest of that output."""

    name: str
    key: str
    folder: Path
    output: str
    """SHA-256 of the output folder's manifest."""
    seconds: float
    """How long the work took when it was done."""
    reused: bool
    """Whether it was found rather than done now."""


@cache
def code_version(*modules: str, libraries: tuple[str, ...] = ()) -> str:
    """SHA-256 over the sources of our `modules` (packages with all their files) and the versions of `libraries`."""
    sources: dict[str, str] = {}
    for module in modules:
        origin = find_spec(module)
        if origin is None or origin.origin is None:
            raise ModuleNotFoundError(module)
        path = Path(origin.origin)
        whole = path.name == "__init__.py"
        files = [f for f in sorted(path.parent.rglob("*")) if f.is_file() and f.suffix != ".pyc"] if whole else [path]
        sources |= {f"{module}:{f.relative_to(path.parent).as_posix()}": digest_of_file(f) for f in files}
    return digest_of_value({"sources": sources, "libraries": {name: metadata.version(name) for name in libraries}})


def run_step(
    store: Path,
    name: str,
    *,
    inputs: Mapping[str, str],
    section: Any,
    code: str,
    work: Callable[[Path, str], None],
) -> Step:
    """The step's output, found if it was finished before and done by `work` if not.

    Args:
        store: Folder of finished steps.
        name: The step's name.
        inputs: Name → digest of everything that the work reads.
        section: The step's part of the spec, as a JSON value.
        code: Version of the code that the work runs.
        work: Fills the folder that it is given, under the step's key. The folder may hold what a killed try left.

    Raises:
        Unavailable: Another process is doing this very step.
        InputRefused: The disk is full, or the home folder cannot be written.
    """
    key = digest_of_value({"step": name, "inputs": dict(inputs), "section": section, "code": code})
    folder, unfinished = store / f"{name}-{key[:20]}", store / f".{name}-{key[:20]}.unfinished"
    if (found := _find(folder, name, key)) is not None:
        return found
    lock = FileLock(store / f".{name}-{key[:20]}.lock")
    try:
        with lock.acquire(timeout=2):
            if (found := _find(folder, name, key)) is not None:
                return found
            return _do(folder, unfinished, name, key, work)
    except Timeout:
        raise Unavailable(f"step {name!r} is being done by another process (lock {lock.lock_file})") from None
    except OSError as error:
        if error.filename is None and error.errno is None:
            raise
        raise InputRefused(
            error.filename or store,
            "SLUICEGATE_HOME",
            f"cannot be written: {error.strerror}",
            "free some room and run again; finished work is kept",
        ) from error


def _do(folder: Path, unfinished: Path, name: str, key: str, work: Callable[[Path, str], None]) -> Step:
    start = time.perf_counter()
    unfinished.mkdir(parents=True, exist_ok=True)
    work(unfinished, key)
    manifest = Manifest.of_folder(unfinished)
    record = {
        "step": name,
        "key": key,
        "output": manifest.digest,
        "seconds": round(time.perf_counter() - start, 3),
        "finished": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        **manifest.to_json(),
    }
    partial = unfinished / f"{RECORD}.partial"
    partial.write_text(json.dumps(record, indent=1), encoding="utf-8")
    partial.rename(unfinished / RECORD)
    if folder.exists():
        shutil.rmtree(folder)  # was there, but did not hold what its record says
    os.rename(unfinished, folder)
    return Step(name, key, folder, manifest.digest, record["seconds"], reused=False)


def _find(folder: Path, name: str, key: str) -> Step | None:
    try:
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return None
    manifest = Manifest.from_json(record)
    sizes = {e.path: e.size for e in manifest.files}
    present = {p.relative_to(folder).as_posix(): p.stat().st_size for p in folder.rglob("*") if p.is_file()}
    present.pop(RECORD, None)
    if record["key"] != key or manifest.digest != record["output"] or present != sizes:
        return None  # damaged: done again
    return Step(name, key, folder, record["output"], record["seconds"], reused=True)
