"""One file with all that cannot be made again: ledger, registry, candidates, dossiers, policies, receipts.

Inputs and steps can be fetched and done again, so they stay out, raw rows with them; the scrubbed splits that
releases are compared on are in it. The service's keys are not: whoever has a backup could write a ledger
with them, so they are kept elsewhere. The databases are copied through SQLite's own backup, which is
consistent while others write; the ledger first, then MLflow's, then its files, so that whatever the ledger
promises is there. What comes back is checked file by file, and what has a digest for a name must have that
digest.
"""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import sqlite3
import tarfile
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any

from sqlalchemy import make_url

from sluicegate.errors import InputRefused, TamperingDetected
from sluicegate.housekeeping.clean import compared_steps, needed
from sluicegate.ledger.ledger import Ledger, open_ledger
from sluicegate.ledger.records import Records
from sluicegate.manifest import FileEntry, Manifest
from sluicegate.progress import report
from sluicegate.registry.tracking import shown
from sluicegate.registry.transfer import scratch
from sluicegate.settings import Home

LISTING = "backup.json"
LEDGER, REGISTRY = "ledger.db", "mlflow/mlflow.db"
FORMAT = 1
_BLOCK_BYTES = 1 << 20
_TOPS = ("ledger.db", "mlflow", "candidates", "dossiers", "policies", "receipts", "runs", "steps")
# Where MLflow keeps the absolute addresses of its artifacts.
_ADDRESSES = (
    ("experiments", "artifact_location"),
    ("runs", "artifact_uri"),
    ("logged_models", "artifact_location"),
    ("model_versions", "source"),
    ("model_versions", "storage_location"),
)


@dataclass(frozen=True)
class Backup:
    """What a backup holds, or what was restored."""

    file: Path
    files: int
    size: int
    """Bytes of its files."""
    left_out: tuple[str, ...]
    """What is not in it because it lies on a server, one line each."""


def backup(home: Home, file: Path) -> Backup:
    """Writes the home's ledger, registry and archive to a tar file, which must not be there yet.

    Raises:
        InputRefused: The file is there already, or cannot be written.
        TamperingDetected: The ledger's chain is broken; a backup of it would replace a good one.
    """
    if file.exists():
        raise InputRefused(file, "", "is there already", "name a file that is not")
    ledger = open_ledger(home)
    if faults := ledger.verify():
        raise TamperingDetected("the ledger", faults)
    partial = file.with_name(f".{file.name}.partial")
    databases, left_out = _databases(home)
    entries: list[FileEntry] = []
    try:
        with scratch(home) as folder, tarfile.open(partial, "w") as tar:
            for name, database in databases.items():
                _copy_database(database, folder / "copy.db")
                entries.append(_add(tar, name, folder / "copy.db"))
            # After the databases: what they name was written before they were.
            for name, path in _files(home, ledger):
                entries.append(_add(tar, name, path))
                report("backup", len(entries), 0, "files")
            listing = {
                "format": FORMAT,
                "made": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
                "artifacts": home.mlflow_artifacts.as_uri(),
                **Manifest(tuple(entries)).to_json(),
            }
            (folder / LISTING).write_text(json.dumps(listing), "utf-8")
            _add(tar, LISTING, folder / LISTING)
        partial.rename(file)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise InputRefused(file, "", f"cannot be written: {error.strerror or error}", "free some room") from error
    return Backup(file, len(entries), sum(e.size for e in entries), left_out)


def restore(file: Path, home: Home) -> Backup:
    """Puts a backup into a home that holds nothing yet.

    Raises:
        InputRefused: The home is in use, or the file is not a backup.
        TamperingDetected: The file is not what it was when it was written.
    """
    _check_unused(home)
    with scratch(home) as folder:
        try:
            with tarfile.open(file, "r:") as tar:
                entries = _extract(tar, folder, file)
        except FileNotFoundError:
            raise InputRefused(file, "", "there is no such file") from None
        except (tarfile.TarError, EOFError) as error:
            raise InputRefused(file, "", f"is not a backup, or is cut short: {error}") from None
        except OSError as error:
            raise InputRefused(home.root, "SLUICEGATE_HOME", f"cannot be written: {error.strerror or error}") from error
        listing = _check(folder, entries, file)
        left_out = _take_servers_out(folder, home)
        if (folder / REGISTRY).exists():
            _move_addresses(folder / REGISTRY, listing["artifacts"], home.mlflow_artifacts.as_uri())
        for top in _TOPS:
            if (folder / top).exists():
                place = home.root / top
                shutil.rmtree(place) if place.is_dir() else place.unlink(missing_ok=True)
                (folder / top).rename(place)
    for store in (home.candidates, home.dossiers, home.policies, home.runs, home.steps, home.mlflow_artifacts):
        store.mkdir(parents=True, exist_ok=True)
    return Backup(file, len(entries), sum(e.size for e in entries.values()), left_out)


def _databases(home: Home) -> tuple[dict[str, Path], tuple[str, ...]]:
    found, left_out = {}, []
    for name, url in ((LEDGER, home.ledger_url), (REGISTRY, home.tracking_uri)):
        if not url.startswith("sqlite:"):
            left_out.append(f"{name} lies at {shown(url)}: back it up there")
        elif (path := Path(make_url(url).database or "")).is_file():
            found[name] = path
    return found, tuple(left_out)


def _files(home: Home, ledger: Records) -> Iterator[tuple[str, Path]]:
    folders = [home.policies, home.dossiers, home.candidates, home.receipts, home.runs, home.mlflow_artifacts]
    for folder in [*folders, *compared_steps(home, needed(home, ledger))]:
        for path in sorted(folder.rglob("*")):
            name = path.relative_to(home.root)
            if path.is_file() and not path.is_symlink() and not any(part.startswith(".") for part in name.parts):
                yield name.as_posix(), path


def _copy_database(source: Path, target: Path) -> None:
    target.unlink(missing_ok=True)
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)


class _Hashed(io.RawIOBase):
    """A file that is hashed while it is read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self.sha256 = file, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        block = self._file.read(size)
        self.sha256.update(block)
        return block


def _add(tar: tarfile.TarFile, name: str, path: Path) -> FileEntry:
    with path.open("rb") as file:
        info = tarfile.TarInfo(name)
        info.size = path.stat().st_size
        hashed = _Hashed(file)
        tar.addfile(info, hashed)
    return FileEntry(name, info.size, hashed.sha256.hexdigest())


def _check_unused(home: Home) -> None:
    for top in _TOPS:
        place = home.root / top
        if top == LEDGER and place.exists() and not Ledger(f"sqlite:///{place}").entries():
            continue
        if place.is_file() or any(p.is_file() for p in place.rglob("*")):
            raise InputRefused(home.root, "SLUICEGATE_HOME", f"holds {top} already", "restore into an empty home")


def _extract(tar: tarfile.TarFile, into: Path, file: Path) -> dict[str, FileEntry]:
    """Writes every member as a plain file; names, and nothing else of it, are taken from the archive."""
    entries: dict[str, FileEntry] = {}
    for member in tar:
        parts = PurePosixPath(member.name).parts
        allowed = parts[:1] == (LISTING,) or (parts and parts[0] in _TOPS)
        if not member.isreg() or not allowed or ".." in parts or member.name in entries:
            raise InputRefused(file, "", f"holds {member.name[:80]!r}, which no backup holds")
        target, source = into.joinpath(*parts), tar.extractfile(member)
        assert source is not None  # it is a regular file
        target.parent.mkdir(parents=True, exist_ok=True)
        hashed = _Hashed(source)
        with target.open("xb") as out:
            while block := hashed.read(_BLOCK_BYTES):
                out.write(block)
        entries[member.name] = FileEntry(member.name, member.size, hashed.sha256.hexdigest())
        report("restore", len(entries), 0, "files")
    return entries


def _check(folder: Path, entries: dict[str, FileEntry], file: Path) -> dict[str, Any]:
    """What the backup says of itself, after every file was held against it, and the ledger's chain was checked."""
    if entries.pop(LISTING, None) is None:
        raise InputRefused(file, "", f"holds no {LISTING}: it is not a backup, or is cut short")
    listing: dict[str, Any] = json.loads((folder / LISTING).read_text("utf-8"))
    if listing.get("format") != FORMAT:
        raise InputRefused(file, LISTING, f"has format {listing.get('format')}, not {FORMAT}")
    listed = {e.path: e for e in Manifest.from_json(listing).files}
    faults = [f"{name} is missing" for name in sorted(listed.keys() - entries.keys())]
    faults += [f"{name} was added" for name in sorted(entries.keys() - listed.keys())]
    faults += [
        f"{name} was changed" for name in sorted(listed.keys() & entries.keys()) if listed[name] != entries[name]
    ]
    faults += _wrongly_named(entries)
    if (folder / LEDGER).exists() and not faults:
        faults += Ledger(f"sqlite:///{folder / LEDGER}").verify()
    if faults:
        raise TamperingDetected(f"backup {file.name}", tuple(faults))
    return listing


def _wrongly_named(entries: dict[str, FileEntry]) -> list[str]:
    """Every candidate, dossier and policy that is not what its name says."""
    inside: dict[tuple[str, str], list[FileEntry]] = {}
    faults = []
    for name, entry in entries.items():
        top, _, rest = name.partition("/")
        if top == "policies" and rest != f"{entry.sha256}.json":
            faults.append(f"{name} is not what its name says")
        elif top in ("candidates", "dossiers"):
            digest, _, path = rest.partition("/")
            inside.setdefault((top, digest), []).append(FileEntry(path, entry.size, entry.sha256))
    for (top, digest), files in inside.items():
        if Manifest(tuple(sorted(files, key=lambda e: e.path))).digest != digest:
            faults.append(f"{top}/{digest[:16]}… is not what its name says")
    return faults


def _take_servers_out(folder: Path, home: Home) -> tuple[str, ...]:
    """Leaves out a database whose place in this home is taken by a server."""
    left_out = []
    for name, url in ((LEDGER, home.ledger_url), (REGISTRY, home.tracking_uri)):
        own = url.startswith("sqlite:") and Path(make_url(url).database or "") == home.root / name
        if not own and (folder / name).exists():
            (folder / name).unlink()
            left_out.append(f"{name} was not restored: this home keeps it at {shown(url)}")
    return tuple(left_out)


def _move_addresses(database: Path, old: str, new: str) -> None:
    with closing(sqlite3.connect(database)) as connection, connection:
        for table, column in _ADDRESSES:
            connection.execute(
                f"UPDATE {table} SET {column} = ? || substr({column}, ?) WHERE substr({column}, 1, ?) = ?",
                (new, len(old) + 1, len(old) + 1, f"{old}/"),
            )
